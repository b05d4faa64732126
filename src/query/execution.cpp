#include "query/execution.h"

#include <algorithm>
#include <string>

namespace iot::query {

Execution::Execution(const Clock& clock, const QueryLimits& limits, const std::atomic<bool>* cancelled,
                     std::optional<std::chrono::milliseconds> timeout, std::optional<Timestamp> now)
    : clock_(clock), limits_(limits), cancelled_(cancelled), now_(now ? *now : clock.now()) {
  deadline_ = clock.steady_now() + std::min(limits.deadline, timeout.value_or(limits.deadline));
}

bool Execution::go_on() {
  if (failure_ || timed_out_) return false;
  if (cancelled_ && cancelled_->load(std::memory_order_relaxed)) {
    fail({400, "task_cancelled_exception", "task cancelled [the client has closed the connection]"});
    return false;
  }
  timed_out_ = clock_.steady_now() >= deadline_;
  return !timed_out_;
}

void Execution::fail(EsError error) {
  if (!failure_) failure_ = std::move(error);
}

void Execution::charge(std::size_t bytes) {
  bytes_ += bytes;
  if (bytes_ <= limits_.memory_bytes_max || failure_) return;
  const auto number = [](std::size_t value) { return std::to_string(value); };
  fail(EsError(429, "circuit_breaking_exception",
               "[request] Data too large, data for [<query>] would be [" + number(bytes_) + "/" + number(bytes_ >> 20) +
                   "mb], which is larger than the limit of [" + number(limits_.memory_bytes_max) + "/" +
                   number(limits_.memory_bytes_max >> 20) + "mb]")
           .with("bytes_wanted", number(bytes_))
           .with("bytes_limit", number(limits_.memory_bytes_max))
           .with("durability", "\"TRANSIENT\""));
}

bool Execution::count_buckets(std::size_t count) {
  buckets_ += count;
  if (buckets_ <= limits_.buckets_max) return true;
  fail(too_many_buckets(limits_.buckets_max));
  return false;
}

bool Execution::charge_work(std::size_t values) {
  // Less than a second of the slowest of them; a window of 1,000 over all buckets that a search may have.
  constexpr std::size_t work_max = std::size_t{1} << 26;
  if (failure_) return false;
  work_ += values;
  if (work_ <= work_max && (!cancelled_ || !cancelled_->load(std::memory_order_relaxed))) return true;
  fail(work_ > work_max
           ? EsError(400, "illegal_argument_exception",
                     "The pipeline aggregations of a request may look at [" + std::to_string(work_max) +
                         "] values at most: ask for fewer buckets or a smaller [window]")
                 .in_reduce()
           : EsError(400, "task_cancelled_exception", "task cancelled [the client has closed the connection]"));
  return false;
}

EsError too_many_buckets(std::size_t buckets_max) {
  const std::string limit = std::to_string(buckets_max);
  return EsError(400, "too_many_buckets_exception",
                 "Trying to create too many buckets. Must be less than or equal to: [" + limit +
                     "] but this number of buckets was exceeded. This limit can be set by changing the "
                     "[search.max_buckets] cluster level setting.")
      .with("max_buckets", limit)
      .in_reduce();
}

}  // namespace iot::query
