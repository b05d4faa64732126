// The HTTP gateway: one POST a message, several under way at once where the window says so (pipelining).
#pragma once

#include "bench/dialogue.h"
#include "bench/in_flight.h"
#include "bench/readings.h"

namespace iot::bench {

struct HttpClientOptions {
  std::string host;  ///< "127.0.0.1:8083"
  std::string token;
  std::size_t window = 1;
};

class HttpDialogue final : public Dialogue {
 public:
  HttpDialogue(const HttpClientOptions& options, ReadingPayload payload);

  bool open(std::string& out) override;
  bool has_answers() const override { return true; }
  std::size_t in_flight() const override { return in_flight_.count(); }
  bool is_full() const override { return in_flight_.is_full(); }
  void append_message(std::string& out, std::int64_t due_ns) override;
  /// Every message has an answer: nothing else is needed.
  void append_barrier(std::string&) override {}
  std::size_t take(std::string_view received, std::string& out, DialogueEvents& events) override;

 private:
  std::size_t window_;
  std::string head_;
  ReadingPayload payload_;
  InOrder in_flight_;
};

}  // namespace iot::bench
