// Port 9000: Elasticsearch's REST API over all that a token may see.
#include "api/api.h"
#include "api/elasticsearch_front.h"
#include "api/security_headers.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

struct View {
  std::string caller;
  Catalog catalog;
};

/// What a consumer's or a user's token may see. Access errors as in Tokens::verify.
Result<View> view_of(const Service& service, std::string_view token, registry::SnapshotPtr snapshot) {
  const auto revoked = [] { return make_error(access::Errc::revoked, "the token was revoked"); };
  const auto consumer = service.use.tokens.verify(token, access::Audience::consumer);
  if (consumer) {
    const ConsumerId id{consumer->subject};
    const registry::ConsumerEntry* entry = snapshot->consumers.find(id);
    if (!entry || !access::is_current(*consumer, entry->key_version)) return revoked();
    return View{caller_name(id), Catalog::of_consumer(std::move(snapshot), id)};
  }
  if (!is(consumer.error(), access::Errc::wrong_kind)) return consumer.error();
  const auto user = service.use.tokens.verify(token, access::Audience::user);
  if (!user) return make_error(access::Errc::wrong_kind, "the token is neither a consumer's nor a user's");
  const UserId id{user->subject};
  const registry::UserEntry* entry = snapshot->users.find(id);
  if (!entry || !access::is_current(*user, entry->key_version)) return revoked();
  const Caller caller{id, entry->role};
  return View{caller_name(id), Catalog::of_user(std::move(snapshot), caller)};
}

class QueryHandler final : public net::HttpHandler {
 public:
  QueryHandler(ApiDependencies dependencies, ApiOptions options)
      : service_(std::move(dependencies), std::move(options)) {}

  void handle(net::HttpExchange& exchange) override {
    net::HttpResponse failed = elasticsearch_error(500, "exception", "an internal error; see the log");
    add_security_headers(failed);
    net::respond_with(exchange, answer(exchange.request()), std::move(failed));
  }

  net::HttpResponse refuse(unsigned status, std::string_view reason) override {
    net::HttpResponse response = elasticsearch_error(
        status, status == 413 ? "content_too_long_exception" : "illegal_argument_exception", reason);
    add_security_headers(response);
    return response;
  }

 private:
  awaitable<net::HttpResponse> answer(const net::HttpRequest& http) {
    net::HttpResponse response = co_await dispatch(http);
    add_security_headers(response);
    co_return response;
  }

  awaitable<net::HttpResponse> dispatch(const net::HttpRequest& http) {
    const auto token = elasticsearch_token(http.header("Authorization"));
    if (!token) {
      co_return security_error(401, "missing authentication credentials for REST request [" + std::string(http.path) +
                                        "]: send the token as Bearer, as ApiKey, or as the password of Basic");
    }
    auto view = view_of(service_, *token, service_.use.registry.snapshot());
    if (!view) {
      const unsigned status = status_of(failure_of(view.error()));
      co_return elasticsearch_error(status, status == 503 ? "unavailable" : "security_exception", view.error().message);
    }
    auto path = net::percent_decode(http.path);
    if (!path)
      co_return elasticsearch_error(400, "illegal_argument_exception", "the path is not percent-encoded rightly");
    co_return co_await run_query(service_, http, std::move(*path), std::move(view->caller), std::move(view->catalog));
  }

  Service service_;
};

}  // namespace

std::unique_ptr<net::HttpHandler> make_query_handler(ApiDependencies dependencies, ApiOptions options) {
  return std::make_unique<QueryHandler>(std::move(dependencies), std::move(options));
}

}  // namespace iot::api
