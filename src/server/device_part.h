// What the platform does for devices beside readings: commands to them, and their presence; with the timer of both.
#pragma once

#include <atomic>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "gateway/commands.h"
#include "gateway/device_presence.h"

namespace iot::server {

class DevicePart {
 public:
  /// Reads what was stored. All must outlive the part, which must outlive Registry::stop(). Errors of the registry.
  static Result<std::unique_ptr<DevicePart>> open(registry::Registry& registry, gateway::OpenConnections& connections,
                                                  Metrics& metrics, const Clock& clock);

  gateway::Commands& commands() noexcept { return *commands_; }
  gateway::DevicePresence& presence() noexcept { return *presence_; }

  /// Begins to tick on that event loop, until the loop is stopped; what walks all connected devices runs in `offload`.
  /// Once.
  void start(const boost::asio::any_io_executor& executor, boost::asio::thread_pool& offload);
  /// Stores what has changed. After the connections have ended and `offload` was joined, before Registry::stop().
  void stop();

 private:
  DevicePart() = default;
  void tick_later();
  void tick_presence();

  std::unique_ptr<gateway::Commands> commands_;
  std::unique_ptr<gateway::DevicePresence> presence_;
  std::unique_ptr<boost::asio::steady_timer> timer_;
  boost::asio::thread_pool* offload_ = nullptr;
  unsigned ticks_ = 0;
  std::atomic<bool> presence_ticks_{false};
};

}  // namespace iot::server
