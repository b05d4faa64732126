// bucket_sort: the buckets of a parent in another order, or some of them.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "query/pipelines/pipeline.h"

namespace iot::query {
namespace {

constexpr std::size_t no_path = static_cast<std::size_t>(-1);

struct SortKey {
  std::size_t path = no_path;  ///< in Pipeline::paths; none for _key
  bool ascending = true;
};

class BucketSort final : public Pipeline {
 public:
  Place place() const override { return Place::inside_buckets; }

  void validate(std::vector<std::string>& faults) const override {
    if (keys.empty() && !size && from == 0) {
      faults.push_back(
          "[" + name +
          "] is configured to perform nothing. Please set either of [sort, size, from] to use bucket_sort");
    }
  }

  EsResult<void> run(BucketsAtWork& buckets) const override {
    std::vector<std::vector<std::optional<double>>> numbers(paths.size());
    for (std::size_t at = 0; at < paths.size(); ++at) {
      for (std::size_t i = 0; i < buckets.size(); ++i) {
        ES_TRY(auto value, buckets.value(i, paths[at], gap_policy));
        if (value && std::isnan(*value)) value.reset();
        numbers[at].push_back(value);
      }
    }
    std::vector<std::size_t> places(buckets.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    // A bucket that has nothing to be sorted by is left out.
    const bool by_key = std::any_of(keys.begin(), keys.end(), [](const SortKey& key) { return key.path == no_path; });
    if (!keys.empty() && !by_key) {
      std::erase_if(places, [&](std::size_t i) {
        return std::none_of(numbers.begin(), numbers.end(), [&](const auto& values) { return values[i].has_value(); });
      });
    }
    std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
      for (const SortKey& key : keys) {
        if (const int sign = compare(buckets, numbers, key, a, b); sign != 0) return sign < 0;
      }
      return false;
    });
    const std::size_t begin = std::min(from, places.size());
    const std::size_t count = std::min(size.value_or(places.size()), places.size() - begin);
    buckets.keep({places.begin() + static_cast<std::ptrdiff_t>(begin),
                  places.begin() + static_cast<std::ptrdiff_t>(begin + count)});
    return {};
  }

  std::vector<SortKey> keys;
  std::size_t from = 0;
  std::optional<std::size_t> size;
  GapPolicy gap_policy = GapPolicy::skip;

 private:
  static int compare(BucketsAtWork& buckets, const std::vector<std::vector<std::optional<double>>>& numbers,
                     const SortKey& key, std::size_t a, std::size_t b) {
    int sign = 0;
    if (key.path == no_path) {
      sign = buckets.owner().compare_keys(buckets[a], buckets[b]);
    } else {
      const auto& x = numbers[key.path][a];
      const auto& y = numbers[key.path][b];
      // What has no number comes last in both directions.
      if (!x || !y) return x ? -1 : y ? 1 : 0;
      sign = *x < *y ? -1 : *y < *x ? 1 : 0;
    }
    return key.ascending ? sign : -sign;
  }
};

/// "path", {"path": "desc"} or {"path": {"order": "desc"}}.
EsResult<void> read_key(const JsonNode& node, BucketSort& pipeline) {
  std::string path = node.is_string() ? node.text : std::string();
  std::string order = "asc";
  if (node.is_object()) {
    if (node.members.size() != 1) return parsing_error(node.at, "[sort] of bucket_sort takes one path in each object");
    const JsonMember& member = node.members[0];
    path = member.name;
    if (member.value.is_object()) {
      for (const JsonMember& option : member.value.members) {
        if (option.name != "order") {
          return illegal_argument("[" + option.name + "] in [sort] of [bucket_sort] is not supported");
        }
        ES_TRY(order, read_text("bucket_sort", option));
      }
    } else {
      ES_TRY(order, read_text("bucket_sort", member));
    }
  } else if (!node.is_string()) {
    return parsing_error(node.at, "[sort] of bucket_sort takes paths");
  }
  std::transform(order.begin(), order.end(), order.begin(), [](unsigned char c) { return std::tolower(c); });
  if (order != "asc" && order != "desc") return illegal_argument("Unknown SortOrder [" + order + "]");
  SortKey key{no_path, order == "asc"};
  if (path != "_key") {
    ES_TRY(BucketsPath parsed, BucketsPath::parse(path));
    key.path = pipeline.paths.size();
    pipeline.paths.push_back(std::move(parsed));
  }
  pipeline.keys.push_back(key);
  return {};
}

}  // namespace

ParsedPipeline parse_bucket_sort(std::string_view type, std::string_view name, const JsonNode& body) {
  constexpr std::size_t keys_max = 32;
  auto pipeline = std::make_shared<BucketSort>();
  pipeline->name = name;
  for (const JsonMember& member : body.members) {
    if (member.name == "sort") {
      if (member.value.items.size() > keys_max)
        return illegal_argument("[sort] of [bucket_sort] takes at most 32 paths");
      if (!member.value.is_array()) ES_CHECK(read_key(member.value, *pipeline));
      for (const JsonNode& item : member.value.items) ES_CHECK(read_key(item, *pipeline));
    } else if (member.name == "from") {
      ES_TRY(const std::int64_t from, read_integer(type, member));
      if (from < 0) return illegal_argument("[from] must be a non-negative integer: [" + std::to_string(from) + "]");
      pipeline->from = static_cast<std::size_t>(from);
    } else if (member.name == "size") {
      ES_TRY(const std::int64_t size, read_integer(type, member));
      if (size <= 0) return illegal_argument("[size] must be a positive integer: [" + std::to_string(size) + "]");
      pipeline->size = static_cast<std::size_t>(size);
    } else if (member.name == "gap_policy") {
      ES_TRY(pipeline->gap_policy, read_gap_policy(member));
    } else {
      return unknown_field(type, member);
    }
  }
  return std::shared_ptr<Pipeline>(std::move(pipeline));
}

}  // namespace iot::query
