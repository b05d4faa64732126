#include "query/buckets.h"

#include <cmath>
#include <utility>

#include "query/json_fields.h"

namespace iot::query {
namespace {

/// What one bucket costs in the tables, about.
constexpr std::size_t bucket_bytes = 96;

}  // namespace

Bucket BucketTable::bucket_of(Bucket parent, std::int64_t key) {
  const Name name{parent, key};
  // Sorted times ask for the same bucket again and again.
  if (!entries_.empty() && name == last_name_) return last_bucket_;
  const auto [found, is_new] = buckets_.try_emplace(name, static_cast<Bucket>(entries_.size()));
  if (is_new) {
    entries_.push_back({parent, key, 0});
    if (parent >= newest_.size()) {
      execution_.charge((parent + 1 - newest_.size()) * sizeof(Bucket));
      newest_.resize(parent + 1, no_bucket);
    }
    older_.push_back(newest_[parent]);
    newest_[parent] = found->second;
    execution_.charge(bucket_bytes);
  }
  last_name_ = name;
  last_bucket_ = found->second;
  return last_bucket_;
}

std::optional<Bucket> BucketTable::find(Bucket parent, std::int64_t key) const {
  const auto found = buckets_.find(Name{parent, key});
  return found == buckets_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Bucket> BucketTable::of_parent(Bucket parent) const {
  std::vector<Bucket> buckets;
  if (parent >= newest_.size()) return buckets;
  for (Bucket bucket = newest_[parent]; bucket != no_bucket; bucket = older_[bucket]) buckets.push_back(bucket);
  // Most came in order of key.
  std::reverse(buckets.begin(), buckets.end());
  const auto by_key = [&](Bucket a, Bucket b) { return entries_[a].key < entries_[b].key; };
  if (!std::is_sorted(buckets.begin(), buckets.end(), by_key)) std::sort(buckets.begin(), buckets.end(), by_key);
  return buckets;
}

void BucketTable::merge_parent(Bucket from, Bucket into, Collectors& below) {
  for (const Bucket bucket : of_parent(from)) {
    const Bucket target = bucket_of(into, entries_[bucket].key);
    count(target, entries_[bucket].count);
    below.merge(bucket, target);
  }
  if (from < newest_.size()) newest_[from] = no_bucket;
}

void BucketTable::change_keys(Bucket parent, const std::function<std::int64_t(std::int64_t)>& new_key,
                              Collectors& below) {
  const std::vector<Bucket> buckets = of_parent(parent);
  if (buckets.empty()) return;
  for (const Bucket bucket : buckets) buckets_.erase({parent, entries_[bucket].key});
  last_name_ = {no_bucket, 0};
  newest_[parent] = no_bucket;
  for (const Bucket bucket : buckets) {
    const std::int64_t key = new_key(entries_[bucket].key);
    const Bucket newest = newest_[parent];
    if (newest != no_bucket && entries_[newest].key == key) {
      entries_[newest].count += std::exchange(entries_[bucket].count, 0);
      below.merge(bucket, newest);
      continue;
    }
    entries_[bucket].key = key;
    buckets_.emplace(Name{parent, key}, bucket);
    older_[bucket] = newest;
    newest_[parent] = bucket;
  }
}

void Partition::for_each(const std::function<void(Bucket, Selection)>& visit) {
  // Places ascend within a bucket already when the buckets do.
  if (!std::is_sorted(pairs_.begin(), pairs_.end())) std::sort(pairs_.begin(), pairs_.end());
  list_.resize(pairs_.size());
  for (std::size_t i = 0; i < pairs_.size(); ++i) list_[i] = static_cast<std::uint32_t>(pairs_[i]);
  for (std::size_t begin = 0; begin < pairs_.size();) {
    const std::uint64_t bucket = pairs_[begin] >> 32;
    std::size_t end = begin + 1;
    while (end < pairs_.size() && pairs_[end] >> 32 == bucket) ++end;
    visit(static_cast<Bucket>(bucket), Selection::listed(list_.data() + begin, end - begin));
    begin = end;
  }
}

BucketOrder BucketOrder::by_key() {
  BucketOrder order;
  order.parts_.push_back({Part::By::key, true, {}, {}});
  return order;
}

BucketOrder BucketOrder::by_count_descending() {
  BucketOrder order;
  order.parts_.push_back({Part::By::count, false, {}, {}});
  return order;
}

EsResult<BucketOrder> BucketOrder::parse(std::string_view type, const JsonMember& member) {
  if (!member.value.is_object() && !member.value.is_array()) return wrong_kind(type, member);
  auto order = read(type, member);
  // A path that is none is told by itself, a malformed order as part of its aggregation.
  if (!order) return failed_field(type, member, std::move(order).error());
  return order;
}

EsResult<BucketOrder> BucketOrder::read(std::string_view type, const JsonMember& member) {
  const auto malformed = [&](const JsonNode& node) {
    return parsing_error(node.at, "Must specify at least one field for [order] of [" + std::string(type) + "]");
  };
  std::vector<const JsonNode*> nodes;
  if (member.value.is_array()) {
    for (const JsonNode& item : member.value.items) nodes.push_back(&item);
  } else {
    nodes.push_back(&member.value);
  }
  BucketOrder order;
  for (const JsonNode* node : nodes) {
    if (!node->is_object() || node->members.size() != 1) return malformed(*node);
    const JsonMember& entry = node->members[0];
    std::string direction = entry.value.as_text();
    std::transform(direction.begin(), direction.end(), direction.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    if (direction != "asc" && direction != "desc") {
      return parsing_error(entry.value.at, "Unknown order direction [" + entry.value.as_text() + "]");
    }
    Part part{Part::By::number, direction == "asc", entry.name, {}};
    if (entry.name == "_key" || entry.name == "_term" || entry.name == "_time") {
      part.by = Part::By::key;
    } else if (entry.name == "_count") {
      part.by = Part::By::count;
    } else if (entry.name.ends_with(']') && entry.name.find('[') != std::string::npos) {
      const auto bracket = entry.name.find('[');
      part.name = entry.name.substr(0, bracket);
      part.property = entry.name.substr(bracket + 1, entry.name.size() - bracket - 2);
    } else if (const auto dot = entry.name.rfind('.'); dot != std::string::npos) {
      part.name = entry.name.substr(0, dot);
      part.property = entry.name.substr(dot + 1);
    }
    order.parts_.push_back(std::move(part));
  }
  return order;
}

EsResult<void> BucketOrder::check(const Collectors& below) const {
  for (const Part& part : parts_) {
    if (part.by != Part::By::number) continue;
    const Collector* collector = below.find(part.name);
    if (collector && collector->has_number(part.property)) continue;
    const std::string path = part.property.empty() ? part.name : part.name + "." + part.property;
    return EsError(400, "aggregation_execution_exception",
                   "Invalid aggregation order path [" + path + "]. The provided aggregation [" + part.name +
                       "] either does not exist, or is a pipeline aggregation and cannot be used to sort the buckets.")
        .on_shard();
  }
  return {};
}

void BucketOrder::sort(std::vector<Bucket>& buckets, const BucketTable& table, const Collectors& below) const {
  if (parts_.size() == 1 && parts_[0].by == Part::By::key) {
    if (!parts_[0].ascending) std::reverse(buckets.begin(), buckets.end());
    return;
  }
  std::unordered_map<Bucket, std::size_t> rank;
  rank.reserve(buckets.size());
  for (std::size_t i = 0; i < buckets.size(); ++i) rank.emplace(buckets[i], i);
  const auto compare = [&](const Part& part, Bucket a, Bucket b) -> int {
    const auto three_way = [](auto x, auto y) { return x < y ? -1 : y < x ? 1 : 0; };
    if (part.by == Part::By::key) return three_way(rank[a], rank[b]) * (part.ascending ? 1 : -1);
    if (part.by == Part::By::count) return three_way(table[a].count, table[b].count) * (part.ascending ? 1 : -1);
    Collector* collector = below.find(part.name);
    // A sum that left the range of doubles may leave what is not a number, which has no place among numbers.
    const auto number = [&](Bucket bucket) {
      const auto value = collector->number(bucket, part.property);
      return value && std::isnan(*value) ? std::nullopt : value;
    };
    const auto x = number(a);
    const auto y = number(b);
    // What has no number comes last in both directions.
    if (!x || !y) return three_way(!x, !y);
    return three_way(*x, *y) * (part.ascending ? 1 : -1);
  };
  std::sort(buckets.begin(), buckets.end(), [&](Bucket a, Bucket b) {
    for (const Part& part : parts_) {
      if (const int sign = compare(part, a, b); sign != 0) return sign < 0;
    }
    return rank[a] < rank[b];
  });
}

}  // namespace iot::query
