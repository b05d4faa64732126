#include "gateway/websocket/websocket_gateway.h"

#include <algorithm>
#include <utility>

#include "gateway/http/http_messages.h"
#include "gateway/principal.h"
#include "gateway/websocket/echo_connection.h"
#include "gateway/websocket/readings_connection.h"
#include "net/connection_group.h"
#include "net/letters.h"
#include "net/websocket/handshake.h"
#include "net/websocket/websocket_transport.h"

namespace iot::gateway {

namespace {

constexpr std::string_view acknowledging_protocol = "iotplatform.ack";
/// All that the other does, and commands.
constexpr std::string_view commands_protocol = "iotplatform.commands";
constexpr std::string_view bearer_prefix = "bearer.";
/// What a client that was turned away for a limit should wait before the next attempt.
constexpr std::chrono::seconds retry_after{1};

std::string_view first_with_prefix(const net::WebSocketOffer& offer, std::string_view prefix) noexcept {
  for (const std::string_view protocol : offer.protocols) {
    if (protocol.starts_with(prefix)) return protocol;
  }
  return {};
}

bool offers(const net::WebSocketOffer& offer, std::string_view protocol) noexcept {
  return std::ranges::find(offer.protocols, protocol) != offer.protocols.end();
}

/// The token of the Authorization header, or, as browsers cannot set that, of the subprotocol "bearer.<token>".
std::string_view token_of(const net::HttpRequest& request, const net::WebSocketOffer& offer) noexcept {
  const std::string_view header = request.header("Authorization");
  if (!header.empty()) return access::bearer_token(header).value_or(std::string_view());
  const std::string_view protocol = first_with_prefix(offer, bearer_prefix);
  return protocol.substr(std::min(protocol.size(), bearer_prefix.size()));
}

/// A browser wants one of the protocols that it offered.
std::string_view chosen_protocol(const net::WebSocketOffer& offer, Answers answers) noexcept {
  switch (answers) {
    case Answers::acknowledgements_and_commands:
      return commands_protocol;
    case Answers::acknowledgements:
      return acknowledging_protocol;
    case Answers::none:
      break;
  }
  return first_with_prefix(offer, bearer_prefix);
}

class RunningGateway final : public WebSocketGateway {
 public:
  RunningGateway(const WebSocketGatewayDependencies& dependencies, const WebSocketGatewayLimits& limits,
                 ServeMqtt serve_mqtt)
      : tokens_(dependencies.tokens),
        limits_(limits),
        serve_mqtt_(std::move(serve_mqtt)),
        metrics_(dependencies.metrics),
        unauthorized_(dependencies.metrics.counter("iotplatform_websocket_gateway_unauthorized_total",
                                                   "Upgrades without a token or certificate that counts")),
        refused_origins_(dependencies.metrics.counter("iotplatform_websocket_gateway_origins_refused_total",
                                                      "Upgrades refused because of the page that asked")),
        limited_(dependencies.metrics.counter("iotplatform_connections_refused_total",
                                              "Connections of devices and consumers that were refused for a limit",
                                              {{"limit", "websocket.connections_max"}})),
        shared_{dependencies.registry,
                dependencies.ingestor,
                dependencies.open_connections,
                dependencies.clock,
                limits.in_flight_bytes_max,
                dependencies.sending,
                dependencies.metrics.counter("iotplatform_websocket_gateway_bad_messages_total",
                                             "Messages refused for what is in them"),
                dependencies.metrics.counter("iotplatform_websocket_gateway_rate_limited_total",
                                             "Times that a device was not read because it sends too much"),
                {},
                dependencies.commands} {
    const std::size_t loops = dependencies.pool.size();
    for (std::size_t i = 0; i < loops; ++i) {
      shared_.threads.push_back(std::make_unique<ReadingsThread>(limits.decode));
    }
    group_ = net::ConnectionGroup::make(dependencies.pool, dependencies.clock, [&](const net::LoopPlace& place) {
      return std::make_unique<net::WebSocketLoop>(place, limits_.connections, metrics_, loops);
    });
    group_->start();
  }

  void handle(net::HttpExchange& exchange) override {
    const net::HttpRequest& request = exchange.request();
    const bool is_mqtt = request.path == "/mqtt";
    if (is_mqtt && !serve_mqtt_) return exchange.respond(error_response(404, "NotFound", "there is no MQTT here"));
    if (!net::asks_for_websocket(request)) {
      return exchange.respond(upgrade_required("this port speaks WebSocket"));
    }
    const net::WebSocketOpening opening = net::read_offer(request);
    if (!opening.offer) {
      if (opening.refusal.status == 426) return exchange.respond(upgrade_required(opening.refusal.reason));
      return exchange.respond(error_response(opening.refusal.status, "BadRequest", opening.refusal.reason));
    }
    const net::WebSocketOffer& offer = *opening.offer;
    if (!is_allowed(offer.origin)) {
      refused_origins_.Increment();
      return exchange.respond(error_response(403, "Forbidden", "pages of this origin may not connect"));
    }
    auto admission = group_->admit(limits_.connections.connections_max);
    if (!admission) {
      limited_.Increment();
      return try_later(exchange, 503, "Unavailable", "there are too many connections");
    }
    if (is_mqtt) return begin_mqtt(exchange, offer);
    if (limits_.echo && request.path == "/echo") return begin_echo(exchange, offer, std::move(*admission));
    begin_readings(exchange, offer, std::move(*admission));
  }

  net::HttpResponse refuse(unsigned status, std::string_view reason) override {
    return refused_response(status, reason);
  }

