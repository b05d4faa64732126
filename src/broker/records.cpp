#include "broker/records.h"

#include <utility>

#include "base/bytes.h"

namespace iot::broker {

namespace {

/// The first byte of a key. Numbers within keys are big-endian, so that RocksDB's order is theirs.
enum class Kind : char {
  session = 'S',
  subscription = 'F',
  message = 'M',
  outgoing = 'Q',
  inbound = 'I',
  retained = 'R',
  bookmark = 'B',
};

void put_ordered(std::string& key, std::uint64_t value, int bytes = 8) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) key += static_cast<char>(value >> shift & 0xFF);
}

std::uint64_t take_ordered(std::string_view& key, int bytes = 8) {
  std::uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) value = value << 8 | static_cast<std::uint8_t>(key[static_cast<std::size_t>(i)]);
  key.remove_prefix(static_cast<std::size_t>(bytes));
  return value;
}

std::string key_of(Kind kind) {
  return std::string(1, static_cast<char>(kind));
}

void put_text(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out += text;
}

std::string_view take_text(ByteReader& reader) {
  return reader.bytes(reader.varint());
}

std::optional<mqtt::Qos> qos_of(std::uint8_t bits) {
  if (bits > 2) return {};
  return static_cast<mqtt::Qos>(bits);
}

/// Absent as 0, else one more than the value.
template <class T>
void put_optional(std::string& out, const std::optional<T>& value) {
  put_varint(out, value ? static_cast<std::uint64_t>(*value) + 1 : 0);
}

std::optional<std::uint64_t> take_optional(ByteReader& reader) {
  const std::uint64_t stored = reader.varint();
  if (stored == 0) return {};
  return stored - 1;
}

std::optional<std::int64_t> ns_of(const std::optional<Timestamp>& time) {
  if (!time) return {};
  return time->ns;
}

std::optional<Timestamp> time_of(std::optional<std::uint64_t> ns) {
  if (!ns) return {};
  return Timestamp{static_cast<std::int64_t>(*ns)};
}

constexpr std::uint8_t retain_flag = 0x04;
constexpr std::uint8_t released_flag = 0x08;

void put_message(std::string& out, const Message& message) {
  out += static_cast<char>(static_cast<std::uint8_t>(message.qos) | (message.retain ? retain_flag : 0));
  put_varint(out, static_cast<std::uint64_t>(message.publisher));
  put_varint(out, static_cast<std::uint64_t>(message.arrived.ns));
  put_optional(out, ns_of(message.expires));
  put_text(out, message.topic());
  put_text(out, message.properties());
  put_text(out, message.payload());
}

MessagePtr take_message(ByteReader& reader) {
  MessageParts parts;
  const auto flags = reader.fixed<std::uint8_t>();
  const auto qos = qos_of(flags & 0x03);
  parts.retain = (flags & retain_flag) != 0;
  parts.publisher = SessionId{reader.varint()};
  parts.arrived = {static_cast<std::int64_t>(reader.varint())};
  parts.expires = time_of(take_optional(reader));
  parts.topic = take_text(reader);
  parts.properties = take_text(reader);
  parts.payload = take_text(reader);
  if (!reader.ok() || !reader.empty() || !qos) return nullptr;
  parts.qos = *qos;
  return std::make_shared<Message>(parts);
}

void put_will(std::string& out, const WillRecord& will) {
  out += static_cast<char>(static_cast<std::uint8_t>(will.qos) | (will.retain ? retain_flag : 0));
  put_varint(out, will.delay_s);
  put_optional(out, will.message_expiry_s);
  put_text(out, will.topic);
  put_text(out, will.properties);
  put_text(out, will.payload);
}

std::optional<WillRecord> take_will(ByteReader& reader) {
  WillRecord will;
  const auto flags = reader.fixed<std::uint8_t>();
  const auto qos = qos_of(flags & 0x03);
  if (!qos) return {};
  will.qos = *qos;
  will.retain = (flags & retain_flag) != 0;
  will.delay_s = static_cast<std::uint32_t>(reader.varint());
  if (const auto expiry = take_optional(reader)) will.message_expiry_s = static_cast<std::uint32_t>(*expiry);
  will.topic = take_text(reader);
  will.properties = take_text(reader);
  will.payload = take_text(reader);
  return will;
}

std::optional<StoredRecord> read_session(std::string_view key, ByteReader reader) {
  SessionRecord record;
  record.id = SessionId{take_ordered(key)};
  const auto kind = reader.fixed<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(Owner::Kind::user)) return {};
  record.owner.kind = static_cast<Owner::Kind>(kind);
  record.owner.id = reader.signed_varint();
  record.client_id = take_text(reader);
  record.expiry_s = static_cast<std::uint32_t>(reader.varint());
  record.next_number = reader.varint();
  record.sent_through = reader.varint();
  record.disconnected = time_of(take_optional(reader));
  if (!reader.empty()) {
    record.will = take_will(reader);
    if (!record.will) return {};
  }
  if (!reader.ok() || !reader.empty()) return {};
  return record;
}

std::optional<StoredRecord> read_subscription(std::string_view key, ByteReader reader) {
  SubscriptionRecord record;
  record.session = SessionId{take_ordered(key)};
  record.filter = key;
  const auto options = reader.fixed<std::uint8_t>();
  if ((options & 0xC0) != 0 || (options & 0x03) == 3 || (options & 0x30) == 0x30) return {};
  record.interest.options = mqtt::options_of(options);
  record.interest.identifier = static_cast<std::uint32_t>(reader.varint());
  if (!reader.empty()) record.interest.since = reader.varint();
  if (!reader.ok() || !reader.empty() || mqtt::check_topic_filter(record.filter)) return {};
  return record;
}

