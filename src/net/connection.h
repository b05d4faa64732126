// One connection of any protocol, as its loop (net/connection_loop.h) sees it: a state machine that is driven by the
// readiness of its socket, by a visit about once a second, and by whoever answers it.
//
// The loop owns it. Everything is called on the loop's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "net/poller.h"

namespace iot::net {

/// on_ready() should hand what the poller says through Transport::readiness(), which knows what it means over TLS; and
/// a connection may try to read from the beginning, because its transport may hold bytes that no event announces. A
/// connection that is done calls ConnectionLoop::remove(*this), which destroys it later: the call may come from inside
/// of any of these functions, and must be the last thing that they do.
class Connection : public Pollable {
 public:
  /// Its place among the loop's connections. The loop's own.
  struct Place {
    std::uint32_t phase = 0;
    std::uint32_t index = 0;
    bool gave_way = false;
  };
  Place place;

  virtual int socket() const noexcept = 0;
  /// At least once a second: looks at deadlines and gives back memory that was not used for a while. By
  /// ConnectionLoop::now().
  virtual void on_tick() = 0;
  /// The loop stops: what is idle ends now, what has begun something ends after it.
  virtual void on_stop() = 0;

  /// Whether somebody outside of the loop (a handler, the event log) has yet to call the connection: it must not be
  /// destroyed before.
  virtual bool is_awaited() const noexcept { return false; }
  /// The loop is cut off while the connection is awaited. It keeps `keeper`, and when it is called at last it does
  /// nothing but Poller::retire_parked(*this).
  virtual void abandon(const std::shared_ptr<void>& keeper) { keeper_ = keeper; }
  /// The loop forgets the connection, whatever the reason: it closes its socket (destroys its transport) and takes back
  /// what it accounted. The loop may be gone before the object is; on_ready() may be called once more.
  virtual void leave() noexcept = 0;

 private:
  std::shared_ptr<void> keeper_;
};

}  // namespace iot::net
