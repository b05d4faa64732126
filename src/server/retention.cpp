#include "server/retention.h"

#include "server/settings.h"

namespace iot::server {

model::Retention default_retention(const Settings& settings) {
  model::Retention retention;
  if (settings.store_retention_s.count() != 0) retention.readings = settings.store_retention_s;
  retention.rollups = {settings.store_rollup_minutes_s, settings.store_rollup_hours_s, settings.store_rollup_days_s};
  return retention;
}

model::Retention retention_of(const registry::Snapshot& snapshot, SensorId id, const model::Retention& otherwise) {
  model::Retention retention = otherwise;
  const auto* sensor = snapshot.sensors.find(id);
  if (!sensor) return retention;
  const auto* device = snapshot.devices.find(sensor->device);
  if (sensor->retention) {
    retention.readings = sensor->retention;
  } else if (device && device->retention) {
    retention.readings = device->retention;
  }
  if (sensor->rollups) {
    retention.rollups = *sensor->rollups;
  } else if (device && device->rollups) {
    retention.rollups = *device->rollups;
  }
  if (model::column_kind(sensor->mapping) == model::ColumnKind::text) retention.rollups = {};
  return retention;
}

}  // namespace iot::server
