// Which runs of a series only count, where a search's aggregations show its newest readings ("the last value of each
// sensor"): the walk then goes from the newest reading back, and what is older than those shown is not decoded.
#pragma once

#include <cstddef>
#include <cstdint>

#include "query/aggregation.h"
#include "store/reading_store.h"

namespace iot::query {

/// Of one series, in one walk.
class NewestFirst {
 public:
  /// For collectors that were begun with the series; null where only counting, or where another order is needed.
  explicit NewestFirst(const Collectors* collectors) : wanted_(collectors ? collectors->newest_wanted() : 0) {}

  bool wants_any() const noexcept { return wanted_ > 0; }
  /// In which the series has to be walked.
  store::Direction direction() const noexcept {
    return wants_any() ? store::Direction::descending : store::Direction::ascending;
  }
  /// The collectors were given so many matching readings of a run with these bounds.
  void given(store::TimeRange bounds, std::size_t count) noexcept {
    if (given_ >= wanted_) return;
    given_ += count;
    oldest_ = bounds.first;
  }
  /// True if a run is older than all readings that decide. One that ends at the same time as the last of them may hold
  /// one that comes before it in the order of documents.
  bool is_past(const Run& run) const noexcept { return wanted_ > 0 && given_ >= wanted_ && run.bounds.last < oldest_; }

 private:
  std::size_t wanted_;
  std::size_t given_ = 0;
  Timestamp oldest_;
};

}  // namespace iot::query
