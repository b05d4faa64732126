// /api/devices/:device_id/presence and /events
#include "api/caller.h"
#include "api/entity_json.h"
#include "api/pages.h"
#include "broker/broker.h"
#include "gateway/device_presence.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;
using registry::DeviceEvent;

awaitable<Answer> show(Request& request) {
  IOT_CO_TRY(const DeviceId device, own_device(request));
  const ApiDependencies& use = request.service.use;
  std::vector<broker::SessionInfo> sessions;
  if (use.broker) {
    // Looks at all sessions under the broker's lock.
    IOT_CO_TRY(sessions, co_await blocking(request.service, [&]() -> Result<std::vector<broker::SessionInfo>> {
                 return use.broker->sessions({broker::Owner::Kind::device, device.value});
               }));
  }
  const gateway::DeviceStanding standing = use.presence->standing(device);
  net::HttpResponse response;
  JsonWriter json(response.body);
  json.begin_object().key("result");
  write_presence(json, standing, sessions);
  json.end_object();
  co_return response;
}

awaitable<Answer> list_events(Request& request) {
  IOT_CO_TRY(const DeviceId device, own_device(request));
  const auto page = read_page(request);
  if (!page) co_return page.error();
  IOT_CO_TRY(std::vector<DeviceEvent> events, co_await blocking(request.service, [&] {
               return request.registry().device_records().events(device, *page);
             }));
  co_return list_response(
      std::move(events), *page, [](const DeviceEvent& event) { return event.id; }, write_device_event);
}

}  // namespace

std::span<const Route> presence_routes() {
  using enum net::Method;
  constexpr Scope both = Scope::also_by_user;
  static const std::vector<Route> routes = {
      {get,
       "/api/devices/:device_id/presence",
       "getPresence",
       Access::reader,
       "Whether the device is connected, how it was last seen, what went wrong last, and its MQTT sessions",
       show,
       {},
       "PresenceResult",
       {},
       both},
      {get,
       "/api/devices/:device_id/events",
       "listDeviceEvents",
       Access::reader,
       "When the device was silent for longer than its limit, and when it came back; the newest first",
       list_events,
       {},
       "DeviceEventList",
       {{"limit", "integer", "How many at most. The answer's `next`, where there is one, is `after` of the next page."},
        {"after", "string", "Only those older than the one with this id."}},
       both},
  };
  return routes;
}

}  // namespace iot::api
