// A WebSocket connection that echoes, against a simple model: whatever frames come, and however they are cut, what the
// model says is echoed, in order, and then the connection is as open or closed as it says.
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/websocket/scripted_peer.h"

namespace {

using namespace iot::net;  // NOLINT(google-build-using-namespace): this file has nothing else

constexpr std::size_t message_bytes_max = 300;

class Echo final : public WebSocketConnection {
 public:
  explicit Echo(WebSocketLoop& loop) : WebSocketConnection(loop, {}) {}

 private:
  void on_message(std::string_view payload, bool is_text) override {
    send(is_text ? FrameKind::text : FrameKind::binary, payload);
  }
};

struct ClientFrame {
  unsigned first_byte = 0;
  std::string payload;
};

/// Two bytes of head, and the payload that is left of what the second one says.
std::vector<ClientFrame> frames_of(std::string_view input) {
  std::vector<ClientFrame> frames;
  while (input.size() >= 2) {
    const auto first = static_cast<unsigned char>(input[0]);
    const std::size_t size = std::min<std::size_t>(static_cast<unsigned char>(input[1]), input.size() - 2);
    frames.push_back({first, std::string(input.substr(2, size))});
    input.remove_prefix(2 + size);
  }
  return frames;
}

/// RFC 3629, table 3-7 of Unicode, written down once more.
bool is_good_text(std::string_view text) {
  const auto at = [&](std::size_t i) -> unsigned { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  const auto follows = [&](std::size_t i) { return at(i) >= 0x80 && at(i) <= 0xBF; };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned c = at(i);
    if (c < 0x80) {
      i += 1;
    } else if (c >= 0xC2 && c <= 0xDF && follows(i + 1)) {
      i += 2;
    } else if (c >= 0xE0 && c <= 0xEF && follows(i + 1) && follows(i + 2) && !(c == 0xE0 && at(i + 1) < 0xA0) &&
               !(c == 0xED && at(i + 1) > 0x9F)) {
      i += 3;
    } else if (c >= 0xF0 && c <= 0xF4 && follows(i + 1) && follows(i + 2) && follows(i + 3) &&
               !(c == 0xF0 && at(i + 1) < 0x90) && !(c == 0xF4 && at(i + 1) > 0x8F)) {
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

std::string answer_to_close(const std::string& payload) {
  if (payload.empty()) return "close";
  if (payload.size() == 1) return "close 1002:";
  const unsigned code = static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
  const bool may_be_sent =
      (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999);
  if (!may_be_sent) return "close 1002:";
  return is_good_text(std::string_view(payload).substr(2)) ? "close " + std::to_string(code) + ":" : "close 1007:";
}

std::vector<std::string> expected_of(const std::vector<ClientFrame>& frames) {
  std::vector<std::string> expected;
  std::optional<std::string> message;
  bool is_text = false;
  for (const ClientFrame& frame : frames) {
    const unsigned opcode = frame.first_byte & 0x0F;
    const bool is_final = (frame.first_byte & 0x80) != 0;
    const auto closes = [&](const char* with) { expected.emplace_back(with); };
    if ((frame.first_byte & 0x70) != 0) return closes("close 1002:"), expected;
    if (opcode >= 8) {
      if (opcode > 10 || !is_final || frame.payload.size() > 125) return closes("close 1002:"), expected;
      if (opcode == 8) return expected.push_back(answer_to_close(frame.payload)), expected;
      if (opcode == 9) expected.push_back("pong:" + frame.payload);
      continue;
    }
    if (opcode > 2 || (opcode == 0) != message.has_value()) return closes("close 1002:"), expected;
    if (opcode != 0) {
      message = "";
      is_text = opcode == 1;
    }
    if (message->size() + frame.payload.size() > message_bytes_max) return closes("close 1009:"), expected;
    *message += frame.payload;
    if (!is_final) continue;
    if (is_text && !is_good_text(*message)) return closes("close 1007:"), expected;
    expected.push_back((is_text ? "text:" : "binary:") + *message);
    message.reset();
  }
  return expected;
}

/// Reasons are for people, and none of the model's business.
std::vector<std::string> without_reasons(std::vector<std::string> heard) {
  for (std::string& one : heard) {
    if (one.starts_with("close ")) one.erase(one.find(':') + 1);
  }
  return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  static iot::ManualClock clock;
  static iot::Metrics metrics;
  ScriptedLoop loop(clock, metrics, {.message_bytes_max = message_bytes_max});
  ScriptedPeer peer;
  peer.connect(loop, std::make_unique<Echo>(loop.loop));
  const auto frames = frames_of({reinterpret_cast<const char*>(data) + 1, size - 1});
  std::string bytes;
  for (const ClientFrame& frame : frames) bytes += client_frame(frame.first_byte, frame.payload);
  const std::size_t piece = data[0] == 0 ? bytes.size() + 1 : data[0];
  for (std::size_t at = 0; at < bytes.size(); at += piece) peer.send(std::string_view(bytes).substr(at, piece));
  const auto heard = without_reasons(peer.heard());
  const auto expected = expected_of(frames);
  if (heard != expected) {
    for (const auto& one : expected) std::fprintf(stderr, "expected %s\n", one.c_str());
    for (const auto& one : heard) std::fprintf(stderr, "heard    %s\n", one.c_str());
    std::abort();
  }
  return 0;
}
