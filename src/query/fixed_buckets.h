// Buckets that are known from the request (range, filters): their counts, and the list in which all of them are shown,
// the empty ones too.
#pragma once

#include <cstdint>
#include <vector>

#include "query/buckets.h"
#include "query/histogram_buckets.h"

namespace iot::query {

/// All `count` buckets of a parent in order, with the place in that order as key. Nothing past the limit on buckets,
/// where the search has failed.
inline std::vector<ShownBucket> shown_fixed_buckets(const BucketTable& table, Bucket parent, std::size_t count,
                                                    Execution& execution) {
  std::vector<ShownBucket> shown;
  if (!execution.count_buckets(count)) return shown;
  shown.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto key = static_cast<std::int64_t>(i);
    const auto bucket = table.find(parent, key);
    shown.push_back({key, bucket ? table[*bucket].count : 0, bucket.value_or(ShownBucket::none)});
  }
  return shown;
}

}  // namespace iot::query
