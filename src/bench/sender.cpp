#include "bench/sender.h"

#include <algorithm>

namespace iot::bench {
namespace {

using State = Connection::State;

// For answers that are still to come when nothing more is sent.
constexpr std::int64_t last_answer_ns = 30'000'000'000;
// So much may wait in a connection before another one gets its turn.
constexpr std::size_t unsent_bytes_max = 256 * 1024;
// Messages without answers between two barriers: few enough to know soon what was taken, and so many that the barriers
// do not count.
constexpr std::uint64_t stretch_max = 500;

}  // namespace

Tally Sender::run(const SenderPlan& plan) {
  plan_ = plan;
  tally_ = {};
  stretches_.assign(crowd_.size(), {});
  is_sending_ = true;
  crowd_.poll({});
  for (std::size_t i = 0; i < crowd_.size() && !plan_.schedule; ++i) fill(crowd_[i]);
  while (is_sending_) {
    crowd_.poll(wait_time());
    if (plan_.schedule) {
      send_due();
    } else {
      take_turns();
    }
    if (!may_send() || crowd_.open_count() == 0) is_sending_ = false;
  }
  finish();
  return tally_;
}

bool Sender::may_send() const noexcept {
  if (plan_.messages_max > 0 && tally_.sent >= plan_.messages_max) return false;
  // A schedule goes by when messages are due: those that a slow server kept waiting are sent too.
  if (plan_.schedule)
    return plan_.schedule->due_ns(tally_.sent) < plan_.end_ns && crowd_.now_ns() < plan_.end_ns + last_answer_ns;
  return crowd_.now_ns() < plan_.end_ns;
}

std::chrono::nanoseconds Sender::wait_time() const {
  if (!turns_.empty()) return {};
  if (!plan_.schedule) return std::chrono::milliseconds(20);
  const auto until_due = plan_.schedule->due_ns(tally_.sent) - steady_ns();
  // What is due and has no room waits for an answer, which ends the wait.
  return std::chrono::nanoseconds(until_due > 0 ? until_due : 1'000'000);
}

Sender::Stretches& Sender::stretches_of(const Connection& connection) noexcept {
  return stretches_[static_cast<std::size_t>(&connection - &crowd_[0])];
}

bool Sender::has_room(Connection& connection) {
  if (connection.state() != State::open || connection.out().size() >= unsent_bytes_max) return false;
  return connection.dialogue().has_answers() ? !connection.dialogue().is_full() : !stretches_of(connection).is_closed();
}

void Sender::append(Connection& connection, std::int64_t due_ns) {
  connection.dialogue().append_message(connection.out(), due_ns);
  ++tally_.sent;
  if (connection.dialogue().has_answers()) {
    ++outstanding_;
  } else if (++stretches_of(connection).current == stretch_max) {
    append_barrier(connection);
  }
}

void Sender::append_barrier(Connection& connection) {
  auto& stretches = stretches_of(connection);
  connection.dialogue().append_barrier(connection.out());
  stretches.under_way.push_back(stretches.current);
  outstanding_ += stretches.current;
  stretches.current = 0;
}

void Sender::fill(Connection& connection) {
  if (connection.state() != State::open || connection.has_unsent()) return;
  const bool has_answers = connection.dialogue().has_answers();
  std::size_t count = 0;
  while (may_send() && has_room(connection) && (has_answers || count < plan_.batch)) {
    append(connection, crowd_.now_ns());
    ++count;
  }
  if (count == 0) return;
  crowd_.send(connection);
  if (!has_answers && !connection.has_unsent() && has_room(connection)) turns_.push_back(&connection);
}

void Sender::take_turns() {
  for (auto left = turns_.size(); left > 0; --left) {
    Connection* const connection = turns_.front();
    turns_.pop_front();
    fill(*connection);
  }
}

Connection* Sender::next_with_room() {
  for (std::size_t tried = 0; tried < crowd_.size(); ++tried) {
    Connection& connection = crowd_[next_];
    next_ = (next_ + 1) % crowd_.size();
    if (has_room(connection)) return &connection;
  }
  return nullptr;
}

void Sender::send_due() {
  const auto now = steady_ns();
  std::vector<Connection*> touched;
  while (may_send()) {
    const auto due = plan_.schedule->due_ns(tally_.sent);
    if (due > now) break;
    Connection* const connection = next_with_room();
    if (connection == nullptr) break;
    if (!connection->has_unsent()) touched.push_back(connection);
    append(*connection, due);
  }
  for (Connection* const connection : touched) crowd_.send(*connection);
}

void Sender::on_answer(Connection&, std::int64_t due_ns, std::string_view fault) {
  --outstanding_;
  tally_.end_ns = crowd_.now_ns();
  if (fault.empty()) {
    ++tally_.taken;
    tally_.latency.record(crowd_.now_ns() - due_ns);
  } else {
    ++tally_.refused;
    ++tally_.faults[std::string(fault)];
  }
}

void Sender::on_barrier(Connection& connection) {
  auto& under_way = stretches_of(connection).under_way;
  if (under_way.empty()) return;
  outstanding_ -= under_way.front();
  tally_.taken += under_way.front();
  under_way.pop_front();
  tally_.end_ns = crowd_.now_ns();
}

void Sender::on_ready(Connection& connection) {
  if (!is_sending_ || plan_.schedule) return;
  // One without answers that has room waits for its turn already.
  if (!connection.dialogue().has_answers() && std::find(turns_.begin(), turns_.end(), &connection) != turns_.end())
    return;
  fill(connection);
}

void Sender::on_failed(Connection& connection, std::string_view fault) {
  ++tally_.faults[std::string(fault)];
  auto lost = connection.dialogue().has_answers() ? connection.dialogue().in_flight() : 0;
  auto& stretches = stretches_of(connection);
  for (const auto messages : stretches.under_way) lost += messages;
  outstanding_ -= lost;
  tally_.unanswered += lost + stretches.current;
  stretches = {};
  std::erase(turns_, &connection);
}

void Sender::finish() {
  for (std::size_t i = 0; i < crowd_.size(); ++i) {
    if (crowd_[i].state() != State::open || stretches_[i].current == 0) continue;
    append_barrier(crowd_[i]);
    crowd_.send(crowd_[i]);
  }
  const auto deadline = steady_ns() + last_answer_ns;
  while (outstanding_ > 0 && steady_ns() < deadline) crowd_.poll(std::chrono::milliseconds(20));
  if (outstanding_ > 0) tally_.faults["no answer in time"] += outstanding_;
  tally_.unanswered += outstanding_;
  outstanding_ = 0;
  if (tally_.end_ns == 0) tally_.end_ns = steady_ns();
}

}  // namespace iot::bench
