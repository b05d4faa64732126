// Counts of durations in buckets that grow with them, so that a nanosecond and an hour have a place and none is off by
// more than one part in 64: a quantile of a million latencies costs 30 KB and no sorting. For metrics that are scraped
// see base/metrics.h.
//
// One thread; each thread has its own and merge() adds them up.
#pragma once

#include <array>
#include <cstdint>

namespace iot::bench {

class LatencyHistogram {
 public:
  /// Negative durations count as 0: a clock that was read twice in the same moment.
  void record(std::int64_t ns) noexcept;
  void merge(const LatencyHistogram& other) noexcept;

  std::uint64_t count() const noexcept { return count_; }
  /// Exact; 0 if nothing was recorded.
  std::int64_t max_ns() const noexcept { return max_ns_; }
  double mean_ns() const noexcept;
  /// A duration that the share `quantile` (0 to 1) of all does not exceed: the upper end of its bucket, at most
  /// max_ns(). 0 if nothing was recorded.
  std::int64_t quantile_ns(double quantile) const noexcept;

 private:
  /// Within each power of two there are 64 buckets of the same width; below 64 ns each nanosecond has its own.
  static constexpr unsigned sub_bits = 6;
  static constexpr std::size_t buckets = (64 - sub_bits) << sub_bits;

  static std::size_t index_of(std::uint64_t ns) noexcept;
  static std::uint64_t upper_end(std::size_t index) noexcept;

  std::array<std::uint64_t, buckets> counts_{};
  std::uint64_t count_ = 0;
  std::int64_t max_ns_ = 0;
  double sum_ns_ = 0;
};

}  // namespace iot::bench
