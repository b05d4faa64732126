// PUBLISH (5.0 section 3.3) and its acknowledgements (3.4 to 3.7): what most packets of a connection are.
#include "mqtt/decode.h"
#include "mqtt/decoding.h"
#include "mqtt/topic.h"

namespace iot::mqtt {
namespace {

constexpr PacketType type = PacketType::publish;

/// Kept apart, as it is not needed where all is well. An empty topic without an alias and a wildcard are malformed and
/// not a protocol error: what brokers in the field answer.
[[gnu::noinline]] Error topic_error(TopicFault fault) {
  const Errc code = fault == TopicFault::too_many_levels ? Errc::topic_refused : Errc::malformed;
  return make_error(code, "the topic of PUBLISH " + std::string(to_string(fault)));
}

}  // namespace

Result<Publish> decode_publish(const Frame& frame, Version version, Sender sender) {
  WireReader reader(frame.body);
  Publish packet;
  packet.qos = static_cast<Qos>(frame.flags >> 1 & 3);
  packet.duplicate = (frame.flags & 8) != 0;
  packet.retain = (frame.flags & 1) != 0;
  packet.topic = reader.string();
  if (!reader.ok()) return malformed(type, "ends within its topic");
  if (packet.qos != Qos::at_most_once) {
    packet.packet_id = reader.u16();
    if (!reader.ok()) return malformed(type, "ends before its packet identifier");
    if (packet.packet_id == 0) return protocol_error(type, "has packet identifier 0");
  }
  if (version == Version::v5) {
    IOT_TRY(packet.properties, read_properties(reader, type, sender));
    if (!packet.properties.empty()) {
      packet.topic_alias = static_cast<std::uint16_t>(packet.properties.number(PropertyId::topic_alias).value_or(0));
      packet.message_expiry_s = packet.properties.number(PropertyId::message_expiry_interval);
    }
  }
  if (const auto fault = check_topic_name(packet.topic)) {
    if (*fault != TopicFault::empty || packet.topic_alias == 0) return topic_error(*fault);
  }
  packet.payload = reader.rest();
  return packet;
}

Result<Acknowledgement> decode_acknowledgement(const Frame& frame, Version version) {
  WireReader reader(frame.body);
  Acknowledgement packet;
  packet.type = frame.type;
  packet.packet_id = reader.u16();
  if (!reader.ok()) return malformed(frame.type, "ends before its packet identifier");
  if (packet.packet_id == 0) return protocol_error(frame.type, "has packet identifier 0");
  // 5.0 leaves out what is success and no property.
  if (reader.empty()) return packet;
  if (version != Version::v5) return malformed(frame.type, "is too long");
  packet.reason = static_cast<ReasonCode>(reader.u8());
  if (!may_carry(frame.type, packet.reason)) return protocol_error(frame.type, "has a reason code of other packets");
  if (reader.empty()) return packet;
  IOT_TRY(packet.properties, read_properties(reader, frame.type, Sender::client));
  if (!reader.empty()) return malformed(frame.type, "is too long");
  return packet;
}

}  // namespace iot::mqtt
