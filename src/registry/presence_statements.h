// The SQL of how devices were last seen, and of their events.
#pragma once

#include <string>
#include <tuple>

#include "registry/device_records.h"
#include "registry/sql.h"

namespace iot::registry {

using PresenceRow = std::tuple<Integer, Integer, Integer, std::string, std::string, Integer, Integer, Integer>;
StoredPresence to_presence(PresenceRow& row);
using EventRow = std::tuple<Integer, Integer, Integer, Integer, Integer>;
DeviceEvent to_event(const EventRow& row);

struct PresenceStatements {
  explicit PresenceStatements(soci::session& session);

  // "Insert or else update" is said differently by each engine; two statements are not.
  Command<Integer, Integer, std::string, std::string, Integer, Integer, Integer, Integer> update;
  Command<Integer, Integer, Integer, std::string, std::string, Integer, Integer, Integer> insert;
  Command<Integer> remove;

  Command<Integer, Integer, Integer, Integer, Integer> insert_event;
  /// The newest event of a device beyond a number of them.
  Query<std::tuple<Integer>, Integer, Integer> superfluous_event;
  Command<Integer, Integer> remove_events_up_to;
  Command<Integer> remove_events_of_device;
};

/// For a connection that reads.
struct PresenceQueries {
  explicit PresenceQueries(soci::session& session);

  Query<PresenceRow> presences;
  Query<EventRow, Integer, Integer, Integer> events;
};

}  // namespace iot::registry
