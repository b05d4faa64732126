#include "mqtt/reason_code.h"

#include <array>

namespace iot::mqtt {
namespace {

constexpr std::uint16_t in(PacketType type) noexcept {
  return static_cast<std::uint16_t>(1u << static_cast<unsigned>(type));
}

template <class... Types>
constexpr std::uint16_t in(PacketType first, Types... others) noexcept {
  return static_cast<std::uint16_t>(in(first) | in(others...));
}

struct Row {
  std::string_view name = "unknown";
  std::uint16_t packets = 0;  ///< a bit for each PacketType that may carry it
};

using enum PacketType;
constexpr std::uint16_t publish_answers = in(puback, pubrec);
constexpr std::uint16_t subscribe_answers = in(suback, unsuback);

constexpr std::array<Row, 256> make_table() {
  std::array<Row, 256> rows{};
  const auto set = [&rows](ReasonCode reason, std::string_view name, unsigned packets) {
    rows[static_cast<std::uint8_t>(reason)] = {name, static_cast<std::uint16_t>(packets)};
  };
  using enum ReasonCode;
  set(success, "success",
      in(connack, puback, pubrec, pubrel, pubcomp, unsuback, auth, suback) | in(PacketType::disconnect));
  set(granted_qos_1, "granted QoS 1", in(suback));
  set(granted_qos_2, "granted QoS 2", in(suback));
  set(disconnect_with_will, "disconnect with will message", in(PacketType::disconnect));
  set(no_matching_subscribers, "no matching subscribers", publish_answers);
  set(no_subscription_existed, "no subscription existed", in(unsuback));
  set(continue_authentication, "continue authentication", in(auth));
  set(reauthenticate, "re-authenticate", in(auth));
  set(unspecified_error, "unspecified error",
      in(connack, PacketType::disconnect) | publish_answers | subscribe_answers);
  set(malformed_packet, "malformed packet", in(connack, PacketType::disconnect));
  set(protocol_error, "protocol error", in(connack, PacketType::disconnect));
  set(implementation_specific_error, "implementation specific error",
      in(connack, PacketType::disconnect) | publish_answers | subscribe_answers);
  set(unsupported_protocol_version, "unsupported protocol version", in(connack));
  set(client_identifier_not_valid, "client identifier not valid", in(connack));
  set(bad_user_name_or_password, "bad user name or password", in(connack));
  set(not_authorized, "not authorized", in(connack, PacketType::disconnect) | publish_answers | subscribe_answers);
  set(server_unavailable, "server unavailable", in(connack));
  set(server_busy, "server busy", in(connack, PacketType::disconnect));
  set(banned, "banned", in(connack));
  set(server_shutting_down, "server shutting down", in(PacketType::disconnect));
  set(bad_authentication_method, "bad authentication method", in(connack, PacketType::disconnect));
  set(keep_alive_timeout, "keep alive timeout", in(PacketType::disconnect));
  set(session_taken_over, "session taken over", in(PacketType::disconnect));
  set(topic_filter_invalid, "topic filter invalid", subscribe_answers | in(PacketType::disconnect));
  set(topic_name_invalid, "topic name invalid", in(connack, PacketType::disconnect) | publish_answers);
  set(packet_identifier_in_use, "packet identifier in use", publish_answers | subscribe_answers);
  set(packet_identifier_not_found, "packet identifier not found", in(pubrel, pubcomp));
  set(receive_maximum_exceeded, "receive maximum exceeded", in(PacketType::disconnect));
  set(topic_alias_invalid, "topic alias invalid", in(PacketType::disconnect));
  set(packet_too_large, "packet too large", in(connack, PacketType::disconnect));
  set(message_rate_too_high, "message rate too high", in(PacketType::disconnect));
  set(quota_exceeded, "quota exceeded", in(connack, suback, PacketType::disconnect) | publish_answers);
  set(administrative_action, "administrative action", in(PacketType::disconnect));
  set(payload_format_invalid, "payload format invalid", in(connack, PacketType::disconnect) | publish_answers);
  set(retain_not_supported, "retain not supported", in(connack, PacketType::disconnect));
  set(qos_not_supported, "QoS not supported", in(connack, PacketType::disconnect));
  set(use_another_server, "use another server", in(connack, PacketType::disconnect));
  set(server_moved, "server moved", in(connack, PacketType::disconnect));
  set(shared_subscriptions_not_supported, "shared subscriptions not supported", in(suback, PacketType::disconnect));
  set(connection_rate_exceeded, "connection rate exceeded", in(connack, PacketType::disconnect));
  set(maximum_connect_time, "maximum connect time", in(PacketType::disconnect));
  set(subscription_identifiers_not_supported, "subscription identifiers not supported",
      in(suback, PacketType::disconnect));
  set(wildcard_subscriptions_not_supported, "wildcard subscriptions not supported", in(suback, PacketType::disconnect));
  return rows;
}

constexpr std::array<Row, 256> table = make_table();

}  // namespace

std::string_view to_string(ReasonCode reason) noexcept {
  return table[static_cast<std::uint8_t>(reason)].name;
}

bool may_carry(PacketType type, ReasonCode reason) noexcept {
  return (table[static_cast<std::uint8_t>(reason)].packets & in(type)) != 0;
}

std::uint8_t connect_return_code(ReasonCode reason) noexcept {
  switch (reason) {
    case ReasonCode::success:
      return 0;
    case ReasonCode::unsupported_protocol_version:
      return 1;
    case ReasonCode::client_identifier_not_valid:
      return 2;
    case ReasonCode::bad_user_name_or_password:
      return 4;
    case ReasonCode::not_authorized:
    case ReasonCode::banned:
    case ReasonCode::bad_authentication_method:
    case ReasonCode::topic_name_invalid:
      return 5;
    default:
      return 3;
  }
}

ReasonCode reason_of_connect_return_code(std::uint8_t code) noexcept {
  switch (code) {
    case 0:
      return ReasonCode::success;
    case 1:
      return ReasonCode::unsupported_protocol_version;
    case 2:
      return ReasonCode::client_identifier_not_valid;
    case 3:
      return ReasonCode::server_unavailable;
    case 4:
      return ReasonCode::bad_user_name_or_password;
    case 5:
      return ReasonCode::not_authorized;
    default:
      return ReasonCode::unspecified_error;
  }
}

}  // namespace iot::mqtt
