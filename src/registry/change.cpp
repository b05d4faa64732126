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
                                seconds_from(change.retention_s), change.rollups});
    }
  });
}

/// Notes that earlier tokens are void, if they are.
void note_key(SubjectKind kind, const Change& change, std::uint64_t old_version, Removals* removed) {
  const auto version = static_cast<std::uint64_t>(change.key_version);
  if (removed && version != old_version) removed->withdrawal.keys.push_back({kind, change.id, version});
}

void note_gone(SubjectKind kind, std::int64_t id, Removals* removed) {
  if (removed) removed->withdrawal.keys.push_back({kind, id, {}});
}

void set_user(Snapshot& snapshot, const Change& change, Removals* removed) {
  const UserId id{change.id};
  if (const auto* old = snapshot.users.find(id)) note_key(SubjectKind::user, change, old->key_version, removed);
  snapshot.users.set(id, {static_cast<model::Role>(change.type), static_cast<std::uint64_t>(change.key_version)});
}

void set_device(Snapshot& snapshot, const Change& change, Removals* removed) {
  DeviceEntry device{.owner = UserId{change.parent},
                     .key_version = static_cast<std::uint64_t>(change.key_version),
                     .retention = seconds_from(change.retention_s),
                     .silent_after = seconds_from(change.silent_after_s),
                     .rollups = change.rollups};
  if (const auto* old = snapshot.devices.find(DeviceId{change.id})) {
    device.sensors = old->sensors;
    note_key(SubjectKind::device, change, old->key_version, removed);
  }
  snapshot.devices.set(DeviceId{change.id}, std::move(device));
}

void remove_device(Snapshot& snapshot, DeviceId id, Removals* removed) {
  const auto* device = snapshot.devices.find(id);
  if (!device) return;
  device->sensors.for_each([&](SensorId sensor, std::monostate) {
    snapshot.sensors.erase(sensor);
    if (removed) removed->sensors.push_back(sensor);
  });
  snapshot.devices.erase(id);
  note_gone(SubjectKind::device, id.value, removed);
}

void remove_sensor(Snapshot& snapshot, SensorId id, Removals* removed) {
  const auto* sensor = snapshot.sensors.find(id);
  if (!sensor) return;
  edit_value(snapshot.devices, sensor->device, [&](DeviceEntry& device) { device.sensors.erase(id); });
  snapshot.sensors.erase(id);
  if (removed) removed->sensors.push_back(id);
}

void set_consumer(Snapshot& snapshot, const Change& change, Removals* removed) {
  ConsumerEntry consumer{UserId{change.parent}, static_cast<std::uint64_t>(change.key_version), {}};
  if (const auto* old = snapshot.consumers.find(ConsumerId{change.id})) {
    consumer.grants = old->grants;
    note_key(SubjectKind::consumer, change, old->key_version, removed);
  }
  snapshot.consumers.set(ConsumerId{change.id}, std::move(consumer));
}

void revoke_grant(Snapshot& snapshot, ConsumerId consumer, SensorId sensor, Removals* removed) {
  bool was_granted = false;
  edit_value(snapshot.consumers, consumer, [&](ConsumerEntry& entry) { was_granted = entry.grants.erase(sensor); });
  if (was_granted && removed) removed->withdrawal.grants.push_back({consumer, sensor});
}

void remove_certificate(Snapshot& snapshot, const Fingerprint& fingerprint, Removals* removed) {
  const auto device = snapshot.certificates.erase(fingerprint);
  if (device && removed) removed->withdrawal.certificates.push_back({*device, fingerprint});
}

void apply_one(Snapshot& snapshot, const Change& change, Removals* removed) {
  const SensorId granted_sensor{change.parent};
  switch (change.kind) {
    case ChangeKind::user_set:
      set_user(snapshot, change, removed);
      return;
    case ChangeKind::user_removed:
      if (snapshot.users.erase(UserId{change.id})) note_gone(SubjectKind::user, change.id, removed);
      return;
    case ChangeKind::device_set:
      set_device(snapshot, change, removed);
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
      set_consumer(snapshot, change, removed);
      return;
    case ChangeKind::consumer_removed:
      if (snapshot.consumers.erase(ConsumerId{change.id})) note_gone(SubjectKind::consumer, change.id, removed);
      return;
    case ChangeKind::granted:
      edit_value(snapshot.consumers, ConsumerId{change.id},
                 [&](ConsumerEntry& c) { c.grants.set(granted_sensor, {}); });
      return;
    case ChangeKind::revoked:
      revoke_grant(snapshot, ConsumerId{change.id}, granted_sensor, removed);
      return;
    case ChangeKind::certificate_added:
      if (change.fingerprint && !snapshot.certificates.find(*change.fingerprint)) {
        snapshot.certificates.add(*change.fingerprint, DeviceId{change.id});
      }
      return;
    case ChangeKind::certificate_removed:
      if (change.fingerprint) remove_certificate(snapshot, *change.fingerprint, removed);
      return;
  }
}

}  // namespace

void apply_all(Snapshot& snapshot, std::span<const Change> changes, Removals* removed) {
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

std::int64_t stored_seconds(std::optional<std::chrono::seconds> duration) noexcept {
  return duration ? duration->count() : 0;
}

std::optional<std::chrono::seconds> seconds_from(std::int64_t stored_s) noexcept {
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

Change device_set(DeviceId id, const DeviceEntry& device) {
  return {.kind = ChangeKind::device_set,
          .id = id.value,
          .parent = device.owner.value,
          .key_version = static_cast<std::int64_t>(device.key_version),
          .retention_s = stored_seconds(device.retention),
          .silent_after_s = stored_seconds(device.silent_after),
          .rollups = device.rollups};
}

Change device_removed(DeviceId id) {
  return {.kind = ChangeKind::device_removed, .id = id.value};
}

Change sensor_set(SensorId id, const SensorEntry& sensor) {
  return {.kind = ChangeKind::sensor_set,
          .id = id.value,
          .parent = sensor.device.value,
          .type = static_cast<std::int64_t>(sensor.mapping),
          .retention_s = stored_seconds(sensor.retention),
          .rollups = sensor.rollups};
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

Change certificate_added(DeviceId device, const Fingerprint& fingerprint) {
  return {.kind = ChangeKind::certificate_added, .id = device.value, .fingerprint = fingerprint};
}

Change certificate_removed(DeviceId device, const Fingerprint& fingerprint) {
  return {.kind = ChangeKind::certificate_removed, .id = device.value, .fingerprint = fingerprint};
}

}  // namespace iot::registry
