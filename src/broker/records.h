// The session store's records as values, both ways. Format: docs/formats/mqtt-sessions.md.
//
// Whatever is read back from disk is checked: a record that is not of this form is nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/message.h"
#include "broker/outbox.h"
#include "mqtt/subscription_tree.h"

namespace iot::broker {

/// Whose a session is: client ids are unique for each owner only, so that nobody can take another's session.
struct Owner {
  enum class Kind : std::uint8_t { anonymous = 0, device = 1, consumer = 2, user = 3 };
  Kind kind = Kind::anonymous;
  std::int64_t id = 0;

  auto operator<=>(const Owner&) const = default;
};

struct WillRecord {
  std::string topic, payload, properties;
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;
  std::uint32_t delay_s = 0;
  std::optional<std::uint32_t> message_expiry_s;

  bool operator==(const WillRecord&) const = default;
};

/// A session that outlives its connections.
struct SessionRecord {
  SessionId id{};
  Owner owner;
  std::string client_id;
  std::uint32_t expiry_s = 0;
  /// Where the numbers of outgoing messages go on at least.
  std::uint64_t next_number = 1;
  /// Which of them its last connection has sent, if that has ended.
  std::uint64_t sent_through = 0;
  /// When its connection ended; nothing: it had one, the last that is known.
  std::optional<Timestamp> disconnected;
  /// Of a connection that has not ended orderly yet.
  std::optional<WillRecord> will;

  bool operator==(const SessionRecord&) const = default;
};

struct SubscriptionRecord {
  SessionId session{};
  std::string filter;
  mqtt::Interest interest;
};

struct MessageRecord {
  std::uint64_t number = 0;
  MessagePtr message;
};

struct OutgoingRecord {
  SessionId session{};
  std::uint64_t number = 0;
  std::uint64_t message = 0;  ///< MessageRecord::number
  mqtt::Qos qos = mqtt::Qos::at_least_once;
  bool retain = false;
  bool is_released = false;
  SubscriptionIds subscription_ids;
};

/// A QoS 2 publication of the client between PUBLISH and PUBREL (5.0 section 4.3.3).
struct InboundRecord {
  SessionId session{};
  std::uint16_t packet_id = 0;
  /// What the gateway took of it for itself, readings above all; or else a message to be routed.
  std::variant<std::string, MessagePtr> content;
};

struct RetainedRecord {
  MessagePtr message;
};

/// How far live readings have been handed to sessions of the store.
struct BookmarkRecord {
  std::string bookmark;
};

std::string session_key(SessionId id);
std::string subscription_key(SessionId session, std::string_view filter);
std::string message_key(std::uint64_t number);
std::string outgoing_key(SessionId session, std::uint64_t number);
std::string inbound_key(SessionId session, std::uint16_t packet_id);
std::string retained_key(std::string_view topic);
std::string bookmark_key();

std::string session_value(const SessionRecord& record);
std::string subscription_value(const mqtt::Interest& interest);
std::string message_value(const Message& message);
std::string outgoing_value(const OutgoingRecord& record);
std::string inbound_value(const std::variant<std::string, MessagePtr>& content);

using StoredRecord = std::variant<SessionRecord, SubscriptionRecord, MessageRecord, OutgoingRecord, InboundRecord,
                                  RetainedRecord, BookmarkRecord>;
/// Nothing if key or value are not of a record.
std::optional<StoredRecord> read_record(std::string_view key, std::string_view value);

}  // namespace iot::broker
