// The bytes that the binary messages of a WebSocket carry, as they arrive, for a protocol that does not care how they
// are cut into frames and messages. Bytes in, values out: no socket, clock or thread. The rules are WebSocketReader's
// (frames.h), which gives whole messages.
//
// Bytes are read where they are, and none are kept but those of a header or a control frame that came in part.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "net/websocket/frame_header.h"
#include "net/websocket/frames.h"

namespace iot::net {

class PayloadStream {
 public:
  enum class Step {
    need_more,  ///< All bytes are taken.
    payload,    ///< payload() is the next part of what binary messages carry; not empty.
    ping,       ///< payload() is to be sent back.
    nothing,    ///< A pong, or a data frame without payload.
    close,      ///< The peer closes with close_code(). Nothing may follow.
    failed,     ///< The peer broke the protocol or a limit: close with close_code() and reason().
  };

  /// Past `message_bytes_max` a message fails with 1009, however little of it is ever held.
  explicit PayloadStream(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  /// Takes what it can from the front of `bytes`, which it may write to. After `close` and `failed` it is over.
  Step next(std::span<char>& bytes);

  /// Valid until the next call, and as long as the bytes.
  std::string_view payload() const noexcept { return payload_; }
  CloseCode close_code() const noexcept { return close_code_; }
  /// Lives as long as the program.
  std::string_view reason() const noexcept { return reason_; }

 private:
  /// Collects the first `size` bytes of the frame; false if `bytes` ends before.
  bool gather(std::span<char>& bytes, std::size_t size) noexcept;
  std::string_view gathered() const noexcept { return {gathered_.data(), gathered_bytes_}; }
  Step take_control(const FrameHeader& frame, std::span<char>& bytes);
  Step begin_data(const FrameHeader& frame);
  Step give_payload(std::span<char>& bytes);
  Step fail(CloseCode code, std::string_view reason) noexcept;

  const std::size_t message_bytes_max_;
  std::string_view payload_;
  CloseCode close_code_ = CloseCode::none;
  std::string_view reason_;
  std::uint64_t frame_bytes_left_ = 0;  ///< of a data frame's payload
  std::uint64_t message_bytes_ = 0;
  std::uint32_t mask_ = 0;  ///< as stored, its first byte for the next one of the payload
  bool inside_message_ = false;
  std::uint8_t gathered_bytes_ = 0;
  std::array<char, FrameHeader::bytes_max + control_bytes_max> gathered_;
};

}  // namespace iot::net
