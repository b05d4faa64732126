// range and date_range: buckets between bounds that the request gives, the lower one included. They may overlap.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "query/aggregation.h"
#include "query/bucket_collector.h"
#include "query/date_interval.h"
#include "query/date_math.h"
#include "query/fixed_buckets.h"
#include "query/objects/inside_field.h"
#include "query/query_options.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

constexpr std::size_t ranges_max = 1'024;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// A bound as the request has it: what a text means depends on the field, and a number of a `range` is one in all.
struct GivenBound {
  std::string text;
  std::optional<double> number;
};

struct GivenRange {
  std::optional<std::string> key;
  std::optional<GivenBound> from, to;
};

struct Range {
  std::string key;
  double from = -infinity;  ///< included
  double to = infinity;     ///< not included
};

struct Options {
  std::string type;  ///< range or date_range
  SourceOptions source;
  std::vector<GivenRange> ranges;
  std::optional<DateFormat> format;
  TimeZone zone;
  bool has_zone = false;
  bool keyed = false;
  Aggregations below;
};

class RangeCollector final : public BucketsCollector {
 public:
  RangeCollector(const Options& options, Execution& execution)
      : BucketsCollector(options.below, execution), options_(options), table_(execution) {}

  EsResult<void> prepare(std::span<const Series* const> series) override {
    // The first index by name that has the field and can read the bounds says how they are shown.
    std::vector<const Series*> mapped;
    std::copy_if(series.begin(), series.end(), std::back_inserter(mapped), [&](auto* one) { return is_mapped(*one); });
    std::sort(mapped.begin(), mapped.end(), [](auto* a, auto* b) { return a->name < b->name; });
    std::optional<EsError> fault;
    for (const Series* one : mapped) {
      auto ranges = ranges_of(look_of(*one));
      if (!ranges && !fault) fault = std::move(ranges).error();
      if (!ranges) continue;
      look_ = look_of(*one);
      ranges_ = std::move(*ranges);
      return below_.prepare(series);
    }
    if (fault) return *fault;
    if (options_.type == "date_range") look_.format = options_.format.value_or(DateFormat::date_millis());
    ES_TRY(ranges_, ranges_of(look_));
    return below_.prepare(series);
  }

  EsResult<void> begin(const Series& series) override {
    ES_TRY(source_, NumberSource::of(series, options_.source, options_.type, execution_.now()));
    if (options_.has_zone) ES_CHECK(source_.check_time_zone(series));
    // The same text may be another number in another index; what is at the same place counts together.
    const Look look = look_of(series);
    const bool is_shown = !is_mapped(series) || look.is_like(look_);
    ES_TRY(const std::vector<Range> ranges, is_shown ? EsResult<std::vector<Range>>(ranges_) : ranges_of(look));
    // A float's values are doubles that lie beside the number that the request names.
    const bool is_float =
        options_.source.field == Field::value && series.mapping() == model::MappingType::single_precision;
    bounds_.clear();
    for (const Range& range : ranges) {
      bounds_.push_back(is_float
                            ? std::pair<double, double>(static_cast<float>(range.from), static_cast<float>(range.to))
                            : std::pair(range.from, range.to));
    }
    return below_.begin(series);
  }

  bool takes_summary(const Run& run) const override {
    if (!source_.has_values()) return true;
    if (!run.summary) return false;
    const auto digest = source_.placing(run);
    if (!digest) return false;
    bool any = false;
    for (const auto& [from, to] : bounds_) {
      if (digest->max < from || digest->min >= to) continue;
      if (digest->min < from || digest->max >= to) return false;
      any = true;
    }
    return !any || below_.takes_summary(run);
  }

  void add_summary(const Run& run, Bucket parent) override {
    if (!source_.has_values()) return;
    const double value = source_.placing(run)->min;
    for (std::size_t i = 0; i < bounds_.size(); ++i) {
      if (value < bounds_[i].first || value >= bounds_[i].second) continue;
      const Bucket bucket = table_.bucket_of(parent, static_cast<std::int64_t>(i));
      table_.count(bucket, run.summary->count);
      if (!below_.empty()) below_.add_summary(run, bucket);
    }
  }

  void add(const store::Block& block, Selection selection, Bucket parent) override {
    if (!source_.has_values() || selection.empty()) return;
    if (source_.is_time()) return add_sorted(block, selection, parent);
    const double* values = source_.values(block, selection, scratch_);
    const auto [low, high] = std::minmax_element(values, values + selection.size());
    for (std::size_t i = 0; i < bounds_.size(); ++i) {
      const auto [from, to] = bounds_[i];
      if (*high < from || *low >= to) continue;
      list_.clear();
      for (std::size_t at = 0; at < selection.size(); ++at) {
        if (values[at] >= from && values[at] < to) list_.push_back(static_cast<std::uint32_t>(selection[at]));
      }
      fill(block, Selection::listed(list_.data(), list_.size()), parent, i);
    }
  }

