// Live readings as a part of the platform: the hub that follows the event log, and the gateway that serves subscribers.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/thread_pool.hpp>

#include "gateway/live/live_gateway.h"
#include "gateway/mqtt/mqtt_live.h"
#include "live/hub.h"
#include "server/settings.h"

namespace iot::server {

/// All must outlive the part.
struct LiveDependencies {
  log::EventLog& log;
  registry::Registry& registry;
  const access::Tokens& tokens;
  gateway::OpenConnections& open_connections;
  broker::Broker* broker;  ///< null: there is no MQTT
  Metrics& metrics;
  const Clock& clock;
  net::IoPool& pool;
  boost::asio::thread_pool& workers;
};

class LivePart {
 public:
  LivePart(const Settings& settings, const LiveDependencies& dependencies);

  /// For requests that LiveGateway::is_for_live() takes.
  gateway::LiveGateway& gateway() noexcept { return *gateway_; }
  /// On the log's thread.
  void log_grew() noexcept { hub_->log_grew(); }

  /// Ends all connections, then calls `done`, on a thread of the pool.
  void stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done) {
    gateway_->stop(deadline, std::move(done));
  }
  /// Before the workers are joined.
  void stop_hub() noexcept { hub_->stop(); }

 private:
  std::optional<gateway::MqttLive> mqtt_;
  std::optional<live::Hub> hub_;
  std::unique_ptr<gateway::LiveGateway> gateway_;
};

}  // namespace iot::server
