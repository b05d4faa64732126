// The MQTT gateway: connections over TCP, TLS or WebSocket, tokens as passwords, readings to the event log, and the
// rest to the broker (WIRE "MQTT gateway").
//
// Where its connections come from is the server's business: it gives each to accept().
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "access/tokens.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "broker/broker.h"
#include "broker/server_connection.h"
#include "gateway/open_connections.h"
#include "gateway/sending_limits.h"
#include "ingest/ingestor.h"
#include "net/connection_group.h"
#include "net/listener.h"
#include "registry/registry.h"

namespace iot::gateway {

struct MqttGatewayLimits {
  broker::ConnectionLimits connection = {};
  ingest::DecodeLimits decode = {};
  /// How long a client may take for CONNECT, TLS included.
  std::chrono::seconds connect_s_max{10};
  /// How long a client may leave what it is sent unread before it is given up.
  std::chrono::seconds write_s_max{60};
  /// Of one connection; past it the connection is read no further for a while. 0: no limit.
  double messages_per_s_max = 0;
  double bytes_per_s_max = 0;
  /// Received bytes that connections hold because packets are incomplete, all together; past it those that want much
  /// more are closed.
  std::size_t buffered_bytes_max = 512u << 20;
  /// How often `$SYS` is published; 0: never.
  std::chrono::seconds sys_interval_s{10};
  std::string version = {};  ///< of the program, for `$SYS`
  /// For test suites (profile `conformance`): clients that do not say JWT are let in, to any topic.
  bool admits_anyone = false;
};

class Commands;

/// All of them must outlive the gateway.
struct MqttGatewayDependencies {
  net::IoPool& pool;
  registry::Registry& registry;
  const access::Tokens& tokens;
  ingest::Ingestor& ingestor;
  broker::Broker& broker;
  OpenConnections& open_connections;
  /// Of each device over all protocols: one that is past them is not read until it may send again.
  SendingLimits& sending;
  Metrics& metrics;
  const Clock& clock;
  Commands* commands = nullptr;  ///< null: devices are sent none
};

class MqttGateway {
 public:
  static std::unique_ptr<MqttGateway> make(const MqttGatewayDependencies& dependencies,
                                           const MqttGatewayLimits& limits);
  /// After stop() has reported, or after the pool was joined.
  virtual ~MqttGateway() = default;

  /// The group that a listener's connections count in.
  virtual const std::shared_ptr<net::ConnectionGroup>& group() const noexcept = 0;
  /// Serves a connection that has just come; on the thread of loop `thread_index`. `received` was read already.
  virtual void accept(std::size_t thread_index, net::Arrival arrival, std::string_view received = {}) = 0;
  /// Begins to tick. Once.
  virtual void start() = 0;
  /// Tells clients that the server goes, and ends their connections; then calls `done`, on a thread of the pool. Once.
  virtual void stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done) = 0;
};

}  // namespace iot::gateway
