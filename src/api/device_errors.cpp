// /api/operations/refusals: the devices whose messages went wrong last. Of each device the last error is kept
// (gateway/device_presence.h); how many there were says /metrics.
#include <algorithm>
#include <tuple>

#include "api/entity_json.h"
#include "api/pages.h"
#include "api/route.h"
#include "gateway/device_presence.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

struct DeviceError {
  DeviceId device;
  gateway::DeviceStanding standing;
  std::string name = {};

  /// The newest error first.
  auto order() const noexcept { return std::tuple(-standing.last_error_at.ns, device); }
};

/// Of the devices that the caller may see, those behind the page's `after` as the order is now.
Result<std::vector<DeviceError>> read_errors(const Request& request, const registry::Page& page) {
  const gateway::DevicePresence& presence = *request.service.use.presence;
  std::vector<DeviceError> found;
  request.snapshot->devices.for_each([&](DeviceId id, const registry::DeviceEntry& device) {
    if (!request.caller.is_admin() && device.owner != request.caller.user) return;
    DeviceError error{id, presence.standing(id)};
    if (!error.standing.last_error.empty()) found.push_back(std::move(error));
  });
  std::ranges::sort(found, {}, &DeviceError::order);
  if (page.after) {
    const auto shown = std::ranges::find(found, DeviceId{*page.after}, &DeviceError::device);
    if (shown == found.end()) return make_error(registry::Errc::device_not_found, "Device not found", "after");
    found.erase(found.begin(), shown + 1);
  }
  if (found.size() > page.limit) found.resize(page.limit, found.front());
  for (DeviceError& error : found) {
    // One that was removed meanwhile is shown without a name.
    if (auto device = request.registry().device(error.device)) error.name = std::move(device->name);
  }
  return found;
}

awaitable<Answer> list(Request& request) {
  const auto page = read_page(request);
  if (!page) co_return page.error();
  IOT_CO_TRY(std::vector<DeviceError> errors,
             co_await blocking(request.service, [&] { return read_errors(request, *page); }));
  co_return list_response(
      std::move(errors), *page, [](const DeviceError& error) { return error.device.value; },
      [](JsonWriter& json, const DeviceError& error) {
        write_device_error(json, error.device, error.name, error.standing);
      });
}

}  // namespace

std::span<const Route> device_error_routes() {
  static const std::vector<Route> routes = {
      {net::Method::get,
       "/api/operations/refusals",
       "listRefusals",
       Access::reader,
       "The devices whose messages were refused, with the last error of each, the newest first; admins see everybody's",
       list,
       {},
       "RefusalList",
       {{"limit", "integer", "How many at most. The answer's `next`, where there is one, is `after` of the next page."},
        {"after", "string", "Only what comes after the device with this id."}}},
  };
  return routes;
}

}  // namespace iot::api
