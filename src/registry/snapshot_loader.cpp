#include "registry/snapshot_loader.h"

#include <unordered_map>
#include <utility>

#include "registry/change.h"
#include "registry/rows.h"
#include "registry/sql.h"
#include "registry/stored_rollups.h"

namespace iot::registry {
namespace {

using SensorSet = PersistentMap<SensorId, std::monostate>;

void load_users(soci::session& session, Snapshot& snapshot) {
  Query<std::tuple<Integer, Integer, Integer>> users(session, "SELECT id, role, key_version FROM users");
  users.for_each([&](const auto& row) {
    const auto& [id, role, key_version] = row;
    snapshot.users.set(UserId{id}, {static_cast<model::Role>(role), static_cast<std::uint64_t>(key_version)});
  });
}

/// The sensors of each device.
std::unordered_map<DeviceId, SensorSet> load_sensors(soci::session& session, Snapshot& snapshot) {
  std::unordered_map<DeviceId, SensorSet> by_device;
  Query<std::tuple<Integer, Integer, Integer, Integer, std::string>> sensors(
      session, "SELECT id, device_id, mapping, retention_s, rollups FROM sensors");
  sensors.for_each([&](const auto& row) {
    const auto& [id, device, mapping, retention_s, rollups] = row;
    snapshot.sensors.set(SensorId{id}, {DeviceId{device}, static_cast<model::MappingType>(mapping),
                                        seconds_from(retention_s), rollups_from(rollups)});
    by_device[DeviceId{device}].set(SensorId{id}, {});
  });
  return by_device;
}

void load_devices(soci::session& session, Snapshot& snapshot) {
  auto by_device = load_sensors(session, snapshot);
  Query<std::tuple<Integer, Integer, Integer, Integer, Integer, std::string>> devices(
      session, "SELECT id, owner_id, key_version, retention_s, silent_after_s, rollups FROM devices");
  devices.for_each([&](const auto& row) {
    const auto& [id, owner, key_version, retention_s, silent_after_s, rollups] = row;
    const auto sensors = by_device.find(DeviceId{id});
    snapshot.devices.set(DeviceId{id},
                         {UserId{owner}, static_cast<std::uint64_t>(key_version), seconds_from(retention_s),
                          sensors == by_device.end() ? SensorSet{} : std::move(sensors->second),
                          seconds_from(silent_after_s), rollups_from(rollups)});
  });
}

void load_certificates(soci::session& session, Snapshot& snapshot) {
  Query<std::tuple<std::string, Integer>> certificates(session,
                                                       "SELECT fingerprint, device_id FROM device_certificates");
  certificates.for_each([&](const auto& row) {
    snapshot.certificates.add(to_fingerprint(std::get<0>(row)), DeviceId{std::get<1>(row)});
  });
}

void load_consumers(soci::session& session, Snapshot& snapshot) {
  std::unordered_map<ConsumerId, SensorSet> granted;
  Query<std::tuple<Integer, Integer>> grants(session, "SELECT consumer_id, sensor_id FROM grants");
  grants.for_each([&](const auto& row) { granted[ConsumerId{std::get<0>(row)}].set(SensorId{std::get<1>(row)}, {}); });
  Query<std::tuple<Integer, Integer, Integer>> consumers(session, "SELECT id, owner_id, key_version FROM consumers");
  consumers.for_each([&](const auto& row) {
    const auto& [id, owner, key_version] = row;
    snapshot.consumers.set(
        ConsumerId{id}, {UserId{owner}, static_cast<std::uint64_t>(key_version), std::move(granted[ConsumerId{id}])});
  });
}

}  // namespace

Counters load_counters(soci::session& session) {
  using Row = std::tuple<Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer>;
  Query<Row> query(session,
                   "SELECT users, devices, sensors, consumers, changes, audit, commands, device_events, dashboards"
                   " FROM counters");
  const auto row = query.first();
  if (!row) throw soci::soci_error("the table of counters is empty");
  const auto& [users, devices, sensors, consumers, changes, audit, commands, events, dashboards] = *row;
  return {users, devices, sensors, consumers, changes, audit, commands, events, dashboards};
}

Snapshot load_snapshot(soci::session& session) {
  Snapshot snapshot;
  load_users(session, snapshot);
  load_devices(session, snapshot);
  load_certificates(session, snapshot);
  load_consumers(session, snapshot);
  snapshot.version = static_cast<std::uint64_t>(load_counters(session).changes);
  return snapshot;
}

}  // namespace iot::registry
