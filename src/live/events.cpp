#include "live/events.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "base/time_text.h"
#include "model/value.h"

namespace iot::live {

void append_reading_json(std::string& out, const model::ReadingBatch& batch, std::size_t index) {
  const model::MappingType mapping = batch.mapping(index);
  std::string value;
  switch (column_kind(mapping)) {
    case model::ColumnKind::real:
      model::append_value_json(value, mapping, batch.real(index));
      break;
    case model::ColumnKind::integer:
      model::append_value_json(value, mapping, batch.integer(index));
      break;
    case model::ColumnKind::text:
      model::append_value_json(value, mapping, batch.text(index));
      break;
  }
  JsonWriter json(out);
  json.begin_object();
  json.key("timestamp").string(format_timestamp(batch.time(index)));
  json.key("device_id").string(batch.device.to_string());
  json.key("sensor_id").string(batch.sensor(index).to_string());
  json.key("value").raw(value);
  json.end_object();
}

std::optional<DeviceId> device_of_batch(std::string_view encoded) noexcept {
  // Version and flags come first (docs/formats/reading-batch.md).
  ByteReader reader(encoded);
  reader.bytes(2);
  const DeviceId device{reader.signed_varint()};
  if (!reader.ok()) return {};
  return device;
}

bool Wish::has(DeviceId device, SensorId sensor) const noexcept {
  if (devices.empty() && sensors.empty()) return true;
  return std::ranges::binary_search(devices, device) || std::ranges::binary_search(sensors, sensor);
}

namespace {

bool user_may_see(UserId id, DeviceId device, const registry::Snapshot& snapshot) noexcept {
  const registry::UserEntry* const user = snapshot.users.find(id);
  const registry::DeviceEntry* const entry = snapshot.devices.find(device);
  return user && entry && (user->role == model::Role::admin || entry->owner == id);
}

}  // namespace

bool may_see(const Viewer& viewer, DeviceId device, SensorId sensor, const registry::Snapshot& snapshot) noexcept {
  if (viewer.kind == Viewer::Kind::user) return user_may_see(UserId{viewer.id}, device, snapshot);
  const registry::ConsumerEntry* const consumer = snapshot.consumers.find(ConsumerId{viewer.id});
  return consumer && consumer->grants.contains(sensor);
}

bool may_see_any(const Viewer& viewer, DeviceId device, const registry::Snapshot& snapshot) noexcept {
  if (viewer.kind == Viewer::Kind::user) return user_may_see(UserId{viewer.id}, device, snapshot);
  const registry::ConsumerEntry* const consumer = snapshot.consumers.find(ConsumerId{viewer.id});
  const registry::DeviceEntry* const entry = snapshot.devices.find(device);
  if (!consumer || !entry) return false;
  bool found = false;
  consumer->grants.for_each([&](SensorId sensor, const std::monostate&) { found |= entry->sensors.contains(sensor); });
  return found;
}

}  // namespace iot::live
