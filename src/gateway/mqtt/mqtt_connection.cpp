#include "gateway/mqtt/mqtt_connection.h"

#include <algorithm>
#include <utility>

#include "base/logging.h"
#include "gateway/mqtt/mqtt_rights.h"

namespace iot::gateway {

using broker::Owner;
using mqtt::ReasonCode;

namespace {

/// What is read at once, and what may be on its way out before reading stops.
constexpr std::size_t read_bytes_max = 64u << 10;
constexpr std::size_t output_bytes_max = 256u << 10;
/// What is encoded at once for a client: more would only lie in memory.
constexpr std::size_t flush_bytes = 64u << 10;
/// Hand-overs to the event log that are not answered yet. While one is on its way the next gathers, so a client that
/// sends much makes larger ones.
constexpr std::uint32_t batches_waiting_max = 4;
/// Steps of one connection before others have their turn.
constexpr int steps_max = 32;
/// How long the peer may take to notice that we are done.
constexpr std::chrono::seconds linger_s_max{2};
/// Memory that an idle connection may keep for its answers.
constexpr std::size_t kept_output_bytes = 256;

}  // namespace

MqttConnection::MqttConnection(MqttLoop& loop, std::unique_ptr<net::Transport> transport, std::string peer_address,
                               std::string_view received)
    : loop_(loop),
      transport_(std::move(transport)),
      peer_address_(std::move(peer_address)),
      protocol_(loop.gateway.broker, *this, *this, loop.limits.connection, loop.counts),
      deadline_(loop.deadline_after(loop.limits.connect_s_max)) {
  while (!received.empty()) {
    const std::span<char> space = input_.free_space();
    const std::size_t count = std::min(space.size(), received.size());
    std::copy_n(received.data(), count, space.data());
    input_.commit(count);
    received.remove_prefix(count);
  }
}

void MqttConnection::on_ready(net::Readiness ready) {
  if (!transport_) return;  // closed earlier in the same batch of events
  ready = transport_->readiness(ready);
  readable_ |= ready.readable || ready.read_closed || ready.broken;
  writable_ |= ready.writable || ready.broken;
  read_closed_ |= ready.read_closed || ready.broken;
  drive();
}

void MqttConnection::wake() noexcept {
  if (!woken_.exchange(true, std::memory_order_acq_rel)) loop_.wake(*this);
}

void MqttConnection::lose_session(ReasonCode reason) noexcept {
  lost_reason_.store(static_cast<std::uint8_t>(reason), std::memory_order_release);
  loop_.wake(*this);
}

void MqttConnection::on_woken() {
  drive();
}

void MqttConnection::on_resume() {
  drive();
}

void MqttConnection::drive() {
  // What the broker or the log say inside of a call comes back here: the outer call goes on.
  if (driving_ || stage_ == Stage::closed || stage_ == Stage::abandoned) return;
  driving_ = true;
  try {
    int steps = 0;
    while (advance()) {
      if (++steps < steps_max) continue;
      loop_.wake(*this);
      break;
    }
  } catch (const std::exception& exception) {
    log_error("an exception escaped an MQTT connection; please report this", {{"what", exception.what()}});
    close();
  }
  driving_ = false;
  if (stage_ == Stage::closed && batches_waiting_ == 0) loop_.remove(*this);
}

bool MqttConnection::advance() {
  switch (stage_) {
    case Stage::open:
      break;
    case Stage::finishing:
      if (!send_out()) return false;
      finish();
      return stage_ != Stage::closed;
    case Stage::lingering:
      return linger();
    case Stage::closed:
    case Stage::abandoned:
      return false;
  }
  const Timestamp now = loop_.time();
  if (const auto reason = lost_reason_.exchange(0, std::memory_order_acq_rel); reason != 0) {
    protocol_.end(static_cast<ReasonCode>(reason), "", output_, now);
  }
  if (loop_.stopping() && batches_waiting_ == 0) protocol_.end(ReasonCode::server_shutting_down, "", output_, now);
  const bool woken = woken_.exchange(false, std::memory_order_acq_rel);
  if (woken || !has_more_to_send_ || output_.size() - sent_ < flush_bytes) {
    has_more_to_send_ = protocol_.flush(output_, sent_ + flush_bytes, woken, now);
  }
  const bool is_blocked = !send_out();
  if (stage_ != Stage::open) return stage_ != Stage::closed;
  if (protocol_.is_closing()) {
    stage_ = Stage::finishing;
    return true;
  }
  if ((readable_ || has_unhandled()) && may_read()) return take_in();
  return has_more_to_send_ && !is_blocked;
}

bool MqttConnection::may_read() {
  is_held_back_ = true;
  if (!protocol_.takes_input() || batches_waiting_ >= batches_waiting_max) return false;
  if (output_.size() - sent_ > output_bytes_max) return false;
  if (loop_.gateway.broker.overloaded() || loop_.steady() < resume_at_ || !device_may_send()) {
    loop_.pause(*this);
    return false;
  }
  is_held_back_ = false;
  return true;
}

bool MqttConnection::device_may_send() {
  SendingLimits& sending = loop_.gateway.sending;
  if (sending.is_off() || owner_.kind != Owner::Kind::device) return true;
  const Clock::Steady now = loop_.steady();
  const auto wait = sending.wait(DeviceId{owner_.id}, now);
  if (wait) resume_at_ = now + std::chrono::duration_cast<Clock::Steady::duration>(wait->time);
  return !wait;
}

/// Packets that arrived while no more could be taken.
bool MqttConnection::has_unhandled() const noexcept {
  return !input_.bytes().empty() && input_.bytes().size() >= protocol_.bytes_needed();
}

bool MqttConnection::take_in() {
  bool has_something = has_unhandled();
  // As much as is there, within bounds: what is read together goes to the log together.
  while (readable_ && input_.bytes().size() < std::max(read_bytes_max, protocol_.bytes_needed())) {
    if (!fill()) break;
    has_something = true;
  }
  if (stage_ != Stage::open) return stage_ != Stage::closed;
  if (has_something) handle_input();
  return has_something;
}

bool MqttConnection::fill() {
  const std::span<char> space = input_.free_space();
  account_memory();
  if (loop_.buffers_full() && input_.capacity() > net::ReadBuffer::initial_bytes) {
    loop_.metrics.limited("buffered_bytes").Increment();
    protocol_.end(ReasonCode::server_busy, "too much of unfinished packets is being received at once", output_,
                  loop_.time());
    stage_ = Stage::finishing;
    return false;
  }
  const net::IoOutcome outcome = transport_->receive(space);
  switch (outcome.kind) {
    case net::IoOutcome::Kind::done:
      break;
    case net::IoOutcome::Kind::would_block:
      readable_ = false;
      release_small_input();
      return false;
    case net::IoOutcome::Kind::closed:
    case net::IoOutcome::Kind::failed:
      readable_ = false;
      // What came before the end is still handled: it may end with DISCONNECT.
      if (!input_.bytes().empty()) handle_input();
      protocol_.lost(loop_.time());
      close();
      return false;
  }
  input_.commit(outcome.bytes);
  if (outcome.drained && !read_closed_) readable_ = false;
  return true;
}

void MqttConnection::handle_input() {
  const Timestamp now = loop_.time();
  const Clock::Steady steady = loop_.steady();
  const std::uint64_t packets_before = loop_.counts.packets_received;
  loop_.batch.clear();
  loop_.batch.device = DeviceId{owner_.id};
  const std::size_t taken = receive_packets(now, steady);
  submit();
  input_.consume(taken);
  release_small_input();
  if (is_entered()) note_seen(now);
  limit_connection(loop_.counts.packets_received - packets_before, taken, steady);
}

/// What a busy connection has grown to it keeps until on_tick(). The rest goes at once: what thousands give back later
/// would leave as many holes, each too small to return to the system.
void MqttConnection::release_small_input() noexcept {
  if (!input_.bytes().empty() || input_.capacity() != net::ReadBuffer::initial_bytes) return;
  input_.release();
  account_memory();
}

std::size_t MqttConnection::receive_packets(Timestamp now, Clock::Steady steady) {
  SendingLimits& sending = loop_.gateway.sending;
  if (sending.is_off()) return protocol_.receive(input_.bytes(), output_, now, steady);
  // One by one, until the device has sent what it may.
  std::size_t taken = 0;
  do {
    loop_.readings_taken = 0;
    const std::uint64_t publications_before = loop_.counts.publications_received;
    const std::size_t bytes = protocol_.receive(input_.bytes().substr(taken), output_, now, steady, 1);
    if (bytes == 0) break;
    taken += bytes;
    const std::uint64_t publications = loop_.counts.publications_received - publications_before;
    if (publications == 0 || owner_.kind != Owner::Kind::device) continue;
    const Sent sent{.messages = static_cast<double>(publications),
                    .readings = static_cast<double>(loop_.readings_taken),
                    .bytes = static_cast<double>(bytes)};
    sending.charge(DeviceId{owner_.id}, sent, steady);
  } while (device_may_send());
  return taken;
}

void MqttConnection::limit_connection(std::size_t packets, std::size_t bytes, Clock::Steady steady) {
  const auto limit = [&](double per_s_max, std::size_t amount, double& credit, const char* name) {
    if (per_s_max <= 0) return;
    const double passed_s = std::chrono::duration<double>(steady - refilled_at_).count();
    credit = std::min(credit + passed_s * per_s_max, per_s_max) - static_cast<double>(amount);
    if (credit >= 0) return;
    loop_.metrics.limited(name).Increment();
    const auto wait =
        std::chrono::duration_cast<Clock::Steady::duration>(std::chrono::duration<double>(-credit / per_s_max));
    resume_at_ = std::max(resume_at_, steady + wait);
  };
  limit(loop_.limits.messages_per_s_max, packets, message_credit_, "messages_per_s");
  limit(loop_.limits.bytes_per_s_max, bytes, byte_credit_, "bytes_per_s");
  refilled_at_ = steady;
}

void MqttConnection::submit() {
  if (loop_.batch.empty()) return;
  const broker::BatchNumber batch = begin_batch();
  loop_.gateway.ingestor.submit(loop_.thread_index, loop_.batch, [this, batch](const Result<log::Position>& outcome) {
    completed(batch, outcome ? Result<void>() : outcome.error());
  });
  loop_.batch.clear();
}

broker::BatchNumber MqttConnection::begin_batch() noexcept {
  const broker::BatchNumber batch = next_batch_++;
  if (next_batch_ == 0) next_batch_ = 1;
  ++batches_waiting_;
  return batch;
}

void MqttConnection::completed(broker::BatchNumber batch, const Result<void>& outcome) {
  --batches_waiting_;
  if (stage_ == Stage::abandoned) {
    if (batches_waiting_ == 0) loop_.poller.retire_parked(*this);
    return;
  }
  if (stage_ == Stage::closed) {
    if (batches_waiting_ == 0 && !driving_) loop_.remove(*this);
    return;
  }
  if (!outcome) loop_.refusal = outcome.error();
  if (outcome) {
    protocol_.complete(batch, ReasonCode::success, "", output_, loop_.time());
  } else {
    if (failure_of(outcome.error()) == Failure::too_large) {
      const Taken refused = refuse_too_large(outcome.error().message);
      protocol_.complete(batch, refused.reason, refused.reason_string, output_, loop_.time());
    } else {
      protocol_.complete(batch, ReasonCode::quota_exceeded, "not stored, send it again: " + outcome.error().message,
                         output_, loop_.time());
    }
  }
  drive();
}

bool MqttConnection::send_out() {
  while (sent_ < output_.size()) {
    if (!writable_) return false;
    const net::IoOutcome outcome = transport_->send(std::string_view(output_).substr(sent_), {});
    switch (outcome.kind) {
      case net::IoOutcome::Kind::done:
        sent_ += outcome.bytes;
        loop_.counts.bytes_sent += outcome.bytes;
        if (protocol_.is_connected()) deadline_.reset();
        continue;
      case net::IoOutcome::Kind::would_block:
        writable_ = false;
        if (!deadline_) deadline_ = loop_.deadline_after(loop_.limits.write_s_max);
        return false;
      case net::IoOutcome::Kind::closed:
      case net::IoOutcome::Kind::failed:
        protocol_.lost(loop_.time());
        close();
        return false;
    }
  }
  sent_ = 0;
  output_.clear();
  if (output_.capacity() > flush_bytes) std::string().swap(output_);
  return true;
}

void MqttConnection::finish() {
  // Closing a socket with unread input resets it, and a reset may overtake the last packet.
  if (protocol_.error().empty() && input_.bytes().empty()) return close();
  // The rest is courtesy: for everybody else the connection is over.
  leave_others();
  transport_->finish_sending();
  stage_ = Stage::lingering;
  deadline_ = loop_.deadline_after(linger_s_max);
}

bool MqttConnection::linger() {
  input_.consume(input_.bytes().size());
  if (!readable_) return false;
  const net::IoOutcome outcome = transport_->receive(input_.free_space());
  switch (outcome.kind) {
    case net::IoOutcome::Kind::done:
      return true;
    case net::IoOutcome::Kind::would_block:
      readable_ = false;
      return false;
    case net::IoOutcome::Kind::closed:
    case net::IoOutcome::Kind::failed:
      break;
  }
  close();
  return false;
}

void MqttConnection::close() noexcept {
  if (stage_ == Stage::closed || stage_ == Stage::abandoned) return;
  stage_ = Stage::closed;
  // The object stays while the log has yet to answer; what others know of it does not.
  protocol_.lost(loop_.time());
  leave_others();
  loop_.forget(*this);
  transport_.reset();
}

void MqttConnection::leave_others() noexcept {
  if (!is_entered()) return;
  stop_commands();
  if (!protocol_.error().empty()) {
    loop_.gateway.open_connections.note_error(*this, protocol_.error(), loop_.time());
  }
  loop_.gateway.open_connections.leave(*this);
}

void MqttConnection::on_tick() {
  if (stage_ == Stage::closed || stage_ == Stage::abandoned) return;
  const Clock::Steady now = loop_.now();
  // Whom we do not read is not silent.
  if (is_held_back_ && protocol_.is_connected()) protocol_.restart_keep_alive(now);
  if (protocol_.is_connected() && protocol_.deadline() && now >= *protocol_.deadline()) {
    loop_.metrics.keep_alive_timeouts.Increment();
    protocol_.time_out(output_, loop_.time());
    return drive();
  }
  if (deadline_ && now >= *deadline_) {
    if (stage_ == Stage::open) {
      (protocol_.is_connected() ? loop_.metrics.write_timeouts : loop_.metrics.connect_timeouts).Increment();
    }
    close();
    if (batches_waiting_ == 0) loop_.remove(*this);
    return;
  }
  if (is_entered() && principal().is_expired(loop_.time())) {
    protocol_.end(ReasonCode::not_authorized, "the token has expired", output_, loop_.time());
    return drive();
  }
  if (input_.bytes().empty()) input_.release();
  if (output_.empty() && output_.capacity() > kept_output_bytes) std::string().swap(output_);
  protocol_.release();
  account_memory();
}

void MqttConnection::on_stop() {
  if (stage_ != Stage::open) return;
  // Readings that are on their way are acknowledged first; the client sends the others again, elsewhere or later.
  if (batches_waiting_ > 0) return;
  protocol_.end(ReasonCode::server_shutting_down, "", output_, loop_.time());
  drive();
}

void MqttConnection::on_withdrawn(WithdrawnReason reason) {
  if (stage_ != Stage::open) return;
  protocol_.end(ReasonCode::not_authorized, to_string(reason), output_, loop_.time());
  drive();
}

void MqttConnection::abandon(const std::shared_ptr<void>& keeper) {
  Connection::abandon(keeper);
  close();
  stage_ = Stage::abandoned;
}

void MqttConnection::leave() noexcept {
  close();
  loop_.account(-static_cast<std::ptrdiff_t>(accounted_bytes_));
  accounted_bytes_ = 0;
}

void MqttConnection::account_memory() noexcept {
  const std::size_t held = input_.capacity() + (transport_ ? transport_->held_bytes() : 0);
  loop_.account(static_cast<std::ptrdiff_t>(held) - static_cast<std::ptrdiff_t>(accounted_bytes_));
  accounted_bytes_ = held;
}

}  // namespace iot::gateway
