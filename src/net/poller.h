// Readiness of many sockets on one event loop, for connections that read and write by themselves.
//
// Asio tries each read before it waits, so that every request of a keep-alive connection costs a read that finds
// nothing; waiting first costs an epoll_ctl instead. Here a socket is registered once, edge-triggered, in an epoll set
// of the loop's own, and Asio watches that set: what is ready comes in batches, and a request costs one recv and one
// send. See docs/decisions/0007-connections.md. For everything that is not this hot, use Asio's sockets.
//
// Belongs to one loop; everything is called on its thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/failure.h"

namespace iot::net {

/// What a socket is ready for since it was last told.
struct Readiness {
  bool readable = false;
  bool writable = false;
  /// The peer will send no more; what it sent may still be waiting.
  bool read_closed = false;
  /// Reset or closed on both sides.
  bool broken = false;
};

class Pollable {
 public:
  virtual ~Pollable() = default;
  virtual void on_ready(Readiness ready) = 0;
};

class Poller {
 public:
  explicit Poller(boost::asio::io_context& loop);

  /// Watches a non-blocking socket, edge-triggered: `pollable` hears of each change until the socket is closed or
  /// removed.
  Result<void> add(int socket, Pollable& pollable);
  void remove(int socket) noexcept;

  /// Destroys a pollable whose socket is closed or removed: later, once nobody can be inside of it and no event that
  /// was already fetched can name it.
  void retire(std::unique_ptr<Pollable> pollable);

  /// Keeps a pollable that is closed but that somebody will still call, until retire_parked() or the end of the loop.
  void park(std::unique_ptr<Pollable> pollable);
  void retire_parked(Pollable& pollable);
  /// Destroys all that is parked or retired. Once the loop has ended.
  void clear() noexcept;

 private:
  void wait();
  void run_batch();

  boost::asio::io_context& loop_;
  boost::asio::posix::stream_descriptor set_;
  std::vector<std::unique_ptr<Pollable>> retired_;
  std::vector<std::unique_ptr<Pollable>> parked_;
  bool in_batch_ = false;
};

}  // namespace iot::net
