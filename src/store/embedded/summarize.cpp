#include "store/embedded/summarize.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace iot::store {
namespace {

/// Holds the sum of as many 64-bit integers as fit into memory.
__extension__ using Wide = __int128;

Summary::Numbers summarize_reals(std::span<const double> values) {
  Summary::Numbers numbers{values.front(), values.front(), 0, values.front(), values.back()};
  for (const double value : values) {
    numbers.min = std::min(numbers.min, value);
    numbers.max = std::max(numbers.max, value);
    numbers.sum += value;
  }
  return numbers;
}

Summary::Integers summarize_integers(std::span<const std::int64_t> values) {
  Summary::Integers integers{values.front(), values.front(), values.front(), values.back(), std::nullopt};
  Wide sum = 0;
  for (const std::int64_t value : values) {
    integers.min = std::min(integers.min, value);
    integers.max = std::max(integers.max, value);
    sum += value;
  }
  using Limits = std::numeric_limits<std::int64_t>;
  if (sum >= Limits::min() && sum <= Limits::max()) integers.sum = static_cast<std::int64_t>(sum);
  return integers;
}

}  // namespace

Summary summarize(const Slice& readings) {
  assert(readings.size() > 0);
  Summary summary;
  summary.first.ns = readings.times_ns.front();
  summary.last.ns = readings.times_ns.back();
  summary.count = readings.size();
  switch (readings.kind) {
    case model::ColumnKind::real:
      summary.numbers = summarize_reals(readings.reals);
      break;
    case model::ColumnKind::integer:
      summary.integers = summarize_integers(readings.integers);
      break;
    case model::ColumnKind::text:
      break;
  }
  return summary;
}

}  // namespace iot::store
