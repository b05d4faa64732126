#include "gateway/http/http_gateway.h"

#include <algorithm>
#include <vector>

#include <boost/beast/core/string.hpp>

#include "gateway/http/http_commands.h"
#include "gateway/http/http_messages.h"
#include "gateway/http/token_memo.h"
#include "gateway/open_connections.h"
#include "gateway/principal.h"
#include "gateway/sending_limits.h"

namespace iot::gateway {

namespace {

/// What each event loop has for itself.
struct ThreadState {
  ThreadState(const access::Tokens& all_tokens, ingest::DecodeLimits limits) : tokens(all_tokens), decoder(limits) {}

  TokenMemo tokens;
  ingest::Decoder decoder;
  model::ReadingBatch batch;
  registry::SnapshotPtr snapshot;
};

/// Whether a Content-Type is JSON: "application/json", in any case, with or without parameters (RFC 9110
/// section 8.3.1).
bool is_json(std::string_view content_type) noexcept {
  const std::size_t end = content_type.find_first_of("; \t");
  return boost::beast::iequals(content_type.substr(0, end), "application/json");
}

/// For the device's owner.
std::string summary_of(const std::vector<ingest::Fault>& faults) {
  const ingest::Fault& first = faults.front();
  std::string text = "reading " + std::to_string(first.index) + ": " + first.message;
  if (faults.size() > 1) text += " (and " + std::to_string(faults.size() - 1) + " more)";
  return text;
}

/// Whole seconds, at least one.
std::chrono::seconds rounded_up(std::chrono::nanoseconds duration) noexcept {
  return std::max(std::chrono::ceil<std::chrono::seconds>(duration), std::chrono::seconds(1));
}

class HttpGateway final : public net::HttpHandler {
 public:
  HttpGateway(const HttpGatewayDependencies& dependencies, const HttpGatewayLimits& limits)
      : registry_(dependencies.registry),
        ingestor_(dependencies.ingestor),
        clock_(dependencies.clock),
        presence_(dependencies.presence),
        sending_(dependencies.sending),
        limits_(limits),
        unauthorized_(dependencies.metrics.counter("iotplatform_http_gateway_unauthorized_total",
                                                   "Requests without a token that counts")),
        refused_(dependencies.metrics.counter("iotplatform_http_gateway_bad_messages_total",
                                              "Messages refused for what is in them")),
        limited_(dependencies.metrics.counter("iotplatform_http_gateway_rate_limited_total",
                                              "Requests refused because too much is sent")) {
    if (dependencies.commands) commands_.emplace(*dependencies.commands, dependencies.clock);
    for (std::size_t i = 0; i < dependencies.threads; ++i) {
      threads_.push_back(std::make_unique<ThreadState>(dependencies.tokens, limits.decode));
    }
  }

  void handle(net::HttpExchange& exchange) override {
    const net::HttpRequest& request = exchange.request();
    const bool is_for_commands = commands_ && HttpCommands::serves(request.path);
    if (request.path != "/" && !is_for_commands) {
      if (limits_.echo && request.path == "/echo") return echo(exchange);
      return exchange.respond(error_response(404, "NotFound", "readings are posted to /"));
    }
    if (request.method != net::Method::post && !is_for_commands) {
      net::HttpResponse response = error_response(405, "MethodNotAllowed", "readings are sent with POST");
      response.headers.emplace_back("Allow", "POST");
      return exchange.respond(std::move(response));
    }
    ThreadState& thread = *threads_[exchange.thread_index()];
    if (!thread.snapshot || thread.snapshot->version != registry_.version()) thread.snapshot = registry_.snapshot();

    const Timestamp now = clock_.now();
    auto device = thread.tokens.device_of(request.header("Authorization"), *thread.snapshot, now);
    std::optional<Fingerprint> certificate;
    if (!device) {
      const auto known = principal_of_certificate(request.peer_certificate_sha256, *thread.snapshot);
      if (!known) return ask_for_token(exchange);
      device.emplace(DeviceId{known->id});
      certificate = known->certificate;
    }
    if (!*device) return refuse_token(exchange, device->error());
    if (presence_) presence_->note_request(exchange.thread_index(), **device, request.peer_address, now);
    if (!sending_.is_off()) {
      if (const auto wait = sending_.wait(**device, clock_.steady_now())) return limit(exchange, *wait);
    }
    if (is_for_commands) {
      charge(**device, 0, request.body.size());
      return commands_->handle(exchange, {**device, certificate, thread.snapshot->version});
    }
    if (!is_json(request.header("Content-Type"))) {
      return exchange.respond(error_response(415, "UnsupportedMediaType", "the Content-Type must be application/json"));
    }
    ingest(exchange, thread, **device, now);
  }

