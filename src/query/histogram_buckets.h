// Which buckets histogram and date_histogram show, the empty ones between and around them included, and in which order.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "query/bucket_collector.h"
#include "query/buckets.h"

namespace iot::query {

struct HistogramShape {
  std::int64_t min_doc_count = 0;
  /// Keys up to which there are buckets in any case, if min_doc_count is 0.
  std::optional<std::int64_t> first, last;
  std::function<std::int64_t(std::int64_t)> next_key;
};

/// Nothing past the limit on buckets, where the search has failed.
std::vector<ShownBucket> shown_buckets(BucketTable& table, Bucket parent, const HistogramShape& shape,
                                       const BucketOrder& order, const Collectors& below, Execution& execution);

}  // namespace iot::query
