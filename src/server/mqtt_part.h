// The MQTT side of the platform: the store of sessions, the broker, the gateway and its listeners.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "broker/rocks_session_store.h"
#include "gateway/mqtt/mqtt_gateway.h"
#include "net/listener.h"
#include "net/tls.h"
#include "server/data_directory.h"
#include "server/settings.h"

namespace iot::server {

class MqttPart {
 public:
  /// Opens the sessions and makes the broker. `metrics` must outlive the part.
  static Result<std::unique_ptr<MqttPart>> open(const Settings& settings, const DataDirectory& directory,
                                                Metrics& metrics, const Clock& clock);
  /// stop() first, then stop_store().
  ~MqttPart();

  broker::Broker& broker() noexcept { return *broker_; }
  const broker::RocksSessionStore& store() const noexcept { return *store_; }

  /// Makes the gateway and listens. `tls` may be null. What the dependencies refer to must outlive the part; their
  /// broker is this part's.
  Result<void> listen(const Settings& settings, const gateway::MqttGatewayDependencies& dependencies,
                      net::TlsContext* tls);
  /// Serves a connection that came over WebSocket.
  void accept(std::size_t thread_index, std::unique_ptr<net::Transport> transport, std::string peer_address);

  /// The address of the listener without TLS and with it; empty: none.
  std::string address() const { return plain_ ? plain_->address() : std::string(); }
  std::string tls_address() const { return tls_ ? tls_->address() : std::string(); }

  /// Stops accepting and ends all connections, then calls `done`, on a thread of the pool.
  void stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done);
  /// Writes what waits. Once no connection is left.
  void stop_store() noexcept { store_->stop(); }

 private:
  MqttPart() = default;
  Result<std::unique_ptr<net::Listener>> listen_on(const Settings& settings, std::uint16_t port, const char* name,
                                                   Metrics& metrics, const Clock& clock, net::MakeTransport transport);

  std::unique_ptr<broker::RocksSessionStore> store_;
  /// Seen by the store's thread.
  std::atomic<broker::Broker*> broker_seen_{nullptr};
  std::unique_ptr<broker::Broker> broker_;
  std::unique_ptr<gateway::MqttGateway> gateway_;
  std::unique_ptr<net::Listener> plain_, tls_;
  std::size_t connections_max_ = 0;
};

}  // namespace iot::server
