// Which sensors a consumer may read: a grant needs rights on both.
#include "api/caller.h"
#include "api/entity_json.h"
#include "api/fields.h"
#include "api/pages.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

/// {"result": {"consumer_id": "7", "sensor_id": "4"}}
net::HttpResponse grant_response(ConsumerId consumer, SensorId sensor) {
  return result_response(sensor, [consumer](JsonWriter& json, SensorId granted) {
    json.begin_object().key("consumer_id").string(consumer.to_string());
    json.key("sensor_id").string(granted.to_string()).end_object();
  });
}

Result<SensorId> sensor_in_path(const Request& request) {
  const auto sensor = parse_id<SensorId>(*find_parameter(request.path, "sensor_id"));
  if (!sensor) return make_error(registry::Errc::sensor_not_found, "Sensor not found");
  return *sensor;
}

awaitable<Answer> list(Request& request) {
  IOT_CO_TRY(const ConsumerId consumer, own_consumer(request));
  const auto page = read_page(request);
  if (!page) co_return page.error();
  IOT_CO_TRY(auto sensors,
             co_await blocking(request.service, [&] { return request.registry().granted_sensors(consumer, *page); }));
  co_return list_response(
      std::move(sensors), *page, [](const model::Sensor& sensor) { return sensor.id.value; }, write_sensor);
}

awaitable<Answer> grant(Request& request, ConsumerId consumer, SensorId sensor) {
  IOT_CO_CHECK(check_own(request, sensor));
  IOT_CO_CHECK(co_await written<void>(
      [&](auto done) { request.registry().grant(request.actor(), consumer, sensor, std::move(done)); }));
  co_return grant_response(consumer, sensor);
}

awaitable<Answer> grant_by_body(Request& request) {
  IOT_CO_TRY(const ConsumerId consumer, own_consumer(request));
  Fields fields(request.body);
  const auto sensor = fields.required_id("sensor_id");
  if (auto faults = fields.finish(); !faults.empty()) co_return invalid(std::move(faults));
  co_return co_await grant(request, consumer, SensorId{*sensor});
}

awaitable<Answer> grant_by_path(Request& request) {
  IOT_CO_TRY(const ConsumerId consumer, own_consumer(request));
  IOT_CO_TRY(const SensorId sensor, sensor_in_path(request));
  co_return co_await grant(request, consumer, sensor);
}

/// Needs rights on the consumer alone: whoever owns a consumer may always make it see less.
awaitable<Answer> revoke(Request& request) {
  IOT_CO_TRY(const ConsumerId consumer, own_consumer(request));
  IOT_CO_TRY(const SensorId sensor, sensor_in_path(request));
  if (!request.snapshot->sensors.contains(sensor)) {
    co_return make_error(registry::Errc::sensor_not_found, "Sensor not found");
  }
  IOT_CO_CHECK(co_await written<void>(
      [&](auto done) { request.registry().revoke(request.actor(), consumer, sensor, std::move(done)); }));
  co_return grant_response(consumer, sensor);
}

}  // namespace

std::span<const Route> grant_routes() {
  using enum net::Method;
  constexpr Scope both = Scope::also_by_user;
  static const std::vector<Route> routes = {
      {get,
       "/api/consumers/:consumer_id/sensors",
       "listGrants",
       Access::reader,
       "List the sensors that the consumer may read",
       list,
       {},
       "SensorList",
       page_parameters(),
       both},
      {post,
       "/api/consumers/:consumer_id/sensors",
       "grant",
       Access::writer,
       "Let the consumer read a sensor",
       grant_by_body,
       "NewGrant",
       "GrantResult",
       {},
       both},
      {post,
       "/api/consumers/:consumer_id/sensors/:sensor_id",
       "grantSensor",
       Access::writer,
       "The same",
       grant_by_path,
       {},
       "GrantResult",
       {},
       both},
      {delete_,
       "/api/consumers/:consumer_id/sensors/:sensor_id",
       "revokeSensor",
       Access::writer,
       "Let the consumer no longer read a sensor",
       revoke,
       {},
       "GrantResult",
       {},
       both},
  };
  return routes;
}

}  // namespace iot::api
