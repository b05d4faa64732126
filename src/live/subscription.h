// One live subscriber: what it wants, how far it is, and the events that wait for it.
//
// It gets readings as they come while it keeps up. When it does not, nothing is kept for it beyond its limit: it falls
// back on the event log and reads on from where it is, at its own pace, until it has caught up.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "live/events.h"

namespace iot::live {

class Hub;

struct SubscriptionLimits {
  /// Events that wait for the subscriber, in bytes of JSON.
  std::size_t queued_bytes_max = 256u << 10;
};

class Subscription {
 public:
  /// Moves the events that wait to `events` (cleared first); false if there are none. On the subscriber's thread.
  bool take(std::vector<Event>& events);
  /// No more events will come, because the event log cannot be read: to be ended. It may be begun again from the last
  /// event's position.
  bool has_failed() const;

 private:
  friend class Hub;

  enum class Mode : std::uint8_t {
    following,  ///< gets what the hub reads
    lagging,    ///< its queue was full: it goes on from `next_` when there is room
    reading,    ///< somebody reads the log for it right now
    failed,     ///< somebody could not
    ended,
  };

  Subscription(Viewer viewer, Wish wish, SubscriptionLimits limits, std::function<void()> wake)
      : viewer_(viewer), wish_(std::move(wish)), limits_(limits), wake_(std::move(wake)) {}

  const Viewer viewer_;
  const Wish wish_;
  const SubscriptionLimits limits_;
  const std::function<void()> wake_;

  /// The devices under which it is listed; empty with a wish for everything.
  std::vector<DeviceId> listed_;

  mutable std::mutex mutex_;
  // Under the lock:
  Mode mode_ = Mode::reading;
  /// What it has not got yet begins here.
  Position next_;
  std::vector<Event> queue_;
  std::size_t queued_bytes_ = 0;
};

}  // namespace iot::live
