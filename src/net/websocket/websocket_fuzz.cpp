// WebSocket frames from a client: whatever comes, and however it is cut, the same messages come out.
#include <cstring>
#include <string>
#include <string_view>

#include "net/websocket/frames.h"
#include "net/websocket/message_deflate.h"

namespace {

using namespace iot::net;  // NOLINT(google-build-using-namespace): this file has nothing else

/// All that is told of the bytes, in pieces of this size.
std::string told(std::string_view bytes, std::size_t piece, MessageInflater* inflater) {
  WebSocketReader reader(4096, inflater);
  ReadBuffer buffer;
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
    all += std::to_string(static_cast<int>(step)) + (reader.is_text() ? "t" : "b");
    if (step == WebSocketReader::Step::failed) return all;
    all += std::to_string(static_cast<int>(reader.close_code())) + ":";
    all += reader.payload();
    if (step == WebSocketReader::Step::close) return all;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  MessageInflater inflater;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  MessageInflater* const used = (data[0] & 1) != 0 ? &inflater : nullptr;
  const std::string whole = told(bytes, bytes.size() + 1, used);
  const std::string cut = told(bytes, 1 + data[0] % 7, used);
  // What is wrong may be told of fewer bytes, but no message may differ.
  if (whole != cut) __builtin_trap();
  return 0;
}
