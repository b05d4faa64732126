// histogram: buckets of equal width over numbers.
#include <algorithm>
#include <cmath>
#include <utility>

#include "query/aggregation.h"
#include "query/histogram_buckets.h"
#include "query/objects/inside_field.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

struct NumberBounds {
  std::optional<double> min, max;
};

struct Options {
  SourceOptions source;
  double interval = 0;  ///< 0 where the request has none
  double offset = 0;
  std::int64_t min_doc_count = 0;
  std::optional<NumberBounds> extended, hard;
  bool keyed = false;
  BucketOrder order = BucketOrder::by_key();
  Aggregations below;
};

class HistogramCollector final : public BucketsCollector {
 public:
  HistogramCollector(const Options& options, Execution& execution)
      : BucketsCollector(options.below, execution), options_(options), table_(execution) {}

  EsResult<void> prepare(std::span<const Series* const> series) override {
    ES_CHECK(options_.order.check(below_));
    return below_.prepare(series);
  }

  EsResult<void> begin(const Series& series) override {
    ES_TRY(source_, NumberSource::of(series, options_.source, "histogram", execution_.now()));
    // Told behind what is wrong with the field, as Elasticsearch does.
    if (options_.interval == 0) return illegal_argument("interval must be positive, got: 0.0").on_shard();
    return below_.begin(series);
  }

  bool takes_summary(const Run& run) const override {
    if (!source_.has_values()) return true;
    if (!run.summary) return false;
    const auto digest = source_.placing(run);
    return digest && index_of(digest->min) == index_of(digest->max) && below_.takes_summary(run);
  }

  void add_summary(const Run& run, Bucket parent) override {
    if (!source_.has_values()) return;
    const std::int64_t index = index_of(source_.placing(run)->min);
    if (!in_bounds(index)) return;
    const Bucket bucket = table_.bucket_of(parent, index);
    table_.count(bucket, run.summary->count);
    if (!below_.empty()) below_.add_summary(run, bucket);
  }

  void add(const store::Block& block, Selection selection, Bucket parent) override {
    if (!source_.has_values()) return;
    const double* values = source_.values(block, selection, scratch_);
    partition_.clear();
    for (std::size_t i = 0; i < selection.size(); ++i) {
      const std::int64_t index = index_of(values[i]);
      if (in_bounds(index)) partition_.put(table_.bucket_of(parent, index), selection[i]);
    }
    partition_.for_each([&](Bucket bucket, Selection part) {
      table_.count(bucket, reading_count(block, part));
      if (!below_.empty()) below_.add(block, part, bucket);
    });
  }

  bool reads_times() const override { return source_.is_time() || below_.reads_times(); }

  void write(JsonWriter& json, Bucket parent, const AnswerForm& form) override {
    const ShownBuckets shown = take(parent);
    json.key("buckets");
    options_.keyed ? json.begin_object() : json.begin_array();
    for (const ShownBucket& bucket : shown.buckets) {
      const double key = axis(bucket);
      const std::string text = look_text(key, source_.look());
      if (options_.keyed) json.key(key_text(bucket));
      json.begin_object();
      if (!text.empty()) json.key("key_as_string").string(text);
      json.key("key").real(key);
      json.key("doc_count").unsigned_integer(bucket.count);
      write_below(json, shown, bucket, form);
      json.end_object();
    }
    options_.keyed ? json.end_object() : json.end_array();
  }

  std::string_view type_name() const override { return "histogram"; }
  std::string key_text(const ShownBucket& bucket) const override {
    const std::string text = look_text(axis(bucket), source_.look());
    return text.empty() ? number_text(axis(bucket)) : text;
  }
  std::optional<double> key_number(const ShownBucket& bucket) const override { return axis(bucket); }
  double axis(const ShownBucket& bucket) const override {
    return static_cast<double>(bucket.key) * options_.interval + options_.offset;
  }
  bool can_merge() const override { return below_.can_merge(); }
  void merge(Bucket from, Bucket into) override { table_.merge_parent(from, into, below_); }

