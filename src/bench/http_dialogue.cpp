#include "bench/http_dialogue.h"

#include "bench/http_answer.h"

namespace iot::bench {

HttpDialogue::HttpDialogue(const HttpClientOptions& options, ReadingPayload payload)
    : window_(options.window), payload_(std::move(payload)), in_flight_(window_) {
  head_ = "POST / HTTP/1.1\r\nHost: " + options.host + "\r\n";
  if (!options.token.empty()) head_ += "Authorization: Bearer " + options.token + "\r\n";
  head_ += "Content-Type: application/json\r\nContent-Length: " + std::to_string(payload_.text().size()) + "\r\n\r\n";
}

bool HttpDialogue::open(std::string&) {
  in_flight_ = InOrder(window_);
  return true;
}

void HttpDialogue::append_message(std::string& out, std::int64_t due_ns) {
  in_flight_.begin(due_ns);
  payload_.next();
  out += head_;
  out += payload_.text();
}

std::size_t HttpDialogue::take(std::string_view received, std::string&, DialogueEvents& events) {
  std::size_t taken = 0;
  while (const auto answer = read_answer(received.substr(taken))) {
    taken += answer->bytes;
    const auto due = in_flight_.end();
    if (answer->status == 0 || !due) {
      events.failed(answer->status == 0 ? "no HTTP" : "an answer to nothing");
      break;
    }
    const bool good = answer->status >= 200 && answer->status < 300;
    events.answered(*due, good ? std::string() : "HTTP " + std::to_string(answer->status));
    if (answer->closes) {
      events.failed("closed after HTTP " + std::to_string(answer->status));
      break;
    }
  }
  return taken;
}

}  // namespace iot::bench
