// The properties of MQTT 5.0 packets (section 2.2.2): kept as the bytes they came in, once those were found valid.
//
// Properties is a view; the bytes belong to the packet, or to the string that a PropertyWriter fills, and must outlive
// it. Which packet has which property is in the table of properties.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "mqtt/protocol.h"

namespace iot::mqtt {

enum class PropertyId : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2A,
};

/// How a property's value lies in bytes.
enum class PropertyKind : std::uint8_t { none, byte, two_bytes, four_bytes, varint, text, binary, pair };

/// `none` for a number that is no property.
PropertyKind kind_of(std::uint8_t id) noexcept;

/// One property. Numbers of any width are in `number`; texts and binary values in `text`; a user property has its name
/// in `text` and its value in `value`.
struct Property {
  PropertyId id{};
  std::uint32_t number = 0;
  std::string_view text;
  std::string_view value;
  std::string_view raw;  ///< all its bytes, the identifier included

  bool operator==(const Property&) const = default;
};

/// What may stand in a section of properties: that of a packet, or that of the will in a CONNECT.
enum class PropertySection : std::uint8_t { packet, will };

/// The properties of one packet, valid ones. Empty for versions before 5.0. Look-ups go through the bytes: keep what is
/// needed more than once.
class Properties {
 public:
  Properties() = default;

  /// Takes bytes that a PropertyWriter wrote or that another Properties held: they are not looked at again.
  static Properties trusted(std::string_view raw) noexcept {
    Properties properties;
    properties.raw_ = raw;
    return properties;
  }

  /// Looks at the bytes of one section, without its length: whether each property is whole, may stand in such a packet,
  /// comes once only (but user properties, and subscription identifiers from a server), and has a value that the
  /// standard allows. Errc::malformed, protocol_error or alias_invalid.
  static Result<Properties> check(std::string_view raw, PacketType type, PropertySection section, Sender sender);

  bool empty() const noexcept { return raw_.empty(); }
  std::string_view raw() const noexcept { return raw_; }

  /// The value of a property of numbers, or nothing where it is missing.
  std::optional<std::uint32_t> number(PropertyId id) const noexcept;
  /// The value of a property of text or binary data, or nothing where it is missing.
  std::optional<std::string_view> text(PropertyId id) const noexcept;

  /// Calls visit(const Property&) for each, in the order they came in.
  template <class Visit>
  void each(Visit&& visit) const {
    std::string_view rest = raw_;
    while (!rest.empty()) visit(take(rest));
  }

  bool operator==(const Properties&) const = default;

 private:
  /// The first property of bytes that are known to be valid, and takes it off them.
  static Property take(std::string_view& rest) noexcept;

  std::string_view raw_;
};

/// Appends properties to a string of the caller's, in the order of the calls; that they fit their packet is up to the
/// caller. Properties::trusted(string) is what encoders take.
class PropertyWriter {
 public:
  /// `out` must outlive the writer.
  explicit PropertyWriter(std::string& out) noexcept : out_(out) {}

  /// A property of numbers, in its width.
  PropertyWriter& number(PropertyId id, std::uint32_t value);
  /// A property of text or binary data of at most string_bytes_max bytes.
  PropertyWriter& text(PropertyId id, std::string_view value);
  PropertyWriter& user_property(std::string_view name, std::string_view value);

 private:
  std::string& out_;
};

}  // namespace iot::mqtt
