// rate: what a bucket of time holds, for each unit of time.
#include <utility>

#include "query/aggregation.h"
#include "query/sized_buckets.h"
#include "query/statistics.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

struct Options {
  std::optional<CalendarUnit> unit;  ///< without one, the bucket's own length
  bool counts_values = false;
  SourceOptions source;  ///< without a field, readings are counted
};

class RateCollector final : public Collector {
 public:
  RateCollector(const Options& options, Execution& execution)
      : options_(options), execution_(execution), surroundings_(execution.surroundings()) {}

  EsResult<void> prepare(std::span<const Series* const>) override {
    const SizedBuckets* buckets = surroundings_.buckets_of_time;
    if (!buckets) {
      return illegal_argument(
                 "The rate aggregation can only be used inside a date histogram aggregation or composite aggregation "
                 "with exactly one date histogram value source")
          .on_shard();
    }
    ES_CHECK(buckets->check());
    // Any key will do: whether it can be measured depends on the units alone.
    if (options_.unit) ES_CHECK(buckets->rounding().length_in(*options_.unit, key_if(0)));
    return {};
  }

  EsResult<void> begin(const Series& series) override {
    if (options_.source.field_name.empty()) return {};
    ES_TRY(source_, NumberSource::of(series, options_.source, "rate", execution_.now()));
    if (source_.has_values() && source_.look() != NumberLook::plain) {
      const std::string type = source_.look() == NumberLook::boolean       ? "boolean"
                               : options_.source.field == Field::timestamp ? "date_nanos"
                                                                           : "date";
      return illegal_argument("Field [" + options_.source.field_name + "] of type [" + type +
                              "] is not supported for aggregation [rate]")
          .on_shard();
    }
    return {};
  }

  bool takes_summary(const Run& run) const override {
    if (!run.summary) return false;
    return counts() || !source_.has_values() || source_.digest(*run.summary, true).has_value();
  }

  void add_summary(const Run& run, Bucket bucket) override {
    if (counts()) return count(bucket, run.summary->count);
    if (!source_.has_values()) return;
    const auto digest = source_.digest(*run.summary, true);
    state(bucket).add_known(run.summary->count, digest->min, digest->max, digest->sum);
  }

  void add(const store::Block& block, Selection selection, Bucket bucket) override {
    if (counts()) return count(bucket, selection.size());
    if (!source_.has_values()) return;
    const double* values = source_.values(block, selection, scratch_);
    state(bucket).add(values, selection.size());
  }

  void write(JsonWriter& json, Bucket bucket, const AnswerForm&) override {
    json.key("value").real(*number(bucket, {}));
  }
  std::string_view type_name() const override { return "rate"; }

  std::optional<double> number(Bucket bucket, std::string_view) override {
    // Of a bucket without readings nothing is known but that the rate is 0.
    if (bucket >= states_.size() || states_[bucket].count == 0) return 0.0;
    const double sum = states_[bucket].sum();
    if (!options_.unit) return sum;
    const SizedBuckets& buckets = *surroundings_.buckets_of_time;
    const auto length = buckets.rounding().length_in(
        *options_.unit, surroundings_.is_parent ? std::optional(buckets.start_ms(bucket)) : std::nullopt);
    return length ? sum / *length : 0.0;
  }
  bool has_number(std::string_view property) const override { return property.empty() || property == "value"; }

  bool can_merge() const override { return true; }
  void merge(Bucket from, Bucket into) override {
    if (from >= states_.size()) return;
    const Statistics moved = std::exchange(states_[from], Statistics());
    state(into).add(moved);
  }
  bool clear(Bucket bucket) override {
    if (bucket < states_.size()) states_[bucket] = Statistics();
    return true;
  }

 private:
  std::optional<std::int64_t> key_if(std::int64_t key) const {
    return surroundings_.is_parent ? std::optional(key) : std::nullopt;
  }

  /// Whether each reading (that has the field) is worth 1.
  bool counts() const { return options_.source.field_name.empty() || (options_.counts_values && source_.has_values()); }

  void count(Bucket bucket, std::uint64_t more) { state(bucket).add_known(more, 1, 1, static_cast<double>(more)); }

  Statistics& state(Bucket bucket) {
    if (bucket >= states_.size()) {
      execution_.charge((bucket + 1 - states_.size()) * sizeof(Statistics));
      states_.resize(bucket + 1);
    }
    return states_[bucket];
  }

  const Options& options_;
  Execution& execution_;
  const Execution::Surroundings surroundings_;
  NumberSource source_;
  std::vector<Statistics> states_;
  std::vector<double> scratch_;
};

class RateAggregation final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<RateCollector>(options, execution);
  }
  const SourceOptions* source() const override { return &options.source; }
  Options options;
};

}  // namespace

ParsedAggregation parse_rate(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations) {
  auto aggregation = std::make_unique<RateAggregation>();
  Options& options = aggregation->options;
  bool has_mode = false;
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, options.source.take(type, member));
    if (taken) continue;
    if (member.name == "unit") {
      ES_TRY(const std::string text, read_text(type, member));
      options.unit = parse_calendar_interval(text);
      if (!options.unit) return failed_field(type, member, illegal_argument("Unsupported unit " + text));
    } else if (member.name == "mode") {
      ES_TRY(const std::string text, read_text(type, member));
      if (text != "sum" && text != "value_count") {
        return failed_field(type, member, illegal_argument("Unknown value of [mode]: [" + text + "]"));
      }
      options.counts_values = text == "value_count";
      has_mode = true;
    } else if (member.name == "format") {
      return illegal_argument("[format] in aggregation [rate] is not supported");
    } else {
      return unknown_field(type, member);
    }
  }
  if (has_mode && options.source.field_name.empty()) {
    return illegal_argument("The mode parameter is only supported with field or script").on_shard();
  }
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
