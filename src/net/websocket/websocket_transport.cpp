#include "net/websocket/websocket_transport.h"

#include <algorithm>
#include <utility>

namespace iot::net {
namespace {

/// Of one frame on its way out: what is copied and may wait here.
constexpr std::size_t frame_bytes_max = 64u << 10;
/// A peer that pings faster than it reads is not read from until it has.
constexpr std::size_t output_bytes_max = 2 * frame_bytes_max;

}  // namespace

WebSocketTransport::WebSocketTransport(std::unique_ptr<Transport> inner, std::string_view received, std::string answer,
                                       std::size_t message_bytes_max)
    : inner_(std::move(inner)), reader_(message_bytes_max, nullptr), output_(std::move(answer)) {
  while (!received.empty()) {
    const std::span<char> space = input_.free_space();
    const std::size_t count = received.copy(space.data(), space.size());
    input_.commit(count);
    received.remove_prefix(count);
  }
  flush();
}

Readiness WebSocketTransport::readiness(Readiness of_socket) noexcept {
  Readiness ready = inner_->readiness(of_socket);
  if (ready.writable) {
    // What kept receive() waiting may be gone.
    ready.readable |= output_.size() - sent_ >= output_bytes_max;
    flush();
  }
  return ready;
}

IoOutcome WebSocketTransport::receive(std::span<char> space) {
  while (message_.empty()) {
    if (is_closed_) return {IoOutcome::Kind::closed};
    if (output_.size() - sent_ >= output_bytes_max && flush().kind != IoOutcome::Kind::done) {
      return {IoOutcome::Kind::would_block};
    }
    if (advance()) continue;
    if (is_closed_) continue;
    const IoOutcome outcome = inner_->receive(input_.free_space());
    if (outcome.kind != IoOutcome::Kind::done) {
      if (outcome.kind == IoOutcome::Kind::would_block && !reader_.is_inside(input_)) input_.release();
      return {outcome.kind};
    }
    input_.commit(outcome.bytes);
  }
  const std::size_t count = message_.copy(space.data(), space.size());
  message_.remove_prefix(count);
  return {IoOutcome::Kind::done, count};
}

bool WebSocketTransport::advance() {
  switch (reader_.next(input_)) {
    case WebSocketReader::Step::need_more:
      return false;
    case WebSocketReader::Step::message:
      // MQTT 5.0, MQTT-6.0.0-1.
      if (reader_.is_text()) {
        close(CloseCode::unsupported_data, "only binary messages carry this protocol");
        return false;
      }
      message_ = reader_.payload();
      return true;
    case WebSocketReader::Step::ping:
      append_frame(output_, FrameKind::pong, reader_.payload());
      flush();
      return true;
    case WebSocketReader::Step::pong:
      return true;
    case WebSocketReader::Step::close:
      close(reader_.close_code(), {});
      return false;
    case WebSocketReader::Step::failed:
      close(reader_.close_code(), reader_.reason());
      return false;
  }
  return false;
}

void WebSocketTransport::close(CloseCode code, std::string_view reason) {
  if (std::exchange(is_closed_, true)) return;
  append_close_frame(output_, code, reason);
  flush();
}

IoOutcome WebSocketTransport::send(std::string_view first, std::string_view second) {
  // After a close frame the peer hears nothing more; it has been told.
  if (is_closed_) return {IoOutcome::Kind::failed};
  if (const IoOutcome before = flush(); before.kind != IoOutcome::Kind::done) return {before.kind};
  const std::size_t of_first = std::min(first.size(), frame_bytes_max);
  const std::size_t of_second = std::min(second.size(), frame_bytes_max - of_first);
  if (of_second == 0) {
    append_frame(output_, FrameKind::binary, first.substr(0, of_first));
  } else if (of_first == 0) {
    append_frame(output_, FrameKind::binary, second.substr(0, of_second));
  } else {
    std::string both(first);
    both += second.substr(0, of_second);
    append_frame(output_, FrameKind::binary, both);
  }
  // The frame is ours now: what the socket does not take goes when it is ready again.
  if (flush().kind == IoOutcome::Kind::failed) return {IoOutcome::Kind::failed};
  return {IoOutcome::Kind::done, of_first + of_second};
}

IoOutcome WebSocketTransport::flush() {
  while (sent_ < output_.size()) {
    const IoOutcome step = inner_->send(std::string_view(output_).substr(sent_), {});
    if (step.kind != IoOutcome::Kind::done) return step;
    sent_ += step.bytes;
  }
  sent_ = 0;
  std::string().swap(output_);
  if (finishes_) inner_->finish_sending();
  return {};
}

void WebSocketTransport::finish_sending() noexcept {
  finishes_ = true;
  close(CloseCode::normal, {});
  flush();
}

}  // namespace iot::net
