// From packets to bytes, appended to a string of the caller's. Any Version; what it does not have is left out. 5.0
// packets come in their shortest form: no reason code where it is success and nothing follows, no length of properties
// where there are none, as far as the packet's form allows.
//
// What the caller gives must be a packet that the decoders would take: texts of at most string_bytes_max bytes, names
// that are names. That is asserted only in part. For a PUBLISH from one client to many others see forward.h.
#pragma once

#include <string>

#include "mqtt/packet.h"

namespace iot::mqtt {

void encode(std::string& out, const Connect& packet);
void encode(std::string& out, Version version, const Connack& packet);
void encode(std::string& out, Version version, const Publish& packet);
void encode(std::string& out, Version version, const Acknowledgement& packet);
void encode(std::string& out, Version version, const Subscribe& packet);
void encode(std::string& out, Version version, const Suback& packet);
void encode(std::string& out, Version version, const Unsubscribe& packet);
void encode(std::string& out, Version version, const Unsuback& packet);
void encode(std::string& out, const Pingreq& packet);
void encode(std::string& out, const Pingresp& packet);
/// A server sends it with 5.0 only.
void encode(std::string& out, Version version, const Disconnect& packet);
/// With 5.0 only.
void encode(std::string& out, const Auth& packet);
/// Any of them; the version of a CONNECT is its own.
void encode(std::string& out, Version version, const Packet& packet);

/// PUBACK, PUBREC, PUBREL or PUBCOMP that say success: four bytes in every version.
void encode_success(std::string& out, PacketType type, std::uint16_t packet_id);

}  // namespace iot::mqtt
