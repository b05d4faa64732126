#include "gateway/live/live_gateway.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "gateway/http/http_messages.h"
#include "gateway/live/event_stream.h"
#include "gateway/live/live_websocket.h"
#include "gateway/principal.h"
#include "gateway/session_cookie.h"
#include "net/connection_group.h"
#include "net/websocket/handshake.h"

namespace iot::gateway {

namespace {

constexpr std::string_view bearer_prefix = "bearer.";
/// How many devices and sensors may be named.
constexpr std::size_t names_max = 1'000;
constexpr std::chrono::seconds retry_after{1};

bool accepts_events(const net::HttpRequest& request) noexcept {
  return request.header("Accept").find("text/event-stream") != std::string_view::npos;
}

template <class IdType>
bool read_ids(std::string_view text, std::vector<IdType>& ids) {
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const auto id = parse_id<IdType>(text.substr(0, comma));
    if (!id || ids.size() == names_max) return false;
    ids.push_back(*id);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  std::ranges::sort(ids);
  return true;
}

/// What a request asks for, or what is wrong with it.
struct Asked {
  live::Wish wish;
  std::optional<live::Position> from;
};

std::variant<Asked, std::string> read_wish(const net::HttpRequest& request) {
  const auto bad = [](std::string_view what, const std::string& parameter) {
    return (parameter.empty() ? "" : parameter + ": ") + std::string(what);
  };
  Asked asked;
  const auto parameters = net::parse_query(request.query);
  if (!parameters) return bad("the query string is not percent-encoded rightly", "");
  std::string from(request.header("Last-Event-ID"));
  for (const auto& [name, value] : *parameters) {
    if (name == "devices") {
      if (!read_ids(value, asked.wish.devices)) return bad("a list of at most 1000 ids of devices", name);
    } else if (name == "sensors") {
      if (!read_ids(value, asked.wish.sensors)) return bad("a list of at most 1000 ids of sensors", name);
    } else if (name == "from") {
      // A browser that reconnects says where it was in the header, and the old value in the address.
      if (from.empty()) from = value;
    } else {
      return bad("is not a parameter of this operation", name);
    }
  }
  if (from.empty()) return asked;
  asked.from = live::parse_position(from);
  if (!asked.from) return bad("a position as an event had it: \"17.2\"", "from");
  return asked;
}

live::Viewer viewer_of(const Principal& principal) noexcept {
  const bool is_consumer = principal.kind == registry::SubjectKind::consumer;
  return {is_consumer ? live::Viewer::Kind::consumer : live::Viewer::Kind::user, principal.id};
}

/// The first thing that is named and may not be seen.
std::optional<std::string> forbidden_name(const live::Viewer& viewer, const live::Wish& wish,
                                          const registry::Snapshot& snapshot) {
  for (const SensorId sensor : wish.sensors) {
    const registry::SensorEntry* const entry = snapshot.sensors.find(sensor);
    if (!entry || !live::may_see(viewer, entry->device, sensor, snapshot)) return "sensor " + sensor.to_string();
  }
  for (const DeviceId device : wish.devices) {
    if (!live::may_see_any(viewer, device, snapshot)) return "device " + device.to_string();
  }
  return {};
}

class RunningGateway final : public LiveGateway {
 public:
  RunningGateway(const LiveGatewayDependencies& dependencies, const net::WebSocketLimits& limits)
      : use_(dependencies), limits_(limits), websocket_metrics_(dependencies.metrics) {
    const std::size_t loops = use_.pool.size();
    websockets_ = net::ConnectionGroup::make(use_.pool, use_.clock, [&](const net::LoopPlace& place) {
      return std::make_unique<net::WebSocketLoop>(place, limits_, websocket_metrics_, loops);
    });
    streams_ = net::ConnectionGroup::make(use_.pool, use_.clock, [&](const net::LoopPlace& place) {
      return std::make_unique<net::ConnectionLoop>(place, limits_.buffered_bytes_max / loops);
    });
    websockets_->start();
    streams_->start();
  }

