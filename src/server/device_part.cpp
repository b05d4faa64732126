#include "server/device_part.h"

#include <chrono>

#include <boost/asio/post.hpp>

namespace iot::server {

namespace {

/// A long poll ends at most so much later than was asked for.
constexpr std::chrono::milliseconds tick_every{100};
constexpr unsigned ticks_per_s = 10;
/// What is not stored by then is found in its earlier state, and sent again.
constexpr std::chrono::seconds drain_s_max{5};

}  // namespace

Result<std::unique_ptr<DevicePart>> DevicePart::open(registry::Registry& registry,
                                                     gateway::OpenConnections& connections, Metrics& metrics,
                                                     const Clock& clock) {
  std::unique_ptr<DevicePart> part(new DevicePart);
  IOT_TRY(part->commands_, gateway::Commands::open(registry, clock, metrics, {}));
  IOT_TRY(part->presence_, gateway::DevicePresence::open(registry, connections, clock, metrics, {}));
  return part;
}

void DevicePart::start(const boost::asio::any_io_executor& executor, boost::asio::thread_pool& offload) {
  offload_ = &offload;
  timer_ = std::make_unique<boost::asio::steady_timer>(executor);
  tick_later();
}

void DevicePart::tick_later() {
  timer_->expires_after(tick_every);
  timer_->async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    commands_->tick();
    if (++ticks_ % ticks_per_s == 0) tick_presence();
    tick_later();
  });
}

void DevicePart::stop() {
  presence_->stop();
  commands_->drain(std::chrono::steady_clock::now() + drain_s_max);
}

void DevicePart::tick_presence() {
  if (presence_ticks_.exchange(true)) return;
  boost::asio::post(*offload_, [this] {
    presence_->tick();
    presence_ticks_ = false;
  });
}

}  // namespace iot::server
