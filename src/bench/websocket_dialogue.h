// The WebSocket gateway: one text message each, answered or not (subprotocol iotplatform.ack).
#pragma once

#include "bench/dialogue.h"
#include "bench/in_flight.h"
#include "bench/readings.h"

namespace iot::bench {

struct WebSocketClientOptions {
  std::string host;  ///< "127.0.0.1:8765"
  std::string path = "/";
  std::string token;
  bool wants_answers = false;
  std::size_t window = 1;
};

class WebSocketDialogue final : public Dialogue {
 public:
  WebSocketDialogue(WebSocketClientOptions options, ReadingPayload payload);

  bool open(std::string& out) override;
  bool has_answers() const override { return options_.wants_answers; }
  std::size_t in_flight() const override { return in_flight_.count(); }
  bool is_full() const override { return in_flight_.is_full(); }
  void append_message(std::string& out, std::int64_t due_ns) override;
  void append_barrier(std::string& out) override;
  std::size_t take(std::string_view received, std::string& out, DialogueEvents& events) override;

 private:
  std::size_t take_handshake(std::string_view received, DialogueEvents& events);
  /// False if the connection has ended with it.
  bool take_frame(unsigned opcode, std::string_view payload, std::string& out, DialogueEvents& events);

  WebSocketClientOptions options_;
  ReadingPayload payload_;
  InOrder in_flight_;
  /// What stands before each message: its length never changes, and the mask need not.
  std::string head_;
  bool is_open_ = false;
};

}  // namespace iot::bench
