// /api/devices/:device_id/commands
#include "gateway/commands.h"

#include "api/caller.h"
#include "api/entity_json.h"
#include "api/fields.h"
#include "api/pages.h"

namespace iot::api {
namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using registry::DeviceCommand;

awaitable<Answer> create(Request& request) {
  IOT_CO_TRY(const DeviceId device, own_device(request));
  Fields fields(request.body);
  registry::NewCommand command;
  command.device = device;
  command.name = fields.required_text("name");
  const json::value* const payload = fields.value("payload");
  command.payload = payload ? gateway::json_text(*payload) : "null";
  if (const auto ttl = fields.duration("ttl_s")) {
    if (!*ttl || **ttl > registry::time_to_live_max)
      fields.fault("a time from one second to a year is expected", "ttl_s");
    command.time_to_live = ttl->value_or(command.time_to_live);
  }
  if (auto faults = fields.finish(); !faults.empty()) co_return invalid(std::move(faults));
  IOT_CO_TRY(const DeviceCommand made, co_await written<DeviceCommand>([&](auto done) {
               request.service.use.commands->create(request.actor(), std::move(command), std::move(done));
             }));
  co_return result_response(made, write_command);
}

awaitable<Answer> list(Request& request) {
  IOT_CO_TRY(const DeviceId device, own_device(request));
  const auto page = read_page(request);
  if (!page) co_return page.error();
  IOT_CO_TRY(std::vector<DeviceCommand> commands, co_await blocking(request.service, [&] {
               return request.registry().device_records().commands(device, *page);
             }));
  co_return list_response(
      std::move(commands), *page, [](const DeviceCommand& command) { return command.id.value; }, write_command);
}

awaitable<Answer> show(Request& request) {
  IOT_CO_TRY(const DeviceId device, own_device(request));
  const auto id = parse_id<registry::CommandId>(*find_parameter(request.path, "command_id"));
  if (!id) co_return make_error(registry::Errc::command_not_found, "Command not found");
  IOT_CO_TRY(const DeviceCommand command, co_await blocking(request.service, [&] {
               return request.registry().device_records().command(device, *id);
             }));
  co_return result_response(command, write_command);
}

const std::vector<QueryParameter>& newest_first_parameters() {
  static const std::vector<QueryParameter> parameters = {
      {"limit", "integer", "How many at most. The answer's `next`, where there is one, is `after` of the next page."},
      {"after", "string", "Only those older than the one with this id."},
  };
  return parameters;
}

}  // namespace

std::span<const Route> command_routes() {
  using enum net::Method;
  constexpr Scope both = Scope::also_by_user;
  static const std::vector<Route> routes = {
      {get,
       "/api/devices/:device_id/commands",
       "listCommands",
       Access::reader,
       "List the commands that were sent to the device, the newest first",
       list,
       {},
       "CommandList",
       newest_first_parameters(),
       both},
      {post,
       "/api/devices/:device_id/commands",
       "createCommand",
       Access::writer,
       "Send the device a command: at once if it is connected, else when it comes back within the time to live",
       create,
       "NewCommand",
       "CommandResult",
       {},
       both},
      {get,
       "/api/devices/:device_id/commands/:command_id",
       "getCommand",
       Access::reader,
       "What became of a command",
       show,
       {},
       "CommandResult",
       {},
       both},
  };
  return routes;
}

}  // namespace iot::api
