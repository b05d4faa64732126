// date_histogram: buckets of time, by a fixed length or by the calendar.
#include <algorithm>
#include <utility>

#include "query/aggregation.h"
#include "query/bucket_collector.h"
#include "query/buckets.h"
#include "query/date_interval.h"
#include "query/date_math.h"
#include "query/histogram_buckets.h"
#include "query/objects/inside_field.h"
#include "query/sized_buckets.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

/// A number as a time, held to where sums with intervals and offsets stay within 64 bits.
std::int64_t whole_ms(double number) {
  return static_cast<std::int64_t>(std::clamp(number, -9e15, 9e15));
}

struct DateBounds {
  std::optional<std::int64_t> min_ms, max_ms;
};

struct Options {
  SourceOptions source;
  std::optional<Rounding> rounding;
  /// As `rounding` without the offset: bounds are rounded so, and extended ones moved by the offset then.
  std::optional<Rounding> plain_rounding;
  std::int64_t offset_ms = 0;
  TimeZone zone;
  bool has_zone = false;
  DateFormat format = DateFormat::date_millis();
  bool has_format = false;
  std::int64_t min_doc_count = 0;
  std::optional<DateBounds> extended, hard;
  bool keyed = false;
  BucketOrder order = BucketOrder::by_key();
  Aggregations below;
};

class DateHistogramCollector final : public BucketsCollector, public SizedBuckets {
 public:
  DateHistogramCollector(const Options& options, Execution& execution)
      : BucketsCollector(options.below, execution, this), options_(options), table_(execution) {}

  EsResult<void> prepare(std::span<const Series* const> series) override {
    ES_CHECK(options_.order.check(below_));
    return below_.prepare(series);
  }

  EsResult<void> begin(const Series& series) override {
    ES_TRY(source_, NumberSource::of(series, options_.source, "date_histogram", execution_.now()));
    if (options_.has_zone) ES_CHECK(source_.check_time_zone(series));
    if (source_.has_values()) (source_.look() == NumberLook::plain ? has_plain_ : has_times_) = true;
    return below_.begin(series);
  }

  bool takes_summary(const Run& run) const override {
    if (!source_.has_values()) return true;
    if (!run.summary) return false;
    if (source_.constant()) return below_.takes_summary(run);
    if (!source_.is_time()) return false;
    const std::int64_t first = floor_div(run.bounds.first.ns, ns_per_ms);
    const std::int64_t last = floor_div(run.bounds.last.ns, ns_per_ms);
    if (options_.rounding->piece_at(first).end_ms <= last) return false;
    return !in_bounds(options_.rounding->key_of(first)) || below_.takes_summary(run);
  }

  void add_summary(const Run& run, Bucket parent) override {
    if (!source_.has_values()) return;
    const auto constant = source_.constant();
    const std::int64_t time = constant ? whole_ms(*constant) : floor_div(run.bounds.first.ns, ns_per_ms);
    const std::int64_t key = options_.rounding->key_of(time);
    if (!in_bounds(key)) return;
    const Bucket bucket = table_.bucket_of(parent, key);
    table_.count(bucket, run.summary->count);
    if (!below_.empty()) below_.add_summary(run, bucket);
  }

  void add(const store::Block& block, Selection selection, Bucket parent) override {
    if (!source_.has_values() || selection.empty()) return;
    if (source_.is_time()) return add_sorted(block, selection, parent);
    partition_.clear();
    const double* values = source_.values(block, selection, scratch_);
    Rounding::Piece piece{1, 0};
    for (std::size_t i = 0; i < selection.size(); ++i) {
      const std::int64_t ms = whole_ms(values[i]);
      if (ms < piece.key_ms || ms >= piece.end_ms) piece = options_.rounding->piece_at(ms);
      if (in_bounds(piece.key_ms)) partition_.put(table_.bucket_of(parent, piece.key_ms), selection[i]);
    }
    partition_.for_each([&](Bucket bucket, Selection part) { fill(block, part, bucket); });
  }

  void write(JsonWriter& json, Bucket parent, const AnswerForm& form) override {
    const ShownBuckets shown = take(parent);
    json.key("buckets");
    options_.keyed ? json.begin_object() : json.begin_array();
    for (const ShownBucket& bucket : shown.buckets) {
      const std::string text = key_text(bucket);
      if (options_.keyed) json.key(text);
      json.begin_object();
      if (!is_plain()) json.key("key_as_string").string(text);
      json.key("key").integer(bucket.key);
      json.key("doc_count").unsigned_integer(bucket.count);
      write_below(json, shown, bucket, form);
      json.end_object();
    }
    options_.keyed ? json.end_object() : json.end_array();
  }

  std::string_view type_name() const override { return "date_histogram"; }
  std::string key_text(const ShownBucket& bucket) const override {
    if (is_plain()) return std::to_string(bucket.key);
    return options_.format.write(Moment::from_ms(bucket.key), options_.zone);
  }
  bool can_merge() const override { return below_.can_merge(); }
  void merge(Bucket from, Bucket into) override { table_.merge_parent(from, into, below_); }

  const Rounding& rounding() const override { return *options_.rounding; }
  std::int64_t start_ms(Bucket bucket) const override { return table_[bucket].key; }

 private:
  /// Keys are shown as numbers alone.
  bool is_plain() const noexcept { return has_plain_ && !has_times_ && !options_.has_format; }

  ShownBuckets list(Bucket parent) override {
    return {.buckets = shown_buckets(table_, parent, shape(), options_.order, below_, execution_), .rows = {}};
  }

  bool in_bounds(std::int64_t key_ms) const {
    if (!options_.hard) return true;
    if (options_.hard->min_ms && key_ms < options_.plain_rounding->key_of(*options_.hard->min_ms)) return false;
    return !options_.hard->max_ms || key_ms < options_.plain_rounding->key_of(*options_.hard->max_ms);
  }

