// /api/devices
#include <algorithm>

#include "api/caller.h"
#include "api/entity_json.h"
#include "api/fields.h"
#include "api/pages.h"
#include "gateway/device_presence.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

struct Listing {
  std::vector<model::Device> devices;
  std::vector<model::Sensor> sensors;  ///< of all of them
};

Result<Listing> read_listing(const Request& request, std::optional<UserId> owner, const registry::Page& page) {
  Listing listing;
  IOT_TRY(listing.devices, request.registry().devices(owner, page));
  std::vector<DeviceId> ids;
  for (const model::Device& device : listing.devices) ids.push_back(device.id);
  IOT_TRY(listing.sensors, request.registry().sensors_of(ids, request.service.options.sensors_per_listed_device_max));
  std::ranges::stable_sort(listing.sensors, {}, &model::Sensor::device);
  return listing;
}

std::span<const model::Sensor> sensors_of(const Listing& listing, DeviceId device) {
  const auto found = std::ranges::equal_range(listing.sensors, device, {}, &model::Sensor::device);
  return {found.begin(), found.end()};
}

awaitable<Answer> list(Request& request) {
  IOT_CO_TRY(const std::optional<UserId> owner, owner_of_list(request));
  const auto page = read_page(request);
  if (!page) co_return page.error();
  IOT_CO_TRY(Listing listing, co_await blocking(request.service, [&] { return read_listing(request, owner, *page); }));
  std::vector<model::Device> devices = std::move(listing.devices);
  co_return list_response(
      std::move(devices), *page, [](const model::Device& device) { return device.id.value; },
      [&](JsonWriter& json, const model::Device& device) {
        write_device_with(json, device, sensors_of(listing, device.id));
      });
}

awaitable<Answer> create(Request& request) {
  IOT_CO_TRY(const UserId owner, owner_of_new(request));
  Fields fields(request.body);
  registry::NewDevice device;
  device.owner = owner;
  device.name = fields.required_text("name");
  device.description = fields.text("description").value_or("");
  device.retention = fields.duration("retention").value_or(std::nullopt);
  device.rollups = fields.rollups("rollups").value_or(std::nullopt);
  device.silent_after = fields.duration("silent_after_s").value_or(std::nullopt);
  if (auto faults = fields.finish(); !faults.empty()) co_return invalid(std::move(faults));
  IOT_CO_TRY(const model::Device made, co_await written<model::Device>([&](auto done) {
               request.registry().create_device(request.actor(), std::move(device), std::move(done));
             }));
  co_return result_response(made, write_device);
}

awaitable<Answer> show(Request& request) {
  IOT_CO_TRY(const DeviceId id, own_device(request));
  IOT_CO_TRY(const Listing listing, co_await blocking(request.service, [&]() -> Result<Listing> {
               Listing read;
               IOT_TRY(model::Device device, request.registry().device(id));
               read.devices.push_back(std::move(device));
               IOT_TRY(read.sensors,
                       request.registry().sensors_of({id}, request.service.options.sensors_per_listed_device_max));
               return read;
             }));
  co_return result_response(listing.devices[0], [&](JsonWriter& json, const model::Device& device) {
    write_device_with(json, device, listing.sensors, request.service.use.presence->standing(id));
  });
}

awaitable<Answer> update(Request& request) {
  IOT_CO_TRY(const DeviceId id, own_device(request));
  Fields fields(request.body);
  registry::DevicePatch patch;
  patch.name = fields.text("name");
  patch.description = fields.text("description");
  patch.retention = fields.duration("retention");
  patch.rollups = fields.rollups("rollups");
  patch.silent_after = fields.duration("silent_after_s");
  if (auto faults = fields.finish(); !faults.empty()) co_return invalid(std::move(faults));
  IOT_CO_TRY(const model::Device changed, co_await written<model::Device>([&](auto done) {
               request.registry().update_device(request.actor(), id, std::move(patch), std::move(done));
             }));
  co_return result_response(changed, write_device);
}

awaitable<Answer> remove(Request& request) {
  IOT_CO_TRY(const DeviceId id, own_device(request));
  IOT_CO_CHECK(co_await written<void>(
      [&](auto done) { request.registry().delete_device(request.actor(), id, std::move(done)); }));
  co_return removed_response(id.value);
}

}  // namespace

std::span<const Route> device_routes() {
  using enum net::Method;
  constexpr Scope both = Scope::also_by_user;
  static const std::vector<Route> routes = {
      {get,
       "/api/devices",
       "listDevices",
       Access::reader,
       "List devices with their first sensors; admins see everybody's",
       list,
       {},
       "DeviceList",
       page_parameters(),
       both},
      {post,
       "/api/devices",
       "createDevice",
       Access::writer,
       "Make a device",
       create,
       "NewDevice",
       "DeviceResult",
       {},
       both},
      {get,
       "/api/devices/:device_id",
       "getDevice",
       Access::reader,
       "Show a device with its first sensors",
       show,
       {},
       "DeviceResult",
       {},
       both},
      {patch,
       "/api/devices/:device_id",
       "updateDevice",
       Access::writer,
       "Change a device",
       update,
       "DevicePatch",
       "DeviceResult",
       {},
       both},
      {delete_,
       "/api/devices/:device_id",
       "deleteDevice",
       Access::writer,
       "Remove a device with its sensors and all their readings",
       remove,
       {},
       "Removed",
       {},
       both},
  };
  return routes;
}

}  // namespace iot::api
