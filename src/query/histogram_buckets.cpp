#include "query/histogram_buckets.h"

#include <algorithm>

namespace iot::query {
namespace {

/// The keys that no reading has, from the first to the last; nothing past the limit on buckets.
std::optional<std::vector<ShownBucket>> empty_buckets(const BucketTable& table, const std::vector<Bucket>& buckets,
                                                      const HistogramShape& shape, Execution& execution) {
  std::optional<std::int64_t> first = shape.first;
  std::optional<std::int64_t> last = shape.last;
  if (!buckets.empty()) {
    first = std::min(first.value_or(INT64_MAX), table[buckets.front()].key);
    last = std::max(last.value_or(INT64_MIN), table[buckets.back()].key);
  }
  std::vector<ShownBucket> empty;
  if (!first || !last) return empty;
  auto next = buckets.begin();
  for (std::int64_t key = *first; key <= *last; key = shape.next_key(key)) {
    if (next != buckets.end() && table[*next].key == key) {
      ++next;
      continue;
    }
    if (!execution.count_buckets(1)) return {};
    empty.push_back({key, 0, ShownBucket::none});
  }
  return empty;
}

}  // namespace

std::vector<ShownBucket> shown_buckets(BucketTable& table, Bucket parent, const HistogramShape& shape,
                                       const BucketOrder& order, const Collectors& below, Execution& execution) {
  std::vector<Bucket> buckets = table.of_parent(parent);
  std::vector<ShownBucket> empty;
  if (shape.min_doc_count == 0) {
    auto between = empty_buckets(table, buckets, shape, execution);
    if (!between) return {};
    empty = std::move(*between);
  } else {
    std::erase_if(buckets,
                  [&](Bucket bucket) { return table[bucket].count < static_cast<std::uint64_t>(shape.min_doc_count); });
  }
  if (!execution.count_buckets(buckets.size())) return {};
  order.sort(buckets, table, below);
  std::vector<ShownBucket> all;
  all.reserve(buckets.size() + empty.size());
  for (const Bucket bucket : buckets) all.push_back({table[bucket].key, table[bucket].count, bucket});
  // Empty buckets stand by key among the others only if the order is by key; fewest readings have none.
  all.insert(order.is_count_ascending() ? all.begin() : all.end(), empty.begin(), empty.end());
  const auto by_key = [](const ShownBucket& a, const ShownBucket& b) { return a.key < b.key; };
  if (order.is_key_ascending()) std::sort(all.begin(), all.end(), by_key);
  if (order.is_key_descending()) std::sort(all.rbegin(), all.rend(), by_key);
  return all;
}

}  // namespace iot::query
