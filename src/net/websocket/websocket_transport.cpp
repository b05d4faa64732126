#include "net/websocket/websocket_transport.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace iot::net {
namespace {

/// Of one frame on its way out: what is copied and may wait here.
constexpr std::size_t frame_bytes_max = 64u << 10;
/// While so much waits to be sent, only the last ping is answered (RFC 6455 section 5.5.3 allows it), so that a peer
/// that pings and does not read fills no memory.
constexpr std::size_t output_bytes_max_for_pongs = 4u << 10;
/// Reads and frames without payload, since the socket was last found empty. Pings of hours may have gathered while the
/// connection was not read; a flood of as many takes about a millisecond.
constexpr unsigned fruitless_max = 10'000;
/// For how many of them a frame with payload makes up: some clients end each message with an empty frame.
constexpr unsigned fruitless_for_payload = 2;

}  // namespace

WebSocketTransport::WebSocketTransport(std::unique_ptr<Transport> inner, std::string_view received, std::string answer,
                                       std::size_t message_bytes_max)
    : inner_(std::move(inner)), stream_(message_bytes_max), received_(received), output_(std::move(answer)) {
  flush();
}

Readiness WebSocketTransport::readiness(Readiness of_socket) noexcept {
  const Readiness ready = inner_->readiness(of_socket);
  if (ready.writable) flush();
  return ready;
}

IoOutcome WebSocketTransport::receive(std::span<char> space) {
  while (!is_closed_) {
    const IoOutcome outcome = receive_frames(space);
    if (outcome.kind != IoOutcome::Kind::done) {
      fruitless_ = 0;
      return {outcome.kind};
    }
    const std::size_t count = take_payload(space.first(outcome.bytes));
    // Who is told that no more is there does not ask again, and would not learn of the end.
    if (count > 0) return {IoOutcome::Kind::done, count, outcome.drained && !is_closed_};
    note_fruitless();
  }
  return {IoOutcome::Kind::closed};
}

IoOutcome WebSocketTransport::receive_frames(std::span<char> space) {
  if (received_.empty()) return inner_->receive(space);
  const std::size_t count = received_.copy(space.data(), space.size(), received_taken_);
  received_taken_ += count;
  if (received_taken_ == received_.size()) std::string().swap(received_);
  return {IoOutcome::Kind::done, count};
}

std::size_t WebSocketTransport::take_payload(std::span<char> bytes) {
  char* const begin = bytes.data();
  std::size_t count = 0;
  bool has_more = true;
  while (has_more && !is_closed_) {
    switch (stream_.next(bytes)) {
      case PayloadStream::Step::need_more:
        has_more = false;
        break;
      case PayloadStream::Step::payload:
        std::memmove(begin + count, stream_.payload().data(), stream_.payload().size());
        count += stream_.payload().size();
        fruitless_ -= std::min(fruitless_, fruitless_for_payload);
        break;
      case PayloadStream::Step::ping:
        answer_ping(stream_.payload());
        note_fruitless();
        break;
      case PayloadStream::Step::nothing:
        note_fruitless();
        break;
      case PayloadStream::Step::close:
      case PayloadStream::Step::failed:
        close(stream_.close_code(), stream_.reason());
        break;
    }
  }
  // The pongs, together.
  if (unsent_bytes() > 0) flush();
  return count;
}

void WebSocketTransport::note_fruitless() {
  if (++fruitless_ > fruitless_max) close(CloseCode::policy_violation, "too many frames carry nothing");
}

void WebSocketTransport::answer_ping(std::string_view payload) {
  if (unsent_bytes() >= output_bytes_max_for_pongs) flush();
  const bool waits = unsent_bytes() >= output_bytes_max_for_pongs;
  if (waits) pong_.clear();
  append_frame(waits ? pong_ : output_, FrameKind::pong, payload);
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
    if (step.kind != IoOutcome::Kind::done) {
      // A peer that always leaves something unread must not make it longer and longer.
      if (sent_ > unsent_bytes()) output_.erase(0, std::exchange(sent_, 0));
      return step;
    }
    sent_ += step.bytes;
  }
  sent_ = 0;
  std::string().swap(output_);
  if (!pong_.empty() && !is_closed_) {
    output_.swap(pong_);
    return flush();
  }
  if (finishes_) inner_->finish_sending();
  return {};
}

void WebSocketTransport::finish_sending() noexcept {
  finishes_ = true;
  close(CloseCode::normal, {});
  flush();
}

}  // namespace iot::net