  void handle(net::HttpExchange& exchange) override {
    const net::HttpRequest& request = exchange.request();
    const bool is_websocket = net::asks_for_websocket(request);
    net::WebSocketOpening opening;
    if (is_websocket) {
      opening = net::read_offer(request);
      if (!opening.offer) {
        if (opening.refusal.status == 426) return exchange.respond(upgrade_required(opening.refusal.reason));
        return exchange.respond(error_response(opening.refusal.status, "BadRequest", opening.refusal.reason));
      }
    }
    const auto snapshot = use_.registry.snapshot();
    const auto principal = find_principal(exchange, opening, *snapshot);
    if (!principal) return;
    auto read = read_wish(request);
    if (const auto* fault = std::get_if<std::string>(&read)) {
      return exchange.respond(error_response(422, "ValidationError", *fault));
    }
    Asked& asked = std::get<Asked>(read);
    if (const auto name = forbidden_name(viewer_of(*principal), asked.wish, *snapshot)) {
      return exchange.respond(error_response(403, "Forbidden", *name + " is not granted, or does not exist"));
    }
    net::ConnectionGroup& group = is_websocket ? *websockets_ : *streams_;
    auto admission = group.admit(limits_.connections_max);
    if (!admission) return try_later(exchange, 503, "there are too many connections");
    if (is_websocket) {
      begin_websocket(exchange, *opening.offer, *principal, std::move(asked), std::move(*admission));
    } else {
      begin_stream(exchange, *principal, std::move(asked), std::move(*admission));
    }
  }

  net::HttpResponse refuse(unsigned status, std::string_view reason) override {
    return refused_response(status, reason);
  }

  void stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done) override {
    websockets_->stop(
        deadline, [this, deadline, done = std::move(done)]() mutable { streams_->stop(deadline, std::move(done)); });
  }

 private:
  /// Answers and gives nothing where the token does not count.
  std::optional<Principal> find_principal(net::HttpExchange& exchange, const net::WebSocketOpening& opening,
                                          const registry::Snapshot& snapshot) {
    const net::HttpRequest& request = exchange.request();
    std::string_view token = access::bearer_token(request.header("Authorization")).value_or("");
    if (token.empty() && opening.offer) {
      for (const std::string_view protocol : opening.offer->protocols) {
        if (token.empty() && protocol.starts_with(bearer_prefix)) token = protocol.substr(bearer_prefix.size());
      }
    }
    if (token.empty()) {
      if (const auto session = session_token(request)) return find_user_of_session(exchange, *session, snapshot);
      net::HttpResponse response =
          error_response(401, "Unauthorized", "the header Authorization: Bearer <consumer or user token> is missing");
      response.headers.emplace_back("WWW-Authenticate", "Bearer");
      exchange.respond(std::move(response));
      return {};
    }
    auto principal = principal_of_token(use_.tokens, token, access::Audience::consumer, snapshot);
    if (!principal && is(principal.error(), access::Errc::wrong_kind)) {
      principal = principal_of_token(use_.tokens, token, access::Audience::user, snapshot);
    }
    return principal_or_refusal(exchange, std::move(principal));
  }

  /// An EventSource cannot set headers: a browser's session stands for its user.
  std::optional<Principal> find_user_of_session(net::HttpExchange& exchange, std::string_view token,
                                                const registry::Snapshot& snapshot) {
    if (!may_use_session(exchange.request())) {
      exchange.respond(error_response(403, "CrossSiteRequest", "the session's cookie counts only for our own pages"));
      return {};
    }
    return principal_or_refusal(exchange, principal_of_token(use_.tokens, token, access::Audience::user, snapshot));
  }

