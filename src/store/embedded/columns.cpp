// Columns and their order; the codec is in chunk.cpp.
#include <algorithm>
#include <bit>
#include <numeric>

#include "store/embedded/chunk.h"

namespace iot::store {
namespace {

/// Integers in IEEE 754's total order of the numbers.
std::int64_t order_key(double value) noexcept {
  const auto bits = std::bit_cast<std::int64_t>(value);
  return bits ^ ((bits >> 63) & INT64_MAX);
}
std::int64_t order_key(std::int64_t value) noexcept {
  return value;
}
std::string_view order_key(std::string_view value) noexcept {
  return value;
}

template <class T>
bool sorted_and_distinct(const std::vector<std::int64_t>& times, const std::vector<T>& values) {
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (times[i - 1] < times[i]) continue;
    if (times[i - 1] > times[i] || order_key(values[i - 1]) >= order_key(values[i])) return false;
  }
  return true;
}

template <class T>
void sort_and_merge(std::vector<std::int64_t>& times, std::vector<T>& values) {
  if (sorted_and_distinct(times, values)) return;
  struct Place {
    std::int64_t time;
    std::uint32_t index;
  };
  std::vector<Place> places(times.size());
  for (std::size_t i = 0; i < times.size(); ++i) places[i] = {times[i], static_cast<std::uint32_t>(i)};
  // Late readings are few and mostly in order among themselves: merging is quicker than partitioning.
  std::stable_sort(places.begin(), places.end(), [&](const Place& a, const Place& b) {
    return a.time != b.time ? a.time < b.time : order_key(values[a.index]) < order_key(values[b.index]);
  });
  std::vector<T> sorted;
  sorted.reserve(values.size());
  std::size_t kept = 0;
  for (const Place& place : places) {
    const T& value = values[place.index];
    if (kept > 0 && times[kept - 1] == place.time && order_key(sorted.back()) == order_key(value)) continue;
    times[kept++] = place.time;
    sorted.push_back(value);
  }
  times.resize(kept);
  values = std::move(sorted);
}

}  // namespace

void Columns::clear() noexcept {
  times_ns.clear();
  reals.clear();
  integers.clear();
  texts.clear();
  text_bytes.clear();
}

void sort_and_merge(Columns& columns) {
  switch (model::column_kind(columns.mapping)) {
    case model::ColumnKind::real:
      return sort_and_merge(columns.times_ns, columns.reals);
    case model::ColumnKind::integer:
      return sort_and_merge(columns.times_ns, columns.integers);
    case model::ColumnKind::text:
      return sort_and_merge(columns.times_ns, columns.texts);
  }
}

}  // namespace iot::store
