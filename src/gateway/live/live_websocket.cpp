#include "gateway/live/live_websocket.h"

#include <utility>

#include "base/json_writer.h"

namespace iot::gateway {

namespace {

/// While the peer has not taken so much, nothing more is prepared for it: it waits in the log, not in memory.
constexpr std::size_t unsent_bytes_max = 64u << 10;

}  // namespace

LiveWebSocket::LiveWebSocket(net::WebSocketLoop& loop, OpenConnections& open_connections, const Clock& clock,
                             std::optional<unsigned> deflate_window_bits, std::string peer_address)
    : WebSocketConnection(loop, deflate_window_bits),
      open_connections_(open_connections),
      clock_(clock),
      peer_address_(std::move(peer_address)) {}

EnterRefusal LiveWebSocket::enter(const Principal& principal) {
  return open_connections_.enter(*this, loop().thread_index, principal, Protocol::websocket, peer_address_,
                                 clock_.now());
}

void LiveWebSocket::on_messages_given() {
  if (!is_open() || !feed_ || unsent_bytes() >= unsent_bytes_max) return;
  if (!feed_->take(events_)) {
    if (feed_->has_failed()) close(net::CloseCode::internal_error, "the event log cannot be read");
    return;
  }
  for (const live::Event& event : events_) {
    text_.clear();
    JsonWriter json(text_);
    json.begin_object().key("position").string(event.position.to_string());
    json.key(event.kind == live::Event::Kind::reading ? "reading" : "missed").raw(*event.json).end_object();
    send(net::FrameKind::text, text_);
  }
  events_.clear();
}

void LiveWebSocket::on_second() {
  if (principal().is_expired(clock_.now())) close(net::CloseCode::policy_violation, "the token has expired");
}

void LiveWebSocket::on_withdrawn(WithdrawnReason reason) {
  close(net::CloseCode::policy_violation, to_string(reason));
}

void LiveWebSocket::on_left() noexcept {
  if (feed_) feed_->close();
  if (is_entered()) open_connections_.leave(*this);
}

}  // namespace iot::gateway
