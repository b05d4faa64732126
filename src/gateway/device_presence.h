// How devices stand: connected or not, when and how they were last seen, what went wrong last; and that a device is
// silent for longer than it may be.
//
// What is going on now comes from OpenConnections; what must outlive the process is written to the registry's database
// every few seconds, as far as it has changed, and at stop. So after a crash nothing is shown as connected, and what
// was last seen may be a few seconds old.
//
// A device with a limit of silence has a time at which it will have been silent for too long; only who is due is looked
// at. A silence makes one event, and its end another one. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/failure.h"
#include "base/metrics.h"
#include "gateway/open_connections.h"
#include "registry/device_records.h"

namespace iot::gateway {

struct DevicePresenceLimits {
  /// How old what the database says of a device may be.
  std::chrono::seconds store_every{5};
  /// Devices in one write.
  std::size_t devices_per_write_max = 1'000;
  /// After a start, how long devices have to come back before any counts as silent.
  std::chrono::seconds settle{10};
};

/// A device as its owner sees it.
struct DeviceStanding {
  std::size_t connections = 0;
  std::optional<Timestamp> connected_since = {};
  /// Nothing: never seen. Protocol and address are of that sign of life.
  std::optional<Timestamp> last_seen = {};
  Protocol protocol = Protocol::http;
  std::string address = {};
  std::string last_error = {};  ///< empty: none
  Timestamp last_error_at = {};
  std::optional<Timestamp> silent_since = {};

  bool is_connected() const noexcept { return connections > 0; }
};

class DevicePresence {
 public:
  /// Reads what was stored. All must outlive the object, which must outlive what the registry still has to write
  /// (Registry::stop()). Errors of the registry.
  static Result<std::unique_ptr<DevicePresence>> open(registry::Registry& registry, OpenConnections& connections,
                                                      const Clock& clock, Metrics& metrics,
                                                      const DevicePresenceLimits& limits);

  DeviceStanding standing(DeviceId device) const;

  /// Stores what has changed, and finds who is silent. About once a second, on one thread at a time.
  void tick();
  /// Stores what has changed, and waits until it is; before Registry::stop(), after the connections have ended.
  void stop();

 private:
  using Stored = registry::StoredPresence;
  struct Watch {
    std::chrono::seconds limit;
    Timestamp due;
  };

  DevicePresence(registry::Registry& registry, OpenConnections& connections, const Clock& clock, Metrics& metrics,
                 const DevicePresenceLimits& limits);

  // Under the lock:
  /// Takes over what the connections say.
  void look(Timestamp now);
  /// Follows the registry: who has a limit, and who is gone.
  void follow(Timestamp now);
  void watch(DeviceId device, std::chrono::seconds limit, Timestamp now);
  void schedule(DeviceId device, Watch& watch);
  void find_silent(Timestamp now);
  void end_silence(Stored& stored, Timestamp now);
  Stored& stored(DeviceId device);
  Timestamp last_seen(DeviceId device) const;
  /// What is to be written, in writes of limited size.
  struct Write {
    std::vector<Stored> presences;
    std::vector<registry::DeviceEvent> events;
  };
  std::vector<Write> take_changes();

  void store(std::vector<Write> writes);
  void stored_one(const Write& write, const Result<void>& outcome);

  registry::Registry& registry_;
  registry::DeviceRecords& records_;
  OpenConnections& connections_;
  const Clock& clock_;
  const DevicePresenceLimits limits_;
  const Timestamp started_;
  Counter& silences_;
  Gauge& silent_;

  mutable std::mutex mutex_;
  std::condition_variable written_;
  // Under the lock, all of it:
  std::unordered_map<DeviceId, Stored> stored_;
  std::set<DeviceId> changed_;
  std::vector<registry::DeviceEvent> events_;
  std::size_t writes_waiting_ = 0;
  Timestamp next_store_;
  std::optional<std::uint64_t> followed_version_;
  std::unordered_map<DeviceId, Watch> watched_;
  std::multimap<Timestamp, DeviceId> due_;
};

}  // namespace iot::gateway
