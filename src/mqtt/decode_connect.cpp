// CONNECT (5.0 section 3.1) and CONNACK (3.2).
#include "mqtt/decode.h"
#include "mqtt/decoding.h"
#include "mqtt/topic.h"
#include "mqtt/utf8.h"

namespace iot::mqtt {
namespace {

constexpr PacketType type = PacketType::connect;

/// The bits of the connect flags (5.0 section 3.1.2.3).
struct ConnectFlags {
  explicit ConnectFlags(std::uint8_t byte) noexcept : byte_(byte) {}

  bool reserved() const noexcept { return (byte_ & 0x01) != 0; }
  bool clean_start() const noexcept { return (byte_ & 0x02) != 0; }
  bool will() const noexcept { return (byte_ & 0x04) != 0; }
  unsigned will_qos() const noexcept { return byte_ >> 3 & 3; }
  bool will_retain() const noexcept { return (byte_ & 0x20) != 0; }
  bool password() const noexcept { return (byte_ & 0x40) != 0; }
  bool user_name() const noexcept { return (byte_ & 0x80) != 0; }

 private:
  std::uint8_t byte_;
};

Result<void> read_version(WireReader& reader, Connect& connect) {
  const std::string_view name = reader.string();
  const std::uint8_t level = reader.u8();
  if (!reader.ok()) return malformed(type, "ends within its protocol name and level");
  const bool is_old = name == "MQIsdp";
  if (!is_old && name != "MQTT") return malformed(type, "has a protocol name other than MQTT and MQIsdp");
  connect.is_bridge = (level & 0x80) != 0;
  const unsigned number = level & 0x7F;
  if (is_old ? number != 3 : number != 4 && number != 5) {
    return make_error(Errc::unsupported_version, "CONNECT asks for protocol level " + std::to_string(level) + " of " +
                                                     std::string(name) + "; 3.1, 3.1.1 and 5.0 are spoken here");
  }
  connect.version = static_cast<Version>(number);
  return {};
}

Result<void> check_flags(const ConnectFlags& flags, Version version) {
  // 3.1 leaves the lowest bit unused.
  if (flags.reserved() && version != Version::v3_1) return malformed(type, "has the reserved connect flag");
  if (flags.will_qos() == 3) return malformed(type, "has a will with QoS 3");
  if (!flags.will() && (flags.will_qos() != 0 || flags.will_retain())) {
    return malformed(type, "has QoS or retain of a will, and no will");
  }
  if (flags.password() && !flags.user_name() && version != Version::v5) {
    return malformed(type, "has a password without a user name");
  }
  return {};
}

Result<Will> read_will(WireReader& reader, const ConnectFlags& flags, Version version) {
  Will will;
  will.qos = static_cast<Qos>(flags.will_qos());
  will.retain = flags.will_retain();
  if (version == Version::v5) {
    IOT_TRY(will.properties, read_properties(reader, type, Sender::client, PropertySection::will));
  }
  will.topic = reader.string();
  will.payload = reader.string();
  if (!reader.ok()) return malformed(type, "ends within its will");
  if (const auto fault = check_topic_name(will.topic)) {
    const Errc code = *fault == TopicFault::too_many_levels ? Errc::topic_refused : Errc::malformed;
    return make_error(code, "the topic of the will in CONNECT " + std::string(to_string(*fault)));
  }
  return will;
}

/// In 3.1 the flags may announce a user name and a password that do not come: the remaining length takes precedence.
bool is_left_out(const WireReader& reader, Version version) noexcept {
  return version == Version::v3_1 && reader.empty();
}

Result<void> read_credentials(WireReader& reader, const ConnectFlags& flags, Connect& connect) {
  if (flags.user_name() && !is_left_out(reader, connect.version)) {
    connect.user_name = reader.string();
    if (!reader.ok()) return malformed(type, "ends within its user name");
    if (!is_name(*connect.user_name))
      return malformed(type, "has a user name that is not UTF-8 without control characters");
  }
  if (flags.password() && !is_left_out(reader, connect.version)) {
    connect.password = reader.string();
    if (!reader.ok()) return malformed(type, "ends within its password");
  }
  return {};
}

}  // namespace

Result<Connect> decode_connect(const Frame& frame) {
  WireReader reader(frame.body);
  Connect connect;
  IOT_CHECK(read_version(reader, connect));
  if (frame.flags != 0 && connect.version != Version::v3_1) return malformed(type, "has flags that are reserved");
  const ConnectFlags flags(reader.u8());
  connect.keep_alive_s = reader.u16();
  if (!reader.ok()) return malformed(type, "ends before its keep alive");
  IOT_CHECK(check_flags(flags, connect.version));
  connect.clean_start = flags.clean_start();
  IOT_TRY(connect.properties, read_properties_of(connect.version, reader, type, Sender::client));
  if (connect.properties.text(PropertyId::authentication_data) &&
      !connect.properties.text(PropertyId::authentication_method)) {
    return protocol_error(type, "has authentication data and no authentication method");
  }
  connect.client_id = reader.string();
  if (!reader.ok()) return malformed(type, "ends within its client identifier");
  if (!is_name(connect.client_id)) {
    return malformed(type, "has a client identifier that is not UTF-8 without control characters");
  }
  if (flags.will()) {
    IOT_TRY(connect.will, read_will(reader, flags, connect.version));
  }
  IOT_CHECK(read_credentials(reader, flags, connect));
  if (!reader.empty()) return malformed(type, "has more bytes than its flags announce");
  return connect;
}

Result<Connack> decode_connack(const Frame& frame, Version version) {
  constexpr PacketType connack = PacketType::connack;
  WireReader reader(frame.body);
  const std::uint8_t flags = reader.u8();
  const std::uint8_t code = reader.u8();
  if (!reader.ok()) return malformed(connack, "ends before its reason code");
  Connack packet;
  // 3.1 has a reserved byte where the session flag is now.
  if (version != Version::v3_1) {
    if ((flags & 0xFE) != 0) return malformed(connack, "has acknowledge flags that are reserved");
    packet.session_present = flags != 0;
  }
  if (version == Version::v5) {
    packet.reason = static_cast<ReasonCode>(code);
    if (!may_carry(connack, packet.reason)) return protocol_error(connack, "has a reason code of other packets");
    IOT_TRY(packet.properties, read_properties(reader, connack, Sender::server));
  } else {
    if (code > 5) return malformed(connack, "has a return code that is reserved");
    packet.reason = reason_of_connect_return_code(code);
  }
  if (packet.session_present && packet.reason != ReasonCode::success) {
    return protocol_error(connack, "refuses, and says that a session is present");
  }
  if (!reader.empty()) return malformed(connack, "is too long");
  return packet;
}

}  // namespace iot::mqtt
