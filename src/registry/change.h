// One line of the registry's change feed: what happened to one thing, complete enough to bring a snapshot up to date
// without asking the database again.
//
// The feed is the table `changes`. It is written in the transaction of the change itself; the process that wrote it and
// those that poll it later call the same apply().
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "registry/snapshot.h"
#include "registry/withdrawal.h"

namespace iot::registry {

/// Numbers are part of the database: never change one.
enum class ChangeKind : std::uint8_t {
  user_set = 1,
  user_removed = 2,
  device_set = 3,
  device_removed = 4,  ///< with its sensors, of which there are no records of their own; its certificates have theirs
  sensor_set = 5,
  sensor_removed = 6,
  consumer_set = 7,
  consumer_removed = 8,  ///< with its grants
  granted = 9,
  revoked = 10,  ///< also when the sensor is about to be removed
  certificate_added = 11,
  certificate_removed = 12,  ///< also when the device is about to be removed
};

/// "set" stands for made as well as changed. A member that the kind has no use for is 0.
struct Change {
  std::uint64_t sequence = 0;
  ChangeKind kind = ChangeKind::user_set;
  std::int64_t id = 0;      ///< of the user, device, sensor or consumer; a certificate's device
  std::int64_t parent = 0;  ///< a device's and a consumer's owner, a sensor's device, a grant's sensor
  std::int64_t type = 0;    ///< a user's role, a sensor's mapping
  std::int64_t key_version = 0;
  std::int64_t retention_s = 0;     ///< 0: none of its own
  std::int64_t silent_after_s = 0;  ///< 0: none
  std::optional<Fingerprint> fingerprint = {};
  std::optional<model::Rollups> rollups = {};

  friend bool operator==(const Change&, const Change&) = default;
};

Change user_set(UserId id, const UserEntry& user);
Change user_removed(UserId id);
Change device_set(DeviceId id, const DeviceEntry& device);  ///< without its sensors
Change device_removed(DeviceId id);
Change sensor_set(SensorId id, const SensorEntry& sensor);
Change sensor_removed(SensorId id);
Change consumer_set(ConsumerId id, UserId owner, std::uint64_t key_version);
Change consumer_removed(ConsumerId id);
Change granted(ConsumerId consumer, SensorId sensor);
Change revoked(ConsumerId consumer, SensorId sensor);
Change certificate_added(DeviceId device, const Fingerprint& fingerprint);
Change certificate_removed(DeviceId device, const Fingerprint& fingerprint);

/// What went with changes.
struct Removals {
  std::vector<SensorId> sensors;
  Withdrawal withdrawal;
};

/// Brings `snapshot` up to date with `changes`, in order, and appends what went to `removed` (unless null).
/// Nodes that another copy of the snapshot shares are copied once, however many of the changes touch them. A change
/// that the snapshot has already (sequence not above its version) is passed over, so a feed may overlap.
void apply_all(Snapshot& snapshot, std::span<const Change> changes, Removals* removed = nullptr);

/// The same for one.
inline void apply(Snapshot& snapshot, const Change& change, Removals* removed = nullptr) {
  apply_all(snapshot, std::span(&change, 1), removed);
}

/// A duration as the database keeps it, and back: 0 stands for none.
std::int64_t stored_seconds(std::optional<std::chrono::seconds> duration) noexcept;
std::optional<std::chrono::seconds> seconds_from(std::int64_t stored_s) noexcept;

}  // namespace iot::registry
