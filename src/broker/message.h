// A message on its way from one publisher to many subscribers: one object that all of them share.
//
// Immutable but for what is said about its place in the session store, which belongs to the broker's lock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "mqtt/protocol.h"

namespace iot::broker {

/// Tells one session from every other that ever was in this data directory. 0: none (the platform itself).
enum class SessionId : std::uint64_t {};

/// What a message is made of. Views, copied by Message.
struct MessageParts {
  std::string_view topic = {};
  std::string_view payload = {};
  /// As mqtt::forwarded_properties() gives them.
  std::string_view properties = {};
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;
  /// Who published it, for "no local".
  SessionId publisher{};
  Timestamp arrived = {};
  /// Of 5.0: nobody wants it after that.
  std::optional<Timestamp> expires = {};
};

class Message {
 public:
  explicit Message(const MessageParts& parts);

  std::string_view topic() const noexcept { return std::string_view(bytes_).substr(0, topic_bytes_); }
  std::string_view payload() const noexcept {
    return std::string_view(bytes_).substr(topic_bytes_ + properties_bytes_);
  }
  std::string_view properties() const noexcept {
    return std::string_view(bytes_).substr(topic_bytes_, properties_bytes_);
  }
  MessageParts parts() const noexcept;

  const mqtt::Qos qos;
  const bool retain;
  const SessionId publisher;
  const Timestamp arrived;
  const std::optional<Timestamp> expires;

  bool is_expired(Timestamp now) const noexcept { return expires && now >= *expires; }
  /// Seconds that are left, rounded up, for the property Message Expiry Interval.
  std::optional<std::uint32_t> expiry_s(Timestamp now) const noexcept;
  /// What it takes in memory, about.
  std::size_t memory_bytes() const noexcept { return bytes_.capacity() + sizeof(Message); }

  /// Its number in the session store (0: not there), and how many entries of queues refer to it there.
  std::uint64_t stored_as = 0;
  std::uint32_t stored_references = 0;

 private:
  std::string bytes_;  ///< topic, properties, payload
  std::uint32_t topic_bytes_;
  std::uint32_t properties_bytes_;
};

using MessagePtr = std::shared_ptr<Message>;

}  // namespace iot::broker
