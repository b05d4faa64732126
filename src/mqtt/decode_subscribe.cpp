// SUBSCRIBE, SUBACK, UNSUBSCRIBE and UNSUBACK (5.0 sections 3.8 to 3.11).
#include "mqtt/decode.h"
#include "mqtt/decoding.h"
#include "mqtt/topic.h"

namespace iot::mqtt {
namespace {

Error filter_error(PacketType type, TopicFault fault) {
  const Errc code = fault == TopicFault::too_many_levels ? Errc::filter_refused
                    : fault == TopicFault::share_form    ? Errc::protocol_error
                                                         : Errc::malformed;
  return make_error(code, "a topic filter of " + std::string(to_string(type)) + " " + std::string(to_string(fault)));
}

/// Takes all that is left as filters, with options if they are those of a SUBSCRIBE, and looks at each.
Result<FilterList> read_filters(WireReader& reader, PacketType type, Version version) {
  const bool has_options = type == PacketType::subscribe;
  const std::string_view raw = WireReader(reader).rest();
  if (raw.empty()) return malformed(type, "has no topic filter");
  while (!reader.empty()) {
    const std::string_view filter = reader.string();
    if (!reader.ok()) return malformed(type, "ends within a topic filter");
    if (const auto fault = check_topic_filter(filter)) return filter_error(type, *fault);
    if (!has_options) continue;
    const std::uint8_t options = reader.u8();
    if (!reader.ok()) return malformed(type, "ends before the options of its last topic filter");
    const std::uint8_t reserved = version == Version::v5 ? 0xC0 : 0xFC;
    if ((options & reserved) != 0) return malformed(type, "has subscription options that are reserved");
    if ((options & 3) == 3) return malformed(type, "asks for QoS 3");
    if ((options & 0x30) == 0x30) return malformed(type, "asks for retain handling 3");
    if ((options & 4) != 0 && split_filter(filter).is_shared()) {
      return protocol_error(type, "asks for \"no local\" on a shared subscription");
    }
  }
  return FilterList(raw, has_options);
}

/// SUBACK and UNSUBACK are the same but for the codes they may have.
template <class Answer>
Result<Answer> read_answer(const Frame& frame, Version version, bool has_codes) {
  WireReader reader(frame.body);
  Answer packet;
  IOT_TRY(packet.packet_id, read_packet_id(reader, frame.type));
  IOT_TRY(packet.properties, read_properties_of(version, reader, frame.type, Sender::server));
  packet.codes = reader.rest();
  if (has_codes && packet.codes.empty()) return malformed(frame.type, "has no reason code");
  if (!has_codes && !packet.codes.empty()) return malformed(frame.type, "is too long");
  for (const char code : packet.codes) {
    const auto reason = static_cast<ReasonCode>(code);
    const bool is_known = version == Version::v5
                              ? may_carry(frame.type, reason)
                              : reason <= ReasonCode::granted_qos_2 || reason == ReasonCode::unspecified_error;
    if (!is_known) return protocol_error(frame.type, "has a reason code of other packets");
  }
  return packet;
}

}  // namespace

Result<Subscribe> decode_subscribe(const Frame& frame, Version version) {
  WireReader reader(frame.body);
  Subscribe packet;
  IOT_TRY(packet.packet_id, read_packet_id(reader, frame.type));
  IOT_TRY(packet.properties, read_properties_of(version, reader, frame.type, Sender::client));
  IOT_TRY(packet.filters, read_filters(reader, frame.type, version));
  return packet;
}

Result<Suback> decode_suback(const Frame& frame, Version version) {
  return read_answer<Suback>(frame, version, true);
}

Result<Unsubscribe> decode_unsubscribe(const Frame& frame, Version version) {
  WireReader reader(frame.body);
  Unsubscribe packet;
  IOT_TRY(packet.packet_id, read_packet_id(reader, frame.type));
  IOT_TRY(packet.properties, read_properties_of(version, reader, frame.type, Sender::client));
  IOT_TRY(packet.filters, read_filters(reader, frame.type, version));
  return packet;
}

Result<Unsuback> decode_unsuback(const Frame& frame, Version version) {
  return read_answer<Unsuback>(frame, version, version == Version::v5);
}

}  // namespace iot::mqtt
