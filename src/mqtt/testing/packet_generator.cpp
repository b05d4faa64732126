#include "mqtt/testing/packet_generator.h"

#include <algorithm>
#include <array>

#include "mqtt/topic.h"

namespace iot::mqtt::testing {

std::string_view PacketGenerator::text(std::size_t bytes_max) {
  static constexpr std::array<std::string_view, 8> pieces{
      "a", "Z", "7", " ", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\xAA\x9B\x94", "reading"};
  std::string text;
  const std::size_t bytes = below(bytes_max + 1);
  while (text.size() < bytes) text += pieces[below(pieces.size())];
  return keep(std::move(text));
}

std::string_view PacketGenerator::binary(std::size_t bytes_max) {
  std::string bytes(below(bytes_max + 1), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random_());
  return keep(std::move(bytes));
}

std::string_view PacketGenerator::topic_name() {
  static constexpr std::array<std::string_view, 7> levels{"a", "b", "", "$SYS", "commands", "x y", "\xC3\xA9"};
  for (;;) {
    std::string name(levels[below(levels.size())]);
    for (std::size_t count = below(4); count > 0; --count) name.append("/").append(levels[below(levels.size())]);
    if (!name.empty()) return keep(std::move(name));
  }
}

std::string_view PacketGenerator::topic_filter(bool may_share) {
  std::string filter;
  for (Levels levels(topic_name()); !levels.done();) {
    const std::string_view level = levels.next();
    filter.append(filter.empty() && level.empty() ? "" : level);
    if (below(3) == 0) filter.resize(filter.size() - level.size()), filter.push_back('+');
    if (!levels.done()) filter.push_back('/');
  }
  if (below(4) == 0) filter = below(3) == 0 ? "#" : filter + "/#";
  if (filter.empty()) filter = "+";
  if (may_share && below(4) == 0) filter = (coin() ? "$share/g/" : "$share/other/") + filter;
  return keep(std::move(filter));
}

std::uint32_t PacketGenerator::value_of(PropertyId id) {
  switch (kind_of(static_cast<std::uint8_t>(id))) {
    case PropertyKind::byte:
      return static_cast<std::uint32_t>(below(2));
    case PropertyKind::two_bytes:
      return static_cast<std::uint32_t>(1 + below(65'535));
    case PropertyKind::varint:
      return static_cast<std::uint32_t>(1 + below(std::size_t{1} << (7 * (1 + below(4))))) & remaining_length_max;
    default:
      return static_cast<std::uint32_t>(1 + below(0xFFFF'FFFF));
  }
}

Properties PacketGenerator::properties(Version version, PacketType type, PropertySection section, Sender sender) {
  if (version != Version::v5 || below(3) == 0) return {};
  std::string raw;
  for (std::size_t tries = below(12); tries > 0; --tries) {
    std::string one;
    PropertyWriter writer(one);
    const auto id = static_cast<std::uint8_t>(1 + below(0x2A));
    switch (kind_of(id)) {
      case PropertyKind::none:
        continue;
      case PropertyKind::text:
        writer.text(PropertyId{id}, PropertyId{id} == PropertyId::response_topic ? topic_name() : text(20));
        break;
      case PropertyKind::binary:
        writer.text(PropertyId{id}, binary(20));
        break;
      case PropertyKind::pair:
        writer.user_property(text(10), text(10));
        break;
      default:
        writer.number(PropertyId{id}, std::max(value_of(PropertyId{id}), 1u));
    }
    // What does not go together is left out.
    if (Properties::check(raw + one, type, section, sender)) raw += one;
  }
  if (type == PacketType::connect && section == PropertySection::packet &&
      !Properties::trusted(raw).text(PropertyId::authentication_method)) {
    PropertyWriter(raw).text(PropertyId::authentication_method, "method");
  }
  return Properties::trusted(keep(std::move(raw)));
}

ReasonCode PacketGenerator::reason(PacketType type) {
  for (;;) {
    const auto code = static_cast<ReasonCode>(below(256));
    if (may_carry(type, code)) return code;
  }
}

FilterList PacketGenerator::filters(Version version, bool has_options) {
  std::string raw;
  for (std::size_t count = 1 + below(4); count > 0; --count) {
    const std::string_view filter = topic_filter(true);
    if (!has_options) {
      append_filter(raw, filter);
      continue;
    }
    SubscriptionOptions options{.qos = qos()};
    if (version == Version::v5) {
      options.no_local = coin() && !split_filter(filter).is_shared();
      options.retain_as_published = coin();
      options.retain_handling = static_cast<RetainHandling>(below(3));
    }
    append_filter(raw, filter, options);
  }
  return {keep(std::move(raw)), has_options};
}

std::string_view PacketGenerator::codes(Version version, PacketType type) {
  std::string codes;
  for (std::size_t count = 1 + below(4); count > 0; --count) {
    const ReasonCode code = reason(type);
    codes.push_back(
        static_cast<char>(version != Version::v5 && is_failure(code) ? ReasonCode::unspecified_error : code));
  }
  return keep(std::move(codes));
}

Connect PacketGenerator::connect(Version version) {
  Connect packet;
  packet.version = version;
  packet.is_bridge = below(8) == 0;
  packet.clean_start = coin();
  packet.keep_alive_s = static_cast<std::uint16_t>(random_());
  packet.client_id = text(23);
  packet.properties = properties(version, PacketType::connect, PropertySection::packet, Sender::client);
  if (coin()) {
    packet.will = Will{topic_name(), binary(30), qos(), coin(),
                       properties(version, PacketType::connect, PropertySection::will, Sender::client)};
  }
  if (coin()) packet.user_name = text(12);
  if (coin() && (packet.user_name || version == Version::v5)) packet.password = binary(12);
  return packet;
}

Publish PacketGenerator::publish(Version version, Sender sender) {
  Publish packet;
  packet.topic = topic_name();
  packet.payload = binary(200);
  packet.qos = qos();
  packet.retain = coin();
  packet.duplicate = packet.qos != Qos::at_most_once && coin();
  packet.packet_id = packet.qos == Qos::at_most_once ? std::uint16_t{0} : packet_id();
  packet.properties = properties(version, PacketType::publish, PropertySection::packet, sender);
  packet.topic_alias = static_cast<std::uint16_t>(packet.properties.number(PropertyId::topic_alias).value_or(0));
  packet.message_expiry_s = packet.properties.number(PropertyId::message_expiry_interval);
  if (packet.topic_alias != 0 && coin()) packet.topic = {};
  return packet;
}

Packet PacketGenerator::next(Version version, Sender sender) {
  const bool is_v5 = version == Version::v5;
  const auto here = [&](PacketType type) { return properties(version, type, PropertySection::packet, sender); };
  switch (below(8)) {
    case 0:
    case 1:
      return publish(version, sender);
    case 2:
    case 3: {
      const auto type = static_cast<PacketType>(4 + below(4));
      return Acknowledgement{type, packet_id(), is_v5 ? reason(type) : ReasonCode::success, here(type)};
    }
    case 4: {
      if (sender == Sender::client) return connect(version);
      const ReasonCode reason = is_v5 ? this->reason(PacketType::connack)
                                      : reason_of_connect_return_code(static_cast<std::uint8_t>(below(6)));
      return Connack{reason == ReasonCode::success && version != Version::v3_1 && coin(), reason,
                     here(PacketType::connack)};
    }
    case 5:
      if (sender == Sender::client) {
        return Subscribe{packet_id(), filters(version, true), here(PacketType::subscribe)};
      }
      return Suback{packet_id(), codes(version, PacketType::suback), here(PacketType::suback)};
    case 6:
      if (sender == Sender::client) {
        return Unsubscribe{packet_id(), filters(version, false), here(PacketType::unsubscribe)};
      }
      return Unsuback{packet_id(), is_v5 ? codes(version, PacketType::unsuback) : std::string_view(),
                      here(PacketType::unsuback)};
    default:
      if (is_v5 && coin()) return Auth{reason(PacketType::auth), here(PacketType::auth)};
      if (is_v5) return Disconnect{static_cast<ReasonCode>(below(256)), here(PacketType::disconnect)};
      if (sender == Sender::server) return Pingresp{};
      return coin() ? Packet(Pingreq{}) : Packet(Disconnect{});
  }
}

}  // namespace iot::mqtt::testing
