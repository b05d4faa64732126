// The threads that do all input and output: one event loop each, and each connection stays on one of them for its life.
// Blocking work goes to net/offload.h.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

namespace iot::net {

class Poller;

class IoPool {
 public:
  /// Makes the loops; run() starts their threads.
  explicit IoPool(std::size_t threads);
  /// After stop() and join().
  ~IoPool();

  std::size_t size() const noexcept;
  boost::asio::io_context& loop(std::size_t index) noexcept;
  /// The readiness of that loop's hot sockets; used on its thread.
  Poller& poller(std::size_t index) noexcept;
  /// The loop for the next connection, in turn. Any thread.
  std::size_t next_index() noexcept;

  void run();
  /// Ends the loops, whatever still waits in them. Any thread.
  void stop() noexcept;
  void join() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iot::net