std::optional<StoredRecord> read_outgoing(std::string_view key, ByteReader reader) {
  OutgoingRecord record;
  record.session = SessionId{take_ordered(key)};
  record.number = take_ordered(key);
  const auto flags = reader.fixed<std::uint8_t>();
  const auto qos = qos_of(flags & 0x03);
  if (!qos || *qos == mqtt::Qos::at_most_once) return {};
  record.qos = *qos;
  record.retain = (flags & retain_flag) != 0;
  record.is_released = (flags & released_flag) != 0;
  record.message = reader.varint();
  while (!reader.empty()) record.subscription_ids.push_back(static_cast<std::uint32_t>(reader.varint()));
  if (!reader.ok()) return {};
  return record;
}

std::optional<StoredRecord> read_inbound(std::string_view key, ByteReader reader) {
  InboundRecord record;
  record.session = SessionId{take_ordered(key)};
  record.packet_id = static_cast<std::uint16_t>(take_ordered(key, 2));
  const bool is_message = reader.fixed<std::uint8_t>() != 0;
  if (!reader.ok()) return {};
  if (!is_message) {
    record.content = std::string(reader.bytes(reader.remaining()));
  } else {
    MessagePtr message = take_message(reader);
    if (!message) return {};
    record.content = std::move(message);
  }
  return record;
}

}  // namespace

std::string session_key(SessionId id) {
  std::string key = key_of(Kind::session);
  put_ordered(key, static_cast<std::uint64_t>(id));
  return key;
}

std::string subscription_key(SessionId session, std::string_view filter) {
  std::string key = key_of(Kind::subscription);
  put_ordered(key, static_cast<std::uint64_t>(session));
  key += filter;
  return key;
}

std::string message_key(std::uint64_t number) {
  std::string key = key_of(Kind::message);
  put_ordered(key, number);
  return key;
}

std::string outgoing_key(SessionId session, std::uint64_t number) {
  std::string key = key_of(Kind::outgoing);
  put_ordered(key, static_cast<std::uint64_t>(session));
  put_ordered(key, number);
  return key;
}

std::string inbound_key(SessionId session, std::uint16_t packet_id) {
  std::string key = key_of(Kind::inbound);
  put_ordered(key, static_cast<std::uint64_t>(session));
  put_ordered(key, packet_id, 2);
  return key;
}

std::string retained_key(std::string_view topic) {
  return key_of(Kind::retained).append(topic);
}

std::string bookmark_key() {
  return key_of(Kind::bookmark);
}

std::string session_value(const SessionRecord& record) {
  std::string value(1, static_cast<char>(record.owner.kind));
  put_varint(value, zigzag(record.owner.id));
  put_text(value, record.client_id);
  put_varint(value, record.expiry_s);
  put_varint(value, record.next_number);
  put_varint(value, record.sent_through);
  put_optional(value, ns_of(record.disconnected));
  if (record.will) put_will(value, *record.will);
  return value;
}

std::string subscription_value(const mqtt::Interest& interest) {
  std::string value(1, static_cast<char>(mqtt::to_byte(interest.options)));
  put_varint(value, interest.identifier);
  if (interest.since != 0) put_varint(value, interest.since);
  return value;
}

std::string message_value(const Message& message) {
  std::string value;
  put_message(value, message);
  return value;
}

std::string outgoing_value(const OutgoingRecord& record) {
  std::string value(1, static_cast<char>(static_cast<std::uint8_t>(record.qos) | (record.retain ? retain_flag : 0) |
                                         (record.is_released ? released_flag : 0)));
  put_varint(value, record.message);
  for (const std::uint32_t id : record.subscription_ids) put_varint(value, id);
  return value;
}

std::string inbound_value(const std::variant<std::string, MessagePtr>& content) {
  if (const auto* taken = std::get_if<std::string>(&content)) return std::string(1, '\0') + *taken;
  std::string value(1, '\1');
  put_message(value, *std::get<MessagePtr>(content));
  return value;
}

std::optional<StoredRecord> read_record(std::string_view key, std::string_view value) {
  if (key.empty()) return {};
  const auto kind = static_cast<Kind>(key.front());
  key.remove_prefix(1);
  ByteReader reader(value);
  switch (kind) {
    case Kind::session:
      if (key.size() != 8) return {};
      return read_session(key, reader);
    case Kind::subscription:
      if (key.size() <= 8) return {};
      return read_subscription(key, reader);
    case Kind::message: {
      if (key.size() != 8) return {};
      MessageRecord record{take_ordered(key), take_message(reader)};
      if (!record.message) return {};
      return record;
    }
    case Kind::outgoing:
      if (key.size() != 16) return {};
      return read_outgoing(key, reader);
    case Kind::inbound:
      if (key.size() != 10) return {};
      return read_inbound(key, reader);
    case Kind::bookmark:
      return BookmarkRecord{std::string(value)};
    case Kind::retained: {
      RetainedRecord record{take_message(reader)};
      if (!record.message || record.message->topic() != key) return {};
      return record;
    }
  }
  return {};
}

}  // namespace iot::broker
