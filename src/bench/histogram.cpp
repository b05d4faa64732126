#include "bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace iot::bench {

std::size_t LatencyHistogram::index_of(std::uint64_t ns) noexcept {
  if (ns < (1u << sub_bits)) return ns;
  const auto shift = static_cast<unsigned>(std::bit_width(ns)) - 1 - sub_bits;
  return ((shift + 1) << sub_bits) + ((ns >> shift) & ((1u << sub_bits) - 1));
}

std::uint64_t LatencyHistogram::upper_end(std::size_t index) noexcept {
  if (index < (1u << sub_bits)) return index;
  const auto shift = (index >> sub_bits) - 1;
  const auto within = index & ((1u << sub_bits) - 1);
  return ((((1u << sub_bits) + within + 1) << shift)) - 1;
}

void LatencyHistogram::record(std::int64_t ns) noexcept {
  ns = std::max<std::int64_t>(ns, 0);
  ++counts_[index_of(static_cast<std::uint64_t>(ns))];
  ++count_;
  max_ns_ = std::max(max_ns_, ns);
  sum_ns_ += static_cast<double>(ns);
}

void LatencyHistogram::merge(const LatencyHistogram& other) noexcept {
  for (std::size_t i = 0; i < buckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
  sum_ns_ += other.sum_ns_;
}

double LatencyHistogram::mean_ns() const noexcept {
  return count_ == 0 ? 0 : sum_ns_ / static_cast<double>(count_);
}

std::int64_t LatencyHistogram::quantile_ns(double quantile) const noexcept {
  if (count_ == 0) return 0;
  const auto wanted = std::clamp<std::uint64_t>(
      static_cast<std::uint64_t>(std::ceil(quantile * static_cast<double>(count_))), 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets; ++i) {
    seen += counts_[i];
    if (seen >= wanted) return std::min(static_cast<std::int64_t>(upper_end(i)), max_ns_);
  }
  return max_ns_;
}

}  // namespace iot::bench
