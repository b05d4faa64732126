#include "gateway/live/live_feed.h"

#include <utility>

#include <boost/asio/post.hpp>

namespace iot::gateway {

std::shared_ptr<LiveFeed> LiveFeed::open(live::Hub& hub, live::Viewer viewer, live::Wish wish,
                                         std::optional<live::Position> from, boost::asio::any_io_executor executor,
                                         std::function<void()> on_events) {
  std::shared_ptr<LiveFeed> feed(new LiveFeed(hub, std::move(executor), std::move(on_events)));
  const std::weak_ptr<LiveFeed> weak = feed;
  feed->subscription_ = hub.subscribe(viewer, std::move(wish), from, [weak] {
    if (const auto alive = weak.lock()) alive->wake();
  });
  return feed->subscription_ ? feed : nullptr;
}

void LiveFeed::wake() {
  if (is_posted_.exchange(true, std::memory_order_acq_rel)) return;
  boost::asio::post(executor_, [self = shared_from_this()] {
    self->is_posted_.store(false, std::memory_order_release);
    if (self->on_events_) self->on_events_();
  });
}

bool LiveFeed::take(std::vector<live::Event>& events) {
  const bool any = subscription_->take(events);
  // One that fell behind goes on from the log now that there is room.
  hub_.resume(subscription_);
  return any;
}

void LiveFeed::close() {
  on_events_ = nullptr;
  hub_.unsubscribe(subscription_);
}

}  // namespace iot::gateway
