// What gateways and queries need of the registry, as an immutable value: who may send or ask what, and of which type a
// sensor's values are.
//
// Taken from Registry::snapshot(). A snapshot never changes; keep it for one request and take the next for the next
// one. Names, descriptions and trees are not here: they are read from the database.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "base/ids.h"
#include "base/persistent_map.h"
#include "model/entities.h"
#include "registry/certificate_map.h"

namespace iot::registry {

struct UserEntry {
  model::Role role = model::Role::user;
  /// Raised by a change of password, user name or role: earlier tokens stop working.
  std::uint64_t key_version = 1;
};

struct DeviceEntry {
  UserId owner;
  std::uint64_t key_version = 1;
  std::optional<std::chrono::seconds> retention = {};
  /// The device's sensors.
  PersistentMap<SensorId, std::monostate> sensors = {};
  std::optional<std::chrono::seconds> silent_after = {};
  std::optional<model::Rollups> rollups = {};
};

struct SensorEntry {
  DeviceId device;
  model::MappingType mapping = model::MappingType::double_precision;
  /// The sensor's own; where empty the device's counts, then the global one.
  std::optional<std::chrono::seconds> retention;
  std::optional<model::Rollups> rollups = {};
};

struct ConsumerEntry {
  UserId owner;
  std::uint64_t key_version = 1;
  /// The sensors granted to it.
  PersistentMap<SensorId, std::monostate> grants;
};

struct Snapshot {
  /// Grows with each change.
  std::uint64_t version = 0;
  PersistentMap<UserId, UserEntry> users;
  PersistentMap<DeviceId, DeviceEntry> devices;
  PersistentMap<SensorId, SensorEntry> sensors;
  PersistentMap<ConsumerId, ConsumerEntry> consumers;
  /// The devices' client certificates.
  CertificateMap certificates;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace iot::registry
