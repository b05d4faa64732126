#include "mqtt/encode.h"

#include <cassert>

#include "mqtt/forward.h"
#include "mqtt/wire.h"

namespace iot::mqtt {
namespace {

/// The bits of the first byte that belong to the type alone.
void put_header(std::string& out, PacketType type, std::uint32_t flags, std::size_t remaining_length) {
  assert(remaining_length <= remaining_length_max);
  put_u8(out, static_cast<std::uint32_t>(type) << 4 | flags);
  put_varint(out, static_cast<std::uint32_t>(remaining_length));
}

/// Of a packet that always has a property section in 5.0.
std::size_t section_bytes(Version version, const Properties& properties) noexcept {
  if (version != Version::v5) return 0;
  const std::size_t bytes = properties.raw().size();
  return varint_bytes(static_cast<std::uint32_t>(bytes)) + bytes;
}

void put_section(std::string& out, Version version, const Properties& properties) {
  if (version != Version::v5) return;
  put_varint(out, static_cast<std::uint32_t>(properties.raw().size()));
  out.append(properties.raw());
}

/// A reason and properties at a packet's end, where 5.0 lets both be left out.
std::size_t tail_bytes(Version version, ReasonCode reason, const Properties& properties) noexcept {
  if (version != Version::v5) return 0;
  if (!properties.empty()) return 1 + section_bytes(version, properties);
  return reason == ReasonCode::success ? 0 : 1;
}

void put_tail(std::string& out, Version version, ReasonCode reason, const Properties& properties) {
  const std::size_t bytes = tail_bytes(version, reason, properties);
  if (bytes >= 1) put_u8(out, static_cast<std::uint32_t>(reason));
  if (bytes > 1) put_section(out, version, properties);
}

std::size_t string_bytes(std::string_view text) noexcept {
  assert(text.size() <= string_bytes_max);
  return 2 + text.size();
}

/// SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK: packet id, properties, and a list.
void put_list(std::string& out, Version version, PacketType type, std::uint16_t packet_id, const Properties& properties,
              std::string_view list) {
  const bool is_request = type == PacketType::subscribe || type == PacketType::unsubscribe;
  put_header(out, type, is_request ? 2 : 0, 2 + section_bytes(version, properties) + list.size());
  put_u16(out, packet_id);
  put_section(out, version, properties);
  out.append(list);
}

}  // namespace

void encode(std::string& out, const Connect& packet) {
  const Version version = packet.version;
  const std::string_view name = version == Version::v3_1 ? "MQIsdp" : "MQTT";
  std::size_t bytes =
      string_bytes(name) + 4 + section_bytes(version, packet.properties) + string_bytes(packet.client_id);
  std::uint32_t flags = packet.clean_start ? 0x02 : 0;
  if (packet.will) {
    flags |= 0x04u | static_cast<std::uint32_t>(packet.will->qos) << 3 | (packet.will->retain ? 0x20u : 0u);
    bytes += section_bytes(version, packet.will->properties) + string_bytes(packet.will->topic) +
             string_bytes(packet.will->payload);
  }
  if (packet.user_name) {
    flags |= 0x80;
    bytes += string_bytes(*packet.user_name);
  }
  if (packet.password) {
    flags |= 0x40;
    bytes += string_bytes(*packet.password);
  }
  put_header(out, PacketType::connect, 0, bytes);
  put_string(out, name);
  put_u8(out, static_cast<std::uint32_t>(version) | (packet.is_bridge ? 0x80u : 0u));
  put_u8(out, flags);
  put_u16(out, packet.keep_alive_s);
  put_section(out, version, packet.properties);
  put_string(out, packet.client_id);
  if (packet.will) {
    put_section(out, version, packet.will->properties);
    put_string(out, packet.will->topic);
    put_string(out, packet.will->payload);
  }
  if (packet.user_name) put_string(out, *packet.user_name);
  if (packet.password) put_string(out, *packet.password);
}

void encode(std::string& out, Version version, const Connack& packet) {
  put_header(out, PacketType::connack, 0, 2 + section_bytes(version, packet.properties));
  put_u8(out, packet.session_present && version != Version::v3_1 ? 1 : 0);
  put_u8(out, version == Version::v5 ? static_cast<std::uint32_t>(packet.reason) : connect_return_code(packet.reason));
  put_section(out, version, packet.properties);
}

void encode(std::string& out, Version version, const Publish& packet) {
  // All of the packet's properties are in their bytes already, in the order they came in.
  encode(out, version,
         OutgoingPublish{.topic = packet.topic,
                         .payload = packet.payload,
                         .forwarded = packet.properties,
                         .qos = packet.qos,
                         .duplicate = packet.duplicate,
                         .retain = packet.retain,
                         .packet_id = packet.packet_id});
}

void encode(std::string& out, Version version, const Acknowledgement& packet) {
  if (tail_bytes(version, packet.reason, packet.properties) == 0) {
    return encode_success(out, packet.type, packet.packet_id);
  }
  put_header(out, packet.type, packet.type == PacketType::pubrel ? 2 : 0,
             2 + tail_bytes(version, packet.reason, packet.properties));
  put_u16(out, packet.packet_id);
  put_tail(out, version, packet.reason, packet.properties);
}

void encode_success(std::string& out, PacketType type, std::uint16_t packet_id) {
  char bytes[4];
  bytes[0] = static_cast<char>(static_cast<unsigned>(type) << 4 | (type == PacketType::pubrel ? 2u : 0u));
  bytes[1] = 2;
  store_u16(bytes + 2, packet_id);
  out.append(bytes, sizeof bytes);
}

void encode(std::string& out, Version version, const Subscribe& packet) {
  put_list(out, version, PacketType::subscribe, packet.packet_id, packet.properties, packet.filters.raw());
}

void encode(std::string& out, Version version, const Suback& packet) {
  put_list(out, version, PacketType::suback, packet.packet_id, packet.properties, packet.codes);
  if (version == Version::v5) return;
  for (std::size_t index = out.size() - packet.codes.size(); index < out.size(); ++index) {
    if (is_failure(static_cast<ReasonCode>(out[index]))) out[index] = static_cast<char>(ReasonCode::unspecified_error);
  }
}

void encode(std::string& out, Version version, const Unsubscribe& packet) {
  put_list(out, version, PacketType::unsubscribe, packet.packet_id, packet.properties, packet.filters.raw());
}

void encode(std::string& out, Version version, const Unsuback& packet) {
  put_list(out, version, PacketType::unsuback, packet.packet_id, packet.properties,
           version == Version::v5 ? packet.codes : std::string_view());
}

void encode(std::string& out, const Pingreq&) {
  put_header(out, PacketType::pingreq, 0, 0);
}

void encode(std::string& out, const Pingresp&) {
  put_header(out, PacketType::pingresp, 0, 0);
}

void encode(std::string& out, Version version, const Disconnect& packet) {
  put_header(out, PacketType::disconnect, 0, tail_bytes(version, packet.reason, packet.properties));
  put_tail(out, version, packet.reason, packet.properties);
}

void encode(std::string& out, const Auth& packet) {
  // AUTH may leave out both or neither.
  const bool is_empty = packet.reason == ReasonCode::success && packet.properties.empty();
  put_header(out, PacketType::auth, 0, is_empty ? 0 : 1 + section_bytes(Version::v5, packet.properties));
  if (is_empty) return;
  put_u8(out, static_cast<std::uint32_t>(packet.reason));
  put_section(out, Version::v5, packet.properties);
}

namespace {

struct EncodeAny {
  std::string& out;
  Version version;

  void operator()(const Connect& packet) const { encode(out, packet); }
  void operator()(const Pingreq& packet) const { encode(out, packet); }
  void operator()(const Pingresp& packet) const { encode(out, packet); }
  void operator()(const Auth& packet) const { encode(out, packet); }
  template <class T>
  void operator()(const T& packet) const {
    encode(out, version, packet);
  }
};

}  // namespace

void encode(std::string& out, Version version, const Packet& packet) {
  std::visit(EncodeAny{out, version}, packet);
}

}  // namespace iot::mqtt
