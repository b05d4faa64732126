// Live readings over a WebSocket: each message is {"position":"17.2","reading":{...}} or, where the log had been cut
// before the subscriber had read it, {"position":"20.0","missed":{"from":"17.2","to":"20.0"}}. What the client says is
// not looked at.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/live/live_feed.h"
#include "gateway/open_connections.h"
#include "net/websocket/websocket_connection.h"

namespace iot::gateway {

class LiveWebSocket final : public net::WebSocketConnection, public OpenConnection {
 public:
  LiveWebSocket(net::WebSocketLoop& loop, OpenConnections& open_connections, const Clock& clock,
                std::optional<unsigned> deflate_window_bits, std::string peer_address);

  EnterRefusal enter(const Principal& principal);
  /// Before it is served; `feed` calls on_events().
  void set_feed(std::shared_ptr<LiveFeed> feed) { feed_ = std::move(feed); }
  void on_events() { resume(); }

  void on_withdrawn(WithdrawnReason reason) override;

 private:
  void on_message(std::string_view, bool) override {}
  void on_messages_given() override;
  void on_second() override;
  void on_left() noexcept override;

  OpenConnections& open_connections_;
  const Clock& clock_;
  const std::string peer_address_;
  std::shared_ptr<LiveFeed> feed_;
  std::vector<live::Event> events_;
  std::string text_;
};

}  // namespace iot::gateway