 private:
  ShownBuckets list(Bucket parent) override {
    // No index was begun.
    if (options_.interval == 0) return {};
    return {.buckets = shown_buckets(table_, parent, shape(), options_.order, below_, execution_), .rows = {}};
  }

  std::int64_t index_of(double value) const {
    const double index = std::floor((value - options_.offset) / options_.interval);
    return static_cast<std::int64_t>(std::clamp(index, -9.2e18, 9.2e18));
  }

  /// Bounds hold for where the bucket begins, without the offset.
  bool in_bounds(std::int64_t index) const {
    if (!options_.hard) return true;
    const double value = static_cast<double>(index) * options_.interval;
    return (!options_.hard->min || value >= *options_.hard->min) &&
           (!options_.hard->max || value <= *options_.hard->max);
  }

  HistogramShape shape() const {
    HistogramShape shape{options_.min_doc_count, {}, {}, [](std::int64_t index) { return index + 1; }};
    if (options_.extended && options_.extended->min) shape.first = index_of(*options_.extended->min);
    if (options_.extended && options_.extended->max) {
      shape.last = index_of(*options_.extended->max);
      // A key's last digits may lie beyond a bound that names it: 34 times 0.1 is more than 3.4.
      if (static_cast<double>(*shape.last) * options_.interval + options_.offset > *options_.extended->max) {
        --*shape.last;
      }
    }
    return shape;
  }

  const Options& options_;
  BucketTable table_;
  NumberSource source_;
  Partition partition_;
  std::vector<double> scratch_;
};

class Histogram final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<HistogramCollector>(options, execution);
  }
  const SourceOptions* source() const override { return &options.source; }
  Options options;
};

EsResult<NumberBounds> read_bounds(const JsonMember& member) {
  if (!member.value.is_object()) return wrong_kind("histogram", member);
  NumberBounds bounds;
  for (const JsonMember& bound : member.value.members) {
    if (bound.name != "min" && bound.name != "max") return unknown_field("bounds", bound);
    if (bound.value.is_null()) continue;
    ES_TRY((bound.name == "min" ? bounds.min : bounds.max), read_number("bounds", bound));
  }
  if (bounds.min && bounds.max && *bounds.min > *bounds.max) {
    return illegal_argument("[" + member.name + ".min] cannot be greater than [" + member.name + ".max]");
  }
  return bounds;
}

}  // namespace

ParsedAggregation parse_histogram(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations below) {
  auto aggregation = std::make_unique<Histogram>();
  Options& options = aggregation->options;
  options.below = std::move(below);
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, options.source.take(type, member));
    if (taken) continue;
    if (member.name == "interval") {
      ES_TRY(options.interval, read_number(type, member));
      if (options.interval <= 0) {
        return failed_field(type, member, illegal_argument("[interval] must be >0 for histogram aggregation"));
      }
    } else if (member.name == "offset") {
      ES_TRY(options.offset, read_number(type, member));
    } else if (member.name == "min_doc_count") {
      ES_TRY(options.min_doc_count, read_integer(type, member));
      if (options.min_doc_count < 0) {
        return illegal_argument("[min_doc_count] must be greater than or equal to 0. Found [" +
                                std::to_string(options.min_doc_count) + "] in [histogram]");
      }
    } else if (member.name == "keyed") {
      ES_TRY(options.keyed, read_flag(type, member));
    } else if (member.name == "order") {
      ES_TRY(options.order, BucketOrder::parse(type, member));
    } else if (member.name == "extended_bounds") {
      ES_TRY(options.extended, read_bounds(member));
    } else if (member.name == "hard_bounds") {
      ES_TRY(options.hard, read_bounds(member));
    } else if (member.name == "format") {
      return illegal_argument("[format] in aggregation [histogram] is not supported");
    } else {
      return unknown_field(type, member);
    }
  }
  ES_CHECK(options.source.check());
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
