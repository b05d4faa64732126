// WebSocket frames (RFC 6455 section 5) out of received bytes, as a server reads them, and onto the wire. Bytes in,
// values out: no socket, clock or thread.
//
// Strict: what the RFC calls a failure is one, lengths must be the shortest, text must be UTF-8. A message that comes
// in one frame is read where it arrived, without a copy. For bytes that need no whole messages use a PayloadStream
// (net/websocket/payload_stream.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/read_buffer.h"

namespace iot::net {

class MessageInflater;
struct FrameHeader;

/// RFC 6455 section 7.4.1; others from the wire are cast to it.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  none = 1005,  ///< never on the wire: the peer gave none
  invalid_payload = 1007,
  policy_violation = 1008,
  too_large = 1009,
  internal_error = 1011,
  try_again_later = 1013,
};

class WebSocketReader {
 public:
  enum class Step {
    need_more,  ///< Append more bytes to the buffer and call again.
    message,    ///< payload() is a whole message; is_text() says of which kind.
    ping,       ///< payload() is to be sent back.
    pong,
    close,   ///< The peer closes with close_code(), and payload() as its reason. Nothing may follow.
    failed,  ///< The peer broke the protocol or a limit: close with close_code() and reason().
  };

  /// Past `message_bytes_max`, as sent or decompressed, a message fails with 1009. `inflater` is null where
  /// permessage-deflate was not agreed on; else it must outlive the reader.
  WebSocketReader(std::size_t message_bytes_max, MessageInflater* inflater)
      : message_bytes_max_(message_bytes_max), inflater_(inflater) {}

  /// Goes on at the front of `buffer`, which nobody else may consume from. After `close` and `failed` it is over.
  Step next(ReadBuffer& buffer);

  /// Valid until the next call; of a message, with ReadBuffer::padding_bytes behind it.
  std::string_view payload() const noexcept { return payload_; }
  bool is_text() const noexcept { return is_text_; }
  CloseCode close_code() const noexcept { return close_code_; }
  /// Lives as long as the program.
  std::string_view reason() const noexcept { return reason_; }

  /// Whether a message or a frame has begun that is not complete.
  bool is_inside(const ReadBuffer& buffer) const noexcept { return is_fragmented_ || buffer.bytes().size() > taken_; }
  /// Bytes held beyond the buffer's.
  std::size_t held_bytes() const noexcept { return fragments_.capacity() + inflated_.capacity(); }
  /// Gives back memory that no message needs now.
  void release() noexcept;

 private:
  Step fail(CloseCode code, std::string_view reason) noexcept;
  Step take_control(const FrameHeader& frame);
  Step take_close();
  Step take_data(const FrameHeader& frame);
  Step finish_message();

  const std::size_t message_bytes_max_;
  MessageInflater* const inflater_;

  std::string_view payload_;
  CloseCode close_code_ = CloseCode::none;
  std::string_view reason_;
  std::size_t taken_ = 0;  ///< of the buffer, by the last step: forgotten with the next
  bool is_text_ = false;
  bool is_fragmented_ = false;  ///< fragments_ is the beginning of a message
  bool is_compressed_ = false;
  std::string fragments_;
  std::string inflated_;
};

enum class FrameKind : std::uint8_t { text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xA };

/// Appends a whole message (or a control frame, with a payload of at most 125 bytes) as a server sends it.
/// `compressed`: the payload is a MessageDeflater's.
void append_frame(std::string& out, FrameKind kind, std::string_view payload, bool compressed = false);

/// Appends a close frame; a reason that is too long is cut between two characters.
void append_close_frame(std::string& out, CloseCode code, std::string_view reason);

/// XORs `size` bytes with the mask, which begins at the first of them.
void apply_mask(char* bytes, std::size_t size, std::uint32_t mask_as_stored) noexcept;

}  // namespace iot::net
