// Live readings over MQTT: what is new in the event log becomes messages on `readings/<device>/<sensor>`, for those
// whose grants allow it at that moment. Sessions that survive get every reading once, also over a crash of the server.
#pragma once

#include <optional>

#include "broker/broker.h"
#include "live/hub.h"

namespace iot::gateway {

class MqttLive final : public live::Follower {
 public:
  /// Both must outlive the object.
  MqttLive(broker::Broker& broker, const Clock& clock);

  /// Where the hub should begin; nothing: now.
  std::optional<log::Position> follow_from() const;

  bool interested() const noexcept override { return broker_.live_subscriptions() > 0; }
  void readings(log::Position record, const model::ReadingBatch& batch,
                const std::function<const std::shared_ptr<const std::string>&(std::size_t)>& json,
                const registry::Snapshot& snapshot) override;

 private:
  broker::Broker& broker_;
  const Clock& clock_;
  /// What surviving sessions have already, from before the start.
  live::Position begin_;
};

}  // namespace iot::gateway
