// The packets of MQTT 3.1, 3.1.1 and 5.0 as values, all of them views: into the received bytes for decode.h, into what
// the caller has for encode.h. Whatever a view shows must outlive the packet.
//
// The values mean the same in all versions; what a version does not have is empty, false or 0 after decoding, and is
// left out by encoders.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "mqtt/filter_list.h"
#include "mqtt/properties.h"
#include "mqtt/reason_code.h"

namespace iot::mqtt {

struct Will {
  std::string_view topic = {};
  std::string_view payload = {};
  Qos qos = Qos::at_most_once;
  bool retain = false;
  Properties properties = {};

  bool operator==(const Will&) const = default;
};

struct Connect {
  Version version = Version::v5;
  /// The topmost bit of the protocol level, with which brokers mark their bridges: such a client wants its
  /// subscriptions as with "no local" and "retain as published", which its version cannot say.
  bool is_bridge = false;
  /// "Clean session" before 5.0.
  bool clean_start = true;
  std::uint16_t keep_alive_s = 0;  ///< 0: none
  /// May be empty: whether the server then makes one up depends on version and clean_start.
  std::string_view client_id = {};
  std::optional<Will> will = {};
  std::optional<std::string_view> user_name = {};
  std::optional<std::string_view> password = {};
  Properties properties = {};

  bool operator==(const Connect&) const = default;
};

struct Connack {
  bool session_present = false;
  /// 3.1 and 3.1.1 have return codes instead: see connect_return_code().
  ReasonCode reason = ReasonCode::success;
  Properties properties = {};

  bool operator==(const Connack&) const = default;
};

struct Publish {
  /// Empty where topic_alias stands for it.
  std::string_view topic = {};
  std::string_view payload = {};
  Qos qos = Qos::at_most_once;
  bool duplicate = false;
  bool retain = false;
  std::uint16_t packet_id = 0;    ///< 0 with QoS 0, never else
  std::uint16_t topic_alias = 0;  ///< 0: none
  std::optional<std::uint32_t> message_expiry_s = {};
  /// All of them, topic alias and message expiry too. See forwarded_properties() in forward.h.
  Properties properties = {};

  bool operator==(const Publish&) const = default;
};

/// PUBACK, PUBREC, PUBREL and PUBCOMP.
struct Acknowledgement {
  PacketType type = PacketType::puback;
  std::uint16_t packet_id = 0;
  ReasonCode reason = ReasonCode::success;  ///< of 5.0; success before
  Properties properties = {};

  bool operator==(const Acknowledgement&) const = default;
};

struct Subscribe {
  std::uint16_t packet_id = 0;
  FilterList filters = {};  ///< at least one, each with its options
  Properties properties = {};

  /// The subscription identifier for all of the filters; 0: none.
  std::uint32_t identifier() const noexcept {
    return properties.number(PropertyId::subscription_identifier).value_or(0);
  }
  bool operator==(const Subscribe&) const = default;
};

/// `codes` has a byte for each filter of the SUBSCRIBE: a ReasonCode. For versions before 5.0 encoders make 0x80 of
/// each failure; 3.1 has none at all, so what a session of that version refuses is its own to decide.
struct Suback {
  std::uint16_t packet_id = 0;
  std::string_view codes = {};
  Properties properties = {};

  bool operator==(const Suback&) const = default;
};

struct Unsubscribe {
  std::uint16_t packet_id = 0;
  FilterList filters = {};  ///< at least one, without options
  Properties properties = {};

  bool operator==(const Unsubscribe&) const = default;
};

/// `codes` as in Suback; versions before 5.0 have none.
struct Unsuback {
  std::uint16_t packet_id = 0;
  std::string_view codes = {};
  Properties properties = {};

  bool operator==(const Unsuback&) const = default;
};

struct Pingreq {
  bool operator==(const Pingreq&) const = default;
};

struct Pingresp {
  bool operator==(const Pingresp&) const = default;
};

struct Disconnect {
  /// Any value may come from a peer, also one that is not in the table.
  ReasonCode reason = ReasonCode::success;
  Properties properties = {};

  bool operator==(const Disconnect&) const = default;
};

struct Auth {
  ReasonCode reason = ReasonCode::success;
  Properties properties = {};

  bool operator==(const Auth&) const = default;
};

using Packet = std::variant<Connect, Connack, Publish, Acknowledgement, Subscribe, Suback, Unsubscribe, Unsuback,
                            Pingreq, Pingresp, Disconnect, Auth>;

}  // namespace iot::mqtt
