// auto_date_histogram: buckets of time, as short as can be while there are at most so many.
//
// How long they are follows from the first and the last time alone, so it only ever grows while readings come: then
// buckets are joined, and what the aggregations below have of them. Elasticsearch's lengths and its way of choosing.
#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "query/aggregation.h"
#include "query/bucket_collector.h"
#include "query/buckets.h"
#include "query/date_interval.h"
#include "query/histogram_buckets.h"
#include "query/objects/inside_field.h"
#include "query/query_options.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

/// A unit, and of how many of it a bucket may be made.
struct Step {
  CalendarUnit unit;
  std::string_view letter;
  std::int64_t about_ms;
  std::array<int, 6> multiples;  ///< up to the first 0
};

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::array<Step, 6> all_steps{{
    {CalendarUnit::second, "s", 1'000, {1, 5, 10, 30}},
    {CalendarUnit::minute, "m", 60'000, {1, 5, 10, 30}},
    {CalendarUnit::hour, "h", 3'600'000, {1, 3, 12}},
    {CalendarUnit::day, "d", day_ms, {1, 7}},
    {CalendarUnit::month, "M", 30 * day_ms, {1, 3}},
    {CalendarUnit::year, "y", 365 * day_ms, {1, 5, 10, 20, 50, 100}},
}};

int largest_multiple(const Step& step) {
  return *std::max_element(step.multiples.begin(), step.multiples.end());
}

struct Options {
  SourceOptions source;
  std::int64_t buckets = 10;
  std::size_t first_step = 0;  ///< of all_steps; shorter ones are not used
  std::optional<DateFormat> format;
  TimeZone zone;
  std::vector<Rounding> roundings;  ///< of all_steps
  Aggregations below;
};

std::int64_t whole_ms(double number) {
  return static_cast<std::int64_t>(std::clamp(number, -9e15, 9e15));
}

class AutoDateHistogramCollector final : public BucketsCollector {
 public:
  AutoDateHistogramCollector(const Options& options, Execution& execution)
      : BucketsCollector(options.below, execution),
        options_(options),
        is_top_(execution.surroundings().depth == 1),
        table_(execution) {}

  EsResult<void> prepare(std::span<const Series* const> series) override {
    // While they are found there may be so many times more.
    int multiple_max = 1;
    for (std::size_t step = options_.first_step; step + 1 < all_steps.size(); ++step) {
      multiple_max = std::max(multiple_max, largest_multiple(all_steps[step]));
    }
    const auto ceiling = static_cast<std::int64_t>(execution_.limits().buckets_max) / multiple_max;
    if (options_.buckets > ceiling) {
      return illegal_argument("buckets must be less than " + std::to_string(ceiling)).on_shard();
    }
    if (const Aggregation* unable = below_.unable_to_merge()) {
      return illegal_argument("aggregation [" + unable->name +
                              "] is not supported inside [auto_date_histogram]: its buckets cannot be joined");
    }
    return below_.prepare(series);
  }

  EsResult<void> begin(const Series& series) override {
    ES_TRY(source_, NumberSource::of(series, options_.source, "auto_date_histogram", execution_.now()));
    ++series_;
    return below_.begin(series);
  }

  bool takes_summary(const Run& run) const override {
    if (!source_.has_values()) return true;
    if (!run.summary) return false;
    const auto digest = source_.placing(run);
    if (!digest) return false;
    // Which parent the run is for is not known here, so the shortest buckets count where there are several. They only
    // grow, so what is said here holds also for who reads ahead and has collected less.
    const bool has_grown = is_top_ && !spans_.empty();
    const Rounding& shortest = rounding_of(has_grown ? spans_.front().step : options_.first_step);
    return shortest.key_of(whole_ms(digest->min)) == shortest.key_of(whole_ms(digest->max)) &&
           below_.takes_summary(run);
  }

  void add_summary(const Run& run, Bucket parent) override {
    if (!source_.has_values()) return;
    const auto digest = source_.placing(run);
    const std::int64_t first = whole_ms(digest->min);
    const Bucket bucket = table_.bucket_of(parent, stretch(parent, first, whole_ms(digest->max)).key_of(first));
    table_.count(bucket, run.summary->count);
    if (!below_.empty()) below_.add_summary(run, bucket);
  }

  void add(const store::Block& block, Selection selection, Bucket parent) override {
    if (!source_.has_values() || selection.empty()) return;
    const double* values = source_.values(block, selection, scratch_);
    const auto [low, high] = std::minmax_element(values, values + selection.size());
    const Rounding& rounding = stretch(parent, whole_ms(*low), whole_ms(*high));
    partition_.clear();
    Rounding::Piece piece{1, 0};
    for (std::size_t i = 0; i < selection.size(); ++i) {
      const std::int64_t ms = whole_ms(values[i]);
      if (ms < piece.key_ms || ms >= piece.end_ms) piece = rounding.piece_at(ms);
      partition_.put(table_.bucket_of(parent, piece.key_ms), selection[i]);
    }
    partition_.for_each([&](Bucket bucket, Selection part) {
      table_.count(bucket, reading_count(block, part));
      if (!below_.empty()) below_.add(block, part, bucket);
    });
  }

  void write(JsonWriter& json, Bucket parent, const AnswerForm& form) override {
    const ShownBuckets shown = take(parent);
    json.key("buckets").begin_array();
    for (const ShownBucket& bucket : shown.buckets) write_bucket(json, shown, bucket, form);
    json.end_array();
    const std::size_t step = parent < spans_.size() ? spans_[parent].step : options_.first_step;
    const auto multiple = multiples_.find(parent);
    json.key("interval")
        .string(std::to_string(multiple == multiples_.end() ? 1 : multiple->second) +
                std::string(all_steps[step].letter));
  }

  std::string_view type_name() const override { return "auto_date_histogram"; }
  std::string key_text(const ShownBucket& bucket) const override {
    const DateFormat& format = options_.format ? *options_.format : DateFormat::date_millis();
    return format.write(Moment::from_ms(bucket.key), options_.zone);
  }
  bool can_merge() const override { return below_.can_merge(); }
  void merge(Bucket from, Bucket into) override {
    if (from >= spans_.size() || spans_[from].is_empty()) return;
    const Span moved = spans_[from];
    stretch(into, moved.first_ms, moved.last_ms);
    const std::size_t step = std::max(moved.step, spans_[into].step);
    raise(from, step);
    raise(into, step);
    table_.merge_parent(from, into, below_);
  }

 private:
  /// What is known of a parent's times.
  struct Span {
    std::int64_t first_ms = INT64_MAX;
    std::int64_t last_ms = INT64_MIN;
    std::size_t step = 0;  ///< of all_steps: what its buckets are now
    /// The same of one index: each chooses its buckets, and the longest are taken.
    std::uint64_t series = 0;
    std::int64_t first_here_ms = INT64_MAX;
    std::int64_t last_here_ms = INT64_MIN;
    bool is_empty() const { return first_ms > last_ms; }
  };

  const Rounding& rounding_of(std::size_t step) const { return options_.roundings[step]; }

  /// Whether there are more buckets of the step from one time to another than may be joined to those shown.
  bool are_too_many(std::size_t step, std::int64_t first_ms, std::int64_t last_ms) const {
    const std::int64_t count_max = options_.buckets * largest_multiple(all_steps[step]);
    const Rounding& rounding = rounding_of(step);
    const std::int64_t last_key = rounding.key_of(last_ms);
    std::int64_t key = rounding.key_of(first_ms);
    // No unit is half as short as its usual length: far too many need not be counted one by one.
    if ((last_key - key) / all_steps[step].about_ms / 2 > count_max) return true;
    std::int64_t count = 1;
    while (key < last_key && count <= count_max) {
      key = rounding.next_key(key);
      ++count;
    }
    return count > count_max;
  }

  /// An index on its own takes longer buckets where the time is longer than the usual lengths allow.
  bool is_too_long(std::size_t step, std::int64_t first_ms, std::int64_t last_ms) const {
    const std::int64_t length_max = options_.buckets * largest_multiple(all_steps[step]) * all_steps[step].about_ms;
    const std::int64_t first = rounding_of(options_.first_step).key_of(first_ms);
    return rounding_of(step).key_of(last_ms) - first > length_max;
  }

  /// Makes the parent's buckets as long as it takes to hold these times too.
  const Rounding& stretch(Bucket parent, std::int64_t first_ms, std::int64_t last_ms) {
    if (parent >= spans_.size()) {
      execution_.charge((parent + 1 - spans_.size()) * sizeof(Span));
      spans_.resize(parent + 1, Span{.step = options_.first_step});
    }
    Span& span = spans_[parent];
    if (span.series != series_) {
      span.series = series_;
      span.first_here_ms = INT64_MAX;
      span.last_here_ms = INT64_MIN;
    }
    const bool grows = first_ms < span.first_here_ms || last_ms > span.last_here_ms;
    if (!grows) return rounding_of(span.step);
    span.first_here_ms = std::min(span.first_here_ms, first_ms);
    span.last_here_ms = std::max(span.last_here_ms, last_ms);
    span.first_ms = std::min(span.first_ms, first_ms);
    span.last_ms = std::max(span.last_ms, last_ms);
    std::size_t step = span.step;
    while (step + 1 < all_steps.size() && (is_too_long(step, span.first_here_ms, span.last_here_ms) ||
                                           are_too_many(step, span.first_ms, span.last_ms))) {
      ++step;
    }
    raise(parent, step);
    return rounding_of(step);
  }

  /// Joins the parent's buckets to those of a longer step.
  void raise(Bucket parent, std::size_t step) {
    if (step == std::exchange(spans_[parent].step, step)) return;
    table_.change_keys(
        parent, [&](std::int64_t key) { return rounding_of(step).key_of(key); }, below_);
  }

  /// The empty buckets between the others too, and several joined to one where that brings their number down to the
  /// one asked for.
  ShownBuckets list(Bucket parent) override {
    ShownBuckets list;
    const std::size_t step = parent < spans_.size() ? spans_[parent].step : options_.first_step;
    const Rounding& rounding = rounding_of(step);
    const std::vector<Bucket> buckets = table_.of_parent(parent);
    std::int64_t next_key = 0;
    for (const Bucket bucket : buckets) {
      const std::int64_t key = table_[bucket].key;
      for (; !list.buckets.empty() && next_key < key && !execution_.failure(); next_key = rounding.next_key(next_key)) {
        execution_.charge(sizeof(ShownBucket));
        list.buckets.push_back({next_key, 0, ShownBucket::none});
      }
      list.buckets.push_back({key, table_[bucket].count, bucket});
      next_key = rounding.next_key(key);
    }
    join(parent, step, list.buckets);
    if (!execution_.count_buckets(list.buckets.size())) list.buckets.clear();
    return list;
  }

  void join(Bucket parent, std::size_t step, std::vector<ShownBucket>& buckets) {
    const auto count_max = static_cast<std::size_t>(options_.buckets);
    if (buckets.size() <= count_max) return;
    for (const int multiple : all_steps[step].multiples) {
      if (multiple == 0) return;
      const auto width = static_cast<std::size_t>(multiple);
      if ((buckets.size() + width - 1) / width > count_max) continue;
      std::vector<ShownBucket> joined;
      for (std::size_t i = 0; i < buckets.size(); ++i) {
        const ShownBucket& bucket = buckets[i];
        if (i % width == 0) {
          joined.push_back(bucket);
          continue;
        }
        ShownBucket& target = joined.back();
        target.count += bucket.count;
        if (bucket.bucket == ShownBucket::none) continue;
        if (target.bucket == ShownBucket::none) {
          target.bucket = bucket.bucket;
        } else {
          below_.merge(bucket.bucket, target.bucket);
        }
      }
      buckets = std::move(joined);
      multiples_[parent] = multiple;
      return;
    }
  }

  void write_bucket(JsonWriter& json, const ShownBuckets& shown, const ShownBucket& bucket, const AnswerForm& form) {
    json.begin_object();
    json.key("key_as_string").string(key_text(bucket));
    json.key("key").integer(bucket.key);
    json.key("doc_count").unsigned_integer(bucket.count);
    write_below(json, shown, bucket, form);
    json.end_object();
  }

  const Options& options_;
  const bool is_top_;
  BucketTable table_;
  NumberSource source_;
  std::uint64_t series_ = 0;                   ///< which one is being collected
  std::vector<Span> spans_;                    ///< by parent
  std::unordered_map<Bucket, int> multiples_;  ///< by parent, of those whose buckets were joined
  Partition partition_;
  std::vector<double> scratch_;
};

class AutoDateHistogram final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<AutoDateHistogramCollector>(options, execution);
  }
  const SourceOptions* source() const override { return &options.source; }
  Options options;
};

