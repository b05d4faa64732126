#include "registry/change.h"

#include <utility>

namespace iot::registry {
namespace {

/// Calls edit(value) on the value of `key`, in place where no other snapshot shares it. Nothing happens if it is not
/// there.
template <class Map, class Key, class Edit>
void edit_value(Map& map, Key key, Edit&& edit) {
  const auto* found = map.find(key);
  if (!found) return;
  auto value = *found;
  // The map gives up its own share of the value's nodes; else each edit would copy them, because two see them.
  map.set(key, {});
  edit(value);
  map.set(key, std::move(value));
}

/// The sensors of `run` are all of one device: its entry is taken out once for all of them.
void set_sensors(Snapshot& snapshot, std::span<const Change> run) {
  edit_value(snapshot.devices, DeviceId{run.front().parent}, [&](DeviceEntry& device) {
    for (const Change& change : run) {
      const SensorId id{change.id};
      device.sensors.set(id, {});
      snapshot.sensors.set(id, {DeviceId{change.parent}, static_cast<model::MappingType>(change.type),
                                retention_from(change.retention_s)});
    }
  });
}

void set_device(Snapshot& snapshot, const Change& change) {
  DeviceEntry device{
      UserId{change.parent}, static_cast<std::uint64_t>(change.key_version), retention_from(change.retention_s), {}};
  if (const auto* old = snapshot.devices.find(DeviceId{change.id})) device.sensors = old->sensors;
  snapshot.devices.set(DeviceId{change.id}, std::move(device));
}

void remove_device(Snapshot& snapshot, DeviceId id, std::vector<SensorId>* removed) {
  const auto* device = snapshot.devices.find(id);
  if (!device) return;
  device->sensors.for_each([&](SensorId sensor, std::monostate) {
    snapshot.sensors.erase(sensor);
    if (removed) removed->push_back(sensor);
  });
  snapshot.devices.erase(id);
}

void remove_sensor(Snapshot& snapshot, SensorId id, std::vector<SensorId>* removed) {
  const auto* sensor = snapshot.sensors.find(id);
  if (!sensor) return;
  edit_value(snapshot.devices, sensor->device, [&](DeviceEntry& device) { device.sensors.erase(id); });
  snapshot.sensors.erase(id);
  if (removed) removed->push_back(id);
}

void set_consumer(Snapshot& snapshot, const Change& change) {
  ConsumerEntry consumer{UserId{change.parent}, static_cast<std::uint64_t>(change.key_version), {}};
  if (const auto* old = snapshot.consumers.find(ConsumerId{change.id})) consumer.grants = old->grants;
  snapshot.consumers.set(ConsumerId{change.id}, std::move(consumer));
}

void apply_one(Snapshot& snapshot, const Change& change, std::vector<SensorId>* removed) {
  const SensorId granted_sensor{change.parent};
  switch (change.kind) {
    case ChangeKind::user_set:
      snapshot.users.set(UserId{change.id},
                         {static_cast<model::Role>(change.type), static_cast<std::uint64_t>(change.key_version)});
      return;
    case ChangeKind::user_removed:
      snapshot.users.erase(UserId{change.id});
      return;
    case ChangeKind::device_set:
      set_device(snapshot, change);
      return;
    case ChangeKind::device_removed:
      remove_device(snapshot, DeviceId{change.id}, removed);
      return;
    case ChangeKind::sensor_set:
      set_sensors(snapshot, std::span(&change, 1));
      return;
    case ChangeKind::sensor_removed:
      remove_sensor(snapshot, SensorId{change.id}, removed);
      return;
    case ChangeKind::consumer_set:
      set_consumer(snapshot, change);
      return;
    case ChangeKind::consumer_removed:
      snapshot.consumers.erase(ConsumerId{change.id});
      return;
    case ChangeKind::granted:
      edit_value(snapshot.consumers, ConsumerId{change.id},
                 [&](ConsumerEntry& c) { c.grants.set(granted_sensor, {}); });
      return;
    case ChangeKind::revoked:
      edit_value(snapshot.consumers, ConsumerId{change.id}, [&](ConsumerEntry& c) { c.grants.erase(granted_sensor); });
      return;
  }
}

}  // namespace

void apply_all(Snapshot& snapshot, std::span<const Change> changes, std::vector<SensorId>* removed) {
  while (!changes.empty() && changes.front().sequence <= snapshot.version) changes = changes.subspan(1);
  while (!changes.empty()) {
    const Change& first = changes.front();
    std::size_t count = 1;
    if (first.kind == ChangeKind::sensor_set) {
      while (count < changes.size() && changes[count].kind == first.kind && changes[count].parent == first.parent)
        ++count;
      set_sensors(snapshot, changes.first(count));
    } else {
      apply_one(snapshot, first, removed);
    }
    snapshot.version = changes[count - 1].sequence;
    changes = changes.subspan(count);
  }
}

std::int64_t stored_retention(std::optional<std::chrono::seconds> retention) noexcept {
  return retention ? retention->count() : 0;
}

std::optional<std::chrono::seconds> retention_from(std::int64_t stored_s) noexcept {
  if (stored_s == 0) return {};
  return std::chrono::seconds(stored_s);
}

Change user_set(UserId id, const UserEntry& user) {
  return {.kind = ChangeKind::user_set,
          .id = id.value,
          .type = static_cast<std::int64_t>(user.role),
          .key_version = static_cast<std::int64_t>(user.key_version)};
}

Change user_removed(UserId id) {
  return {.kind = ChangeKind::user_removed, .id = id.value};
}

Change device_set(DeviceId id, UserId owner, std::uint64_t key_version, std::optional<std::chrono::seconds> retention) {
  return {.kind = ChangeKind::device_set,
          .id = id.value,
          .parent = owner.value,
          .key_version = static_cast<std::int64_t>(key_version),
          .retention_s = stored_retention(retention)};
}

Change device_removed(DeviceId id) {
  return {.kind = ChangeKind::device_removed, .id = id.value};
}

Change sensor_set(SensorId id, const SensorEntry& sensor) {
  return {.kind = ChangeKind::sensor_set,
          .id = id.value,
          .parent = sensor.device.value,
          .type = static_cast<std::int64_t>(sensor.mapping),
          .retention_s = stored_retention(sensor.retention)};
}

Change sensor_removed(SensorId id) {
  return {.kind = ChangeKind::sensor_removed, .id = id.value};
}

Change consumer_set(ConsumerId id, UserId owner, std::uint64_t key_version) {
  return {.kind = ChangeKind::consumer_set,
          .id = id.value,
          .parent = owner.value,
          .key_version = static_cast<std::int64_t>(key_version)};
}

Change consumer_removed(ConsumerId id) {
  return {.kind = ChangeKind::consumer_removed, .id = id.value};
}

Change granted(ConsumerId consumer, SensorId sensor) {
  return {.kind = ChangeKind::granted, .id = consumer.value, .parent = sensor.value};
}

Change revoked(ConsumerId consumer, SensorId sensor) {
  return {.kind = ChangeKind::revoked, .id = consumer.value, .parent = sensor.value};
}

}  // namespace iot::registry