  void write(JsonWriter& json, Bucket parent, const AnswerForm& form) override {
    const ShownBuckets shown = take(parent);
    json.key("buckets");
    options_.keyed ? json.begin_object() : json.begin_array();
    for (const ShownBucket& bucket : shown.buckets) write_bucket(json, shown, bucket, form);
    options_.keyed ? json.end_object() : json.end_array();
  }

  std::string_view type_name() const override { return options_.type; }
  std::string key_text(const ShownBucket& bucket) const override {
    return ranges_[static_cast<std::size_t>(bucket.key)].key;
  }
  bool can_merge() const override { return below_.can_merge(); }
  void merge(Bucket from, Bucket into) override { table_.merge_parent(from, into, below_); }

 private:
  ShownBuckets list(Bucket parent) override {
    return {.buckets = shown_fixed_buckets(table_, parent, ranges_.size(), execution_), .rows = {}};
  }

  void write_bucket(JsonWriter& json, const ShownBuckets& shown, const ShownBucket& bucket, const AnswerForm& form) {
    const Range& range = ranges_[static_cast<std::size_t>(bucket.key)];
    if (options_.keyed) json.key(range.key);
    json.begin_object();
    if (!options_.keyed) json.key("key").string(range.key);
    write_bound(json, "from", range.from);
    write_bound(json, "to", range.to);
    json.key("doc_count").unsigned_integer(bucket.count);
    write_below(json, shown, bucket, form);
    json.end_object();
  }

  void write_bound(JsonWriter& json, const std::string& name, double value) const {
    if (std::isinf(value)) return;
    json.key(name).real(value);
    if (look_.format) json.key(name + "_as_string").string(text_of(value, look_));
    if (look_.is_boolean) json.key(name + "_as_string").boolean(value != 0);
  }

  /// How the numbers of an index's field are read and written.
  struct Look {
    std::optional<DateFormat> format;  ///< of a date
    bool is_boolean = false;
    bool is_like(const Look& other) const {
      return format.has_value() == other.format.has_value() && is_boolean == other.is_boolean;
    }
  };

  Look look_of(const Series& series) const {
    if (options_.source.field == Field::timestamp) return {options_.format.value_or(DateFormat::date_nanos()), false};
    if (options_.source.field != Field::value) return {};
    if (series.mapping() == model::MappingType::date) {
      return {options_.format.value_or(DateFormat::date_millis()), false};
    }
    return {{}, series.mapping() == model::MappingType::boolean};
  }

  EsResult<std::vector<Range>> ranges_of(const Look& look) const {
    std::vector<Range> ranges;
    for (const GivenRange& given : options_.ranges) {
      Range range;
      ES_TRY(range.from, bound(given.from, -infinity, look));
      ES_TRY(range.to, bound(given.to, infinity, look));
      range.key = given.key ? *given.key
                            : (std::isinf(range.from) ? "*" : text_of(range.from, look)) + "-" +
                                  (std::isinf(range.to) ? "*" : text_of(range.to, look));
      ranges.push_back(std::move(range));
    }
    std::stable_sort(ranges.begin(), ranges.end(),
                     [](const Range& a, const Range& b) { return std::pair(a.from, a.to) < std::pair(b.from, b.to); });
    return ranges;
  }

  bool is_mapped(const Series& series) const {
    const Field field = options_.source.field;
    return field != Field::unmapped && !(field == Field::value && series.mapping() == model::MappingType::object);
  }

  EsResult<double> bound(const std::optional<GivenBound>& given, double open, const Look& look) const {
    if (!given) return open;
    // Beyond what a time can be, the number is refused as a text would be.
    constexpr double ms_max = 1e17;
    if (given->number && (!look.format || std::abs(*given->number) < ms_max)) return *given->number;
    const std::string& text = given->text;
    if (look.format) {
      ES_TRY(const Moment moment, evaluate_date(text, *look.format, {execution_.now(), FillUp::first, options_.zone}));
      return static_cast<double>(moment.to_ms());
    }
    if (look.is_boolean && (text == "true" || text == "false")) return text == "true" ? 1.0 : 0.0;
    if (look.is_boolean) {
      return illegal_argument("Cannot parse boolean [" + text + "], expected either [true] or [false]").on_shard();
    }
    const auto number = parse_real(text);
    if (!number) return not_a_number(text).on_shard();
    return *number;
  }

  std::string text_of(double value, const Look& look) const {
    if (look.is_boolean) return value != 0 ? "true" : "false";
    if (!look.format) return number_text(value);
    return look.format->write(Moment::from_ms(static_cast<std::int64_t>(value)), options_.zone);
  }

