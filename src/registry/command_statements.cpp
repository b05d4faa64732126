#include "registry/command_statements.h"

#include <utility>

namespace iot::registry {
namespace {

const std::string columns =
    "id, device_id, state, revision, created_ns, expires_ns, sent_ns, delivered_ns, answered_ns, user_id, name,"
    " payload, response";

const std::string one_command = "SELECT " + columns + " FROM commands WHERE device_id = :device AND id = :id";

/// 0 stands for "not yet", so that nothing is NULL.
std::optional<Timestamp> time_from(Integer ns) {
  return ns == 0 ? std::nullopt : std::optional(Timestamp{ns});
}

}  // namespace

DeviceCommand to_command(CommandRow& row) {
  auto& [id, device, state, revision, created, expires, sent, delivered, answered, user, name, payload, response] = row;
  DeviceCommand command;
  command.id = {id};
  command.device = {device};
  command.name = std::move(name);
  command.payload = std::move(payload);
  command.created = {created};
  command.expires = {expires};
  command.state = static_cast<CommandState>(state);
  command.revision = revision;
  command.sent = time_from(sent);
  command.delivered = time_from(delivered);
  command.answered = time_from(answered);
  command.response = std::move(response);
  command.user = {user};
  return command;
}

CommandStatements::CommandStatements(soci::session& s)
    : command(s, one_command),
      // Waiting are the states queued (0) and sent (1); final ones begin with acknowledged (3).
      count_waiting(s,
                    "SELECT (SELECT COUNT(*) FROM commands WHERE state = 0 AND device_id = :device)"
                    " + (SELECT COUNT(*) FROM commands WHERE state = 1 AND device_id = :same_device)"),
      insert(s,
             "INSERT INTO commands (id, device_id, state, revision, created_ns, expires_ns, sent_ns, delivered_ns,"
             " answered_ns, user_id, name, payload, response) VALUES (:id, :device, 0, 0, :created, :expires, 0, 0, 0,"
             " :user, :name, :payload, '')"),
      update(s,
             "UPDATE commands SET state = :state, revision = :revision, sent_ns = :sent, delivered_ns = :delivered"
             " WHERE id = :id AND state < 3 AND revision < :not_before"),
      answer(s,
             "UPDATE commands SET state = :state, delivered_ns = :delivered, answered_ns = :answered,"
             " response = :response WHERE id = :id"),
      superfluous(s,
                  "SELECT id FROM commands WHERE device_id = :device AND state >= 2"
                  " ORDER BY id DESC LIMIT 1 OFFSET :kept"),
      remove_up_to(s, "DELETE FROM commands WHERE device_id = :device AND id <= :last AND state >= 2"),
      remove_of_device(s, "DELETE FROM commands WHERE device_id = :device") {}

CommandQueries::CommandQueries(soci::session& s)
    : command(s, one_command),
      commands(s, "SELECT " + columns +
                      " FROM commands WHERE device_id = :device AND id < :before ORDER BY id DESC LIMIT :count"),
      waiting(s, "SELECT " + columns + " FROM commands WHERE state < 2 ORDER BY id") {}

}  // namespace iot::registry
