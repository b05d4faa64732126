// One publisher and many subscribers: how fast messages reach all of them.
//
// A message is done when every subscriber has it; a window of messages is under way. So it is the broker that decides
// how fast it goes, also with QoS 0, and nothing has to be dropped.
#pragma once

#include "bench/crowd.h"
#include "bench/schedule.h"
#include "bench/sender.h"
#include "bench/tally.h"

namespace iot::bench {

class FanOut final : private CrowdEvents {
 public:
  /// The publisher is the first of them; its messages must be stamped with when they were due, by the time of day.
  explicit FanOut(std::vector<Crowd::Member> members) : crowd_(std::move(members), *this) {}

  Crowd& crowd() noexcept { return crowd_; }
  /// With all connections open. `plan.batch` is the window.
  Tally run(const SenderPlan& plan);

 private:
  void on_answer(Connection& connection, std::int64_t due_ns, std::string_view fault) override;
  void on_delivery(Connection& connection, std::string_view payload) override;
  void on_failed(Connection& connection, std::string_view fault) override;

  std::uint64_t subscribers() const noexcept { return crowd_.size() - 1; }
  bool may_send(std::int64_t now) const noexcept;
  void publish(std::int64_t now);
  bool is_done() const noexcept;

  Crowd crowd_;
  SenderPlan plan_;
  Tally tally_;
  /// Time of day minus steady time.
  std::int64_t epoch_ns_ = 0;
};

}  // namespace iot::bench
