#include "net/websocket/frames.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "net/websocket/frame_header.h"
#include "net/websocket/message_deflate.h"

namespace iot::net {
namespace {

void append_big(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = bytes; i-- > 0;) out.push_back(static_cast<char>(value >> (8 * i)));
}

/// RFC 6455 section 7.4 and IANA's registry: what an endpoint may send.
bool may_be_sent(std::uint16_t code) noexcept {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace

CloseFrame read_close(std::string_view payload) noexcept {
  if (payload.empty()) return {};
  if (payload.size() < 2) return {CloseCode::protocol_error, "a close code has two bytes"};
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(payload[at]); };
  const auto code = static_cast<std::uint16_t>(byte(0) << 8 | byte(1));
  if (!may_be_sent(code)) return {CloseCode::protocol_error, "the close code is none that may be sent"};
  if (!is_utf8(payload.substr(2))) return {CloseCode::invalid_payload, "the close reason is not UTF-8"};
  return {static_cast<CloseCode>(code)};
}

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

WebSocketReader::Step WebSocketReader::next(ReadBuffer& buffer) {
  buffer.consume(std::exchange(taken_, 0));
  payload_ = {};
  // What the last message was put together in.
  if (!is_fragmented_) fragments_.clear();
  while (true) {
    if (buffer.bytes().size() < FrameHeader::start_bytes) return Step::need_more;
    FrameHeader frame;
    frame.read_start(buffer.bytes());
    if (const char* fault = frame.fault(is_fragmented_, inflater_ != nullptr)) {
      return fail(CloseCode::protocol_error, fault);
    }
    const std::size_t header_bytes = frame.size();
    if (buffer.bytes().size() < header_bytes) return Step::need_more;
    if (!frame.read_length(buffer.bytes())) {
      return fail(CloseCode::protocol_error, "a length is not given in the shortest form");
    }
    if (!frame.is_control() && frame.length > message_bytes_max_ - std::min(message_bytes_max_, fragments_.size())) {
      return fail(CloseCode::too_large, "the message is too large");
    }
    const std::string_view bytes = buffer.bytes();
    if (bytes.size() - header_bytes < frame.length) return Step::need_more;
    const auto length = static_cast<std::size_t>(frame.length);
    char* const begin = buffer.writable() + header_bytes;
    std::uint32_t mask;
    std::memcpy(&mask, begin - FrameHeader::mask_bytes, FrameHeader::mask_bytes);
    apply_mask(begin, length, mask);
    payload_ = {begin, length};
    taken_ = header_bytes + length;
    const Step step = frame.is_control() ? take_control(frame) : take_data(frame);
    if (step != Step::need_more) return step;
    // A part of a message; the next may be there already.
    buffer.consume(std::exchange(taken_, 0));
  }
}

WebSocketReader::Step WebSocketReader::take_control(const FrameHeader& frame) {
  switch (frame.opcode) {
    case FrameHeader::ping:
      return Step::ping;
    case FrameHeader::pong:
      return Step::pong;
    default:
      return take_close();
  }
}

WebSocketReader::Step WebSocketReader::take_close() {
  const CloseFrame said = read_close(payload_);
  if (said.fault) return fail(said.code, said.fault);
  payload_.remove_prefix(std::min<std::size_t>(payload_.size(), 2));
  close_code_ = said.code;
  return Step::close;
}

WebSocketReader::Step WebSocketReader::take_data(const FrameHeader& frame) {
  if (frame.opcode != FrameHeader::continuation) {
    is_text_ = frame.opcode == FrameHeader::text;
    is_compressed_ = frame.is_compressed();
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
  out.push_back(static_cast<char>(FrameHeader::final_bit | (compressed ? FrameHeader::compressed_bit : 0) |
                                  static_cast<std::uint8_t>(kind)));
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
