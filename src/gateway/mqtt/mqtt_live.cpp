#include "gateway/mqtt/mqtt_live.h"

#include <algorithm>
#include <string>

#include "mqtt/properties.h"

namespace iot::gateway {

namespace {

bool may_receive(const broker::Owner& owner, DeviceId device, SensorId sensor, const registry::Snapshot& snapshot) {
  switch (owner.kind) {
    case broker::Owner::Kind::consumer:
      return live::may_see({live::Viewer::Kind::consumer, owner.id}, device, sensor, snapshot);
    case broker::Owner::Kind::user:
      return live::may_see({live::Viewer::Kind::user, owner.id}, device, sensor, snapshot);
    case broker::Owner::Kind::device:
    case broker::Owner::Kind::anonymous:
      break;
  }
  return false;
}

}  // namespace

MqttLive::MqttLive(broker::Broker& broker, const log::EventLog& log, const Clock& clock)
    : broker_(broker), clock_(clock) {
  if (const auto position = live::parse_position(broker.bookmark())) sent_ = *position;
  broker.set_last_record([&log] { return log.last().value; });
}

std::optional<log::Position> MqttLive::follow_from() const {
  // Where no session of the store wants readings, nothing has to be made up for.
  if (!interested()) return {};
  return std::max(sent_.record, begin());
}

void MqttLive::readings(log::Position record, const model::ReadingBatch& batch,
                        const std::function<const std::shared_ptr<const std::string>&(std::size_t)>& json,
                        const registry::Snapshot& snapshot) {
  std::string topic = std::string(broker::live_prefix) + batch.device.to_string() + "/";
  const std::size_t prefix_bytes = topic.size();
  std::string properties;
  for (std::uint32_t index = 0; index < batch.size(); ++index) {
    const live::Position position{record, index + 1};
    if (position <= sent_) continue;
    const SensorId sensor = batch.sensor(index);
    topic.resize(prefix_bytes);
    topic += sensor.to_string();
    if (!broker_.is_wanted(topic)) continue;
    const std::string bookmark = position.to_string();
    properties.clear();
    mqtt::PropertyWriter(properties)
        .number(mqtt::PropertyId::payload_format_indicator, 1)
        .text(mqtt::PropertyId::content_type, "application/json")
        .user_property("position", bookmark);
    broker::MessageParts parts;
    parts.topic = topic;
    parts.payload = *json(index);
    parts.properties = properties;
    parts.qos = mqtt::Qos::at_least_once;
    parts.arrived = clock_.now();
    broker_.publish_live(parts, record.value, bookmark, parts.arrived, [&](const broker::Owner& owner) {
      return may_receive(owner, batch.device, sensor, snapshot);
    });
    sent_ = position;
  }
}

}  // namespace iot::gateway
