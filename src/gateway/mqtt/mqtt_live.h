// Live readings over MQTT: what is new in the event log becomes messages on `readings/<device>/<sensor>`, for those
// whose grants allow it at that moment. Sessions that survive get every reading once, also over a crash of the server.
#pragma once

#include <optional>

#include "broker/broker.h"
#include "live/hub.h"

namespace iot::gateway {

class MqttLive final : public live::Follower {
 public:
  /// All must outlive the object, and `log` the broker's connections.
  MqttLive(broker::Broker& broker, const log::EventLog& log, const Clock& clock);

  /// Where the hub should begin; nothing: now.
  std::optional<log::Position> follow_from() const;

  bool interested() const noexcept override { return broker_.live_subscriptions() > 0; }
  log::Position begin() const noexcept override { return {broker_.live_since() + 1}; }
  void readings(log::Position record, const model::ReadingBatch& batch,
                const std::function<const std::shared_ptr<const std::string>&(std::size_t)>& json,
                const registry::Snapshot& snapshot) override;

 private:
  broker::Broker& broker_;
  const Clock& clock_;
  /// The last reading that was sent, before the start too: what the hub reads again is not sent again.
  live::Position sent_;
};

}  // namespace iot::gateway
