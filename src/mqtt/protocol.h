// The words of MQTT that every file of this module uses: versions, packet types, QoS, who sends.
//
// Section numbers are those of the OASIS standards, "5.0 section 3.3" and "3.1.1 section 3.3"; what is said of 3.1 is
// from IBM's and Eurotech's specification of 2010.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace iot::mqtt {

/// The numbers are the protocol levels of CONNECT.
enum class Version : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5 = 5 };
std::string_view to_string(Version version) noexcept;

/// The numbers are those of the fixed header (5.0 section 2.1.2). 0 is reserved and never a PacketType.
enum class PacketType : std::uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth,
};
/// "PUBLISH"
std::string_view to_string(PacketType type) noexcept;

enum class Qos : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

/// Which side a packet comes from: some packets, and some properties, go one way only.
enum class Sender : std::uint8_t { client, server };

/// What the remaining length can say at most, and the longest packet with its fixed header (5.0 section 2.1.4).
inline constexpr std::size_t remaining_length_max = 268'435'455;
inline constexpr std::size_t packet_bytes_max = remaining_length_max + 5;

/// The longest string, binary value or topic: their length has two bytes.
inline constexpr std::size_t string_bytes_max = 65'535;

}  // namespace iot::mqtt
