// WebSocket frames from a client: whatever comes, and however it is cut, the same messages come out; and a stream of
// their payload gives what the messages carry.
#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "net/websocket/frames.h"
#include "net/websocket/message_deflate.h"
#include "net/websocket/payload_stream.h"

namespace {

using namespace iot::net;  // NOLINT(google-build-using-namespace): this file has nothing else

constexpr std::size_t message_bytes_max = 4096;

/// All that is told of the bytes, in pieces of this size. `carried`: what the binary messages before the first text
/// carry.
std::string told(std::string_view bytes, std::size_t piece, MessageInflater* inflater, std::string& carried) {
  WebSocketReader reader(message_bytes_max, inflater);
  ReadBuffer buffer;
  bool has_text = false;
  std::string all;
  while (true) {
    const WebSocketReader::Step step = reader.next(buffer);
    if (step == WebSocketReader::Step::need_more) {
      if (bytes.empty()) return all;
      const std::string_view part = bytes.substr(0, piece);
      std::string_view rest = part;
      while (!rest.empty()) {
        const auto space = buffer.free_space();
        const std::size_t count = std::min(space.size(), rest.size());
        std::memcpy(space.data(), rest.data(), count);
        buffer.commit(count);
        rest.remove_prefix(count);
      }
      bytes.remove_prefix(part.size());
      continue;
    }
    has_text |= step == WebSocketReader::Step::message && reader.is_text();
    if (step == WebSocketReader::Step::message && !has_text) carried += reader.payload();
    all += std::to_string(static_cast<int>(step)) + (reader.is_text() ? "t" : "b");
    if (step == WebSocketReader::Step::failed) return all;
    all += std::to_string(static_cast<int>(reader.close_code())) + ":";
    all += reader.payload();
    if (step == WebSocketReader::Step::close) return all;
  }
}

struct Streamed {
  std::string payload;
  std::string events;
  bool operator==(const Streamed&) const = default;
};

Streamed streamed(std::string bytes, std::size_t piece) {
  PayloadStream stream(message_bytes_max);
  Streamed all;
  for (std::size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at)) {
    std::span<char> rest(bytes.data() + at, std::min(piece, bytes.size() - at));
    while (true) {
      const PayloadStream::Step step = stream.next(rest);
      if (step == PayloadStream::Step::need_more) break;
      if (step == PayloadStream::Step::payload) {
        all.payload += stream.payload();
        continue;
      }
      all.events +=
          std::to_string(static_cast<int>(step)) + std::to_string(static_cast<int>(stream.close_code())) + ":";
      if (step == PayloadStream::Step::ping) all.events += stream.payload();
      all.events += std::to_string(all.payload.size());
      if (step == PayloadStream::Step::close || step == PayloadStream::Step::failed) return all;
    }
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  MessageInflater inflater;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  MessageInflater* const used = (data[0] & 1) != 0 ? &inflater : nullptr;
  std::string carried;
  std::string carried_in_pieces;
  const std::string whole = told(bytes, bytes.size() + 1, used, carried);
  const std::string cut = told(bytes, 1 + data[0] % 7, used, carried_in_pieces);
  // What is wrong may be told of fewer bytes, but no message may differ.
  if (whole != cut) __builtin_trap();
  const Streamed stream = streamed(std::string(bytes), bytes.size() + 1);
  if (stream != streamed(std::string(bytes), 1 + data[0] % 7)) __builtin_trap();
  if (used == nullptr && !stream.payload.starts_with(carried)) __builtin_trap();
  return 0;
}
