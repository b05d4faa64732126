// What one search may use and whether it must stop: memory, buckets, time. Passed to everything that runs for it.
//
// One thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "query/elasticsearch.h"
#include "query/es_error.h"

namespace iot::query {

class SizedBuckets;
class Query;

class Execution {
 public:
  /// `clock` and `cancelled` must outlive the object. `now`: what the request's times are reckoned from, if not from
  /// the present.
  Execution(const Clock& clock, const QueryLimits& limits, const std::atomic<bool>* cancelled,
            std::optional<std::chrono::milliseconds> timeout, std::optional<Timestamp> now = {});

  Timestamp now() const noexcept { return now_; }
  const QueryLimits& limits() const noexcept { return limits_; }

  /// What the collectors that are being made are in.
  struct Surroundings {
    const SizedBuckets* buckets_of_time = nullptr;  ///< the nearest ones around, or null
    bool is_parent = false;                         ///< they are directly in those
    unsigned depth = 0;                             ///< 1 at the top: there is one bucket, 0
  };
  const Surroundings& surroundings() const noexcept { return surroundings_; }
  void set_surroundings(Surroundings surroundings) noexcept { surroundings_ = surroundings; }
  /// The search's query, for aggregations that show scores; null for all documents. It must outlive the object.
  const Query* query() const noexcept { return query_; }
  void set_query(const Query* query) noexcept { query_ = query; }

  /// False if the search must end at once: it failed, its client has gone, or its time is over. Asked between blocks.
  bool go_on();
  bool timed_out() const noexcept { return timed_out_; }
  /// The first failure of what has no way to return one.
  const std::optional<EsError>& failure() const noexcept { return failure_; }
  void fail(EsError error);

  /// Takes memory from the search's budget; past it the search fails with circuit_breaking_exception.
  void charge(std::size_t bytes);
  /// Counts buckets of the answer; false past the limit, where the search fails with too_many_buckets_exception.
  bool count_buckets(std::size_t count);
  /// Counts values that pipelines look at; false past the limit, where the search fails. They run when the readings
  /// have been read, possibly in part, so the deadline cannot bound them.
  bool charge_work(std::size_t values);

 private:
  const Clock& clock_;
  const QueryLimits& limits_;
  const std::atomic<bool>* cancelled_;
  const Query* query_ = nullptr;
  Timestamp now_;
  Clock::Steady deadline_;
  bool timed_out_ = false;
  std::size_t bytes_ = 0;
  std::size_t buckets_ = 0;
  std::size_t work_ = 0;
  std::optional<EsError> failure_;
  Surroundings surroundings_;
};

/// As Execution::count_buckets, for a number that is known beforehand.
EsError too_many_buckets(std::size_t buckets_max);

}  // namespace iot::query
