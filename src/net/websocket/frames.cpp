#include "net/websocket/frames.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "net/websocket/message_deflate.h"

namespace iot::net {
namespace {

constexpr std::size_t control_bytes_max = 125;
constexpr std::size_t mask_bytes = 4;
constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t compressed_bit = 0x40;
constexpr std::uint8_t reserved_bits = 0x30;
constexpr std::uint8_t masked_bit = 0x80;

enum Opcode : std::uint8_t { continuation = 0x0, text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xA };

std::uint64_t load_big(const char* at, std::size_t bytes) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(at[i]);
  return value;
}

void append_big(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = bytes; i-- > 0;) out.push_back(static_cast<char>(value >> (8 * i)));
}

/// RFC 6455 section 7.4 and IANA's registry: what an endpoint may send.
bool may_be_sent(std::uint16_t code) noexcept {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace

void apply_mask(char* bytes, std::size_t size, std::uint32_t mask_as_stored) noexcept {
  const std::uint64_t mask = std::uint64_t{mask_as_stored} << 32 | mask_as_stored;
  std::size_t at = 0;
  for (; at + sizeof mask <= size; at += sizeof mask) {
    std::uint64_t word;
    std::memcpy(&word, bytes + at, sizeof word);
    word ^= mask;
    std::memcpy(bytes + at, &word, sizeof word);
  }
  char tail[sizeof mask];
  std::memcpy(tail, &mask, sizeof mask);
  for (std::size_t i = 0; at < size; ++i, ++at) bytes[at] = static_cast<char>(bytes[at] ^ tail[i]);
}

struct WebSocketReader::Frame {
  std::uint8_t flags = 0;
  std::uint8_t opcode = 0;
  std::uint8_t length_field = 0;  ///< 126 and 127: the length comes behind it
  bool is_masked = false;
  std::size_t header_bytes = 0;
  std::uint64_t length = 0;
  bool is_shortest = true;

  bool is_final() const noexcept { return (flags & final_bit) != 0; }
  bool is_control() const noexcept { return opcode >= close; }

  /// Of the first two bytes.
  void read_start(std::string_view bytes) noexcept {
    flags = static_cast<std::uint8_t>(bytes[0]);
    opcode = flags & 0x0F;
    const auto second = static_cast<std::uint8_t>(bytes[1]);
    is_masked = (second & masked_bit) != 0;
    length_field = second & 0x7F;
  }

  /// The rest; false if the header is not complete.
  bool read_rest(std::string_view bytes) noexcept {
    const std::size_t extension = length_field == 126 ? 2 : length_field == 127 ? 8 : 0;
    header_bytes = 2 + extension + mask_bytes;
    if (bytes.size() < header_bytes) return false;
    length = extension == 0 ? length_field : load_big(bytes.data() + 2, extension);
    is_shortest = extension == 0 || length >= (extension == 2 ? 126u : 0x10000u);
    return true;
  }
};

const char* WebSocketReader::fault_of(const Frame& frame) const noexcept {
  if (!frame.is_masked) return "a client's frames must be masked";
  if ((frame.flags & reserved_bits) != 0) return "a reserved bit is set";
  const bool may_be_compressed = inflater_ && (frame.opcode == text || frame.opcode == binary);
  if ((frame.flags & compressed_bit) != 0 && !may_be_compressed) return "a reserved bit is set";
  switch (frame.opcode) {
    case continuation:
      return is_fragmented_ ? nullptr : "there is no message to be continued";
    case text:
    case binary:
      return is_fragmented_ ? "a message begins inside of another" : nullptr;
    case close:
    case ping:
    case pong:
      if (!frame.is_final()) return "a control frame is fragmented";
      return frame.length_field > control_bytes_max ? "a control frame is longer than 125 bytes" : nullptr;
    default:
      return "the opcode is unknown";
  }
}

WebSocketReader::Step WebSocketReader::next(ReadBuffer& buffer) {
  buffer.consume(std::exchange(taken_, 0));
  payload_ = {};
  // What the last message was put together in.
  if (!is_fragmented_) fragments_.clear();
  while (true) {
    if (buffer.bytes().size() < 2) return Step::need_more;
    Frame frame;
    frame.read_start(buffer.bytes());
    // Told as soon as it shows, so that it is told the same however the bytes arrive.
    if (const char* fault = fault_of(frame)) return fail(CloseCode::protocol_error, fault);
    if (!frame.read_rest(buffer.bytes())) return Step::need_more;
    if (!frame.is_shortest) return fail(CloseCode::protocol_error, "a length is not given in the shortest form");
    if (!frame.is_control() && frame.length > message_bytes_max_ - std::min(message_bytes_max_, fragments_.size())) {
      return fail(CloseCode::too_large, "the message is too large");
    }
    const std::string_view bytes = buffer.bytes();
    if (bytes.size() - frame.header_bytes < frame.length) return Step::need_more;
    const auto length = static_cast<std::size_t>(frame.length);
    char* const begin = buffer.writable() + frame.header_bytes;
    std::uint32_t mask;
    std::memcpy(&mask, begin - mask_bytes, mask_bytes);
    apply_mask(begin, length, mask);
    payload_ = {begin, length};
    taken_ = frame.header_bytes + length;
    const Step step = frame.is_control() ? take_control(frame) : take_data(frame);
    if (step != Step::need_more) return step;
    // A part of a message; the next may be there already.
    buffer.consume(std::exchange(taken_, 0));
  }
}

WebSocketReader::Step WebSocketReader::take_control(const Frame& frame) {
  switch (frame.opcode) {
    case ping:
      return Step::ping;
    case pong:
      return Step::pong;
    default:
      return take_close();
  }
}

WebSocketReader::Step WebSocketReader::take_close() {
  close_code_ = CloseCode::none;
  if (payload_.empty()) return Step::close;
  if (payload_.size() < 2) return fail(CloseCode::protocol_error, "a close code has two bytes");
  const auto code = static_cast<std::uint16_t>(load_big(payload_.data(), 2));
  if (!may_be_sent(code)) return fail(CloseCode::protocol_error, "the close code is none that may be sent");
  payload_.remove_prefix(2);
  if (!is_utf8(payload_)) return fail(CloseCode::invalid_payload, "the close reason is not UTF-8");
  close_code_ = static_cast<CloseCode>(code);
  return Step::close;
}

WebSocketReader::Step WebSocketReader::take_data(const Frame& frame) {
  if (frame.opcode != continuation) {
    is_text_ = frame.opcode == text;
    is_compressed_ = (frame.flags & compressed_bit) != 0;
  }
  if (frame.is_final() && !is_fragmented_) return finish_message();
  is_fragmented_ = true;
  fragments_ += payload_;
  if (!frame.is_final()) return Step::need_more;
  is_fragmented_ = false;
  fragments_.reserve(fragments_.size() + ReadBuffer::padding_bytes);
  payload_ = fragments_;
  return finish_message();
}

WebSocketReader::Step WebSocketReader::finish_message() {
  if (is_compressed_) {
    switch (inflater_->inflate(payload_, message_bytes_max_, inflated_)) {
      case MessageInflater::Outcome::inflated:
        break;
      case MessageInflater::Outcome::malformed:
        return fail(CloseCode::invalid_payload, "the message cannot be decompressed");
      case MessageInflater::Outcome::too_large:
        return fail(CloseCode::too_large, "the decompressed message is too large");
    }
    payload_ = inflated_;
  }
  if (is_text_ && !is_utf8(payload_)) return fail(CloseCode::invalid_payload, "the text is not UTF-8");
  return Step::message;
}

WebSocketReader::Step WebSocketReader::fail(CloseCode code, std::string_view reason) noexcept {
  close_code_ = code;
  reason_ = reason;
  payload_ = {};
  return Step::failed;
}

void WebSocketReader::release() noexcept {
  if (!is_fragmented_) std::string().swap(fragments_);
  std::string().swap(inflated_);
  payload_ = {};
}

void append_frame(std::string& out, FrameKind kind, std::string_view payload, bool compressed) {
  out.push_back(static_cast<char>(final_bit | (compressed ? compressed_bit : 0) | static_cast<std::uint8_t>(kind)));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(payload.size()));
  } else if (payload.size() < 0x10000) {
    out.push_back(126);
    append_big(out, payload.size(), 2);
  } else {
    out.push_back(127);
    append_big(out, payload.size(), 8);
  }
  out += payload;
}

void append_close_frame(std::string& out, CloseCode code, std::string_view reason) {
  constexpr std::size_t reason_bytes_max = control_bytes_max - 2;
  if (reason.size() > reason_bytes_max) {
    std::size_t end = reason_bytes_max;
    // Not inside of a character.
    while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xC0) == 0x80) --end;
    reason = reason.substr(0, end);
  }
  std::string payload;
  if (code != CloseCode::none) {
    append_big(payload, static_cast<std::uint16_t>(code), 2);
    payload += reason;
  }
  append_frame(out, FrameKind::close, payload);
}

}  // namespace iot::net
