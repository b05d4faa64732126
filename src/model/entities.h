// What the registry knows: users, devices, sensors, consumers. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fingerprint.h"
#include "base/ids.h"
#include "model/mapping.h"
#include "model/retention.h"

namespace iot::model {

/// What a user may do. Numbers are part of stored formats.
enum class Role : std::uint8_t {
  read_only = 0,  ///< sees what it owns, changes nothing
  user = 1,       ///< owns devices and consumers
  admin = 2,      ///< everything, of everybody
};
std::string_view to_string(Role role) noexcept;  ///< "read-only", "user", "admin"
std::optional<Role> parse_role(std::string_view name) noexcept;

struct User {
  UserId id;
  std::string name;
  std::string username;  ///< unique
  Role role = Role::user;
  Timestamp created;
};

struct Device {
  DeviceId id;
  UserId owner;
  std::string name;
  std::string description;
  /// How long readings of its sensors are kept where the sensor does not say; nothing: the global setting.
  std::optional<std::chrono::seconds> retention;
  Timestamp created;
  /// After how long without a sign of life the device counts as silent; nothing: never.
  std::optional<std::chrono::seconds> silent_after = {};
  /// What is kept of its sensors' readings after that, where the sensor does not say; nothing: the global setting.
  std::optional<Rollups> rollups = {};
};

/// A client certificate that a device may show instead of a token.
struct Certificate {
  DeviceId device;
  Fingerprint fingerprint;  ///< unique over all devices
  std::string name;
  Timestamp created;
};

struct Sensor {
  SensorId id;
  DeviceId device;
  std::string name;
  std::string description;
  std::string unit;
  /// Normalised: "Wheels/Front/Left", no slash at either end; empty where the sensor lies at the root.
  std::string path;
  MappingType mapping = MappingType::double_precision;
  std::optional<std::chrono::seconds> retention;
  Timestamp created;
  std::optional<Rollups> rollups = {};
};

struct Consumer {
  ConsumerId id;
  UserId owner;
  std::string name;
  std::string description;
  Timestamp created;
};

/// "<device id>_<sensor id>": the original's name of a sensor's topic and index.
std::string index_name(DeviceId device, SensorId sensor);

/// The canonical form of a path ("/Wheels//Front/" is "Wheels/Front"). Refused with Errc::invalid_path: more than 16
/// levels, a level longer than 128 bytes, control characters, "." and "..".
Result<std::string> normalise_path(std::string_view path);

}  // namespace iot::model