  /// Times are sorted: a range is a stretch of them.
  void add_sorted(const store::Block& block, Selection selection, Bucket parent) {
    const auto first_from = [&](double ms) {
      std::size_t low = 0;
      std::size_t high = selection.size();
      while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        const bool before = static_cast<double>(floor_div(block.times_ns[selection[middle]], ns_per_ms)) < ms;
        before ? low = middle + 1 : high = middle;
      }
      return low;
    };
    for (std::size_t i = 0; i < bounds_.size(); ++i) {
      const std::size_t begin = first_from(bounds_[i].first);
      const std::size_t end = first_from(bounds_[i].second);
      if (begin < end) fill(block, selection.part(begin, end), parent, i);
    }
  }

  void fill(const store::Block& block, Selection part, Bucket parent, std::size_t range) {
    if (part.empty()) return;
    const Bucket bucket = table_.bucket_of(parent, static_cast<std::int64_t>(range));
    table_.count(bucket, reading_count(block, part));
    if (!below_.empty()) below_.add(block, part, bucket);
  }

  const Options& options_;
  BucketTable table_;  ///< by the range's place in ranges_
  Look look_;
  std::vector<Range> ranges_;  ///< as they are shown
  NumberSource source_;
  std::vector<std::pair<double, double>> bounds_;  ///< of ranges_, as the index's values are compared with them
  std::vector<double> scratch_;
  std::vector<std::uint32_t> list_;
};

class RangeAggregation final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<RangeCollector>(options, execution);
  }
  const SourceOptions* source() const override { return &options.source; }
  Options options;
};

/// Numbers of a date_range lose their fraction, and are then read with its format.
EsResult<std::optional<GivenBound>> read_bound(const JsonMember& member, bool is_date) {
  if (member.value.is_null()) return std::optional<GivenBound>();
  if (member.value.is_string()) return std::optional(GivenBound{member.value.text, {}});
  ES_TRY(const double number, read_number("range", member));
  if (!is_date) return std::optional(GivenBound{member.value.text, number});
  constexpr double ms_max = 9e18;
  return std::optional(GivenBound{std::to_string(static_cast<std::int64_t>(std::clamp(number, -ms_max, ms_max))), {}});
}

EsResult<GivenRange> read_range(const JsonNode& node, bool is_date, Position& at) {
  at = node.at;
  if (!node.is_object()) {
    return content_error(node.at, "[range] Expected START_OBJECT but was: " + std::string(node.token_name()));
  }
  GivenRange range;
  for (const JsonMember& part : node.members) {
    at = part.value.at;
    if (part.name == "key") {
      ES_TRY(range.key, read_text("range", part));
    } else if (part.name == "from") {
      ES_TRY(range.from, read_bound(part, is_date));
    } else if (part.name == "to") {
      ES_TRY(range.to, read_bound(part, is_date));
    } else {
      return unknown_field("range", part);
    }
  }
  return range;
}

/// A list, or one range alone.
EsResult<std::vector<GivenRange>> read_ranges(std::string_view type, const JsonMember& member, bool is_date) {
  const std::span<const JsonNode> nodes =
      member.value.is_array() ? std::span<const JsonNode>(member.value.items) : std::span(&member.value, 1);
  if (nodes.size() > ranges_max) {
    return illegal_argument("[ranges] takes at most [" + std::to_string(ranges_max) + "] ranges");
  }
  std::vector<GivenRange> ranges;
  for (const JsonNode& node : nodes) {
    Position at;
    auto range = read_range(node, is_date, at);
    if (!range) return failed_inside(type, member, at, std::move(range).error());
    ranges.push_back(std::move(*range));
  }
  return ranges;
}

}  // namespace

ParsedAggregation parse_range_aggregation(AggregationParser& parser, std::string_view type, const JsonNode& body,
                                          Aggregations below) {
  auto aggregation = std::make_unique<RangeAggregation>();
  Options& options = aggregation->options;
  options.type = type;
  options.below = std::move(below);
  const bool is_date = type == "date_range";
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, options.source.take(type, member));
    if (taken) continue;
    if (member.name == "ranges") {
      ES_TRY(options.ranges, read_ranges(type, member, is_date));
    } else if (member.name == "keyed") {
      ES_TRY(options.keyed, read_flag(type, member));
    } else if (member.name == "format" && is_date) {
      ES_TRY(const std::string text, read_text(type, member));
      ES_TRY(options.format, DateFormat::parse(text));
    } else if (member.name == "time_zone" && is_date) {
      ES_TRY(options.zone, read_time_zone(type, member));
      options.has_zone = true;
    } else if (member.name == "format") {
      return illegal_argument("[format] in aggregation [range] is not supported");
    } else {
      return unknown_field(type, member);
    }
  }
  ES_CHECK(options.source.check());
  if (options.ranges.empty()) {
    return illegal_argument("No [ranges] specified for the [" + parser.name() + "] aggregation").on_shard();
  }
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
