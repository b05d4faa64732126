#include "store/embedded/merged_run.h"

#include <bit>

namespace iot::store {
namespace {

/// IEEE 754 total order as an integer's.
std::int64_t order_of(double value) noexcept {
  const auto bits = std::bit_cast<std::int64_t>(value);
  return bits ^ static_cast<std::int64_t>(static_cast<std::uint64_t>(bits >> 63) >> 1);
}
std::int64_t order_of(std::int64_t value) noexcept {
  return value;
}
std::string_view order_of(std::string_view value) noexcept {
  return value;
}

template <class Value>
void merge_two(std::span<const std::int64_t> left_times, std::span<const Value> left,
               std::span<const std::int64_t> right_times, std::span<const Value> right,
               std::vector<std::int64_t>& times, std::vector<Value>& values) {
  times.reserve(left.size() + right.size());
  values.reserve(left.size() + right.size());
  std::size_t l = 0;
  std::size_t r = 0;
  while (l < left.size() && r < right.size()) {
    const auto left_order = order_of(left[l]);
    const auto right_order = order_of(right[r]);
    const bool take_right =
        right_times[r] < left_times[l] || (right_times[r] == left_times[l] && right_order < left_order);
    if (!take_right && right_times[r] == left_times[l] && right_order == left_order) ++r;
    times.push_back(take_right ? right_times[r] : left_times[l]);
    values.push_back(take_right ? right[r] : left[l]);
    ++(take_right ? r : l);
  }
  times.insert(times.end(), left_times.begin() + static_cast<std::ptrdiff_t>(l), left_times.end());
  values.insert(values.end(), left.begin() + static_cast<std::ptrdiff_t>(l), left.end());
  times.insert(times.end(), right_times.begin() + static_cast<std::ptrdiff_t>(r), right_times.end());
  values.insert(values.end(), right.begin() + static_cast<std::ptrdiff_t>(r), right.end());
}

void merge_two(const Slice& left, const Slice& right, Columns& out) {
  switch (left.kind) {
    case model::ColumnKind::real:
      return merge_two(left.times_ns, left.reals, right.times_ns, right.reals, out.times_ns, out.reals);
    case model::ColumnKind::integer:
      return merge_two(left.times_ns, left.integers, right.times_ns, right.integers, out.times_ns, out.integers);
    case model::ColumnKind::text:
      return merge_two(left.times_ns, left.texts, right.times_ns, right.texts, out.times_ns, out.texts);
  }
}

}  // namespace

Slice Slice::sub(std::size_t from, std::size_t to) const noexcept {
  const auto part = [from, to](auto span) { return span.empty() ? span : span.subspan(from, to - from); };
  return {kind, part(times_ns), part(reals), part(integers), part(texts)};
}

Slice slice_of(const Columns& columns) noexcept {
  return {model::column_kind(columns.mapping), columns.times_ns, columns.reals, columns.integers, columns.texts};
}

void merge_slices(std::span<const Slice> slices, Columns& out) {
  out.times_ns.clear();
  out.reals.clear();
  out.integers.clear();
  out.texts.clear();
  if (slices.empty()) return;
  if (slices.size() == 1) return merge_two(slices[0], {slices[0].kind, {}, {}, {}, {}}, out);
  if (slices.size() == 2) return merge_two(slices[0], slices[1], out);
  // Halves first, so that a reading is moved as often as the number of slices has bits.
  Columns left;
  Columns right;
  const std::size_t half = slices.size() / 2;
  merge_slices(slices.first(half), left);
  merge_slices(slices.subspan(half), right);
  const auto slice = [&slices](const Columns& columns) {
    return Slice{slices[0].kind, columns.times_ns, columns.reals, columns.integers, columns.texts};
  };
  merge_two(slice(left), slice(right), out);
}

}  // namespace iot::store
