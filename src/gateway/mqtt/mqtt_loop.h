// What the MQTT connections of one event loop share. Belongs to that loop's thread, but for wake().
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/statistics.h"
#include "broker/sys_topics.h"
#include "gateway/mqtt/mqtt_gateway.h"
#include "gateway/mqtt/mqtt_metrics.h"
#include "model/reading_batch.h"
#include "net/connection_loop.h"

namespace iot::gateway {

class MqttConnection;

class MqttLoop final : public net::ConnectionLoop {
 public:
  /// All must outlive the loop.
  MqttLoop(const net::LoopPlace& place, const MqttGatewayDependencies& dependencies, const MqttGatewayLimits& limits,
           MqttMetrics& metrics);
  ~MqttLoop() override;

  void tick() override;

  /// The connection is to look at what the broker has for it; soon. Any thread, also under the broker's lock.
  void wake(MqttConnection& connection) noexcept;
  /// It will not be woken any more: nobody but it can call wake() now.
  void forget(MqttConnection& connection) noexcept;
  /// The connection is read no further until some time has passed: it is driven again then.
  void pause(MqttConnection& connection);

  const registry::Snapshot& snapshot();
  Timestamp time() const noexcept { return clock().now(); }
  Clock::Steady steady() const noexcept { return clock().steady_now(); }

  const MqttGatewayDependencies& gateway;
  const MqttGatewayLimits& limits;
  MqttMetrics& metrics;
  broker::TrafficCounts counts;
  ingest::Decoder decoder;
  /// The readings of the connection that is being driven, until they go to the event log together.
  model::ReadingBatch batch;
  /// Readings of one QoS 2 publication.
  model::ReadingBatch single;
  /// Of the packet that is being handled.
  std::size_t readings_taken = 0;
  /// Why the event log refused the last batch that failed.
  std::optional<Error> refusal;

 private:
  /// Wakes are gathered, and the loop is asked for once. Shared with what is on its way to the loop.
  struct Wakes {
    std::mutex mutex;
    std::vector<MqttConnection*> waiting;
  };
  void drive_woken();
  /// On one of the loops, once a second: what has a time to end, and `$SYS`.
  void look_after_broker();

  registry::SnapshotPtr snapshot_;
  std::shared_ptr<Wakes> wakes_ = std::make_shared<Wakes>();
  std::vector<MqttConnection*> driven_;
  std::vector<MqttConnection*> paused_;
  std::vector<MqttConnection*> resumed_;
  std::uint64_t ticks_ = 0;
  Clock::Steady sys_due_{};
  broker::SysTopics sys_topics_;
};

}  // namespace iot::gateway
