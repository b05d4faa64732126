// A live subscription on its way to one event loop: wakes the loop once for all that has come meanwhile.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "live/hub.h"

namespace iot::gateway {

/// Belongs to the loop of `executor`.
class LiveFeed : public std::enable_shared_from_this<LiveFeed> {
 public:
  /// Null if there are too many subscriptions. `hub` must outlive the feed. `on_events` is called on the loop when
  /// events wait, until close().
  static std::shared_ptr<LiveFeed> open(live::Hub& hub, live::Viewer viewer, live::Wish wish,
                                        std::optional<live::Position> from, boost::asio::any_io_executor executor,
                                        std::function<void()> on_events);

  /// Replaces `events` by those that wait; false if there are none. More may come at once.
  bool take(std::vector<live::Event>& events);
  /// No more will come: the subscription is to be ended.
  bool has_failed() const { return subscription_->has_failed(); }
  void close();

 private:
  LiveFeed(live::Hub& hub, boost::asio::any_io_executor executor, std::function<void()> on_events)
      : hub_(hub), executor_(std::move(executor)), on_events_(std::move(on_events)) {}
  void wake();

  live::Hub& hub_;
  boost::asio::any_io_executor executor_;
  std::function<void()> on_events_;
  std::shared_ptr<live::Subscription> subscription_;
  std::atomic<bool> is_posted_{false};
};

}  // namespace iot::gateway
