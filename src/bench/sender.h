// One thread's share of the load: sends on its connections, as fast as answers come or at scheduled times, until the
// time or the messages are used up, and waits for what is under way.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "bench/crowd.h"
#include "bench/schedule.h"
#include "bench/tally.h"

namespace iot::bench {

struct SenderPlan {
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  std::uint64_t messages_max = 0;    ///< of this share; 0: none
  std::optional<Schedule> schedule;  ///< absent: as fast as answers come
  /// Without answers: how many messages go out at once. For FanOut: how many are under way.
  std::size_t batch = 1;
};

class Sender final : private CrowdEvents {
 public:
  explicit Sender(std::vector<Crowd::Member> members) : crowd_(std::move(members), *this) {}

  Crowd& crowd() noexcept { return crowd_; }
  /// With all connections open.
  Tally run(const SenderPlan& plan);

 private:
  void on_answer(Connection& connection, std::int64_t due_ns, std::string_view fault) override;
  void on_barrier(Connection& connection) override;
  void on_ready(Connection& connection) override;
  void on_failed(Connection& connection, std::string_view fault) override;

  /// Of a connection whose messages have no answers: barriers among them say how far the server has come. Otherwise
  /// what is sent would fill the buffers of both sides, megabytes for each connection, and be sent but far from taken.
  struct Stretches {
    std::uint64_t current = 0;            ///< messages since the last barrier
    std::deque<std::uint64_t> under_way;  ///< messages before each barrier that is not answered
    bool is_closed() const noexcept { return under_way.size() >= 2; }
  };

  bool may_send() const noexcept;
  bool has_room(Connection& connection);
  void append(Connection& connection, std::int64_t due_ns);
  void append_barrier(Connection& connection);
  Stretches& stretches_of(const Connection& connection) noexcept;
  void fill(Connection& connection);
  void send_due();
  Connection* next_with_room();
  void take_turns();
  std::chrono::nanoseconds wait_time() const;
  void finish();

  Crowd crowd_;
  SenderPlan plan_;
  Tally tally_;
  bool is_sending_ = false;
  /// Answers, or barriers, that are still to come.
  std::uint64_t outstanding_ = 0;
  /// Connections without answers that have room, in the order in which they come next.
  std::deque<Connection*> turns_;
  std::vector<Stretches> stretches_;
  std::size_t next_ = 0;
};

}  // namespace iot::bench
