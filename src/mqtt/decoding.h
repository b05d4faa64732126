// What the decoders of this module share.
#pragma once

#include <string>

#include "mqtt/errc.h"
#include "mqtt/frame.h"
#include "mqtt/properties.h"
#include "mqtt/wire.h"

namespace iot::mqtt {

inline Error malformed(PacketType type, std::string_view what) {
  return make_error(Errc::malformed, std::string(to_string(type)).append(" ").append(what));
}

inline Error protocol_error(PacketType type, std::string_view what) {
  return make_error(Errc::protocol_error, std::string(to_string(type)).append(" ").append(what));
}

/// The properties with their length before them, taken off the reader.
inline Result<Properties> read_properties(WireReader& reader, PacketType type, Sender sender,
                                          PropertySection section = PropertySection::packet) {
  const std::uint32_t bytes = reader.varint();
  const std::string_view raw = reader.bytes(bytes);
  if (!reader.ok()) return malformed(type, "ends within its properties");
  if (raw.empty()) return Properties();
  return Properties::check(raw, type, section, sender);
}

/// The properties of a packet that has them in 5.0; the others have none.
inline Result<Properties> read_properties_of(Version version, WireReader& reader, PacketType type, Sender sender) {
  if (version != Version::v5) return Properties();
  return read_properties(reader, type, sender);
}

/// The packet id, which is never 0 (5.0 section 2.2.1).
inline Result<std::uint16_t> read_packet_id(WireReader& reader, PacketType type) {
  const std::uint16_t id = reader.u16();
  if (!reader.ok()) return malformed(type, "ends before its packet identifier");
  if (id == 0) return protocol_error(type, "has packet identifier 0");
  return id;
}

}  // namespace iot::mqtt
