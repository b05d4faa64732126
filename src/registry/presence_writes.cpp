#include "registry/presence_writes.h"

namespace iot::registry {

const char* to_string(DeviceEventKind kind) noexcept {
  switch (kind) {
    case DeviceEventKind::silent:
      return "silent";
    case DeviceEventKind::back:
      return "back";
  }
  return "";
}

Result<void> store_presence(WriteContext& write, const std::vector<StoredPresence>& presences,
                            const std::vector<DeviceEvent>& events) {
  PresenceStatements& sql = write.sql().presence;
  const auto is_gone = [&](DeviceId device) { return !write.state().devices.contains(device); };
  for (const StoredPresence& one : presences) {
    if (is_gone(one.device)) continue;
    const Integer protocol = one.protocol;
    const auto changed = sql.update.run(one.last_seen.ns, protocol, one.address, one.last_error, one.last_error_at.ns,
                                        one.watched_since.ns, one.silent_since.ns, one.device.value);
    if (changed > 0) continue;
    sql.insert.run(one.device.value, one.last_seen.ns, protocol, one.address, one.last_error, one.last_error_at.ns,
                   one.watched_since.ns, one.silent_since.ns);
  }
  const auto kept_max = static_cast<Integer>(write.limits().events_per_device_max);
  for (const DeviceEvent& event : events) {
    if (is_gone(event.device)) continue;
    sql.insert_event.run(write.next_event(), event.device.value, static_cast<Integer>(event.kind), event.time.ns,
                         event.last_seen.ns);
    if (const auto last = sql.superfluous_event.first(event.device.value, kept_max)) {
      sql.remove_events_up_to.run(event.device.value, std::get<0>(*last));
    }
  }
  return {};
}

void remove_presence_of(WriteContext& write, DeviceId device) {
  write.sql().presence.remove.run(device.value);
  write.sql().presence.remove_events_of_device.run(device.value);
}

}  // namespace iot::registry
