#include "broker/message.h"

namespace iot::broker {

Message::Message(const MessageParts& parts)
    : qos(parts.qos),
      retain(parts.retain),
      publisher(parts.publisher),
      arrived(parts.arrived),
      expires(parts.expires),
      topic_bytes_(static_cast<std::uint32_t>(parts.topic.size())),
      properties_bytes_(static_cast<std::uint32_t>(parts.properties.size())) {
  bytes_.reserve(parts.topic.size() + parts.properties.size() + parts.payload.size());
  bytes_.append(parts.topic).append(parts.properties).append(parts.payload);
}

MessageParts Message::parts() const noexcept {
  return {topic(), payload(), properties(), qos, retain, publisher, arrived, expires};
}

std::optional<std::uint32_t> Message::expiry_s(Timestamp now) const noexcept {
  if (!expires) return {};
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t left = expires->ns - now.ns;
  if (left <= 0) return 0;
  return static_cast<std::uint32_t>((left + second - 1) / second);
}

}  // namespace iot::broker