  /// Times are sorted: one look-up for each bucket finds where it ends.
  void add_sorted(const store::Block& block, Selection selection, Bucket parent) {
    for (std::size_t at = 0; at < selection.size();) {
      const std::int64_t time_ms = floor_div(block.times_ns[selection[at]], ns_per_ms);
      const Rounding::Piece piece = options_.rounding->piece_at(time_ms);
      const std::size_t end = end_of(block, selection, at, piece.end_ms);
      if (in_bounds(piece.key_ms)) fill(block, selection.part(at, end), table_.bucket_of(parent, piece.key_ms));
      at = end;
    }
  }

  /// The first place from `at` on whose time is not before `end_ms`: near ones first, then by halves.
  static std::size_t end_of(const store::Block& block, Selection selection, std::size_t at, std::int64_t end_ms) {
    const std::int64_t end_ns = Moment::from_ms(end_ms).to_ns();
    const auto before = [&](std::size_t i) { return block.times_ns[selection[i]] < end_ns; };
    std::size_t step = 1;
    std::size_t low = at;
    while (low + step < selection.size() && before(low + step)) {
      low += step;
      step *= 2;
    }
    std::size_t high = std::min(low + step, selection.size());
    while (low + 1 < high) {
      const std::size_t middle = low + (high - low) / 2;
      (before(middle) ? low : high) = middle;
    }
    return high;
  }

  void fill(const store::Block& block, Selection part, Bucket bucket) {
    table_.count(bucket, reading_count(block, part));
    if (!below_.empty()) below_.add(block, part, bucket);
  }

  HistogramShape shape() const {
    HistogramShape shape{
        options_.min_doc_count, {}, {}, [this](std::int64_t key) { return options_.rounding->next_key(key); }};
    if (options_.extended && options_.extended->min_ms)
      shape.first = options_.plain_rounding->key_of(*options_.extended->min_ms) + options_.offset_ms;
    if (options_.extended && options_.extended->max_ms)
      shape.last = options_.plain_rounding->key_of(*options_.extended->max_ms) + options_.offset_ms;
    return shape;
  }

  const Options& options_;
  BucketTable table_;
  NumberSource source_;
  bool has_plain_ = false;  ///< an index whose field has numbers that are no times
  bool has_times_ = false;
  Partition partition_;
  std::vector<double> scratch_;
};

class DateHistogram final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<DateHistogramCollector>(options, execution);
  }
  const SourceOptions* source() const override { return &options.source; }
  Options options;
};

EsResult<DateBounds> read_bounds(const JsonMember& member, const Options& options, Timestamp now) {
  if (!member.value.is_object()) return wrong_kind("date_histogram", member);
  DateBounds bounds;
  for (const JsonMember& bound : member.value.members) {
    if (bound.name != "min" && bound.name != "max") return unknown_field("bounds", bound);
    if (bound.value.is_null()) continue;
    ES_TRY(const std::string text, read_text("bounds", bound));
    ES_TRY(const Moment moment, evaluate_date(text, options.format, {now, FillUp::first, options.zone}));
    (bound.name == "min" ? bounds.min_ms : bounds.max_ms) = moment.to_ms();
  }
  if (bounds.min_ms && bounds.max_ms && *bounds.min_ms > *bounds.max_ms) {
    return illegal_argument("[" + member.name + ".min] cannot be greater than [" + member.name + ".max]").on_shard();
  }
  return bounds;
}

}  // namespace

ParsedAggregation parse_date_histogram(AggregationParser& parser, std::string_view type, const JsonNode& body,
                                       Aggregations below) {
  auto aggregation = std::make_unique<DateHistogram>();
  Options& options = aggregation->options;
  options.below = std::move(below);
  DateInterval interval;
  const JsonMember* extended = nullptr;
  const JsonMember* hard = nullptr;
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, options.source.take(type, member));
    if (taken) continue;
    ES_TRY(const bool about_interval, interval.take(type, member));
    if (about_interval) continue;
    if (member.name == "format") {
      ES_TRY(const std::string text, read_text(type, member));
      ES_TRY(options.format, DateFormat::parse(text));
      options.has_format = true;
    } else if (member.name == "min_doc_count") {
      ES_TRY(options.min_doc_count, read_integer(type, member));
      if (options.min_doc_count < 0) {
        return illegal_argument("[minDocCount] must be greater than or equal to 0. Found [" +
                                std::to_string(options.min_doc_count) + "] in [date_histogram]");
      }
    } else if (member.name == "keyed") {
      ES_TRY(options.keyed, read_flag(type, member));
    } else if (member.name == "order") {
      ES_TRY(options.order, BucketOrder::parse(type, member));
    } else if (member.name == "extended_bounds") {
      extended = &member;
    } else if (member.name == "hard_bounds") {
      hard = &member;
    } else {
      return unknown_field(type, member);
    }
  }
  ES_CHECK(options.source.check());
  ES_TRY(options.rounding, interval.rounding());
  ES_TRY(options.plain_rounding, interval.rounding(0));
  options.offset_ms = interval.offset_ms();
  options.zone = interval.zone();
  options.has_zone = interval.has_zone();
  if (options.source.missing && !parse_real(*options.source.missing)) {
    ES_CHECK(evaluate_date(*options.source.missing, options.format, {parser.now(), FillUp::first, options.zone}));
  }
  // They are read with the format and the zone, wherever those stand.
  if (extended) {
    ES_TRY(options.extended, read_bounds(*extended, options, parser.now()));
  }
  if (hard) {
    ES_TRY(options.hard, read_bounds(*hard, options, parser.now()));
  }
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
