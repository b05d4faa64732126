// The connections of one protocol on all loops of a pool: a net/connection_loop.h on each, their ticks, their count,
// and their end. It does not matter where a connection comes from: several listeners (plain and TLS) may feed one
// group, and so may an HTTP server whose connections are taken over for a WebSocket.
//
//   auto group = ConnectionGroup::make(pool, clock, [&](const LoopPlace& place) {
//     return std::make_unique<MqttLoop>(place, broker, limits);
//   });
//   group->start();
//   listener = Listener::listen(group, ..., [group](std::size_t thread_index, Arrival arrival) {
//     static_cast<MqttLoop&>(group->loop(thread_index)).serve(std::move(arrival));
//   });
//   ...
//   listener->stop(); group->stop(deadline, done);
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "net/connection_loop.h"
#include "net/io_pool.h"

namespace iot::net {

class ConnectionGroup : public std::enable_shared_from_this<ConnectionGroup> {
 public:
  /// Called once for each loop, on the thread that calls make().
  using MakeLoop = std::function<std::unique_ptr<ConnectionLoop>(const LoopPlace&)>;

  /// `pool` and `clock` must outlive the group. The group itself lives until the last handler on the loops that uses it
  /// has ended, which is after stop() has reported or the pool was destroyed.
  static std::shared_ptr<ConnectionGroup> make(IoPool& pool, const Clock& clock, const MakeLoop& make_loop);
  ~ConnectionGroup();

  std::size_t loops() const noexcept { return loops_.size(); }
  /// Used on that loop's thread.
  ConnectionLoop& loop(std::size_t thread_index) noexcept;
  boost::asio::io_context& context(std::size_t thread_index) noexcept { return pool_.loop(thread_index); }

  /// Counts a connection that is about to be adopted, unless there are as many as that already. Any thread.
  std::optional<Admission> admit(std::size_t connections_max) noexcept;
  /// Connections of all loops, and those on their way to one. Any thread.
  std::size_t open() const noexcept { return open_.load(std::memory_order_relaxed); }

  /// Begins to tick. Once.
  void start();
  /// Ends all connections: idle ones now, the others after what they have begun, and what is open at `deadline` is cut.
  /// Then calls `done`, on one of the pool's threads. Once, after start(), and after its listeners were stopped.
  void stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done);

 private:
  struct Member;

  ConnectionGroup(IoPool& pool);
  void tick(Member& member);
  void stop_member(Member& member, std::chrono::steady_clock::time_point deadline);
  void finish(Member& member);

  IoPool& pool_;
  std::atomic<std::size_t> open_{0};
  std::vector<std::unique_ptr<Member>> loops_;
  std::function<void()> done_;
  std::atomic<std::size_t> running_{0};
};

}  // namespace iot::net
