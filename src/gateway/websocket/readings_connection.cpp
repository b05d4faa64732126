#include "gateway/websocket/readings_connection.h"

#include <utility>

#include "base/json_writer.h"
#include "gateway/websocket/readings_answers.h"

namespace iot::gateway {

using net::CloseCode;

namespace {

/// What a message costs while it is in flight besides its bytes, so that many small ones count too.
constexpr std::size_t message_overhead_bytes = 64;

}  // namespace

ReadingsConnection::ReadingsConnection(net::WebSocketLoop& loop, ReadingsShared& shared,
                                       std::optional<unsigned> deflate_window_bits, Answers answers,
                                       std::string peer_address)
    : WebSocketConnection(loop, deflate_window_bits),
      shared_(shared),
      thread_(*shared.threads[loop.thread_index]),
      answers_(answers),
      peer_address_(std::move(peer_address)) {}

EnterRefusal ReadingsConnection::enter(const Principal& principal) {
  device_ = DeviceId{principal.id};
  const auto refusal = shared_.open_connections.enter(*this, loop().thread_index, principal, Protocol::websocket,
                                                      peer_address_, shared_.clock.now());
  if (refusal == EnterRefusal::none && answers_ == Answers::acknowledgements_and_commands) {
    commands_.emplace(*shared_.commands, device_, loop().executor,
                      [this](const std::vector<std::string>& texts) { say(texts); });
  }
  return refusal;
}

void ReadingsConnection::say(const std::vector<std::string>& texts) {
  if (!is_open()) return;
  for (const std::string& text : texts) send(net::FrameKind::text, text);
  resume();
}

void ReadingsConnection::on_message(std::string_view payload, bool) {
  if (commands_ && commands_->take(payload)) {
    charge(payload, 0);
    return note_seen(shared_.clock.now());
  }
  if (!gathered_) begin_volley();
  const std::size_t before = thread_.batch.size();
  const auto faults = thread_.decoder.decode_more(payload, *thread_.snapshot, thread_.arrival, thread_.batch);
  gathered_->bytes += payload.size() + message_overhead_bytes;
  const std::size_t readings = thread_.batch.size() - before;
  charge(payload, readings);
  if (!faults.empty()) return refuse(faults);
  if (answers_ != Answers::none) append_acknowledgement(gathered_->answers, readings);
}

void ReadingsConnection::begin_volley() {
  if (!thread_.snapshot || thread_.snapshot->version != shared_.registry.version()) {
    thread_.snapshot = shared_.registry.snapshot();
  }
  thread_.arrival = shared_.clock.now();
  thread_.batch.clear();
  thread_.batch.device = device_;
  gathered_ = &thread_.volleys.take();
  gathered_->connection = this;
}

void ReadingsConnection::refuse(const std::vector<ingest::Fault>& faults) {
  shared_.bad_messages.Increment();
  const std::string reason = reason_of(faults.front());
  shared_.open_connections.note_error(*this, reason, thread_.arrival);
  if (answers_ != Answers::none) {
    append_refusal(gathered_->answers, faults);
  } else {
    close(CloseCode::invalid_payload, reason);
  }
}

void ReadingsConnection::on_messages_given() {
  if (!gathered_) return;
  Volley& volley = *std::exchange(gathered_, nullptr);
  note_seen(thread_.arrival);
  (last_in_flight_ ? last_in_flight_->next : first_in_flight_) = &volley;
  last_in_flight_ = &volley;
  in_flight_bytes_ += volley.bytes;
  if (thread_.batch.empty()) {
    volley.outcome = Volley::Outcome::stored;
    return answer_settled();
  }
  submit(volley);
}

void ReadingsConnection::submit(Volley& volley) {
  // Two pointers: no allocation.
  shared_.ingestor.submit(loop().thread_index, thread_.batch,
                          [pool = &thread_.volleys, volley = &volley](const Result<log::Position>& outcome) {
                            told(*pool, *volley, outcome);
                          });
}

void ReadingsConnection::told(VolleyPool& pool, Volley& volley, const Result<log::Position>& outcome) {
  if (!volley.connection) return pool.give_back(volley);
  volley.outcome = outcome ? Volley::Outcome::stored : Volley::Outcome::failed;
  if (!outcome) {
    volley.error = message_of(outcome.error());
    volley.shuts_down = failure_of(outcome.error()) == Failure::shutting_down;
  }
  volley.connection->answer_settled();
}

void ReadingsConnection::answer_settled() {
  while (first_in_flight_ && first_in_flight_->outcome != Volley::Outcome::pending) {
    Volley& volley = *first_in_flight_;
    first_in_flight_ = volley.next;
    if (!first_in_flight_) last_in_flight_ = nullptr;
    in_flight_bytes_ -= volley.bytes;
    const bool stored = volley.outcome == Volley::Outcome::stored;
    if (answers_ != Answers::none) {
      if (stored) {
        output() += volley.answers;
      } else {
        append_failed_answers(output(), volley.answers, volley.error);
      }
    } else if (!stored) {
      close(volley.shuts_down ? CloseCode::going_away : CloseCode::try_again_later, volley.error);
    }
    thread_.volleys.give_back(volley);
  }
  resume();
}

bool ReadingsConnection::takes_messages() {
  if (in_flight_bytes_ + (gathered_ ? gathered_->bytes : 0) >= shared_.in_flight_bytes_max) return false;
  if (paused_until_ || (commands_ && commands_->is_busy())) return false;
  if (shared_.sending.is_off()) return true;
  const auto now = shared_.clock.steady_now();
  const auto wait = shared_.sending.wait(device_, now);
  if (!wait) return true;
  paused_until_ = now + std::chrono::duration_cast<Clock::Steady::duration>(wait->time);
  shared_.rate_limited.Increment();
  return false;
}

void ReadingsConnection::charge(std::string_view payload, std::size_t readings) {
  if (shared_.sending.is_off()) return;
  const Sent sent{
      .messages = 1, .readings = static_cast<double>(readings), .bytes = static_cast<double>(payload.size())};
  shared_.sending.charge(device_, sent, shared_.clock.steady_now());
}

void ReadingsConnection::on_second() {
  if (principal().is_expired(shared_.clock.now())) return close(CloseCode::policy_violation, "the token has expired");
  if (paused_until_ && shared_.clock.steady_now() >= *paused_until_) {
    paused_until_.reset();
    resume();
  }
}

void ReadingsConnection::on_withdrawn(WithdrawnReason reason) {
  close(CloseCode::policy_violation, to_string(reason));
}

void ReadingsConnection::on_left() noexcept {
  commands_.reset();
  if (gathered_) thread_.volleys.give_back(*std::exchange(gathered_, nullptr));
  while (Volley* volley = first_in_flight_) {
    first_in_flight_ = std::exchange(volley->next, nullptr);
    volley->connection = nullptr;
    if (volley->outcome != Volley::Outcome::pending) thread_.volleys.give_back(*volley);
  }
  last_in_flight_ = nullptr;
  shared_.open_connections.leave(*this);
}

}  // namespace iot::gateway
