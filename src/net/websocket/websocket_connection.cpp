#include "net/websocket/websocket_connection.h"

#include <utility>

#include "base/logging.h"

namespace iot::net {
namespace {

/// How long the peer may take to answer our close frame, and then to go.
constexpr std::chrono::seconds close_s_max{5};
/// Compressing less gains nothing.
constexpr std::size_t deflated_bytes_min = 128;

}  // namespace

WebSocketConnection::WebSocketConnection(WebSocketLoop& loop, std::optional<unsigned> deflate_window_bits)
    : loop_(loop),
      reader_(loop.limits.message_bytes_max, deflate_window_bits ? &loop.inflater : nullptr),
      heard_(loop.now()),
      deflate_window_bits_(static_cast<std::uint8_t>(deflate_window_bits.value_or(0))) {}

void WebSocketConnection::serve(std::unique_ptr<WebSocketConnection> connection, TakenConnection taken,
                                std::string answer, Admission admission) {
  WebSocketConnection& served = *connection;
  if (!taken.transport) {
    served.leave();
    return;
  }
  served.transport_ = std::move(taken.transport);
  served.output_.head() = std::move(answer);
  std::string_view received = taken.received;
  while (!received.empty()) {
    const std::span<char> space = served.input_.free_space();
    const std::size_t count = received.copy(space.data(), space.size());
    served.input_.commit(count);
    received.remove_prefix(count);
  }
  if (served.loop_.adopt(std::move(connection), std::move(admission))) served.drive();
}

void WebSocketConnection::on_ready(Readiness ready) {
  if (!transport_) return;  // closed earlier in the same batch of events
  ready = transport_->readiness(ready);
  readable_ |= ready.readable || ready.read_closed;
  read_closed_ |= ready.read_closed;
  if (ready.broken) end();
  drive();
}

void WebSocketConnection::resume() {
  drive();
}

void WebSocketConnection::drive() {
  // What happens inside of a call comes back here: the outer call goes on.
  if (driving_ || stage_ == Stage::gone) return;
  driving_ = true;
  turn_bytes_left_ = turn_bytes_max;
  try {
    while (advance()) {
    }
    if (is_turn_over() && stage_ != Stage::done) loop_.give_way(*this);
  } catch (const std::exception& exception) {
    log_error("an exception escaped a WebSocket connection; please report this", {{"what", exception.what()}});
    end();
  }
  driving_ = false;
  if (stage_ == Stage::done) loop_.remove(*this);
}

bool WebSocketConnection::advance() {
  switch (stage_) {
    case Stage::open:
      return receive();
    case Stage::settling:
      return settle();
    case Stage::closing:
      return await_close();
    case Stage::lingering:
      return linger();
    case Stage::done:
    case Stage::gone:
      return false;
  }
  return false;
}

bool WebSocketConnection::receive() {
  while (stage_ == Stage::open) {
    if (is_turn_over()) {
      // What is gathered belongs to this call: others gather in the same place.
      on_messages_given();
      if (stage_ != Stage::open) return true;
      flush();
      break;
    }
    if ((!output_.takes_more() && !flush()) || !takes_messages()) {
      if (stage_ != Stage::open) break;
      on_messages_given();
      if (stage_ != Stage::open) return true;
      if (output_.takes_more() && takes_messages()) continue;
      flush();
      return false;
    }
    const WebSocketReader::Step step = next_step();
    if (step != WebSocketReader::Step::need_more) {
      deadline_.reset();
      if (!take(step)) return true;
      continue;
    }
    on_messages_given();
    if (stage_ != Stage::open) return true;
    if (!output_.empty() && !flush() && stage_ != Stage::open) return false;
    if (!readable_) break;
    input_.free_space();
    account_memory();
    if (loop_.buffers_full() && input_.capacity() > ReadBuffer::initial_bytes) {
      close(CloseCode::try_again_later, "too many messages are being received at once");
      return true;
    }
    if (!fill()) break;
  }
  if (stage_ == Stage::open && reader_.is_inside(input_) && !deadline_) {
    deadline_ = loop_.deadline_after(loop_.limits.message_s);
  }
  return stage_ != Stage::open && stage_ != Stage::done;
}

bool WebSocketConnection::take(WebSocketReader::Step step) {
  switch (step) {
    case WebSocketReader::Step::message:
      ++loop_.counts.messages;
      on_message(reader_.payload(), reader_.is_text());
      break;
    case WebSocketReader::Step::ping:
      append_frame(output_.head(), FrameKind::pong, reader_.payload());
      break;
    case WebSocketReader::Step::pong:
    case WebSocketReader::Step::need_more:
      break;
    case WebSocketReader::Step::close:
      peer_closed_ = true;
      close(reader_.close_code(), {});
      break;
    case WebSocketReader::Step::failed:
      peer_closed_ = true;
      close(reader_.close_code(), reader_.reason());
      loop_.metrics.closed(static_cast<unsigned>(reader_.close_code()));
      break;
  }
  return stage_ == Stage::open;
}

void WebSocketConnection::send(FrameKind kind, std::string_view payload) {
  if (stage_ != Stage::open && stage_ != Stage::settling) return;
  if (deflate_window_bits_ == 0 || payload.size() < deflated_bytes_min) {
    append_frame(output_.head(), kind, payload);
    return;
  }
  loop_.deflater.deflate(payload, deflate_window_bits_, loop_.deflated);
  append_frame(output_.head(), kind, loop_.deflated, true);
  loop_.deflated.clear();
  if (loop_.deflated.capacity() > 1u << 20) std::string().swap(loop_.deflated);
}

void WebSocketConnection::close(CloseCode code, std::string_view reason) {
  if (stage_ != Stage::open) return;
  close_code_ = code;
  close_reason_ = reason;
  stage_ = Stage::settling;
  deadline_.reset();
  if (!peer_closed_) loop_.metrics.closed(static_cast<unsigned>(code));
  drive();
}

bool WebSocketConnection::settle() {
  on_messages_given();
  if (!is_settled()) {
    flush();
    return false;
  }
  append_close_frame(output_.head(), close_code_, close_reason_);
  stage_ = peer_closed_ ? Stage::lingering : Stage::closing;
  deadline_ = loop_.deadline_after(close_s_max);
  return true;
}

bool WebSocketConnection::await_close() {
  if (!output_.empty()) flush();
  while (stage_ == Stage::closing) {
    if (is_turn_over()) return false;
    switch (next_step()) {
      case WebSocketReader::Step::need_more:
        if (!readable_ || !fill()) return false;
        break;
      case WebSocketReader::Step::close:
      case WebSocketReader::Step::failed:
        peer_closed_ = true;
        stage_ = Stage::lingering;
        return true;
      default:
        break;  // sent before it saw ours
    }
  }
  return false;
}

bool WebSocketConnection::linger() {
  if (!output_.empty() && !flush()) return false;
  if (!std::exchange(said_all_, true)) transport_->finish_sending();
  // Closing a socket with unread input resets it, and a reset may overtake the close frame.
  input_.consume(input_.bytes().size());
  return !is_turn_over() && readable_ && fill();
}

WebSocketReader::Step WebSocketConnection::next_step() {
  turn_bytes_left_ -= turn_bytes_per_step;
  return reader_.next(input_);
}

bool WebSocketConnection::fill() {
  const std::span<char> space = input_.free_space();
  const IoOutcome outcome = transport_->receive(space);
  switch (outcome.kind) {
    case IoOutcome::Kind::done:
      break;
    case IoOutcome::Kind::would_block:
      readable_ = false;
      return false;
    case IoOutcome::Kind::closed:
    case IoOutcome::Kind::failed:
      return end();
  }
  input_.commit(outcome.bytes);
  loop_.counts.received_bytes += outcome.bytes;
  turn_bytes_left_ -= static_cast<std::ptrdiff_t>(outcome.bytes);
  heard_ = loop_.now();
  pinged_ = false;
  if (outcome.drained && !read_closed_) readable_ = false;
  return true;
}

bool WebSocketConnection::flush() {
  const IoOutcome outcome = output_.send(*transport_);
  loop_.counts.sent_bytes += outcome.bytes;
  if (outcome.bytes > 0) write_deadline_.reset();
  switch (outcome.kind) {
    case IoOutcome::Kind::done:
      write_deadline_.reset();
      return true;
    case IoOutcome::Kind::would_block:
      if (!write_deadline_) write_deadline_ = loop_.deadline_after(loop_.limits.write_s);
      return false;
    case IoOutcome::Kind::closed:
    case IoOutcome::Kind::failed:
      break;
  }
  return end();
}

bool WebSocketConnection::end() noexcept {
  stage_ = Stage::done;
  return false;
}

void WebSocketConnection::on_tick() {
  const auto now = loop_.now();
  if (write_deadline_ && now >= *write_deadline_) {
    time_out(WebSocketTimeout::write);
    end();
  } else if (stage_ == Stage::open) {
    check_open_deadlines(now);
  } else if ((stage_ == Stage::closing || stage_ == Stage::lingering) && now >= *deadline_) {
    end();
  }
  drive();
}

void WebSocketConnection::check_open_deadlines(Clock::Steady now) {
  on_second();
  if (stage_ != Stage::open) return;
  // Whom we do not read is not silent.
  if (write_deadline_ || !takes_messages()) heard_ = now;
  const auto silence = now - heard_;
  if (deadline_ && now >= *deadline_) {
    time_out(WebSocketTimeout::message);
    close(CloseCode::policy_violation, "a message did not arrive in time");
  } else if (silence >= loop_.limits.timeout_s) {
    time_out(WebSocketTimeout::silence);
    close(CloseCode::policy_violation, "there was no sign of life");
  } else if (silence >= loop_.limits.ping_s && !std::exchange(pinged_, true)) {
    append_frame(output_.head(), FrameKind::ping, {});
  } else {
    release_memory();
  }
}

void WebSocketConnection::on_stop() {
  close(CloseCode::going_away, "the platform is stopping");
}

void WebSocketConnection::leave() noexcept {
  stage_ = Stage::gone;
  on_left();
  transport_.reset();
  loop_.account(-static_cast<std::ptrdiff_t>(accounted_bytes_));
  accounted_bytes_ = 0;
}

void WebSocketConnection::release_memory() noexcept {
  if (reader_.is_inside(input_)) return;
  // The reader forgets what it has given, and so lets go of the buffer.
  if (reader_.next(input_) == WebSocketReader::Step::need_more) input_.release();
  reader_.release();
  output_.release();
  account_memory();
}

void WebSocketConnection::account_memory() noexcept {
  const std::size_t held = input_.capacity() + reader_.held_bytes() + (transport_ ? transport_->held_bytes() : 0);
  loop_.account(static_cast<std::ptrdiff_t>(held) - static_cast<std::ptrdiff_t>(accounted_bytes_));
  accounted_bytes_ = held;
}

}  // namespace iot::net