EsResult<std::size_t> read_minimum_interval(std::string_view type, const JsonMember& member) {
  if (member.value.is_null()) return std::size_t{0};
  ES_TRY(const std::string text, read_text(type, member));
  for (std::size_t step = 0; step < all_steps.size(); ++step) {
    if (name_of(all_steps[step].unit) == text) return step;
  }
  return failed_field(type, member,
                      illegal_argument("minimum_interval must be one of [[year, month, day, hour, minute, second]]"));
}

}  // namespace

ParsedAggregation parse_auto_date_histogram(AggregationParser& parser, std::string_view type, const JsonNode& body,
                                            Aggregations below) {
  auto aggregation = std::make_unique<AutoDateHistogram>();
  Options& options = aggregation->options;
  options.below = std::move(below);
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, options.source.take(type, member));
    if (taken) continue;
    if (member.name == "buckets") {
      ES_TRY(options.buckets, read_integer(type, member));
      if (options.buckets <= 0) {
        return failed_field(type, member,
                            illegal_argument("buckets must be greater than 0 for [" + parser.name() + "]"));
      }
    } else if (member.name == "minimum_interval") {
      ES_TRY(options.first_step, read_minimum_interval(type, member));
    } else if (member.name == "format") {
      ES_TRY(const std::string text, read_text(type, member));
      ES_TRY(options.format, DateFormat::parse(text));
    } else if (member.name == "time_zone") {
      ES_TRY(options.zone, read_time_zone(type, member));
    } else {
      return unknown_field(type, member);
    }
  }
  ES_CHECK(options.source.check());
  for (const Step& step : all_steps) options.roundings.emplace_back(step.unit, options.zone, 0);
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
