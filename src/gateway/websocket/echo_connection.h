// For test suites (profile `conformance`): says back what it hears, in a message of the same kind.
#pragma once

#include "net/websocket/websocket_connection.h"

namespace iot::gateway {

class EchoConnection final : public net::WebSocketConnection {
 public:
  EchoConnection(net::WebSocketLoop& loop, std::optional<unsigned> deflate_window_bits)
      : WebSocketConnection(loop, deflate_window_bits) {}

 private:
  void on_message(std::string_view payload, bool is_text) override {
    send(is_text ? net::FrameKind::text : net::FrameKind::binary, payload);
  }
};

}  // namespace iot::gateway
