// A PUBLISH on its way to subscribers: the same topic, payload and properties each time, with another packet id, QoS,
// alias and the like. The payload is copied once, into the subscriber's output; or not at all, when only the head is
// encoded and the payload is sent from where it lies.
//
// Subscribers with QoS 0 and without subscription identifiers or aliases get the same bytes: encode once per version.
// With QoS 1 and 2 only the packet id differs, which patch_packet_id() changes in a copy.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mqtt/packet.h"

namespace iot::mqtt {

/// What goes to one subscriber. Views, which must outlive the encoding.
struct OutgoingPublish {
  /// Empty if the topic alias stands for it, in 5.0 alone.
  std::string_view topic = {};
  std::string_view payload = {};
  /// As forwarded_properties() gives them; passed on as they are. Left out before 5.0, as all that follows from
  /// topic_alias on.
  Properties forwarded = {};
  Qos qos = Qos::at_most_once;
  bool duplicate = false;
  bool retain = false;
  std::uint16_t packet_id = 0;    ///< not looked at with QoS 0
  std::uint16_t topic_alias = 0;  ///< 0: none
  /// What is left of it.
  std::optional<std::uint32_t> message_expiry_s = {};
  /// Of each of the subscriber's subscriptions that match and have one (5.0 section 3.3.4): 1 to remaining_length_max.
  std::span<const std::uint32_t> subscription_ids = {};
};

/// The size of the packet with its fixed header: for the client's maximum packet size. More than packet_bytes_max
/// cannot be sent to anybody.
std::size_t encoded_bytes(Version version, const OutgoingPublish& packet) noexcept;

/// Appends the packet. encoded_bytes() must be at most packet_bytes_max.
void encode(std::string& out, Version version, const OutgoingPublish& packet);

/// Appends all but the payload, which must follow.
void encode_head(std::string& out, Version version, const OutgoingPublish& packet);

/// Puts another packet id and DUP flag into an encoded PUBLISH of QoS 1 or 2, or its head: `packet` begins with its
/// first byte, what follows it is not looked at.
void patch_packet_id(std::span<char> packet, std::uint16_t packet_id, bool duplicate);

/// The properties of a received PUBLISH that go on to subscribers unaltered (5.0 section 3.3.2.3): payload format,
/// content type, response topic, correlation data and user properties, in their order; not topic alias, message expiry
/// and subscription identifiers. They are a view into the packet where they lie together, as nearly always; else they
/// are copied into `scratch`, whose former content is lost.
Properties forwarded_properties(const Publish& packet, std::string& scratch);

}  // namespace iot::mqtt
