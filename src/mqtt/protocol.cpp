#include "mqtt/protocol.h"

#include <array>

namespace iot::mqtt {

std::string_view to_string(Version version) noexcept {
  switch (version) {
    case Version::v3_1:
      return "3.1";
    case Version::v3_1_1:
      return "3.1.1";
    case Version::v5:
      return "5.0";
  }
  return "unknown";
}

std::string_view to_string(PacketType type) noexcept {
  static constexpr std::array<std::string_view, 16> names{
      "RESERVED",  "CONNECT", "CONNACK",     "PUBLISH",  "PUBACK",  "PUBREC",   "PUBREL",     "PUBCOMP",
      "SUBSCRIBE", "SUBACK",  "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"};
  return names[static_cast<std::uint8_t>(type) & 0x0F];
}

}  // namespace iot::mqtt
