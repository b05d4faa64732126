#include "mqtt/properties.h"

#include <array>
#include <cassert>

#include "mqtt/errc.h"
#include "mqtt/topic.h"
#include "mqtt/utf8.h"
#include "mqtt/wire.h"

namespace iot::mqtt {
namespace {

/// Where a property may stand: a bit for each packet type, and bit 0, which is no type, for the will.
using Places = std::uint16_t;
constexpr Places will = 1;

constexpr Places in(PacketType type) noexcept {
  return static_cast<Places>(1u << static_cast<unsigned>(type));
}

template <class... Types>
constexpr Places in(PacketType first, Types... others) noexcept {
  return static_cast<Places>(in(first) | in(others...));
}

struct Row {
  PropertyKind kind = PropertyKind::none;
  Places places = 0;
};

constexpr std::array<Row, 0x2B> make_table() {
  using enum PacketType;
  using enum PropertyKind;
  std::array<Row, 0x2B> rows{};
  const auto set = [&rows](PropertyId id, PropertyKind kind, int places) {
    rows[static_cast<std::uint8_t>(id)] = {kind, static_cast<Places>(places)};
  };
  using enum PropertyId;
  set(payload_format_indicator, byte, in(publish) | will);
  set(message_expiry_interval, four_bytes, in(publish) | will);
  set(content_type, PropertyKind::text, in(publish) | will);
  set(response_topic, PropertyKind::text, in(publish) | will);
  set(correlation_data, binary, in(publish) | will);
  set(subscription_identifier, varint, in(publish, subscribe));
  set(session_expiry_interval, four_bytes, in(connect, connack, disconnect));
  set(assigned_client_identifier, PropertyKind::text, in(connack));
  set(server_keep_alive, two_bytes, in(connack));
  set(authentication_method, PropertyKind::text, in(connect, connack, auth));
  set(authentication_data, binary, in(connect, connack, auth));
  set(request_problem_information, byte, in(connect));
  set(will_delay_interval, four_bytes, will);
  set(request_response_information, byte, in(connect));
  set(response_information, PropertyKind::text, in(connack));
  set(server_reference, PropertyKind::text, in(connack, disconnect));
  set(reason_string, PropertyKind::text,
      in(connack, puback, pubrec, pubrel, pubcomp, suback, unsuback, disconnect, auth));
  set(receive_maximum, two_bytes, in(connect, connack));
  set(topic_alias_maximum, two_bytes, in(connect, connack));
  set(topic_alias, two_bytes, in(publish));
  set(maximum_qos, byte, in(connack));
  set(retain_available, byte, in(connack));
  set(user_property, PropertyKind::pair,
      in(connect, connack, publish, puback, pubrec, pubrel, pubcomp, subscribe, suback, unsubscribe, unsuback,
         disconnect, auth) |
          will);
  set(maximum_packet_size, four_bytes, in(connect, connack));
  set(wildcard_subscription_available, byte, in(connack));
  set(subscription_identifier_available, byte, in(connack));
  set(shared_subscription_available, byte, in(connack));
  return rows;
}

constexpr std::array<Row, 0x2B> table = make_table();

/// The property at the front of the reader; `ok()` of the reader says whether it is whole.
Property read_property(WireReader& reader) noexcept {
  Property property;
  const std::uint8_t id = reader.u8();
  property.id = static_cast<PropertyId>(id);
  switch (kind_of(id)) {
    case PropertyKind::byte:
      property.number = reader.u8();
      break;
    case PropertyKind::two_bytes:
      property.number = reader.u16();
      break;
    case PropertyKind::four_bytes:
      property.number = reader.u32();
      break;
    case PropertyKind::varint:
      property.number = reader.varint();
      break;
    case PropertyKind::text:
    case PropertyKind::binary:
      property.text = reader.string();
      break;
    case PropertyKind::pair:
      property.text = reader.string();
      property.value = reader.string();
      break;
    case PropertyKind::none:
      // Not known: what follows cannot be read either.
      reader.bytes(reader.remaining() + 1);
      break;
  }
  return property;
}

std::string where(PacketType type, PropertySection section) {
  return section == PropertySection::will ? "the will of CONNECT" : std::string(to_string(type));
}

std::string named(const Property& property) {
  static constexpr char digits[] = "0123456789ABCDEF";
  const auto id = static_cast<std::uint8_t>(property.id);
  return std::string("property 0x") + digits[id >> 4] + digits[id & 0x0F];
}

/// SUBSCRIBE and UNSUBSCRIBE with a property of others, or with a forbidden value, are called malformed and not a
/// protocol error: what brokers in the field answer.
Errc misplaced(PacketType type) noexcept {
  const bool is_list = type == PacketType::subscribe || type == PacketType::unsubscribe;
  return is_list ? Errc::malformed : Errc::protocol_error;
}

/// Whether the value is one that the standard allows (for texts: whether they are texts).
bool has_good_value(const Property& property) noexcept {
  switch (property.id) {
    case PropertyId::payload_format_indicator:
    case PropertyId::request_problem_information:
    case PropertyId::request_response_information:
    case PropertyId::maximum_qos:
    case PropertyId::retain_available:
    case PropertyId::wildcard_subscription_available:
    case PropertyId::subscription_identifier_available:
    case PropertyId::shared_subscription_available:
      return property.number <= 1;
    case PropertyId::subscription_identifier:
    case PropertyId::receive_maximum:
    case PropertyId::maximum_packet_size:
    case PropertyId::topic_alias:
      return property.number != 0;
    case PropertyId::response_topic:
      return !check_topic_name(property.text);
    default:
      return true;
  }
}

/// Whether what read_property() gave is whole, known and, if it is text, text.
bool is_well_formed(const Property& property, const WireReader& reader) noexcept {
  if (!reader.ok()) return false;
  switch (kind_of(static_cast<std::uint8_t>(property.id))) {
    case PropertyKind::text:
      return is_text(property.text);
    case PropertyKind::pair:
      return is_text(property.text) && is_text(property.value);
    default:
      return true;
  }
}

Error broken(const Property& property, PacketType type, PropertySection section) {
  const bool is_known = kind_of(static_cast<std::uint8_t>(property.id)) != PropertyKind::none;
  return make_error(Errc::malformed, named(property) + " of " + where(type, section) +
                                         (is_known ? " is cut short or no UTF-8" : " does not exist"));
}

}  // namespace

PropertyKind kind_of(std::uint8_t id) noexcept {
  return id < table.size() ? table[id].kind : PropertyKind::none;
}

Result<Properties> Properties::check(std::string_view raw, PacketType type, PropertySection section, Sender sender) {
  const Places place = section == PropertySection::will ? will : in(type);
  std::uint64_t seen = 0;
  for (WireReader reader(raw); !reader.empty();) {
    const Property property = read_property(reader);
    if (!is_well_formed(property, reader)) return broken(property, type, section);
    const bool may_repeat =
        property.id == PropertyId::user_property ||
        (property.id == PropertyId::subscription_identifier && type == PacketType::publish && sender == Sender::server);
    const auto id = static_cast<std::uint8_t>(property.id);
    const std::uint64_t bit = std::uint64_t{1} << id;
    const bool is_twice = (seen & bit) != 0 && !may_repeat;
    seen |= bit;
    const bool is_misplaced = (table[id].places & place) == 0;
    if (!is_misplaced && !is_twice && has_good_value(property)) continue;

    // What cannot be read at all counts before what may not be there, wherever it stands.
    while (!reader.empty()) {
      const Property later = read_property(reader);
      if (!is_well_formed(later, reader)) return broken(later, type, section);
    }
    if (is_misplaced) {
      return make_error(misplaced(type), named(property) + " may not stand in " + where(type, section));
    }
    if (is_twice) return make_error(Errc::protocol_error, named(property) + " stands twice in " + where(type, section));
    const Errc code = property.id == PropertyId::topic_alias ? Errc::alias_invalid : misplaced(type);
    return make_error(code, named(property) + " of " + where(type, section) + " has a value that is not allowed");
  }
  return trusted(raw);
}

std::optional<std::uint32_t> Properties::number(PropertyId id) const noexcept {
  for (std::string_view rest = raw_; !rest.empty();) {
    if (const Property property = take(rest); property.id == id) return property.number;
  }
  return {};
}

std::optional<std::string_view> Properties::text(PropertyId id) const noexcept {
  for (std::string_view rest = raw_; !rest.empty();) {
    if (const Property property = take(rest); property.id == id) return property.text;
  }
  return {};
}

Property Properties::take(std::string_view& rest) noexcept {
  WireReader reader(rest);
  Property property = read_property(reader);
  assert(reader.ok());
  property.raw = rest.substr(0, rest.size() - reader.remaining());
  rest.remove_prefix(property.raw.size());
  return property;
}

PropertyWriter& PropertyWriter::number(PropertyId id, std::uint32_t value) {
  put_u8(out_, static_cast<std::uint8_t>(id));
  switch (kind_of(static_cast<std::uint8_t>(id))) {
    case PropertyKind::byte:
      put_u8(out_, value);
      break;
    case PropertyKind::two_bytes:
      put_u16(out_, value);
      break;
    case PropertyKind::four_bytes:
      put_u32(out_, value);
      break;
    case PropertyKind::varint:
      put_varint(out_, value);
      break;
    default:
      assert(!"a property of numbers");
  }
  return *this;
}

PropertyWriter& PropertyWriter::text(PropertyId id, std::string_view value) {
  assert(kind_of(static_cast<std::uint8_t>(id)) == PropertyKind::text ||
         kind_of(static_cast<std::uint8_t>(id)) == PropertyKind::binary);
  assert(value.size() <= string_bytes_max);
  put_u8(out_, static_cast<std::uint8_t>(id));
  put_string(out_, value);
  return *this;
}

PropertyWriter& PropertyWriter::user_property(std::string_view name, std::string_view value) {
  assert(name.size() <= string_bytes_max && value.size() <= string_bytes_max);
  put_u8(out_, static_cast<std::uint8_t>(PropertyId::user_property));
  put_string(out_, name);
  put_string(out_, value);
  return *this;
}

}  // namespace iot::mqtt
