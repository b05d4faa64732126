// `GET /api/consumers/live`: live readings, as Server-Sent Events (`Accept: text/event-stream`) or over a WebSocket,
// for consumers and for users.
//
//   ?devices=3,4&sensors=9   what is wanted; nothing of both: all that the token may see
//   &from=17.2               go on behind this position (or the header Last-Event-ID); nothing: from now on
//
// It is a net::HttpHandler for requests on this path; the connections belong to the gateway: stop() it with its
// listeners.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "access/tokens.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "gateway/open_connections.h"
#include "live/hub.h"
#include "net/http.h"
#include "net/io_pool.h"
#include "net/websocket/websocket_loop.h"
#include "registry/registry.h"

namespace iot::gateway {

/// All of them must outlive the gateway.
struct LiveGatewayDependencies {
  registry::Registry& registry;
  const access::Tokens& tokens;
  OpenConnections& open_connections;
  live::Hub& hub;
  Metrics& metrics;
  const Clock& clock;
  net::IoPool& pool;
};

class LiveGateway : public net::HttpHandler {
 public:
  static std::unique_ptr<LiveGateway> make(const LiveGatewayDependencies& dependencies,
                                           const net::WebSocketLimits& limits);

  /// Whether the request is one for live readings, rightly or not; others on the path are not for us.
  static bool is_for_live(const net::HttpRequest& request) noexcept;

  /// Ends all connections. `done` is called on one of the pool's threads. Once.
  virtual void stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done) = 0;
};

}  // namespace iot::gateway
