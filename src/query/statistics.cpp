#include "query/statistics.h"

#include <cmath>

#include "base/also_for_avx2.h"

namespace iot::query {
namespace {

/// Eight sums side by side, each with its own compensation: they fit vector registers, and the order of the additions
/// does not depend on the machine.
constexpr std::size_t lane_count = 8;

/// Half of the lanes, written out: the compiler does not find them in a loop over arrays. In columns they are aligned
/// as numbers are.
typedef double Half __attribute__((vector_size(lane_count / 2 * sizeof(double))));
typedef double StoredHalf __attribute__((vector_size(lane_count / 2 * sizeof(double)), aligned(8), may_alias));

struct HalfLanes {
  StoredHalf sums, lost, low, high;
};

IOT_ALSO_FOR_AVX2 void add_to_lanes(const double* values, std::size_t size, HalfLanes& first, HalfLanes& second) {
  Half sums0 = first.sums, lost0 = first.lost, low0 = first.low, high0 = first.high;
  Half sums1 = second.sums, lost1 = second.lost, low1 = second.low, high1 = second.high;
  // Knuth's exact addition: only one addition of it waits for the last round's.
  const auto add = [](const Half& value, Half& sums, Half& lost, Half& low, Half& high) __attribute__((always_inline)) {
    const Half next = sums + value;
    const Half taken = next - sums;
    lost += (sums - (next - taken)) + (value - taken);
    sums = next;
    low = value < low ? value : low;
    high = value > high ? value : high;
  };
  for (std::size_t i = 0; i < size; i += lane_count) {
    const StoredHalf* const next = reinterpret_cast<const StoredHalf*>(values + i);
    // Copied first: where it lies, it is not aligned as a Half is.
    const Half value0 = next[0], value1 = next[1];
    add(value0, sums0, lost0, low0, high0);
    add(value1, sums1, lost1, low1, high1);
  }
  first = {sums0, lost0, low0, high0};
  second = {sums1, lost1, low1, high1};
}

}  // namespace

void Statistics::add_to_sum(double value) noexcept {
  const double next = sum_ + value;
  lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - next) + value : (value - next) + sum_;
  sum_ = next;
}

void Statistics::add(const double* values, std::size_t size) noexcept {
  count += size;
  const std::size_t in_lanes = size >= 4 * lane_count ? size / lane_count * lane_count : 0;
  if (in_lanes > 0) {
    HalfLanes halves[2];
    for (HalfLanes& half : halves) half = {StoredHalf{}, StoredHalf{}, StoredHalf{} + min, StoredHalf{} + max};
    add_to_lanes(values, in_lanes, halves[0], halves[1]);
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
      const HalfLanes& half = halves[lane / (lane_count / 2)];
      const std::size_t place = lane % (lane_count / 2);
      add_to_sum(half.sums[place]);
      // Where the sum has left the range of doubles, what was lost is not a number.
      if (std::isfinite(half.sums[place])) add_to_sum(half.lost[place]);
      min = half.low[place] < min ? half.low[place] : min;
      max = half.high[place] > max ? half.high[place] : max;
    }
  }
  for (std::size_t i = in_lanes; i < size; ++i) {
    add_to_sum(values[i]);
    min = values[i] < min ? values[i] : min;
    max = values[i] > max ? values[i] : max;
  }
}

void Statistics::add_known(std::uint64_t more, double lowest, double highest, double sum_of_them) noexcept {
  if (more == 0) return;
  count += more;
  min = lowest < min ? lowest : min;
  max = highest > max ? highest : max;
  add_to_sum(sum_of_them);
}

void Statistics::add(const Statistics& other) noexcept {
  count += other.count;
  min = other.min < min ? other.min : min;
  max = other.max > max ? other.max : max;
  add_to_sum(other.sum_);
  if (std::isfinite(other.lost_)) add_to_sum(other.lost_);
}

double Statistics::sum() const noexcept {
  const double corrected = sum_ + lost_;
  // Where the sum has left the range of doubles, what was lost is not a number.
  return std::isfinite(corrected) ? corrected : sum_;
}

}  // namespace iot::query
