// The SQL of commands to devices: what the writer runs, and what readers ask.
#pragma once

#include <string>
#include <tuple>

#include "registry/device_records.h"
#include "registry/sql.h"

namespace iot::registry {

using CommandRow = std::tuple<Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer,
                              std::string, std::string, std::string>;
DeviceCommand to_command(CommandRow& row);

struct CommandStatements {
  explicit CommandStatements(soci::session& session);

  /// Of a device and a command.
  Query<CommandRow, Integer, Integer> command;
  /// How many of a device have not been delivered.
  Query<std::tuple<Integer>, Integer, Integer> count_waiting;
  Command<Integer, Integer, Integer, Integer, Integer, std::string, std::string> insert;
  Command<Integer, Integer, Integer, Integer, Integer, Integer> update;
  Command<Integer, Integer, Integer, std::string, Integer> answer;
  /// The newest of those of a device that are not waiting, beyond a number of them.
  Query<std::tuple<Integer>, Integer, Integer> superfluous;
  Command<Integer, Integer> remove_up_to;
  Command<Integer> remove_of_device;
};

/// For a connection that reads.
struct CommandQueries {
  explicit CommandQueries(soci::session& session);

  Query<CommandRow, Integer, Integer> command;
  Query<CommandRow, Integer, Integer, Integer> commands;
  Query<CommandRow> waiting;
};

}  // namespace iot::registry
