// The WebSocket gateway: devices open a WebSocket with their token, and send one reading or an array of them in each
// message (docs: WIRE "WebSocket gateway"). MQTT over WebSocket begins here too, on the path /mqtt.
//
// It is a net::HttpHandler, because a WebSocket begins as a request; which ports it is served on is the server's
// business. The connections themselves belong to the gateway: stop() it with its listeners.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "access/tokens.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "gateway/http/http_gateway.h"
#include "gateway/open_connections.h"
#include "ingest/ingestor.h"
#include "net/http.h"
#include "net/io_pool.h"
#include "net/websocket/websocket_loop.h"
#include "registry/registry.h"

namespace iot::gateway {

struct WebSocketGatewayLimits {
  net::WebSocketLimits connections = {};
  ingest::DecodeLimits decode = {};
  /// Of the messages of one connection that the event log has not answered yet; then its socket is not read.
  std::size_t in_flight_bytes_max = 1u << 20;
  /// Pages of which origins may connect ("https://example.com"); empty: of any. Whoever sends no Origin is no browser,
  /// and is not asked.
  std::vector<std::string> origins = {};
  /// For test suites (profile `conformance`): path /echo says each message back.
  bool echo = false;
};

/// All of them must outlive the gateway.
struct WebSocketGatewayDependencies {
  registry::Registry& registry;
  const access::Tokens& tokens;
  ingest::Ingestor& ingestor;
  OpenConnections& open_connections;
  /// Of each device over all protocols: one that is past them is not read until it may send again.
  SendingLimits& sending;
  Metrics& metrics;
  const Clock& clock;
  net::IoPool& pool;
  Commands* commands = nullptr;  ///< null: the subprotocol iotplatform.commands is not known
};

/// Takes over a connection of subprotocol mqtt, on the loop of that index. Its transport may hold bytes that no event
/// announces: read from it at once.
using ServeMqtt =
    std::function<void(std::size_t thread_index, std::unique_ptr<net::Transport> transport, std::string peer_address)>;

class WebSocketGateway : public net::HttpHandler {
 public:
  /// `serve_mqtt` empty: /mqtt does not exist.
  static std::unique_ptr<WebSocketGateway> make(const WebSocketGatewayDependencies& dependencies,
                                                const WebSocketGatewayLimits& limits, ServeMqtt serve_mqtt = {});

  /// Ends all connections with 1001, once what they sent has its answer; what is open at `deadline` is cut. `done` is
  /// called on one of the pool's threads. Once, after the listeners were told to stop: upgrades that are still under
  /// way are given up.
  virtual void stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done) = 0;
};

}  // namespace iot::gateway
