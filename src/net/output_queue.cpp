#include "net/output_queue.h"

#include <algorithm>
#include <utility>

namespace iot::net {

void OutputQueue::append_body(std::string&& body) {
  if (body.size() <= copied_bytes_max) {
    head_ += body;
  } else {
    body_ = std::move(body);
  }
}

IoOutcome OutputQueue::send(Transport& transport) {
  IoOutcome outcome;
  while (sent_ < head_.size() + body_.size()) {
    const std::size_t of_head = std::min(sent_, head_.size());
    const IoOutcome step =
        transport.send(std::string_view(head_).substr(of_head), std::string_view(body_).substr(sent_ - of_head));
    if (step.kind != IoOutcome::Kind::done) return {step.kind, outcome.bytes};
    sent_ += step.bytes;
    outcome.bytes += step.bytes;
  }
  sent_ = 0;
  head_.clear();
  // Assigning an empty string would keep the memory.
  if (head_.capacity() > kept_bytes_max) std::string().swap(head_);
  if (body_.capacity() > kept_bytes_max) std::string().swap(body_);
  return outcome;
}

}  // namespace iot::net
