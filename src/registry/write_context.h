// What one write works with: the statements of the open transaction, the state that it finds, and where it leaves its
// traces (change feed and audit log). Made anew for each write of a group.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "registry/audit_details.h"
#include "registry/change.h"
#include "registry/counters.h"
#include "registry/registry.h"
#include "registry/write_statements.h"

namespace iot::registry {

class WriteContext {
 public:
  /// All must outlive the context.
  WriteContext(WriteStatements& sql, const Snapshot& state, Counters& counters, const RegistryLimits& limits,
               Timestamp now) noexcept
      : sql_(sql), state_(state), counters_(counters), limits_(limits), now_(now) {}

  WriteStatements& sql() noexcept { return sql_; }
  /// With the writes before this one, also those of the same transaction, and without this one's own.
  const Snapshot& state() const noexcept { return state_; }
  const RegistryLimits& limits() const noexcept { return limits_; }
  Timestamp now() const noexcept { return now_; }

  UserId next_user() noexcept { return {++counters_.users}; }
  DeviceId next_device() noexcept { return {++counters_.devices}; }
  SensorId next_sensor() noexcept { return {++counters_.sensors}; }
  ConsumerId next_consumer() noexcept { return {++counters_.consumers}; }
  std::int64_t next_command() noexcept { return ++counters_.commands; }
  std::int64_t next_event() noexcept { return ++counters_.events; }
  std::int64_t next_dashboard() noexcept { return ++counters_.dashboards; }

  /// Gives the change its number and writes it into the feed.
  void record(Change change);
  void audit(const Actor& actor, const std::string& action, const std::string& subject, AuditDetails& details);

  /// What was recorded, in order.
  const std::vector<Change>& changes() const noexcept { return changes_; }

 private:
  WriteStatements& sql_;
  const Snapshot& state_;
  Counters& counters_;
  const RegistryLimits& limits_;
  Timestamp now_;
  std::vector<Change> changes_;
};

/// "sensor/4".
template <class Id>
std::string subject(const char* kind, Id id) {
  return std::string(kind) + "/" + id.to_string();
}

}  // namespace iot::registry
