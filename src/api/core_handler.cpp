// Port 8080: from a request to the operation that the table of routes names, through all that is the same for each of
// them.
#include <boost/asio/use_awaitable.hpp>

#include "access/strict_json.h"
#include "api/api.h"
#include "api/caller.h"
#include "api/elasticsearch_front.h"
#include "api/router.h"
#include "api/security_headers.h"
#include "gui/pages.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == text.npos;
}

/// "application/json", with or without parameters, in any case; "application/merge-patch+json" too.
bool is_json_type(std::string_view media_type) {
  std::string type;
  for (const char each : media_type.substr(0, media_type.find(';'))) {
    if (each != ' ' && each != '\t') type += each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
  }
  return type == "application/json" || (type.starts_with("application/") && type.ends_with("+json"));
}

/// The parameters, each one that the route knows, and once.
std::optional<Refusal> read_query(const Route& route, Request& request) {
  auto parameters = net::parse_query(request.http.query);
  if (!parameters) return malformed("the query string is not percent-encoded rightly");
  std::vector<Fault> faults;
  for (auto& [name, value] : *parameters) {
    const bool known = std::ranges::any_of(route.query, [&](const QueryParameter& each) { return each.name == name; });
    if (!known) faults.push_back({"is not a parameter of this operation", name});
    if (find_parameter(request.query, name)) faults.push_back({"is given twice", name});
    request.query.emplace_back(std::move(name), std::move(value));
  }
  if (!faults.empty()) return invalid(std::move(faults));
  return {};
}

std::optional<Refusal> read_body(const Route& route, Request& request) {
  const net::HttpRequest& http = request.http;
  // A body of GET and DELETE means nothing (RFC 9110 section 9.3).
  if (http.method == net::Method::get || http.method == net::Method::head || http.method == net::Method::delete_)
    return {};
  if (route.request.empty() && is_blank(http.body)) return {};
  if (http.body.size() > request.service.options.body_bytes_max) {
    return Refusal{413,
                   "TooLarge",
                   {{"at most " + std::to_string(request.service.options.body_bytes_max) + " bytes are taken", {}}}};
  }
  if (const auto type = http.header("Content-Type"); !type.empty() && !is_json_type(type)) {
    return Refusal{415, "UnsupportedMediaType", {{"application/json is expected", "Content-Type"}}};
  }
  auto parsed = access::parse_strict_json(http.body, request.service.options.json_depth_max + route.depth_extra);
  if (auto* fault = std::get_if<access::JsonFault>(&parsed)) {
    return malformed("the body is no JSON that is taken here: " + fault->message, std::move(fault->field));
  }
  request.body = std::move(std::get<boost::json::value>(parsed));
  if (!route.request.empty()) return {};
  const auto* object = request.body.if_object();
  if (object && object->empty()) return {};
  return invalid("this operation takes no body", "");
}

class CoreHandler final : public net::HttpHandler {
 public:
  CoreHandler(ApiDependencies dependencies, ApiOptions options)
      : service_(std::move(dependencies), std::move(options)), router_(all_routes()) {}

  void handle(net::HttpExchange& exchange) override {
    if (service_.use.live && service_.use.is_for_live(exchange.request())) return service_.use.live->handle(exchange);
    if (auto page = page_for(exchange.request())) return exchange.respond(*std::move(page));
    net::HttpResponse failed = Answer(make_error(Errc::exception_escaped, "an internal error; see the log")).take();
    add_security_headers(failed);
    net::respond_with(exchange, answer(exchange.request()), std::move(failed));
  }

  net::HttpResponse refuse(unsigned status, std::string_view reason) override {
    net::HttpResponse response =
        Answer(Refusal{status, status == 413 ? "TooLarge" : "MalformedRequest", {{std::string(reason), {}}}}).take();
    add_security_headers(response);
    return response;
  }

 private:
  /// Where there is no operation, there may be something of the GUI.
  std::optional<net::HttpResponse> page_for(const net::HttpRequest& http) const {
    if (!service_.use.pages || http.path.starts_with("/api/")) return {};
    const auto match = router_.find(http.path);
    if (match && !match->routes.empty()) return {};
    return service_.use.pages->answer(http);
  }

  awaitable<net::HttpResponse> answer(const net::HttpRequest& http) {
    Answer given = co_await dispatch(http);
    net::HttpResponse response = std::move(given).take();
    add_security_headers(response);
    co_return response;
  }

  awaitable<Answer> dispatch(const net::HttpRequest& http) {
    auto match = router_.find(http.path);
    if (!match) co_return malformed("the path is not percent-encoded rightly");
    if (match->routes.empty()) {
      co_return Refusal{404, "NotFound", {{"there is nothing at this path; see /api/docs", {}}}};
    }
    const Route* route = match->find(http.method);
    if (!route) co_return method_not_allowed(*match);
    Request request{.service = service_, .http = http};
    request.path = std::move(match->parameters);
    if (!match->rest.empty()) request.path.emplace_back("endpoint", std::move(match->rest));
    request.snapshot = service_.use.registry.snapshot();
    if (route->access != Access::anyone && !is_elasticsearch(route->access)) {
      IOT_CO_TRY(request.caller, authenticate(service_, http, *request.snapshot));
      IOT_CO_CHECK(check_role(request.caller, route->access));
    }
    if (!route->passes_on) {
      if (auto refusal = read_query(*route, request)) co_return *refusal;
      if (auto refusal = read_body(*route, request)) co_return *refusal;
    }
    co_return co_await route->handler(request);
  }

  static Answer method_not_allowed(const Router::Match& match) {
    if (is_elasticsearch(match.routes.front()->access)) {
      net::HttpResponse response =
          elasticsearch_error(405, "method_not_allowed", "only " + match.methods() + " are allowed here");
      response.headers.emplace_back("Allow", match.methods());
      return response;
    }
    return Refusal{405, "MethodNotAllowed", {{"allowed are " + match.methods(), {}}}, {{"Allow", match.methods()}}};
  }

  Service service_;
  Router router_;
};

}  // namespace

std::unique_ptr<net::HttpHandler> make_core_handler(ApiDependencies dependencies, ApiOptions options) {
  return std::make_unique<CoreHandler>(std::move(dependencies), std::move(options));
}

}  // namespace iot::api
