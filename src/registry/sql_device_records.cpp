#include "registry/sql_device_records.h"

#include <utility>

#include "registry/command_writes.h"
#include "registry/page_parameters.h"
#include "registry/presence_writes.h"
#include "registry/submit.h"

namespace iot::registry {
namespace {

Error no_such_device(DeviceId device) {
  return make_error(Errc::device_not_found, "there is no device " + device.to_string());
}

}  // namespace

void SqlDeviceRecords::create_command(Actor actor, NewCommand command, Done<DeviceCommand> done) {
  auto checked = validate(command, limits_);
  submit<DeviceCommand>(writer_, std::move(checked), std::move(done),
                        [actor = std::move(actor), command = std::move(command)](WriteContext& write) {
                          return registry::create_command(write, actor, command);
                        });
}

void SqlDeviceRecords::update_command(CommandProgress progress, Done<void> done) {
  submit<void>(writer_, {}, std::move(done),
               [progress](WriteContext& write) { return registry::update_command(write, progress); });
}

void SqlDeviceRecords::answer_command(CommandAnswer answer, Done<DeviceCommand> done) {
  auto checked = validate(answer, limits_);
  submit<DeviceCommand>(
      writer_, std::move(checked), std::move(done),
      [answer = std::move(answer)](WriteContext& write) { return registry::answer_command(write, answer); });
}

Result<DeviceCommand> SqlDeviceRecords::command(DeviceId device, CommandId id) {
  return readers_.with([&](ReadConnection& sql) -> Result<DeviceCommand> {
    auto row = sql.commands.command.first(device.value, id.value);
    if (!row) return make_error(Errc::command_not_found, "there is no such command");
    return to_command(*row);
  });
}

Result<std::vector<DeviceCommand>> SqlDeviceRecords::commands(DeviceId device, const Page& page) {
  return readers_.with([&](ReadConnection& sql) -> Result<std::vector<DeviceCommand>> {
    std::vector<DeviceCommand> found;
    sql.commands.commands.for_each(device.value, before_of(page), limit_of(page),
                                   [&](CommandRow& row) { found.push_back(to_command(row)); });
    if (found.empty() && !sql.device(device)) return no_such_device(device);
    return found;
  });
}

Result<std::vector<DeviceCommand>> SqlDeviceRecords::waiting_commands() {
  return readers_.with([&](ReadConnection& sql) -> Result<std::vector<DeviceCommand>> {
    std::vector<DeviceCommand> found;
    sql.commands.waiting.for_each([&](CommandRow& row) { found.push_back(to_command(row)); });
    return found;
  });
}

void SqlDeviceRecords::store_presence(std::vector<StoredPresence> presences, std::vector<DeviceEvent> events,
                                      Done<void> done) {
  submit<void>(writer_, {}, std::move(done),
               [presences = std::move(presences), events = std::move(events)](WriteContext& write) {
                 return registry::store_presence(write, presences, events);
               });
}

Result<std::vector<StoredPresence>> SqlDeviceRecords::presences() {
  return readers_.with([&](ReadConnection& sql) -> Result<std::vector<StoredPresence>> {
    std::vector<StoredPresence> found;
    sql.presence.presences.for_each([&](PresenceRow& row) { found.push_back(to_presence(row)); });
    return found;
  });
}

Result<std::vector<DeviceEvent>> SqlDeviceRecords::events(DeviceId device, const Page& page) {
  return readers_.with([&](ReadConnection& sql) -> Result<std::vector<DeviceEvent>> {
    std::vector<DeviceEvent> found;
    sql.presence.events.for_each(device.value, before_of(page), limit_of(page),
                                 [&](const EventRow& row) { found.push_back(to_event(row)); });
    if (found.empty() && !sql.device(device)) return no_such_device(device);
    return found;
  });
}

}  // namespace iot::registry
