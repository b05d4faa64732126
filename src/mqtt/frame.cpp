#include "mqtt/frame.h"

#include <string>

#include "mqtt/errc.h"

namespace iot::mqtt {
namespace {

constexpr unsigned bit(PacketType type) noexcept {
  return 1u << static_cast<unsigned>(type);
}

using enum PacketType;
constexpr unsigned from_both = bit(publish) | bit(puback) | bit(pubrec) | bit(pubrel) | bit(pubcomp);
constexpr unsigned from_client =
    from_both | bit(connect) | bit(subscribe) | bit(unsubscribe) | bit(pingreq) | bit(disconnect);
constexpr unsigned from_server = from_both | bit(connack) | bit(suback) | bit(unsuback) | bit(pingresp);
/// What only 5.0 has: AUTH, and a DISCONNECT of the server.
constexpr unsigned only_v5 = bit(auth) | bit(disconnect);

bool may_come(PacketType type, const FrameRules& rules) noexcept {
  const unsigned types = rules.sender == Sender::client ? from_client : from_server;
  const bool is_v5 = rules.version == Version::v5;
  return ((is_v5 ? types | only_v5 : types) & bit(type)) != 0;
}

/// The flags of the packet types that have no flags of their own (5.0 table 2-2).
std::uint8_t fixed_flags(PacketType type) noexcept {
  return type == pubrel || type == subscribe || type == unsubscribe ? 2 : 0;
}

bool has_good_flags(PacketType type, std::uint8_t flags, std::optional<Version> version) noexcept {
  if (type == publish) {
    const unsigned qos = flags >> 1 & 3;
    return qos != 3 && (qos != 0 || (flags & 8) == 0);
  }
  // 3.1 has DUP and QoS in packets where they say nothing; and of a CONNECT its body says which version it is.
  if (version == Version::v3_1 || type == connect) return true;
  return flags == fixed_flags(type);
}

/// The fault of a fixed header's first byte. Which of two faults is named first decides between 0x81 and 0x82, and is
/// as brokers in the field answer.
Result<void> check_first_byte(PacketType type, std::uint8_t flags, const FrameRules& rules) {
  if (type == PacketType{0}) return make_error(Errc::protocol_error, "packet type 0 is reserved");
  if (!rules.version && rules.sender == Sender::client && type != connect) {
    return make_error(Errc::protocol_error, std::string(to_string(type)) + " came before CONNECT");
  }
  const bool flags_are_good = has_good_flags(type, flags, rules.version);
  if (!flags_are_good && (type == suback || type == unsuback)) {
    return make_error(Errc::malformed, std::string(to_string(type)) + " has flags that are reserved");
  }
  if (!may_come(type, rules)) {
    return make_error(Errc::protocol_error, std::string(to_string(type)) +
                                                (rules.sender == Sender::client ? " from a client" : " from a server"));
  }
  if (flags_are_good) return {};
  if (type == publish) {
    return make_error(Errc::malformed, (flags >> 1 & 3) == 3 ? "PUBLISH has QoS 3" : "PUBLISH has QoS 0 and DUP");
  }
  return make_error(type == auth ? Errc::protocol_error : Errc::malformed,
                    std::string(to_string(type)) + " has flags that are reserved");
}

}  // namespace

Result<FrameStep> read_frame(std::string_view received, const FrameRules& rules) {
  if (received.empty()) return FrameStep{{}, 2};
  const auto first = static_cast<std::uint8_t>(received[0]);
  const auto type = static_cast<PacketType>(first >> 4);
  const std::uint8_t flags = first & 0x0F;
  std::size_t length = 0;
  std::size_t header_bytes = 1;
  for (unsigned shift = 0;; shift += 7) {
    if (shift == 28) {
      return make_error(Errc::malformed,
                        std::string(to_string(type)) + " has a remaining length of more than four bytes");
    }
    if (header_bytes == received.size()) return FrameStep{{}, header_bytes + 1};
    const auto byte = static_cast<std::uint8_t>(received[header_bytes++]);
    length |= static_cast<std::size_t>(byte & 0x7F) << shift;
    if (byte >= 0x80) continue;
    if (byte == 0 && shift > 0 && rules.version == Version::v5) {
      return make_error(Errc::malformed, std::string(to_string(type)) + " has a remaining length with bytes to spare");
    }
    break;
  }
  if (length > 0 && (type == pingreq || type == pingresp) && rules.version) {
    return make_error(Errc::ping_with_body, std::string(to_string(type)) + " is too long");
  }
  IOT_CHECK(check_first_byte(type, flags, rules));
  const std::size_t bytes = header_bytes + length;
  if (bytes > rules.bytes_max) {
    return make_error(Errc::too_large, std::string(to_string(type)) + " of " + std::to_string(bytes) +
                                           " bytes; at most " + std::to_string(rules.bytes_max) + " are taken");
  }
  if (bytes > received.size()) return FrameStep{{}, bytes};
  return FrameStep{Frame{type, flags, received.substr(header_bytes, length), bytes}, 0};
}

}  // namespace iot::mqtt
