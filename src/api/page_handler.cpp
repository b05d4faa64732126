// Where users of the original looked for other programs' pages: our own pages of the same purpose.
#include "api/api.h"
#include "api/security_headers.h"

namespace iot::api {
namespace {

class PageHandler final : public net::HttpHandler {
 public:
  PageHandler(net::HttpHandler& core, std::string page) : core_(core), page_(std::move(page)) {}

  void handle(net::HttpExchange& exchange) override {
    const net::HttpRequest& request = exchange.request();
    const bool reads = request.method == net::Method::get || request.method == net::Method::head;
    if (!reads || request.path != "/") return core_.handle(exchange);
    net::HttpResponse response;
    response.status = 302;
    response.content_type = "text/plain; charset=utf-8";
    // Without scheme and host: the browser knows better than we, behind a proxy, what they are.
    response.headers.emplace_back("Location", page_);
    add_security_headers(response);
    exchange.respond(std::move(response));
  }

  net::HttpResponse refuse(unsigned status, std::string_view reason) override { return core_.refuse(status, reason); }

 private:
  net::HttpHandler& core_;
  const std::string page_;
};

}  // namespace

std::unique_ptr<net::HttpHandler> make_page_handler(net::HttpHandler& core, std::string page) {
  return std::make_unique<PageHandler>(core, std::move(page));
}

}  // namespace iot::api