  net::HttpResponse refuse(unsigned status, std::string_view reason) override {
    return refused_response(status, reason);
  }

 private:
  void ingest(net::HttpExchange& exchange, ThreadState& thread, DeviceId device, Timestamp now) {
    const std::string_view body = exchange.request().body;
    const auto faults = thread.decoder.decode(body, device, *thread.snapshot, now, thread.batch);
    charge(device, faults.empty() ? thread.batch.size() : 0, body.size());
    if (!faults.empty()) {
      refused_.Increment();
      if (presence_) presence_->note_request_error(device, summary_of(faults), now);
      return exchange.respond(faults_response(faults));
    }
    const std::size_t readings = thread.batch.size();
    if (readings == 0) return exchange.respond(accepted(0));
    if (readings == 1) {
      // Two pointers: no allocation.
      return ingestor_.submit(exchange.thread_index(), thread.batch,
                              [this, &exchange](const Result<log::Position>& outcome) {
                                if (!outcome)
                                  return exchange.respond(failure_response(outcome.error(), limits_.retry_after));
                                exchange.respond_static(accepted_one);
                              });
    }
    ingestor_.submit(exchange.thread_index(), thread.batch,
                     [this, &exchange, readings](const Result<log::Position>& outcome) {
                       if (!outcome) return exchange.respond(failure_response(outcome.error(), limits_.retry_after));
                       exchange.respond(accepted(readings));
                     });
  }

  void ask_for_token(net::HttpExchange& exchange) {
    unauthorized_.Increment();
    net::HttpResponse response =
        error_response(401, "Unauthorized", "the header Authorization: Bearer <device token> is missing");
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    exchange.respond(std::move(response));
  }

  void refuse_token(net::HttpExchange& exchange, const Error& error) {
    unauthorized_.Increment();
    if (is(error, access::Errc::not_ready)) return exchange.respond(failure_response(error, limits_.retry_after));
    exchange.respond(error_response(403, "Forbidden", error.message));
  }

  void charge(DeviceId device, std::size_t readings, std::size_t bytes) {
    if (sending_.is_off()) return;
    const Sent sent{.messages = 1, .readings = static_cast<double>(readings), .bytes = static_cast<double>(bytes)};
    sending_.charge(device, sent, clock_.steady_now());
  }

  void limit(net::HttpExchange& exchange, const SendingLimits::Wait& wait) {
    limited_.Increment();
    net::HttpResponse response =
        error_response(429, "TooManyRequests", "more was sent than " + std::string(wait.limit) + " allows");
    add_retry_after(response, rounded_up(wait.time));
    exchange.respond(std::move(response));
  }

  static void echo(net::HttpExchange& exchange) {
    const net::HttpRequest& request = exchange.request();
    net::HttpResponse response;
    response.body = request.body;
    response.content_type = request.header("Content-Type");
    exchange.respond(std::move(response));
  }

  registry::Registry& registry_;
  ingest::Ingestor& ingestor_;
  const Clock& clock_;
  OpenConnections* const presence_;
  SendingLimits& sending_;
  const HttpGatewayLimits limits_;
  Counter& unauthorized_;
  Counter& refused_;
  Counter& limited_;
  std::optional<HttpCommands> commands_;
  std::vector<std::unique_ptr<ThreadState>> threads_;
};

}  // namespace

std::unique_ptr<net::HttpHandler> make_http_gateway(const HttpGatewayDependencies& dependencies,
                                                    const HttpGatewayLimits& limits) {
  return std::make_unique<HttpGateway>(dependencies, limits);
}

}  // namespace iot::gateway
