// Accepts connections on an address and port and gives each to the next loop of a group (net/connection_group.h). It
// knows neither protocol nor TLS: what is said over a connection is its receiver's, and the transport is made by a
// function that net/tls.h has the other of.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/failure.h"
#include "base/metrics.h"
#include "net/connection_group.h"
#include "net/errors.h"
#include "net/transport.h"

namespace iot::net {

/// Who is at the other end.
struct Peer {
  std::string address;  ///< textual, without port
  std::uint16_t port = 0;
};

/// A connection that has just been accepted.
struct Arrival {
  std::unique_ptr<Transport> transport;
  Peer peer;
  Admission admission;  ///< for ConnectionLoop::adopt()
};

struct ListenerOptions {
  std::string name = {};  ///< labels metrics and logs: "http", "mqtt"
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  /// Of the whole group; further connections are closed at once, and counted.
  std::size_t connections_max = 20'000;
  /// Further ones wait in the kernel's queue (of net.core.somaxconn) until their second has come; 0: no limit.
  std::uint64_t connects_per_s_max = 0;
  /// Makes a connection's transport of its accepted socket. TlsContext::transports() is the one for TLS; empty: plain
  /// TCP.
  MakeTransport transport = {};
};

class Listener {
 public:
  /// Begins to serve an arrived connection; called on the thread of the group's loop `thread_index`. What throws costs
  /// the connection.
  using Arrived = std::function<void(std::size_t thread_index, Arrival arrival)>;

  /// Listens; accepting begins once the loops run. `metrics` and `clock` must outlive the last handler on the loops.
  static Result<std::unique_ptr<Listener>> listen(std::shared_ptr<ConnectionGroup> group, Metrics& metrics,
                                                  const Clock& clock, ListenerOptions options, Arrived arrived);
  /// After stop(), or after the pool was joined.
  virtual ~Listener() = default;
  /// "127.0.0.1:8083", with the port that was taken.
  virtual const std::string& address() const noexcept = 0;
  /// Stops accepting, soon. A connection that was accepted before may still arrive. Any thread, once.
  virtual void stop() = 0;
};

}  // namespace iot::net
