#include "mqtt/forward.h"

#include <cassert>

#include "mqtt/wire.h"

namespace iot::mqtt {
namespace {

/// The sizes that the fixed header needs before anything is written.
struct Sizes {
  std::size_t properties = 0;  ///< without their length
  std::size_t remaining = 0;
};

Sizes sizes_of(Version version, const OutgoingPublish& packet) noexcept {
  Sizes sizes;
  sizes.remaining = 2 + packet.topic.size() + (packet.qos == Qos::at_most_once ? 0 : 2) + packet.payload.size();
  if (version != Version::v5) return sizes;
  sizes.properties =
      packet.forwarded.raw().size() + (packet.topic_alias != 0 ? 3 : 0) + (packet.message_expiry_s ? 5 : 0);
  for (const std::uint32_t id : packet.subscription_ids) sizes.properties += 1 + varint_bytes(id);
  sizes.remaining += varint_bytes(static_cast<std::uint32_t>(sizes.properties)) + sizes.properties;
  return sizes;
}

void put_properties(std::string& out, const OutgoingPublish& packet, std::size_t bytes) {
  put_varint(out, static_cast<std::uint32_t>(bytes));
  PropertyWriter writer(out);
  if (packet.topic_alias != 0) writer.number(PropertyId::topic_alias, packet.topic_alias);
  for (const std::uint32_t id : packet.subscription_ids) writer.number(PropertyId::subscription_identifier, id);
  out.append(packet.forwarded.raw());
  if (packet.message_expiry_s) writer.number(PropertyId::message_expiry_interval, *packet.message_expiry_s);
}

constexpr bool is_forwarded(PropertyId id) noexcept {
  return id != PropertyId::topic_alias && id != PropertyId::message_expiry_interval &&
         id != PropertyId::subscription_identifier;
}

}  // namespace

std::size_t encoded_bytes(Version version, const OutgoingPublish& packet) noexcept {
  const std::size_t remaining = sizes_of(version, packet).remaining;
  // Past the limit the number of length bytes does not matter any more.
  if (remaining > remaining_length_max) return remaining + 5;
  return 1 + varint_bytes(static_cast<std::uint32_t>(remaining)) + remaining;
}

void encode_head(std::string& out, Version version, const OutgoingPublish& packet) {
  const Sizes sizes = sizes_of(version, packet);
  assert(packet.topic.size() <= string_bytes_max && sizes.remaining <= remaining_length_max);
  const bool has_id = packet.qos != Qos::at_most_once;
  assert(!has_id || packet.packet_id != 0);
  // Fixed header and the topic's length: at most 7 bytes.
  char header[7];
  header[0] = static_cast<char>(static_cast<unsigned>(PacketType::publish) << 4 | (packet.duplicate ? 8u : 0u) |
                                static_cast<unsigned>(packet.qos) << 1 | (packet.retain ? 1u : 0u));
  char* at = store_varint(header + 1, static_cast<std::uint32_t>(sizes.remaining));
  at = store_u16(at, static_cast<std::uint32_t>(packet.topic.size()));
  out.append(header, static_cast<std::size_t>(at - header));
  out.append(packet.topic);
  if (has_id) put_u16(out, packet.packet_id);
  if (version == Version::v5) put_properties(out, packet, sizes.properties);
}

void encode(std::string& out, Version version, const OutgoingPublish& packet) {
  encode_head(out, version, packet);
  out.append(packet.payload);
}

void patch_packet_id(std::span<char> packet, std::uint16_t packet_id, bool duplicate) {
  assert((packet[0] & 0x06) != 0);
  packet[0] = static_cast<char>((packet[0] & ~0x08) | (duplicate ? 0x08 : 0));
  WireReader reader({packet.data(), packet.size()});
  reader.u8();
  reader.varint();
  reader.string();
  assert(reader.ok() && reader.remaining() >= 2);
  store_u16(packet.data() + (packet.size() - reader.remaining()), packet_id);
}

Properties forwarded_properties(const Publish& packet, std::string& scratch) {
  const std::string_view all = packet.properties.raw();
  const char* begin = nullptr;
  const char* end = nullptr;
  bool is_together = true;
  packet.properties.each([&](const Property& property) {
    if (!is_forwarded(property.id)) return;
    if (begin == nullptr) begin = property.raw.data();
    is_together = is_together && (end == nullptr || end == property.raw.data());
    end = property.raw.data() + property.raw.size();
  });
  if (begin == nullptr) return {};
  if (is_together) {
    return Properties::trusted(
        all.substr(static_cast<std::size_t>(begin - all.data()), static_cast<std::size_t>(end - begin)));
  }
  scratch.clear();
  packet.properties.each([&](const Property& property) {
    if (is_forwarded(property.id)) scratch.append(property.raw);
  });
  return Properties::trusted(scratch);
}

}  // namespace iot::mqtt
