// Reason codes of MQTT 5.0 (section 2.4), which this module uses for all versions: encoders turn them into what an
// older version has (CONNACK return codes, 0x80 in SUBACK, or nothing), decoders turn those back.
#pragma once

#include <cstdint>
#include <string_view>

#include "mqtt/protocol.h"

namespace iot::mqtt {

/// A value that is none of these can come from a peer in DISCONNECT, where every value is taken.
enum class ReasonCode : std::uint8_t {
  success = 0x00,  ///< also: normal disconnection, granted QoS 0
  granted_qos_1 = 0x01,
  granted_qos_2 = 0x02,
  disconnect_with_will = 0x04,
  no_matching_subscribers = 0x10,
  no_subscription_existed = 0x11,
  continue_authentication = 0x18,
  reauthenticate = 0x19,
  unspecified_error = 0x80,
  malformed_packet = 0x81,
  protocol_error = 0x82,
  implementation_specific_error = 0x83,
  unsupported_protocol_version = 0x84,
  client_identifier_not_valid = 0x85,
  bad_user_name_or_password = 0x86,
  not_authorized = 0x87,
  server_unavailable = 0x88,
  server_busy = 0x89,
  banned = 0x8A,
  server_shutting_down = 0x8B,
  bad_authentication_method = 0x8C,
  keep_alive_timeout = 0x8D,
  session_taken_over = 0x8E,
  topic_filter_invalid = 0x8F,
  topic_name_invalid = 0x90,
  packet_identifier_in_use = 0x91,
  packet_identifier_not_found = 0x92,
  receive_maximum_exceeded = 0x93,
  topic_alias_invalid = 0x94,
  packet_too_large = 0x95,
  message_rate_too_high = 0x96,
  quota_exceeded = 0x97,
  administrative_action = 0x98,
  payload_format_invalid = 0x99,
  retain_not_supported = 0x9A,
  qos_not_supported = 0x9B,
  use_another_server = 0x9C,
  server_moved = 0x9D,
  shared_subscriptions_not_supported = 0x9E,
  connection_rate_exceeded = 0x9F,
  maximum_connect_time = 0xA0,
  subscription_identifiers_not_supported = 0xA1,
  wildcard_subscriptions_not_supported = 0xA2,
};

/// The name of the standard's table, in small letters: "topic alias invalid"; "unknown" for other values.
std::string_view to_string(ReasonCode reason) noexcept;

constexpr bool is_failure(ReasonCode reason) noexcept {
  return static_cast<std::uint8_t>(reason) >= 0x80;
}

/// Whether the standard has this reason in a packet of this type (5.0 table 2-6), whichever side sends it.
bool may_carry(PacketType type, ReasonCode reason) noexcept;

/// The return code of a CONNACK of 3.1 and 3.1.1 (section 3.2.2.3): the code of the same meaning, else the nearest: 5
/// where the client may not, 3 where the server cannot.
std::uint8_t connect_return_code(ReasonCode reason) noexcept;
/// The reason that a return code of 0 to 5 stands for; unspecified_error for other codes, which are reserved.
ReasonCode reason_of_connect_return_code(std::uint8_t code) noexcept;

}  // namespace iot::mqtt
