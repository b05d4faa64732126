// Finds packets in received bytes: the fixed header (5.0 section 2.1), before the rest has arrived.
//
// A packet that is too long, of a type or with flags that may not come, is refused as soon as its first bytes say so.
// What is in the body is for decode.h. There is no state: call again from the packet's first byte when more has
// arrived; the header is at most five bytes, so that nothing is scanned twice.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "mqtt/protocol.h"

namespace iot::mqtt {

/// What the connection knows about the packets to come.
struct FrameRules {
  /// The connection's version; nothing before its CONNECT was decoded, when no other packet is let in.
  std::optional<Version> version;
  /// Who sends what is read: a client, in a server.
  Sender sender = Sender::client;
  /// Of a packet with its fixed header, at most.
  std::size_t bytes_max = packet_bytes_max;
};

/// One packet in the received bytes, valid as long as those are.
struct Frame {
  PacketType type{};
  std::uint8_t flags = 0;  ///< the lower four bits of the first byte
  std::string_view body;   ///< what follows the fixed header
  std::size_t bytes = 0;   ///< of the packet with its fixed header: what to take off the received bytes

  bool operator==(const Frame&) const = default;
};

/// Either a frame, or how much of one is missing.
struct FrameStep {
  std::optional<Frame> frame;
  /// If there is no frame: bytes that must be there, counted from the packet's first one, before a call can say more.
  /// It is the size of the whole packet as soon as the header has arrived, and at most FrameRules::bytes_max.
  std::size_t bytes_needed = 0;
};

/// Looks at the bytes from the first of a packet on; what follows the packet is not looked at. Errc::malformed for a
/// remaining length of more than four bytes (with 5.0: or more than it needs) and for flags, protocol_error for a type
/// that may not come, too_large.
Result<FrameStep> read_frame(std::string_view received, const FrameRules& rules);

}  // namespace iot::mqtt
