// /api/consumers/consume/:sensor_id: Elasticsearch's API over one sensor, for a consumer that it was granted to.
//
// 401 only where there is no token of the form `Bearer <token>`; all else about the token, and a sensor that was not
// granted or does not exist (which are not told apart), is 403.
#include "api/elasticsearch_front.h"
#include "api/route.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

struct Permitted {
  ConsumerId consumer;
  DeviceId device;
  SensorId sensor;
};

Result<Permitted> permit(const Request& request, std::string_view token) {
  IOT_TRY(const access::Identity identity, request.service.use.tokens.verify(token, access::Audience::consumer));
  const registry::ConsumerEntry* consumer = request.snapshot->consumers.find(ConsumerId{identity.subject});
  if (!consumer || !access::is_current(identity, consumer->key_version)) {
    return make_error(access::Errc::revoked, "the token was revoked");
  }
  const auto sensor = parse_id<SensorId>(*find_parameter(request.path, "sensor_id"));
  const registry::SensorEntry* entry = sensor ? request.snapshot->sensors.find(*sensor) : nullptr;
  if (!entry || !consumer->grants.contains(*sensor)) {
    return make_error(Errc::not_allowed, "the sensor is not granted to this consumer");
  }
  return Permitted{ConsumerId{identity.subject}, entry->device, *sensor};
}

awaitable<Answer> consume(Request& request) {
  const auto token = access::bearer_token(request.http.header("Authorization"));
  if (!token) co_return security_error(401, "missing authentication credentials: send Authorization: Bearer <token>");
  const auto permitted = permit(request, *token);
  if (!permitted) {
    const bool is_token_fault = failure_of(permitted.error()) != Failure::unavailable;
    co_return is_token_fault ? security_error(403, permitted.error().message)
                             : elasticsearch_error(503, "unavailable", permitted.error().message);
  }
  const std::string* endpoint = find_parameter(request.path, "endpoint");
  std::string path = "/" + model::index_name(permitted->device, permitted->sensor) + "/" +
                     (endpoint && !endpoint->empty() ? *endpoint : "_search");
  co_return co_await run_query(request.service, request.http, std::move(path), caller_name(permitted->consumer),
                               Catalog::of_sensor(request.snapshot, permitted->sensor));
}

}  // namespace

std::span<const Route> query_routes() {
  using enum net::Method;
  constexpr const char* summary = "Search the sensor's readings as Elasticsearch does";
  constexpr const char* endpoint_summary = "The same at _search, _count, _msearch, _mapping and others";
  const auto route = [&](net::Method method, const char* path, const char* operation, const char* says) {
    return Route{.method = method,
                 .path = path,
                 .operation = operation,
                 .access = Access::consumer,
                 .summary = says,
                 .handler = consume,
                 .request = method == post ? "Query" : "",
                 .response = "QueryAnswer",
                 .query = {},
                 .scope = Scope::plain,
                 .also_content_types = {"text/csv", "application/vnd.apache.arrow.stream"},
                 .passes_on = true};
  };
  static const std::vector<Route> routes = {
      route(get, "/api/consumers/consume/:sensor_id", "consume", summary),
      route(post, "/api/consumers/consume/:sensor_id", "consumeByPost", summary),
      route(get, "/api/consumers/consume/:sensor_id/*", "consumeEndpoint", endpoint_summary),
      route(post, "/api/consumers/consume/:sensor_id/*", "consumeEndpointByPost", endpoint_summary),
      route(delete_, "/api/consumers/consume/:sensor_id/*", "endScroll", "End scrolls at _search/scroll"),
  };
  return routes;
}

}  // namespace iot::api
