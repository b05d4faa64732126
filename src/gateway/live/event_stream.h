// Live readings as Server-Sent Events (HTML Living Standard, section 9.2): `id:` is the position, which a browser says
// again by itself when it reconnects (Last-Event-ID), `data:` the reading; `event: missed` where readings are gone.
//
// A connection that has left the HTTP server: the answer to its request never ends.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/live/live_feed.h"
#include "gateway/open_connections.h"
#include "net/connection.h"
#include "net/connection_loop.h"
#include "net/http.h"

namespace iot::gateway {

class EventStream final : public net::Connection, public OpenConnection {
 public:
  EventStream(net::ConnectionLoop& loop, OpenConnections& open_connections, const Clock& clock,
              std::string peer_address);

  EnterRefusal enter(const Principal& principal);
  /// Sends the answer's header and begins. The connection may be gone when this returns.
  static void serve(std::unique_ptr<EventStream> connection, net::TakenConnection taken, std::shared_ptr<LiveFeed> feed,
                    net::Admission admission);
  void on_events() { drive(); }

  int socket() const noexcept override { return transport_->socket(); }
  void on_ready(net::Readiness ready) override;
  void on_tick() override;
  void on_stop() override;
  void leave() noexcept override;
  void on_withdrawn(WithdrawnReason reason) override;

 private:
  void drive();
  bool advance();
  void prepare_events();
  /// False if the socket takes no more now, or the connection is over.
  bool send_out();
  /// Reads and forgets what the peer says, the rest at the next tick; notices that it has gone.
  void listen();

  net::ConnectionLoop& loop_;
  OpenConnections& open_connections_;
  const Clock& clock_;
  const std::string peer_address_;
  std::unique_ptr<net::Transport> transport_;
  std::shared_ptr<LiveFeed> feed_;
  std::vector<live::Event> events_;
  std::string output_;
  std::size_t sent_ = 0;
  Clock::Steady comment_at_;
  std::optional<Clock::Steady> write_deadline_;
  bool readable_ = true;
  bool writable_ = true;
  bool ends_ = false;  ///< closes once all is sent
  bool is_over_ = false;
  bool driving_ = false;
};

}  // namespace iot::gateway
