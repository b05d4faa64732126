// What a connection still has to send: small answers gathered into one run, a large body beside it uncopied.
#pragma once

#include <cstddef>
#include <string>

#include "net/transport.h"

namespace iot::net {

class OutputQueue {
 public:
  bool empty() const noexcept { return head_.empty() && body_.empty(); }
  std::size_t bytes() const noexcept { return head_.size() + body_.size() - sent_; }
  /// Whether more answers may be gathered before the next send.
  bool takes_more() const noexcept { return body_.empty() && head_.size() < gather_bytes_max; }

  /// Where small things are appended. Only while takes_more().
  std::string& head() noexcept { return head_; }
  /// Appends a body; a large one is taken over.
  void append_body(std::string&& body);

  /// Gives back the memory that was kept for the next answer, if nothing waits.
  void release() noexcept {
    if (empty()) std::string().swap(head_);
  }

  /// Sends what `transport` takes: done once nothing is left. The bytes are those that went out by this call.
  IoOutcome send(Transport& transport);

 private:
  /// Below this, copying costs less than a second element in the system call.
  static constexpr std::size_t copied_bytes_max = 16u << 10;
  static constexpr std::size_t gather_bytes_max = 64u << 10;
  /// Memory kept for the next answer.
  static constexpr std::size_t kept_bytes_max = 4u << 10;

  std::string head_;
  std::string body_;
  std::size_t sent_ = 0;  ///< of both together
};

}  // namespace iot::net
