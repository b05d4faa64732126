#include "registry/presence_statements.h"

#include <utility>

namespace iot::registry {

StoredPresence to_presence(PresenceRow& row) {
  auto& [device, seen, protocol, address, error, error_at, watched_since, silent_since] = row;
  return {{device},           {seen},           static_cast<std::uint8_t>(protocol),
          std::move(address), std::move(error), {error_at},
          {watched_since},    {silent_since}};
}

DeviceEvent to_event(const EventRow& row) {
  const auto& [id, device, kind, time, last_seen] = row;
  return {id, {device}, static_cast<DeviceEventKind>(kind), {time}, {last_seen}};
}

PresenceStatements::PresenceStatements(soci::session& s)
    : update(s,
             "UPDATE device_presence SET last_seen_ns = :seen, protocol = :protocol, address = :address,"
             " last_error = :error, last_error_ns = :error_at, watched_since_ns = :watched, silent_since_ns = :silent"
             " WHERE device_id = :device"),
      insert(s,
             "INSERT INTO device_presence (device_id, last_seen_ns, protocol, address, last_error, last_error_ns,"
             " watched_since_ns, silent_since_ns) VALUES (:device, :seen, :protocol, :address, :error, :error_at,"
             " :watched, :silent)"),
      remove(s, "DELETE FROM device_presence WHERE device_id = :device"),
      insert_event(s,
                   "INSERT INTO device_events (id, device_id, kind, time_ns, last_seen_ns)"
                   " VALUES (:id, :device, :kind, :time, :seen)"),
      superfluous_event(s,
                        "SELECT id FROM device_events WHERE device_id = :device ORDER BY id DESC LIMIT 1 OFFSET :kept"),
      remove_events_up_to(s, "DELETE FROM device_events WHERE device_id = :device AND id <= :last"),
      remove_events_of_device(s, "DELETE FROM device_events WHERE device_id = :device") {}

PresenceQueries::PresenceQueries(soci::session& s)
    : presences(s,
                "SELECT device_id, last_seen_ns, protocol, address, last_error, last_error_ns, watched_since_ns,"
                " silent_since_ns FROM device_presence ORDER BY device_id"),
      events(s,
             "SELECT id, device_id, kind, time_ns, last_seen_ns FROM device_events"
             " WHERE device_id = :device AND id < :before ORDER BY id DESC LIMIT :count") {}

}  // namespace iot::registry
