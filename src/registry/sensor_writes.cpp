#include "registry/sensor_writes.h"

#include <algorithm>
#include <unordered_map>

#include "registry/stored_rollups.h"
#include "registry/text.h"
#include "registry/validation.h"

namespace iot::registry {
namespace {

Error no_such_sensor(SensorId id) {
  return make_error(Errc::sensor_not_found, "there is no sensor " + id.to_string());
}

std::string field_of(const std::vector<NewSensor>& sensors, std::size_t index, const char* member) {
  return sensors.size() > 1 ? "[" + std::to_string(index) + "]." + member : member;
}

/// That each device exists and has room. The numbers of sensors come from the snapshot: counting rows would make a
/// creation the slower the more there are.
Result<void> check_devices(const WriteContext& write, const std::vector<NewSensor>& sensors) {
  std::unordered_map<DeviceId, std::size_t> totals;
  const std::size_t sensors_max = write.limits().sensors_per_device_max;
  for (std::size_t index = 0; index < sensors.size(); ++index) {
    const DeviceId id = sensors[index].device;
    auto total = totals.find(id);
    if (total == totals.end()) {
      const auto* device = write.state().devices.find(id);
      if (!device) {
        return make_error(Errc::device_not_found, "there is no device " + id.to_string(),
                          field_of(sensors, index, "device"));
      }
      total = totals.emplace(id, device->sensors.size()).first;
    }
    if (++total->second > sensors_max) {
      return make_error(
          Errc::too_many,
          "device " + id.to_string() + " would have more than " + std::to_string(sensors_max) + " sensors",
          field_of(sensors, index, "device"));
    }
  }
  return {};
}

model::Sensor insert(WriteContext& write, NewSensor& sensor) {
  const SensorId id = write.next_sensor();
  write.sql().insert_sensor.run(id.value, sensor.device.value, sensor.name, fold_case(sensor.name), sensor.description,
                                sensor.unit, sensor.path, static_cast<Integer>(sensor.mapping),
                                stored_seconds(sensor.retention), stored_rollups(sensor.rollups), write.now().ns);
  write.record(sensor_set(id, {sensor.device, sensor.mapping, sensor.retention, sensor.rollups}));
  return {id,
          sensor.device,
          std::move(sensor.name),
          std::move(sensor.description),
          std::move(sensor.unit),
          std::move(sensor.path),
          sensor.mapping,
          sensor.retention,
          write.now(),
          sensor.rollups};
}

/// One entry for each run of sensors of one device, so that a device that registers its sensors by the thousand does
/// not push everybody else's entries out of the bounded log.
void audit_created(WriteContext& write, const Actor& actor, const std::vector<model::Sensor>& made) {
  for (auto first = made.begin(); first != made.end();) {
    const auto end =
        std::find_if(first, made.end(), [&](const auto& sensor) { return sensor.device != first->device; });
    AuditDetails details;
    if (end - first == 1) {
      details.add("device", first->device.to_string())
          .add("name", first->name)
          .add("path", first->path)
          .add("mapping", model::to_string(first->mapping));
      write.audit(actor, "sensor.create", subject("sensor", first->id), details);
    } else {
      details.add("sensors", std::int64_t{end - first})
          .add("first", first->id.to_string())
          .add("last", std::prev(end)->id.to_string());
      write.audit(actor, "sensor.create", subject("device", first->device), details);
    }
    first = end;
  }
}

}  // namespace

Result<std::vector<model::Sensor>> create_sensors(WriteContext& write, const Actor& actor,
                                                  std::vector<NewSensor>& sensors) {
  IOT_CHECK(check_devices(write, sensors));
  std::vector<model::Sensor> made;
  made.reserve(sensors.size());
  for (NewSensor& sensor : sensors) made.push_back(insert(write, sensor));
  audit_created(write, actor, made);
  return made;
}

Result<model::Sensor> update_sensor(WriteContext& write, const Actor& actor, SensorId id, const SensorPatch& patch) {
  auto row = write.sql().sensor.first(id.value);
  if (!row) return no_such_sensor(id);
  const model::Sensor before = to_sensor(*row);
  model::Sensor after = before;
  if (patch.name) after.name = *patch.name;
  if (patch.description) after.description = *patch.description;
  if (patch.unit) after.unit = *patch.unit;
  if (patch.path) after.path = *patch.path;
  if (patch.retention) after.retention = *patch.retention;
  if (patch.rollups) after.rollups = *patch.rollups;
  IOT_CHECK(check_ages(after.retention, after.rollups));
  IOT_CHECK(check_can_be_rolled_up(after.mapping, after.rollups));

  AuditDetails details;
  details.changed("name", before.name, after.name)
      .changed("description", before.description, after.description)
      .changed("unit", before.unit, after.unit)
      .changed("path", before.path, after.path)
      .changed("retention_s", stored_seconds(before.retention), stored_seconds(after.retention))
      .changed("rollups", stored_rollups(before.rollups), stored_rollups(after.rollups));
  if (details.empty()) return after;
  write.sql().update_sensor.run(after.name, fold_case(after.name), after.description, after.unit, after.path,
                                stored_seconds(after.retention), stored_rollups(after.rollups), id.value);
  if (after.retention != before.retention || after.rollups != before.rollups) {
    write.record(sensor_set(id, {after.device, after.mapping, after.retention, after.rollups}));
  }
  write.audit(actor, "sensor.update", subject("sensor", id), details);
  return after;
}

Result<void> delete_sensor(WriteContext& write, const Actor& actor, SensorId id) {
  auto row = write.sql().sensor.first(id.value);
  if (!row) return no_such_sensor(id);
  const model::Sensor sensor = to_sensor(*row);
  std::vector<Change> changes;
  write.sql().grants_on_sensor.for_each(
      id.value, [&](const auto& grant) { changes.push_back(revoked({std::get<0>(grant)}, id)); });
  for (const Change& change : changes) write.record(change);
  if (!changes.empty()) write.sql().delete_grants_on_sensor.run(id.value);
  write.sql().delete_sensor.run(id.value);
  write.record(sensor_removed(id));
  AuditDetails details;
  details.add("device", sensor.device.to_string()).add("name", sensor.name).add("path", sensor.path);
  write.audit(actor, "sensor.delete", subject("sensor", id), details);
  return {};
}

}  // namespace iot::registry
