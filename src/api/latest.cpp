// .../latest: the newest reading of a sensor, or of all sensors of a device, with what is needed to show it.
#include "api/caller.h"
#include "api/pages.h"
#include "base/time_text.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

struct Shown {
  model::Sensor sensor;
  std::optional<store::Reading> newest;
};

void write_shown(JsonWriter& json, const Shown& shown) {
  json.begin_object();
  json.key("sensor_id").string(shown.sensor.id.to_string());
  json.key("name").string(shown.sensor.name);
  json.key("path").string(shown.sensor.path);
  json.key("unit").string(shown.sensor.unit);
  if (shown.newest) {
    std::string value;
    model::append_value_json(value, shown.sensor.mapping, shown.newest->value);
    json.key("timestamp").string(format_timestamp(shown.newest->time));
    json.key("value").raw(value);
  } else {
    json.key("timestamp").null();
    json.key("value").null();
  }
  json.end_object();
}

Result<std::vector<Shown>> with_newest(const Request& request, std::vector<model::Sensor> sensors) {
  std::vector<SensorId> ids;
  ids.reserve(sensors.size());
  for (const model::Sensor& sensor : sensors) ids.push_back(sensor.id);
  IOT_TRY(auto newest, request.service.use.readings.latest(ids));
  std::vector<Shown> shown;
  shown.reserve(sensors.size());
  for (std::size_t i = 0; i < sensors.size(); ++i) shown.push_back({std::move(sensors[i]), std::move(newest[i])});
  return shown;
}

awaitable<Answer> of_device(Request& request) {
  IOT_CO_TRY(const DeviceId device, own_device(request));
  const auto page = read_page(request);
  if (!page) co_return page.error();
  IOT_CO_TRY(auto shown, co_await blocking(request.service, [&]() -> Result<std::vector<Shown>> {
               IOT_TRY(auto sensors, request.registry().sensors(device, *page));
               return with_newest(request, std::move(sensors));
             }));
  co_return list_response(
      std::move(shown), *page, [](const Shown& each) { return each.sensor.id.value; }, write_shown);
}

awaitable<Answer> of_sensor(Request& request) {
  IOT_CO_TRY(const SensorId id, own_sensor(request));
  IOT_CO_TRY(const auto shown, co_await blocking(request.service, [&]() -> Result<std::vector<Shown>> {
               IOT_TRY(auto sensor, request.registry().sensor(id));
               return with_newest(request, {std::move(sensor)});
             }));
  co_return result_response(shown.front(), write_shown);
}

}  // namespace

std::span<const Route> latest_routes() {
  using enum net::Method;
  constexpr Scope both = Scope::also_by_user;
  static const std::vector<Route> routes = {
      {get,
       "/api/devices/:device_id/latest",
       "listLatest",
       Access::reader,
       "The newest reading of each of a device's sensors",
       of_device,
       {},
       "LatestList",
       page_parameters(),
       both},
      {get,
       "/api/devices/:device_id/sensors/:sensor_id/latest",
       "getLatest",
       Access::reader,
       "The newest reading of a sensor",
       of_sensor,
       {},
       "LatestResult",
       {},
       both},
  };
  return routes;
}

}  // namespace iot::api
