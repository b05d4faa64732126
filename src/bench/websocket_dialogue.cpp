#include "bench/websocket_dialogue.h"

#include <cstring>

#include "bench/http_answer.h"
#include "net/websocket/frames.h"

namespace iot::bench {
namespace {

// Masks must be unpredictable where a page in a browser chooses the payload (RFC 6455 section 10.3). Nobody does here,
// and a fixed one costs nothing.
constexpr char mask_bytes[] = {'\x37', '\x5A', '\x21', '\x4D'};

std::uint32_t mask() noexcept {
  std::uint32_t value;
  std::memcpy(&value, mask_bytes, sizeof value);
  return value;
}

/// A masked frame's head, whole in one frame.
std::string frame_head(unsigned opcode, std::size_t bytes) {
  std::string head;
  head += static_cast<char>(0x80 | opcode);
  if (bytes < 126) {
    head += static_cast<char>(0x80 | bytes);
  } else if (bytes < 65'536) {
    head += static_cast<char>(0x80 | 126);
    for (int shift = 8; shift >= 0; shift -= 8) head += static_cast<char>(bytes >> shift);
  } else {
    head += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) head += static_cast<char>(bytes >> shift);
  }
  head.append(mask_bytes, sizeof mask_bytes);
  return head;
}

void append_masked(std::string& out, std::string_view payload) {
  const auto at = out.size();
  out += payload;
  net::apply_mask(out.data() + at, payload.size(), mask());
}

constexpr unsigned text = 0x1, close_code = 0x8, ping = 0x9, pong = 0xA;

/// An unmasked frame, as a server sends it.
struct ServerFrame {
  unsigned opcode = 0;
  std::string_view payload;
  std::size_t bytes = 0;
};

/// 0 bytes: not whole yet.
ServerFrame read_server_frame(std::string_view received) {
  if (received.size() < 2) return {};
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(received[at]); };
  std::size_t length = byte(1) & 0x7F, head = 2;
  const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (received.size() < head + extended) return {};
  if (extended > 0) length = 0;
  for (std::size_t i = 0; i < extended; ++i) length = length << 8 | byte(head++);
  if (received.size() - head < length) return {};
  return {byte(0) & 0x0Fu, received.substr(head, length), head + length};
}

}  // namespace

WebSocketDialogue::WebSocketDialogue(WebSocketClientOptions options, ReadingPayload payload)
    : options_(std::move(options)),
      payload_(std::move(payload)),
      in_flight_(options_.window),
      head_(frame_head(text, payload_.text().size())) {}

bool WebSocketDialogue::open(std::string& out) {
  is_open_ = false;
  in_flight_ = InOrder(options_.window);
  out += "GET " + options_.path + " HTTP/1.1\r\nHost: " + options_.host +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  if (!options_.token.empty()) out += "Authorization: Bearer " + options_.token + "\r\n";
  if (options_.wants_answers) out += "Sec-WebSocket-Protocol: iotplatform.ack\r\n";
  out += "\r\n";
  return false;
}

void WebSocketDialogue::append_message(std::string& out, std::int64_t due_ns) {
  if (options_.wants_answers) in_flight_.begin(due_ns);
  payload_.next();
  out += head_;
  append_masked(out, payload_.text());
}

void WebSocketDialogue::append_barrier(std::string& out) {
  out += frame_head(ping, 0);
}

std::size_t WebSocketDialogue::take(std::string_view received, std::string& out, DialogueEvents& events) {
  std::size_t taken = 0;
  if (!is_open_) {
    taken = take_handshake(received, events);
    if (!is_open_) return taken;
  }
  while (true) {
    const auto frame = read_server_frame(received.substr(taken));
    if (frame.bytes == 0) return taken;
    taken += frame.bytes;
    if (!take_frame(frame.opcode, frame.payload, out, events)) return taken;
  }
}

std::size_t WebSocketDialogue::take_handshake(std::string_view received, DialogueEvents& events) {
  const auto answer = read_answer(received);
  if (!answer) return 0;
  if (answer->status != 101) {
    events.failed("HTTP " + std::to_string(answer->status));
  } else if (options_.wants_answers && field_of(answer->head, "sec-websocket-protocol") != "iotplatform.ack") {
    events.failed("the server does not know iotplatform.ack");
  } else {
    is_open_ = true;
    events.opened();
  }
  return answer->bytes;
}

bool WebSocketDialogue::take_frame(unsigned opcode, std::string_view payload, std::string& out,
                                   DialogueEvents& events) {
  if (opcode == ping) {
    out += frame_head(pong, payload.size());
    append_masked(out, payload);
  } else if (opcode == pong) {
    events.passed_barrier();
  } else if (opcode == close_code) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(payload[at]); };
    const unsigned code = payload.size() < 2 ? 1005 : static_cast<unsigned>(byte(0) << 8 | byte(1));
    events.failed("closed with " + std::to_string(code));
    return false;
  } else if (const auto due = in_flight_.end()) {
    events.answered(*due, payload.starts_with("{\"accepted\"") ? std::string() : "refused");
  } else {
    events.delivered(payload);
  }
  return true;
}

}  // namespace iot::bench
