#include "api/user_queries.h"

#include "api/caller.h"
#include "api/elasticsearch_front.h"
#include "api/elasticsearch_writes.h"
#include "api/token_holder.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

awaitable<Answer> query(Request& request) {
  auto caller = authenticate_querier(request);
  if (!caller) co_return std::move(caller).error();
  const TokenHolder holder{access::Audience::user, caller->user.value, caller->role};
  co_return co_await answer_querier(request, caller_name(holder), Catalog::of_user(request.snapshot, *caller));
}

}  // namespace

net::HttpResponse elasticsearch_refusal(const Error& error) {
  const unsigned status = status_of(failure_of(error));
  if (status == 401 || status == 403) return security_error(status, error.message);
  if (status == 404) return elasticsearch_error(status, "resource_not_found_exception", error.message);
  return elasticsearch_error(status, status == 503 ? "unavailable" : "exception", error.message);
}

boost::system::result<Caller, net::HttpResponse> authenticate_querier(const Request& request) {
  const auto caller = authenticate(request.service, request.http, *request.snapshot);
  if (caller) return *caller;
  return elasticsearch_refusal(caller.error());
}

awaitable<Answer> answer_querier(Request& request, std::string caller, Catalog catalog) {
  const std::string* rest = find_parameter(request.path, "endpoint");
  std::string path = "/" + (rest ? *rest : std::string());
  if (write_route_of(request.http.method, path)) {
    co_return security_error(403, "nothing is written here: readings are taken on the port of Elasticsearch's API");
  }
  co_return co_await run_query(request.service, request.http, std::move(path), std::move(caller), std::move(catalog));
}

std::vector<Route> querier_routes(const QuerierFront& front) {
  using enum net::Method;
  const auto route = [&](net::Method method, std::string_view path, std::string_view operation) {
    return Route{.method = method,
                 .path = path,
                 .operation = operation,
                 .access = Access::querier,
                 .summary = front.summary,
                 .handler = front.handler,
                 .request = method == post ? "Query" : "",
                 .response = "QueryAnswer",
                 .query = {},
                 .scope = Scope::plain,
                 .also_content_types = {"text/csv", "application/vnd.apache.arrow.stream"},
                 .passes_on = true};
  };
  return {route(get, front.path, front.operations[0]), route(post, front.path, front.operations[1]),
          route(get, front.path_below, front.operations[2]), route(post, front.path_below, front.operations[3])};
}

std::span<const Route> user_query_routes() {
  static const std::vector<Route> routes = querier_routes(
      {.path = "/api/elasticsearch",
       .path_below = "/api/elasticsearch/*",
       .operations = {"queryRoot", "queryRootByPost", "query", "queryByPost"},
       .summary = "Elasticsearch's API over the readings of one's own devices, at {device}_{sensor}/_search and others",
       .handler = query});
  return routes;
}

}  // namespace iot::api
