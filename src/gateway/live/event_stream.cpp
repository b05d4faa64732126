#include "gateway/live/event_stream.h"

#include <array>
#include <utility>

#include "base/logging.h"

namespace iot::gateway {

namespace {

constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: text/event-stream\r\n"
    "Cache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Accel-Buffering: no\r\n"
    "Connection: close\r\n\r\n";

/// So that both sides, and what is between them, know that the other is there.
constexpr std::chrono::seconds comment_every{15};
constexpr std::chrono::seconds write_s_max{60};
constexpr std::size_t kept_output_bytes = 4u << 10;

}  // namespace

EventStream::EventStream(net::ConnectionLoop& loop, OpenConnections& open_connections, const Clock& clock,
                         std::string peer_address)
    : loop_(loop),
      open_connections_(open_connections),
      clock_(clock),
      peer_address_(std::move(peer_address)),
      comment_at_(loop.deadline_after(comment_every)) {}

EnterRefusal EventStream::enter(const Principal& principal) {
  return open_connections_.enter(*this, loop_.thread_index, principal, Protocol::http, peer_address_, clock_.now());
}

void EventStream::serve(std::unique_ptr<EventStream> connection, net::TakenConnection taken,
                        std::shared_ptr<LiveFeed> feed, net::Admission admission) {
  EventStream& served = *connection;
  served.feed_ = std::move(feed);
  if (!taken.transport) return served.leave();
  served.transport_ = std::move(taken.transport);
  served.output_ = answer;
  if (served.loop_.adopt(std::move(connection), std::move(admission))) served.drive();
}

void EventStream::on_ready(net::Readiness ready) {
  if (!transport_) return;
  ready = transport_->readiness(ready);
  readable_ |= ready.readable || ready.read_closed;
  writable_ |= ready.writable;
  is_over_ |= ready.broken;
  drive();
}

void EventStream::drive() {
  if (driving_ || !transport_) return;
  driving_ = true;
  try {
    while (advance()) {
    }
  } catch (const std::exception& exception) {
    log_error("an exception escaped an event stream; please report this", {{"what", exception.what()}});
    is_over_ = true;
  }
  driving_ = false;
  if (is_over_) loop_.remove(*this);
}

bool EventStream::advance() {
  if (readable_) listen();
  if (is_over_ || !send_out()) return false;
  if (ends_) {
    is_over_ = true;
    return false;
  }
  prepare_events();
  return !output_.empty() || ends_;
}

void EventStream::listen() {
  std::array<char, 4096> ignored;
  for (std::ptrdiff_t read = 0; read < net::turn_bytes_max; read += ignored.size()) {
    const net::IoOutcome outcome = transport_->receive(ignored);
    if (outcome.kind == net::IoOutcome::Kind::done) continue;
    if (outcome.kind == net::IoOutcome::Kind::would_block) {
      readable_ = false;
    } else {
      is_over_ = true;
    }
    return;
  }
  // Nothing is expected of it, and yet there is more.
  loop_.give_way(*this);
}

bool EventStream::send_out() {
  while (sent_ < output_.size()) {
    if (!writable_) return false;
    const net::IoOutcome outcome = transport_->send(std::string_view(output_).substr(sent_), {});
    switch (outcome.kind) {
      case net::IoOutcome::Kind::done:
        sent_ += outcome.bytes;
        write_deadline_.reset();
        continue;
      case net::IoOutcome::Kind::would_block:
        writable_ = false;
        if (!write_deadline_) write_deadline_ = loop_.deadline_after(write_s_max);
        return false;
      case net::IoOutcome::Kind::closed:
      case net::IoOutcome::Kind::failed:
        is_over_ = true;
        return false;
    }
  }
  sent_ = 0;
  output_.clear();
  if (output_.capacity() > kept_output_bytes) std::string().swap(output_);
  return true;
}

void EventStream::prepare_events() {
  if (!feed_->take(events_)) {
    ends_ = feed_->has_failed();
    return;
  }
  for (const live::Event& event : events_) {
    if (event.kind == live::Event::Kind::missed) output_ += "event: missed\n";
    output_.append("id: ").append(event.position.to_string()).append("\ndata: ").append(*event.json).append("\n\n");
  }
  events_.clear();
  comment_at_ = loop_.deadline_after(comment_every);
}

void EventStream::on_tick() {
  const auto now = loop_.now();
  if (write_deadline_ && now >= *write_deadline_) is_over_ = true;
  if (is_entered() && principal().is_expired(clock_.now())) ends_ = true;
  if (output_.empty() && now >= comment_at_) {
    output_ += ":\n\n";
    comment_at_ = loop_.deadline_after(comment_every);
  }
  drive();
}

void EventStream::on_stop() {
  ends_ = true;
  drive();
}

void EventStream::on_withdrawn(WithdrawnReason) {
  ends_ = true;
  drive();
}

void EventStream::leave() noexcept {
  if (feed_) std::exchange(feed_, nullptr)->close();
  if (is_entered()) open_connections_.leave(*this);
  transport_.reset();
}

}  // namespace iot::gateway
