// filters: a bucket for each of several queries, and one for what none of them matches. They may overlap.
#include <algorithm>
#include <utility>

#include "query/aggregation.h"
#include "query/bucket_collector.h"
#include "query/fixed_buckets.h"
#include "query/json_fields.h"

namespace iot::query {
namespace {

struct NamedQuery {
  std::string key;
  QueryPtr query;
};

struct Options {
  std::vector<NamedQuery> filters;
  bool named = false;  ///< the request gave an object, not a list
  bool keyed = true;   ///< with names: shown as an object
  std::optional<std::string> other_key;
  Aggregations below;
};

class FiltersCollector final : public BucketsCollector {
 public:
  FiltersCollector(const Options& options, Execution& execution)
      : BucketsCollector(options.below, execution), options_(options), table_(execution) {}

  EsResult<void> prepare(std::span<const Series* const> series) override { return below_.prepare(series); }

  EsResult<void> begin(const Series& series) override {
    filters_.clear();
    for (const NamedQuery& named : options_.filters) {
      auto filter = named.query->compile(series, execution_.now());
      // What fails here is not said to be a query.
      if (!filter) return std::move(filter).error().without_wrapping();
      filters_.push_back(std::move(*filter));
    }
    // The rest is a filter like the others, the last one.
    if (options_.other_key) filters_.push_back(Filter::negated(Filter::any_of(filters_)));
    return below_.begin(series);
  }

  bool takes_summary(const Run& run) const override {
    bool any = false;
    for (const Filter& filter : filters_) {
      const Truth truth = filter.over(run);
      if (truth == Truth::some) return false;
      any = any || truth == Truth::all;
    }
    return !any || (run.summary && below_.takes_summary(run));
  }

  void add_summary(const Run& run, Bucket parent) override {
    for (std::size_t i = 0; i < filters_.size(); ++i) {
      if (filters_[i].over(run) != Truth::all) continue;
      const Bucket bucket = table_.bucket_of(parent, static_cast<std::int64_t>(i));
      table_.count(bucket, run.summary->count);
      if (!below_.empty()) below_.add_summary(run, bucket);
    }
  }

  void add(const store::Block& block, Selection selection, Bucket parent) override {
    if (selection.empty()) return;
    for (std::size_t i = 0; i < filters_.size(); ++i) {
      if (!execution_.go_on()) return;
      const Selection part = matching(filters_[i], block, selection);
      if (part.empty()) continue;
      const Bucket bucket = table_.bucket_of(parent, static_cast<std::int64_t>(i));
      table_.count(bucket, part.size());
      if (!below_.empty()) below_.add(block, part, bucket);
    }
  }

  void write(JsonWriter& json, Bucket parent, const AnswerForm& form) override {
    const ShownBuckets shown = take(parent);
    json.key("buckets");
    is_object() ? json.begin_object() : json.begin_array();
    for (const ShownBucket& bucket : shown.buckets) write_bucket(json, shown, bucket, form);
    is_object() ? json.end_object() : json.end_array();
  }

  std::string_view type_name() const override { return "filters"; }
  std::string key_text(const ShownBucket& bucket) const override {
    const auto place = static_cast<std::size_t>(bucket.key);
    return place < options_.filters.size() ? options_.filters[place].key : *options_.other_key;
  }
  bool can_merge() const override { return below_.can_merge(); }
  void merge(Bucket from, Bucket into) override { table_.merge_parent(from, into, below_); }

 private:
  bool is_object() const { return options_.named && options_.keyed; }

  ShownBuckets list(Bucket parent) override {
    const std::size_t count = options_.filters.size() + (options_.other_key ? 1 : 0);
    return {.buckets = shown_fixed_buckets(table_, parent, count, execution_), .rows = {}};
  }

  void write_bucket(JsonWriter& json, const ShownBuckets& shown, const ShownBucket& bucket, const AnswerForm& form) {
    const std::string key = key_text(bucket);
    if (is_object()) json.key(key);
    json.begin_object();
    if (options_.named && !options_.keyed) json.key("key").string(key);
    json.key("doc_count").unsigned_integer(bucket.count);
    write_below(json, shown, bucket, form);
    json.end_object();
  }

  Selection matching(const Filter& filter, const store::Block& block, Selection selection) {
    if (filter.is_all()) return selection;
    list_.clear();
    if (filter.is_none()) return Selection::listed(list_.data(), 0);
    mask_.assign(block.size(), 1);
    filter.narrow(block, mask_.data());
    for (std::size_t i = 0; i < selection.size(); ++i) {
      if (mask_[selection[i]]) list_.push_back(static_cast<std::uint32_t>(selection[i]));
    }
    return Selection::listed(list_.data(), list_.size());
  }

  const Options& options_;
  BucketTable table_;  ///< by the filter's place
  std::vector<Filter> filters_;
  std::vector<std::uint8_t> mask_;
  std::vector<std::uint32_t> list_;
};

class FiltersAggregation final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<FiltersCollector>(options, execution);
  }
  Options options;
};

EsResult<void> read_filters(AggregationParser& parser, const JsonMember& member, Options& options) {
  if (member.value.is_object()) {
    options.named = true;
    for (const JsonMember& named : member.value.members) {
      ES_TRY(QueryPtr query, parser.queries().parse(named.value, "filters"));
      options.filters.push_back({named.name, std::move(query)});
    }
    std::sort(options.filters.begin(), options.filters.end(),
              [](const NamedQuery& a, const NamedQuery& b) { return a.key < b.key; });
    return {};
  }
  for (const JsonNode& item : member.value.items) {
    ES_TRY(QueryPtr query, parser.queries().parse(item, "filters"));
    options.filters.push_back({std::to_string(options.filters.size()), std::move(query)});
  }
  return {};
}

}  // namespace

ParsedAggregation parse_filters_aggregation(AggregationParser& parser, std::string_view, const JsonNode& body,
                                            Aggregations below) {
  auto aggregation = std::make_unique<FiltersAggregation>();
  Options& options = aggregation->options;
  options.below = std::move(below);
  std::optional<bool> other;
  for (const JsonMember& member : body.members) {
    if (member.name == "filters" && (member.value.is_object() || member.value.is_array())) {
      ES_CHECK(read_filters(parser, member, options));
    } else if (member.name == "other_bucket" && member.value.is_boolean()) {
      other = member.value.flag;
    } else if (member.name == "other_bucket_key" && member.value.is_string()) {
      options.other_key = member.value.text;
    } else if (member.name == "keyed" && member.value.is_boolean()) {
      options.keyed = member.value.flag;
    } else {
      return parsing_error(member.value.at, "Unknown key for a " + std::string(member.value.token_name()) + " in [" +
                                                parser.name() + "]: [" + member.name + "].");
    }
  }
  if (options.filters.empty()) return illegal_argument("[filters] cannot be empty.");
  // A key for the rest asks for the rest, unless that is refused.
  if (other.value_or(options.other_key.has_value())) {
    if (!options.other_key) options.other_key = "_other_";
  } else {
    options.other_key.reset();
  }
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
