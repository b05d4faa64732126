// What is not about things: documents, keys, health, metrics, and the page at /.
#include "api/docs_page.h"
#include "api/route.h"
#include "base/json_writer.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

net::HttpResponse built_in(std::string_view body, const char* content_type) {
  net::HttpResponse response;
  response.body = body;
  response.content_type = content_type;
  return response;
}

awaitable<Answer> docs(Request&) {
  co_return built_in(docs_html(), "text/html; charset=utf-8");
}
awaitable<Answer> docs_script(Request&) {
  co_return built_in(docs_js(), "text/javascript; charset=utf-8");
}
awaitable<Answer> docs_style(Request&) {
  co_return built_in(docs_css(), "text/css; charset=utf-8");
}

awaitable<Answer> openapi(Request& request) {
  co_return json_response(request.service.openapi);
}

awaitable<Answer> jwks(Request& request) {
  co_return json_response(request.service.use.tokens.jwks_json());
}

/// The process lives and its event loops turn: nothing else is looked at.
awaitable<Answer> healthz(Request&) {
  co_return json_response(R"({"status":"ok"})");
}

awaitable<Answer> readyz(Request& request) {
  const Readiness readiness = request.service.use.readiness();
  net::HttpResponse response;
  response.status = readiness.ready() ? 200 : 503;
  JsonWriter json(response.body);
  json.begin_object().key("status").string(readiness.ready() ? "ready" : "not_ready").key("parts").begin_array();
  for (const Readiness::Part& part : readiness.parts) {
    json.begin_object().key("name").string(part.name).key("ready").boolean(part.ready);
    if (!part.message.empty()) json.key("message").string(part.message);
    json.end_object();
  }
  json.end_array().end_object();
  if (!readiness.ready()) response.headers.emplace_back("Retry-After", "1");
  co_return response;
}

awaitable<Answer> metrics(Request& request) {
  IOT_CO_TRY(std::string text, co_await blocking(request.service, [&]() -> Result<std::string> {
               return request.service.use.metrics.scrape();
             }));
  net::HttpResponse response;
  response.body = std::move(text);
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  co_return response;
}

}  // namespace

std::span<const Route> system_routes() {
  using enum net::Method;
  const auto route = [](const char* path, const char* operation, const char* summary,
                        awaitable<Answer> (*handler)(Request&), const char* response, const char* content_type) {
    return Route{.method = get,
                 .path = path,
                 .operation = operation,
                 .access = Access::anyone,
                 .summary = summary,
                 .handler = handler,
                 .request = {},
                 .response = response,
                 .query = {},
                 .scope = Scope::plain,
                 .content_type = content_type};
  };
  static const std::vector<Route> routes = {
      route("/healthz", "getHealth", "Whether the process lives", healthz, "Health", "application/json"),
      route("/readyz", "getReadiness", "Whether it can do its work; 503 while not", readyz, "Readiness",
            "application/json"),
      route("/metrics", "getMetrics", "Metrics in Prometheus' text form", metrics, "", "text/plain"),
      route("/api/openapi.json", "getOpenApi", "This document", openapi, "OpenApi", "application/json"),
      route("/api/docs", "getDocs", "This document as a page", docs, "", "text/html"),
      route("/api/docs/docs.js", "getDocsScript", "The page's script", docs_script, "", "text/javascript"),
      route("/api/docs/docs.css", "getDocsStyle", "The page's style", docs_style, "", "text/css"),
      route("/api/jwks.json", "getKeys", "The public key that verifies tokens, as a JWK set", jwks, "KeySet",
            "application/json"),
  };
  return routes;
}

}  // namespace iot::api