  std::optional<Principal> principal_or_refusal(net::HttpExchange& exchange, Result<Principal> principal) {
    if (principal) return *principal;
    if (is(principal.error(), access::Errc::not_ready)) {
      exchange.respond(failure_response(principal.error(), retry_after));
    } else {
      exchange.respond(error_response(403, "Forbidden", principal.error().message));
    }
    return {};
  }

  void begin_websocket(net::HttpExchange& exchange, const net::WebSocketOffer& offer, const Principal& principal,
                       Asked asked, net::Admission admission) {
    auto& loop = static_cast<net::WebSocketLoop&>(websockets_->loop(exchange.thread_index()));
    auto connection =
        std::make_unique<LiveWebSocket>(loop, use_.open_connections, use_.clock, offer.deflate_window_bits,
                                        std::string(exchange.request().peer_address));
    if (!enter(exchange, connection->enter(principal))) return;
    auto feed = open_feed(exchange, principal, std::move(asked), [raw = connection.get()] { raw->on_events(); });
    if (!feed) return connection->leave();
    connection->set_feed(std::move(feed));
    std::string_view chosen;
    for (const std::string_view protocol : offer.protocols) {
      if (chosen.empty() && protocol.starts_with(bearer_prefix)) chosen = protocol;
    }
    std::string answer = net::accept_offer(offer, chosen, offer.deflate_window_bits);
    net::WebSocketConnection::serve(std::move(connection), exchange.take_over(), std::move(answer),
                                    std::move(admission));
  }

  void begin_stream(net::HttpExchange& exchange, const Principal& principal, Asked asked, net::Admission admission) {
    auto connection = std::make_unique<EventStream>(streams_->loop(exchange.thread_index()), use_.open_connections,
                                                    use_.clock, std::string(exchange.request().peer_address));
    if (!enter(exchange, connection->enter(principal))) return;
    auto feed = open_feed(exchange, principal, std::move(asked), [raw = connection.get()] { raw->on_events(); });
    if (!feed) return connection->leave();
    EventStream::serve(std::move(connection), exchange.take_over(), std::move(feed), std::move(admission));
  }

  bool enter(net::HttpExchange& exchange, EnterRefusal refusal) {
    switch (refusal) {
      case EnterRefusal::none:
        return true;
      case EnterRefusal::too_many:
        try_later(exchange, 429, "too many connections of this consumer or user");
        return false;
      case EnterRefusal::withdrawn:
        exchange.respond(error_response(403, "Forbidden", "the key of the token was rotated"));
        return false;
    }
    return false;
  }

  std::shared_ptr<LiveFeed> open_feed(net::HttpExchange& exchange, const Principal& principal, Asked asked,
                                      std::function<void()> on_events) {
    auto feed = LiveFeed::open(use_.hub, viewer_of(principal), std::move(asked.wish), asked.from, exchange.executor(),
                               std::move(on_events));
    if (!feed) try_later(exchange, 503, "there are too many live subscriptions");
    return feed;
  }

  static void try_later(net::HttpExchange& exchange, unsigned status, std::string_view reason) {
    net::HttpResponse response = error_response(status, status == 429 ? "TooManyRequests" : "Unavailable", reason);
    add_retry_after(response, retry_after);
    exchange.respond(std::move(response));
  }

  const LiveGatewayDependencies use_;
  const net::WebSocketLimits limits_;
  net::WebSocketMetrics websocket_metrics_;
  std::shared_ptr<net::ConnectionGroup> websockets_, streams_;
};

}  // namespace

bool LiveGateway::is_for_live(const net::HttpRequest& request) noexcept {
  std::string_view path = request.path;
  if (path.ends_with('/')) path.remove_suffix(1);
  return path == "/api/consumers/live" && request.method == net::Method::get &&
         (accepts_events(request) || net::asks_for_websocket(request));
}

std::unique_ptr<LiveGateway> LiveGateway::make(const LiveGatewayDependencies& dependencies,
                                               const net::WebSocketLimits& limits) {
  return std::make_unique<RunningGateway>(dependencies, limits);
}

}  // namespace iot::gateway
