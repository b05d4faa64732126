// The messages of a WebSocket that arrived together and went to the event log as one batch, until the log has told what
// became of them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace iot::gateway {

class ReadingsConnection;

struct Volley {
  enum class Outcome { pending, stored, failed };

  /// Null once the connection is gone: nobody hears of the outcome then.
  ReadingsConnection* connection = nullptr;
  /// The frames that answer the messages, in order, as they are if all is stored.
  std::string answers;
  /// Of the messages, for the limit on what is in flight.
  std::size_t bytes = 0;
  Outcome outcome = Outcome::pending;
  /// For whom it failed: what the peer is told.
  std::string error;
  bool shuts_down = false;
  Volley* next = nullptr;  ///< of the same connection
};

/// Where volleys come from, and stay. Belongs to one loop's thread, and must outlive the event log's last answer.
class VolleyPool {
 public:
  Volley& take() {
    if (!free_) return *all_.emplace_back(std::make_unique<Volley>());
    Volley& volley = *free_;
    free_ = volley.next;
    volley.next = nullptr;
    return volley;
  }

  void give_back(Volley& volley) noexcept {
    volley.connection = nullptr;
    volley.answers.clear();
    if (volley.answers.capacity() > kept_bytes_max) std::string().swap(volley.answers);
    volley.bytes = 0;
    volley.outcome = Volley::Outcome::pending;
    volley.error.clear();
    volley.shuts_down = false;
    volley.next = free_;
    free_ = &volley;
  }

 private:
  static constexpr std::size_t kept_bytes_max = 16u << 10;

  std::vector<std::unique_ptr<Volley>> all_;
  Volley* free_ = nullptr;
};

}  // namespace iot::gateway
