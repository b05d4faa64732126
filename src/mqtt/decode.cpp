// The packets with next to nothing in them (5.0 sections 3.12 to 3.15), and the choice by type.
#include "mqtt/decode.h"

#include <cassert>

#include "mqtt/decoding.h"

namespace iot::mqtt {
namespace {

/// A packet, or the error, as one of decode()'s.
template <class T>
Result<Packet> as_packet(Result<T> result) {
  if (!result) return std::move(result).error();
  return Packet(*std::move(result));
}

template <class T>
Result<Packet> as_packet(Result<void> result, T packet) {
  if (!result) return std::move(result).error();
  return Packet(packet);
}

}  // namespace

Result<void> decode_ping(const Frame& frame) {
  if (!frame.body.empty()) return malformed(frame.type, "is too long");
  return {};
}

Result<Disconnect> decode_disconnect(const Frame& frame, Version version) {
  WireReader reader(frame.body);
  Disconnect packet;
  // 5.0 leaves out what is success and no property.
  if (reader.empty()) return packet;
  if (version != Version::v5) return malformed(frame.type, "is too long");
  packet.reason = static_cast<ReasonCode>(reader.u8());
  if (reader.empty()) return packet;
  IOT_TRY(packet.properties, read_properties(reader, frame.type, Sender::client));
  if (!reader.empty()) return malformed(frame.type, "is too long");
  return packet;
}

Result<Auth> decode_auth(const Frame& frame) {
  WireReader reader(frame.body);
  Auth packet;
  if (reader.empty()) return packet;
  packet.reason = static_cast<ReasonCode>(reader.u8());
  if (!may_carry(frame.type, packet.reason)) return protocol_error(frame.type, "has a reason code of other packets");
  if (reader.empty()) return packet;
  IOT_TRY(packet.properties, read_properties(reader, frame.type, Sender::client));
  if (!reader.empty()) return malformed(frame.type, "is too long");
  return packet;
}

Result<Packet> decode(const Frame& frame, Version version, Sender sender) {
  switch (frame.type) {
    case PacketType::connect:
      return as_packet(decode_connect(frame));
    case PacketType::connack:
      return as_packet(decode_connack(frame, version));
    case PacketType::publish:
      return as_packet(decode_publish(frame, version, sender));
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
      return as_packet(decode_acknowledgement(frame, version));
    case PacketType::subscribe:
      return as_packet(decode_subscribe(frame, version));
    case PacketType::suback:
      return as_packet(decode_suback(frame, version));
    case PacketType::unsubscribe:
      return as_packet(decode_unsubscribe(frame, version));
    case PacketType::unsuback:
      return as_packet(decode_unsuback(frame, version));
    case PacketType::pingreq:
      return as_packet(decode_ping(frame), Pingreq{});
    case PacketType::pingresp:
      return as_packet(decode_ping(frame), Pingresp{});
    case PacketType::disconnect:
      return as_packet(decode_disconnect(frame, version));
    case PacketType::auth:
      return as_packet(decode_auth(frame));
  }
  assert(!"a frame has one of the types");
  return protocol_error(frame.type, "is reserved");
}

}  // namespace iot::mqtt
