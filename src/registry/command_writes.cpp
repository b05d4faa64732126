#include "registry/command_writes.h"

#include "registry/text.h"

namespace iot::registry {
namespace {

Error invalid(const char* field, const std::string& what) {
  return make_error(Errc::invalid_entity, std::string(field) + " " + what, field);
}

Integer stored(const std::optional<Timestamp>& time) {
  return time ? time->ns : 0;
}

std::optional<DeviceCommand> find(WriteContext& write, DeviceId device, CommandId id) {
  auto row = write.sql().commands.command.first(device.value, id.value);
  if (!row) return {};
  return to_command(*row);
}

}  // namespace

const char* to_string(CommandState state) noexcept {
  switch (state) {
    case CommandState::queued:
      return "queued";
    case CommandState::sent:
      return "sent";
    case CommandState::delivered:
      return "delivered";
    case CommandState::acknowledged:
      return "acknowledged";
    case CommandState::expired:
      return "expired";
    case CommandState::failed:
      return "failed";
  }
  return "";
}

Result<void> validate(const NewCommand& command, const RegistryLimits& limits) {
  if (command.name.empty()) return invalid("name", "is missing or empty");
  if (command.name.size() > limits.name_bytes_max) {
    return invalid("name", "is longer than " + std::to_string(limits.name_bytes_max) + " bytes");
  }
  if (!is_clean_text(command.name, LineBreaks::refused)) {
    return invalid("name", "is not UTF-8 or holds a control character");
  }
  if (command.payload.size() > limits.command_payload_bytes_max) {
    return invalid("payload", "is longer than " + std::to_string(limits.command_payload_bytes_max) + " bytes of JSON");
  }
  if (command.time_to_live < time_to_live_min || command.time_to_live > time_to_live_max) {
    return invalid("ttl_s", "is not between one second and a year");
  }
  return {};
}

Result<void> validate(const CommandAnswer& answer, const RegistryLimits& limits) {
  if (answer.response.size() <= limits.command_payload_bytes_max) return {};
  return make_error(
      Errc::too_many,
      "the response is longer than " + std::to_string(limits.command_payload_bytes_max) + " bytes of JSON", "response");
}

Result<DeviceCommand> create_command(WriteContext& write, const Actor& actor, const NewCommand& command) {
  const DeviceId device = command.device;
  if (!write.state().devices.contains(device)) {
    return make_error(Errc::device_not_found, "there is no device " + device.to_string());
  }
  CommandStatements& sql = write.sql().commands;
  const auto waiting = std::get<0>(*sql.count_waiting.first(device.value, device.value));
  const std::size_t waiting_max = write.limits().commands_waiting_per_device_max;
  if (static_cast<std::size_t>(waiting) >= waiting_max) {
    return make_error(Errc::too_many, "device " + device.to_string() + " would have more than " +
                                          std::to_string(waiting_max) +
                                          " commands waiting: wait until it has received some, or they expire");
  }
  DeviceCommand made;
  made.id = {write.next_command()};
  made.device = device;
  made.name = command.name;
  made.payload = command.payload;
  made.created = write.now();
  made.expires = {write.now().ns + std::chrono::nanoseconds(command.time_to_live).count()};
  made.user = actor.user;
  sql.insert.run(made.id.value, device.value, made.created.ns, made.expires.ns, actor.user.value, made.name,
                 made.payload);
  const auto kept_max = static_cast<Integer>(write.limits().commands_kept_per_device_max);
  if (const auto last = sql.superfluous.first(device.value, kept_max)) {
    sql.remove_up_to.run(device.value, std::get<0>(*last));
  }
  AuditDetails details;
  details.add("command", made.id.to_string()).add("name", made.name).add("ttl_s", command.time_to_live.count());
  write.audit(actor, "device.command", subject("device", device), details);
  return made;
}

Result<void> update_command(WriteContext& write, const CommandProgress& progress) {
  write.sql().commands.update.run(static_cast<Integer>(progress.state), progress.revision, stored(progress.sent),
                                  stored(progress.delivered), progress.id.value, progress.revision);
  return {};
}

Result<DeviceCommand> answer_command(WriteContext& write, const CommandAnswer& answer) {
  auto command = find(write, answer.device, answer.id);
  if (!command) return make_error(Errc::command_not_found, "there is no such command");
  if (command->state == CommandState::expired) {
    return make_error(Errc::command_finished, "the command expired before it was delivered");
  }
  if (is_final(command->state)) return std::move(*command);
  command->state = answer.has_failed ? CommandState::failed : CommandState::acknowledged;
  command->answered = write.now();
  if (!command->delivered) command->delivered = write.now();
  command->response = answer.response;
  write.sql().commands.answer.run(static_cast<Integer>(command->state), command->delivered->ns, command->answered->ns,
                                  command->response, command->id.value);
  return std::move(*command);
}

void remove_commands_of(WriteContext& write, DeviceId device) {
  write.sql().commands.remove_of_device.run(device.value);
}

}  // namespace iot::registry
