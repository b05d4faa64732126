// Port 9000: Elasticsearch's REST API over all that a token may see and write.
#include "api/api.h"
#include "api/elasticsearch_front.h"
#include "api/elasticsearch_writes.h"
#include "api/security_headers.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

/// What a shipper with a device's token may ask beside writing: whether Elasticsearch is there.
class NothingToSee final : public query::IndexCatalog {
 public:
  std::optional<query::Index> find(DeviceId, SensorId) const override { return {}; }
  void for_each(const std::function<bool(const query::Index&)>&) const override {}
};

class QueryHandler final : public net::HttpHandler {
 public:
  QueryHandler(ApiDependencies dependencies, ApiOptions options)
      : service_(std::move(dependencies), std::move(options)), writes_(service_) {}

  void handle(net::HttpExchange& exchange) override {
    net::HttpResponse failed = elasticsearch_error(500, "exception", "an internal error; see the log");
    add_security_headers(failed);
    net::respond_with(exchange, answer(exchange.request(), exchange.thread_index()), std::move(failed));
  }

  net::HttpResponse refuse(unsigned status, std::string_view reason) override {
    net::HttpResponse response = elasticsearch_error(
        status, status == 413 ? "content_too_long_exception" : "illegal_argument_exception", reason);
    add_security_headers(response);
    return response;
  }

 private:
  awaitable<net::HttpResponse> answer(const net::HttpRequest& http, std::size_t thread_index) {
    net::HttpResponse response = co_await dispatch(http, thread_index);
    add_security_headers(response);
    co_return response;
  }

  awaitable<net::HttpResponse> dispatch(const net::HttpRequest& http, std::size_t thread_index) {
    const auto token = elasticsearch_token(http.header("Authorization"));
    if (!token) {
      co_return security_error(401, "missing authentication credentials for REST request [" + std::string(http.path) +
                                        "]: send the token as Bearer, as ApiKey, or as the password of Basic");
    }
    registry::SnapshotPtr snapshot = service_.use.registry.snapshot();
    const auto holder = holder_of_token(service_, *token, *snapshot);
    if (!holder) {
      const unsigned status = status_of(failure_of(holder.error()));
      co_return elasticsearch_error(status, status == 503 ? "unavailable" : "security_exception",
                                    holder.error().message);
    }
    auto path = net::percent_decode(http.path);
    if (!path)
      co_return elasticsearch_error(400, "illegal_argument_exception", "the path is not percent-encoded rightly");
    if (auto route = write_route_of(http.method, *path)) {
      co_return co_await writes_.answer(http, thread_index, std::move(*route), *holder, std::move(snapshot));
    }
    if (holder->kind == access::Audience::device) co_return answer_device(http, *path);
    co_return co_await run_query(service_, http, std::move(*path), caller_name(*holder),
                                 catalog_of(*holder, std::move(snapshot)));
  }

  /// GET and HEAD / are how clients find out to whom they talk.
  net::HttpResponse answer_device(const net::HttpRequest& http, const std::string& path) const {
    if (path != "/") {
      return security_error(403, "a device's token writes readings and reads none: use a consumer's or a user's");
    }
    if (auto refused = refuse_media_types(http)) return *std::move(refused);
    const query::EsRequest request{
        .method = net::to_string(http.method), .path = path, .parameters = {}, .body = {}, .cancelled = nullptr};
    net::HttpResponse response = elasticsearch_response(service_.use.elasticsearch.handle(NothingToSee(), request));
    name_media_type(http, response);
    return response;
  }

  Service service_;
  ElasticsearchWrites writes_;
};

}  // namespace

std::unique_ptr<net::HttpHandler> make_query_handler(ApiDependencies dependencies, ApiOptions options) {
  return std::make_unique<QueryHandler>(std::move(dependencies), std::move(options));
}

}  // namespace iot::api