  void stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done) override {
    group_->stop(deadline, std::move(done));
  }

 private:
  void begin_readings(net::HttpExchange& exchange, const net::WebSocketOffer& offer, net::Admission admission) {
    const net::HttpRequest& request = exchange.request();
    const auto snapshot = shared_.registry.snapshot();
    const std::string_view token = token_of(request, offer);
    auto principal = principal_of_certificate(request.peer_certificate_sha256, *snapshot);
    if (!token.empty()) {
      auto shown = principal_of_token(tokens_, token, access::Audience::device, *snapshot);
      if (!shown) return refuse_token(exchange, shown.error());
      principal = *shown;
    }
    if (!principal) return ask_for_token(exchange);
    if (!shared_.sending.is_off()) {
      const auto wait = shared_.sending.connect(DeviceId{principal->id}, shared_.clock.steady_now());
      if (wait) {
        return try_later(exchange, 429, "TooManyRequests",
                         "more connections than " + std::string(wait->limit) + " allows");
      }
    }
    const Answers answers = answers_of(offer);
    auto connection = std::make_unique<ReadingsConnection>(loop_of(exchange), shared_, offer.deflate_window_bits,
                                                           answers, std::string(request.peer_address));
    switch (connection->enter(*principal)) {
      case EnterRefusal::none:
        break;
      case EnterRefusal::too_many:
        return try_later(exchange, 429, "TooManyRequests", "this device has too many connections");
      case EnterRefusal::withdrawn:
        return refuse_token(exchange, make_error(access::Errc::revoked, "the device is gone, or its key was rotated"));
    }
    std::string answer = net::accept_offer(offer, chosen_protocol(offer, answers), offer.deflate_window_bits);
    net::WebSocketConnection::serve(std::move(connection), exchange.take_over(), std::move(answer),
                                    std::move(admission));
  }

  Answers answers_of(const net::WebSocketOffer& offer) const noexcept {
    if (shared_.commands && offers(offer, commands_protocol)) return Answers::acknowledgements_and_commands;
    return offers(offer, acknowledging_protocol) ? Answers::acknowledgements : Answers::none;
  }

  void begin_echo(net::HttpExchange& exchange, const net::WebSocketOffer& offer, net::Admission admission) {
    auto connection = std::make_unique<EchoConnection>(loop_of(exchange), offer.deflate_window_bits);
    std::string answer = net::accept_offer(offer, chosen_protocol(offer, answers_of(offer)), offer.deflate_window_bits);
    net::WebSocketConnection::serve(std::move(connection), exchange.take_over(), std::move(answer),
                                    std::move(admission));
  }

  /// Who it is, CONNECT will say.
  void begin_mqtt(net::HttpExchange& exchange, const net::WebSocketOffer& offer) {
    std::string_view protocol;
    for (const std::string_view known : {"mqtt", "mqttv3.1"}) {
      if (protocol.empty() && offers(offer, known)) protocol = known;
    }
    if (protocol.empty()) {
      return exchange.respond(error_response(400, "BadRequest", "the subprotocol must be mqtt (or mqttv3.1)"));
    }
    // Small packets, many of which are binary already, gain nothing by compression.
    std::string answer = net::accept_offer(offer, protocol, {});
    const std::size_t thread_index = exchange.thread_index();
    net::TakenConnection taken = exchange.take_over();
    if (!taken.transport) return;
    auto transport = std::make_unique<net::WebSocketTransport>(
        std::move(taken.transport), taken.received, std::move(answer), limits_.connections.message_bytes_max);
    serve_mqtt_(thread_index, std::move(transport), std::move(taken.peer_address));
  }

  bool is_allowed(std::string_view origin) const {
    if (origin.empty() || limits_.origins.empty()) return true;
    return std::ranges::any_of(limits_.origins,
                               [&](const std::string& allowed) { return net::equal_ignoring_case(allowed, origin); });
  }

  net::WebSocketLoop& loop_of(const net::HttpExchange& exchange) {
    return static_cast<net::WebSocketLoop&>(group_->loop(exchange.thread_index()));
  }

  void ask_for_token(net::HttpExchange& exchange) {
    unauthorized_.Increment();
    net::HttpResponse response = error_response(
        401, "Unauthorized",
        "the header Authorization: Bearer <device token> (or the subprotocol bearer.<device token>) is missing");
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    exchange.respond(std::move(response));
  }

  void refuse_token(net::HttpExchange& exchange, const Error& error) {
    unauthorized_.Increment();
    if (is(error, access::Errc::not_ready)) return exchange.respond(failure_response(error, retry_after));
    exchange.respond(error_response(403, "Forbidden", error.message));
  }

  static void try_later(net::HttpExchange& exchange, unsigned status, std::string_view name, std::string_view reason) {
    net::HttpResponse response = error_response(status, name, reason);
    add_retry_after(response, retry_after);
    exchange.respond(std::move(response));
  }

  const access::Tokens& tokens_;
  const WebSocketGatewayLimits limits_;
  const ServeMqtt serve_mqtt_;
  net::WebSocketMetrics metrics_;
  Counter& unauthorized_;
  Counter& refused_origins_;
  Counter& limited_;
  ReadingsShared shared_;
  std::shared_ptr<net::ConnectionGroup> group_;
};

}  // namespace

std::unique_ptr<WebSocketGateway> WebSocketGateway::make(const WebSocketGatewayDependencies& dependencies,
                                                         const WebSocketGatewayLimits& limits, ServeMqtt serve_mqtt) {
  return std::make_unique<RunningGateway>(dependencies, limits, std::move(serve_mqtt));
}

}  // namespace iot::gateway
