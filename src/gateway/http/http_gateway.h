// The HTTP gateway: devices POST one reading or an array of them to "/" and hear once they are durable and queryable
// (docs: WIRE "HTTP gateway"). Commands to devices come back on /commands.
//
// It is a net::HttpHandler; which ports it is served on is the server's business. The way from a message's bytes to the
// event log is ingest's and the same for every gateway.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "access/tokens.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "ingest/ingestor.h"
#include "net/http.h"
#include "registry/registry.h"

namespace iot::gateway {

struct HttpGatewayLimits {
  ingest::DecodeLimits decode = {};
  /// What Retry-After says when the event log is full or out of order.
  std::chrono::seconds retry_after{1};
  /// For test suites (profile `conformance`): every method on /echo is answered with the body it brought.
  bool echo = false;
};

class Commands;
class OpenConnections;
class SendingLimits;

/// All of them must outlive the gateway.
struct HttpGatewayDependencies {
  registry::Registry& registry;
  const access::Tokens& tokens;
  ingest::Ingestor& ingestor;
  Metrics& metrics;
  const Clock& clock;
  /// Of each device over all protocols.
  SendingLimits& sending;
  /// The number of event loops (IoPool::size()).
  std::size_t threads;
  /// What is served on /commands (http_commands.h); null: there is no such path.
  Commands* commands = nullptr;
  /// Is told of each request of a device, for its presence; null: nobody cares.
  OpenConnections* presence = nullptr;
};

/// The handler for listeners of the gateway. May serve several of them at once.
std::unique_ptr<net::HttpHandler> make_http_gateway(const HttpGatewayDependencies& dependencies,
                                                    const HttpGatewayLimits& limits);

}  // namespace iot::gateway
