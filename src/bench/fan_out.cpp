#include "bench/fan_out.h"

#include <algorithm>

#include "base/clock.h"
#include "bench/readings.h"

namespace iot::bench {
namespace {

using State = Connection::State;

// When nothing is delivered for so long, what is missing does not come any more.
constexpr std::int64_t silence_ns = 5'000'000'000;

}  // namespace

Tally FanOut::run(const SenderPlan& plan) {
  plan_ = plan;
  tally_ = {};
  epoch_ns_ = system_clock().now().ns - steady_ns();
  tally_.end_ns = steady_ns();
  while (true) {
    const auto now = steady_ns();
    if (crowd_[0].state() != State::open) break;
    publish(now);
    const bool is_over = now >= plan_.end_ns || (plan_.messages_max > 0 && tally_.sent >= plan_.messages_max);
    if ((is_over && is_done()) || now - std::max(tally_.end_ns, plan_.start_ns) > silence_ns) break;
    crowd_.poll(std::chrono::milliseconds(plan_.schedule ? 1 : 20));
  }
  if (!is_done())
    tally_.faults["not delivered"] +=
        tally_.sent * subscribers() - std::min(tally_.delivered, tally_.sent * subscribers());
  tally_.unanswered = crowd_[0].dialogue().in_flight();
  return tally_;
}

bool FanOut::is_done() const noexcept {
  return tally_.delivered >= tally_.sent * subscribers() && crowd_[0].dialogue().in_flight() == 0;
}

bool FanOut::may_send(std::int64_t now) const noexcept {
  if (now >= plan_.end_ns || (plan_.messages_max > 0 && tally_.sent >= plan_.messages_max)) return false;
  if (plan_.schedule) return plan_.schedule->due_ns(tally_.sent) <= now;
  return tally_.sent * subscribers() < tally_.delivered + plan_.batch * subscribers();
}

void FanOut::publish(std::int64_t now) {
  Connection& publisher = crowd_[0];
  auto& dialogue = publisher.dialogue();
  while (may_send(now) && !(dialogue.has_answers() && dialogue.is_full())) {
    const auto due = plan_.schedule ? plan_.schedule->due_ns(tally_.sent) : now;
    dialogue.append_message(publisher.out(), due + epoch_ns_);
    ++tally_.sent;
  }
  crowd_.send(publisher);
}

void FanOut::on_answer(Connection&, std::int64_t due_ns, std::string_view fault) {
  if (fault.empty()) {
    ++tally_.taken;
    tally_.latency.record(crowd_.now_ns() + epoch_ns_ - due_ns);
  } else {
    ++tally_.refused;
    ++tally_.faults[std::string(fault)];
  }
}

void FanOut::on_delivery(Connection&, std::string_view payload) {
  ++tally_.delivered;
  tally_.end_ns = crowd_.now_ns();
  if (const auto due = time_in(payload); due > 0) tally_.delivery.record(crowd_.now_ns() + epoch_ns_ - due);
}

void FanOut::on_failed(Connection&, std::string_view fault) {
  ++tally_.faults[std::string(fault)];
}

}  // namespace iot::bench
