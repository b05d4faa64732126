// The merging of sorted runs of readings into one: by time and then by value, what is the same kept once.
//
// Values in, values out. The order is that of sort_and_merge() in store/embedded/chunk.h.
#pragma once

#include <span>

#include "store/embedded/chunk.h"

namespace iot::store {

/// Part of sorted, distinct readings; of the values only those of `kind` are there.
struct Slice {
  model::ColumnKind kind = model::ColumnKind::real;
  std::span<const std::int64_t> times_ns;
  std::span<const double> reals;
  std::span<const std::int64_t> integers;
  std::span<const std::string_view> texts;

  std::size_t size() const noexcept { return block().size(); }
  Slice sub(std::size_t from, std::size_t to) const noexcept;
  Block block() const noexcept { return {times_ns, kind, reals, integers, texts}; }
};

Slice slice_of(const Columns& columns) noexcept;

/// Merges `slices`, which are all of one kind, into `out` (its mapping is left alone). Texts are views into those of
/// the slices.
void merge_slices(std::span<const Slice> slices, Columns& out);

}  // namespace iot::store
