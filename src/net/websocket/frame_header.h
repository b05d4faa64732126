// The header of a frame as a client sends it, and what a close frame says (RFC 6455 sections 5.2 and 5.5.1). For the
// two readers of frames: WebSocketReader (frames.h) and PayloadStream (payload_stream.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/websocket/frames.h"

namespace iot::net {

inline constexpr std::size_t control_bytes_max = 125;

/// Defined here because each frame asks all of it.
struct FrameHeader {
  enum Opcode : std::uint8_t { continuation = 0x0, text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xA };
  static constexpr std::uint8_t final_bit = 0x80;
  static constexpr std::uint8_t compressed_bit = 0x40;
  static constexpr std::size_t start_bytes = 2;
  static constexpr std::size_t mask_bytes = 4;
  static constexpr std::size_t bytes_max = start_bytes + 8 + mask_bytes;

  /// Of the first start_bytes.
  void read_start(std::string_view bytes) noexcept {
    flags = static_cast<std::uint8_t>(bytes[0]);
    opcode = flags & 0x0F;
    const auto second = static_cast<std::uint8_t>(bytes[1]);
    is_masked_ = (second & masked_bit) != 0;
    length_field_ = second & 0x7F;
  }

  /// Null if a frame that starts so may come now; else why not. To be asked as soon as it has started, so that the
  /// same is told however the bytes arrive.
  const char* fault(bool inside_message, bool may_be_compressed) const noexcept {
    if (!is_masked_) return "a client's frames must be masked";
    if ((flags & reserved_bits) != 0) return "a reserved bit is set";
    const bool begins_message = opcode == text || opcode == binary;
    if (is_compressed() && !(may_be_compressed && begins_message)) return "a reserved bit is set";
    switch (opcode) {
      case continuation:
        return inside_message ? nullptr : "there is no message to be continued";
      case text:
      case binary:
        return inside_message ? "a message begins inside of another" : nullptr;
      case close:
      case ping:
      case pong:
        if (!is_final()) return "a control frame is fragmented";
        return length_field_ > control_bytes_max ? "a control frame is longer than 125 bytes" : nullptr;
      default:
        return "the opcode is unknown";
    }
  }

  /// Of all size() bytes. False if the length is not given in the shortest form.
  bool read_length(std::string_view bytes) noexcept {
    const std::size_t extension = extension_bytes();
    if (extension == 0) {
      length = length_field_;
      return true;
    }
    length = 0;
    for (std::size_t i = 0; i < extension; ++i) {
      length = length << 8 | static_cast<unsigned char>(bytes[start_bytes + i]);
    }
    return length >= (extension == 2 ? 126u : 0x10000u);
  }

  /// Known after read_start(); the mask is the last of it.
  std::size_t size() const noexcept { return start_bytes + extension_bytes() + mask_bytes; }
  bool is_final() const noexcept { return (flags & final_bit) != 0; }
  bool is_compressed() const noexcept { return (flags & compressed_bit) != 0; }
  bool is_control() const noexcept { return opcode >= close; }

  std::uint8_t flags = 0;
  std::uint8_t opcode = 0;
  std::uint64_t length = 0;

 private:
  static constexpr std::uint8_t reserved_bits = 0x30;
  static constexpr std::uint8_t masked_bit = 0x80;

  std::size_t extension_bytes() const noexcept { return length_field_ == 126 ? 2 : length_field_ == 127 ? 8 : 0; }

  std::uint8_t length_field_ = 0;  ///< 126 and 127: the length comes behind it
  bool is_masked_ = false;
};

struct CloseFrame {
  CloseCode code = CloseCode::none;  ///< the peer's, or the one to answer a fault with
  const char* fault = nullptr;
};
CloseFrame read_close(std::string_view payload) noexcept;

}  // namespace iot::net
