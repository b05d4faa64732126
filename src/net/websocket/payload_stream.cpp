#include "net/websocket/payload_stream.h"

#include <algorithm>
#include <cstring>

namespace iot::net {

PayloadStream::Step PayloadStream::next(std::span<char>& bytes) {
  payload_ = {};
  if (frame_bytes_left_ > 0) return give_payload(bytes);
  if (!gather(bytes, FrameHeader::start_bytes)) return Step::need_more;
  FrameHeader frame;
  frame.read_start(gathered());
  if (const char* fault = frame.fault(inside_message_, false)) return fail(CloseCode::protocol_error, fault);
  // MQTT 5.0, MQTT-6.0.0-1.
  if (frame.opcode == FrameHeader::text) {
    return fail(CloseCode::unsupported_data, "only binary messages carry this protocol");
  }
  if (!gather(bytes, frame.size())) return Step::need_more;
  if (!frame.read_length(gathered())) {
    return fail(CloseCode::protocol_error, "a length is not given in the shortest form");
  }
  std::memcpy(&mask_, gathered_.data() + frame.size() - FrameHeader::mask_bytes, sizeof mask_);
  if (frame.is_control()) return take_control(frame, bytes);
  const Step begun = begin_data(frame);
  return begun == Step::payload ? give_payload(bytes) : begun;
}

bool PayloadStream::gather(std::span<char>& bytes, std::size_t size) noexcept {
  if (gathered_bytes_ >= size) return true;
  const std::size_t count = std::min(bytes.size(), size - gathered_bytes_);
  std::copy_n(bytes.data(), count, gathered_.data() + gathered_bytes_);
  gathered_bytes_ += static_cast<std::uint8_t>(count);
  bytes = bytes.subspan(count);
  return gathered_bytes_ == size;
}

PayloadStream::Step PayloadStream::take_control(const FrameHeader& frame, std::span<char>& bytes) {
  const auto length = static_cast<std::size_t>(frame.length);
  if (!gather(bytes, frame.size() + length)) return Step::need_more;
  gathered_bytes_ = 0;
  char* const begin = gathered_.data() + frame.size();
  apply_mask(begin, length, mask_);
  payload_ = {begin, length};
  if (frame.opcode == FrameHeader::pong) return Step::nothing;
  if (frame.opcode == FrameHeader::ping) return Step::ping;
  const CloseFrame said = read_close(payload_);
  if (said.fault) return fail(said.code, said.fault);
  close_code_ = said.code;
  return Step::close;
}

PayloadStream::Step PayloadStream::begin_data(const FrameHeader& frame) {
  gathered_bytes_ = 0;
  if (!inside_message_) message_bytes_ = 0;
  if (frame.length > message_bytes_max_ - message_bytes_) {
    return fail(CloseCode::too_large, "the message is too large");
  }
  message_bytes_ += frame.length;
  frame_bytes_left_ = frame.length;
  inside_message_ = !frame.is_final();
  return frame.length == 0 ? Step::nothing : Step::payload;
}

PayloadStream::Step PayloadStream::give_payload(std::span<char>& bytes) {
  if (bytes.empty()) return Step::need_more;
  const std::size_t count = std::min<std::uint64_t>(bytes.size(), frame_bytes_left_);
  apply_mask(bytes.data(), count, mask_);
  payload_ = {bytes.data(), count};
  bytes = bytes.subspan(count);
  frame_bytes_left_ -= count;
  if (frame_bytes_left_ > 0) {
    // Where the mask goes on.
    char turned[sizeof mask_];
    std::memcpy(turned, &mask_, sizeof mask_);
    std::rotate(turned, turned + count % sizeof mask_, turned + sizeof mask_);
    std::memcpy(&mask_, turned, sizeof mask_);
  }
  return Step::payload;
}

PayloadStream::Step PayloadStream::fail(CloseCode code, std::string_view reason) noexcept {
  close_code_ = code;
  reason_ = reason;
  payload_ = {};
  return Step::failed;
}

}  // namespace iot::net
