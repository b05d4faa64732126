// The connections of one protocol on one event loop. Belongs to that loop's thread. Those of all loops together are a
// net/connection_group.h; where connections come from is a net/listener.h, or an exchange that was taken over
// (net/http.h).
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "net/connection.h"
#include "net/poller.h"

namespace iot::net {

/// How often a loop looks around.
inline constexpr std::chrono::milliseconds tick_interval{250};
/// Each tick visits the connections of one phase. With a hundred thousand of them a tick stays short, and each one is
/// visited once in `visit_interval`: deadlines are that coarse.
inline constexpr std::size_t tick_phases = 4;
inline constexpr std::chrono::milliseconds visit_interval = tick_interval * tick_phases;

/// What a connection may do before it gives way to the others (ConnectionLoop::give_way): so many bytes, where a step
/// counts as some too. A few milliseconds of small messages.
inline constexpr std::ptrdiff_t turn_bytes_max = 256u << 10;
inline constexpr std::ptrdiff_t turn_bytes_per_step = 64;

/// One connection in the count of its group, from before it is made (ConnectionGroup::admit) until it is gone.
class Admission {
 public:
  explicit Admission(std::atomic<std::size_t>& counted) noexcept : open_(&counted) {}
  Admission(Admission&& other) noexcept : open_(std::exchange(other.open_, nullptr)) {}
  Admission& operator=(Admission&&) = delete;
  ~Admission() {
    if (open_) open_->fetch_sub(1, std::memory_order_relaxed);
  }
  /// The count stays as it is; whoever calls this takes the connection off it later.
  void keep() noexcept { open_ = nullptr; }

 private:
  std::atomic<std::size_t>* open_;
};

/// Where a ConnectionLoop lives. What is referred to outlives it.
struct LoopPlace {
  boost::asio::io_context& context;
  Poller& poller;
  std::size_t thread_index;  ///< 0 .. loops of the pool - 1
  std::atomic<std::size_t>& open;
  const Clock& clock;
};

class ConnectionLoop {
 public:
  /// `buffered_bytes_max` is what the connections of this loop may hold of requests or messages (see account()).
  ConnectionLoop(const LoopPlace& place, std::size_t buffered_bytes_max);
  virtual ~ConnectionLoop();
  ConnectionLoop(const ConnectionLoop&) = delete;

  /// Takes over a connection and watches its socket. False if that fails (which is logged) or the loop stops: then the
  /// connection is gone. The first on_ready() comes from the poller, for a new socket can be written to; one that has
  /// input already (TakenConnection) is best driven by its maker, as the last thing it does with it.
  bool adopt(std::unique_ptr<Connection> connection, Admission admission);
  /// A connection that is done: forgets it, and destroys it once nobody can be inside of it.
  void remove(Connection& connection);

  /// Brings the coarse clock up to date and visits a part of the connections. One that derives from this does its own
  /// besides.
  virtual void tick();
  /// Ends idle connections now and the others after what they have begun. From then on none is adopted.
  virtual void begin_stop();
  /// Closes all sockets now. A connection that is awaited is kept, together with `keeper`, until it is called.
  void cut(const std::shared_ptr<void>& keeper);

  /// For a connection that could go on but has had its share of the loop: its on_ready() is called with nothing new,
  /// once what else is ready has had its turn. Not if it is gone by then.
  void give_way(Connection& connection);

  bool stopping() const noexcept { return stopping_; }
  std::size_t connections() const noexcept { return connections_; }
  /// The steady clock, up to `tick_interval` late.
  Clock::Steady now() const noexcept { return now_; }
  /// When something ends that may last for `limit` from now on; not earlier than it should.
  Clock::Steady deadline_after(std::chrono::milliseconds limit) const noexcept { return now_ + limit + tick_interval; }

  /// Notes that a connection holds `change` bytes more (or less).
  void account(std::ptrdiff_t change) noexcept { buffered_bytes_ += change; }
  bool buffers_full() const noexcept { return buffered_bytes_ > buffered_bytes_max_; }

  boost::asio::io_context& context;
  Poller& poller;
  const boost::asio::any_io_executor executor;
  const std::size_t thread_index;

 protected:
  const Clock& clock() const noexcept { return clock_; }
  /// Connections of the whole group.
  std::size_t open() const noexcept { return open_.load(std::memory_order_relaxed); }

 private:
  using Phase = std::vector<std::unique_ptr<Connection>>;
  /// Connections that gave way. Shared with what is posted to the loop, which may outlive this object.
  struct Turns {
    std::vector<Connection*> waiting;
    std::vector<Connection*> driven;
  };

  /// Takes the connection off its list.
  std::unique_ptr<Connection> take(Connection& connection);
  static void drive(Turns& turns);

  const Clock& clock_;
  std::atomic<std::size_t>& open_;
  const std::ptrdiff_t buffered_bytes_max_;
  std::ptrdiff_t buffered_bytes_ = 0;
  std::array<Phase, tick_phases> phases_;
  std::shared_ptr<Turns> turns_ = std::make_shared<Turns>();
  std::size_t connections_ = 0;
  std::size_t next_adopted_ = 0;
  std::size_t next_visited_ = 0;
  Clock::Steady now_;
  bool stopping_ = false;
};

}  // namespace iot::net
