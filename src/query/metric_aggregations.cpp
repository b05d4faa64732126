// min, max, sum, avg, stats and value_count.
#include <utility>

#include "query/aggregation.h"
#include "query/statistics.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

enum class Metric { min, max, sum, avg, stats };

class StatsCollector final : public Collector {
 public:
  StatsCollector(Metric metric, std::string_view type, const SourceOptions& options, Execution& execution)
      : metric_(metric), type_(type), options_(options), execution_(execution) {}

  EsResult<void> begin(const Series& series) override {
    ES_TRY(source_, NumberSource::of(series, options_, type_, execution_.now()));
    if (!source_.has_values()) return {};
    // What the indices do not have in common is shown as a plain number.
    look_ = mapped_ && look_ != source_.look() ? NumberLook::plain : source_.look();
    mapped_ = true;
    return {};
  }

  bool takes_summary(const Run& run) const override {
    return !source_.has_values() || (run.summary && source_.digest(*run.summary, needs_sum()).has_value());
  }

  void add_summary(const Run& run, Bucket bucket) override {
    if (!source_.has_values()) return;
    const auto digest = source_.digest(*run.summary, needs_sum());
    state(bucket).add_known(run.summary->count, digest->min, digest->max, digest->sum);
  }

  bool reads_times() const override { return source_.is_time(); }
  void add(const store::Block& block, Selection selection, Bucket bucket) override {
    if (!source_.has_values()) return;
    const double* values = source_.values(block, selection, scratch_);
    state(bucket).add(values, selection.size());
  }

  void write(JsonWriter& json, Bucket bucket, const AnswerForm&) override {
    const Statistics statistics = bucket < states_.size() ? states_[bucket] : Statistics();
    if (metric_ != Metric::stats) {
      write_number(json, "value", metric_, statistics);
      return;
    }
    json.key("count").unsigned_integer(statistics.count);
    for (const auto& [name, metric] : parts) write_value(json, name, metric, statistics);
    if (statistics.count == 0 || look_ == NumberLook::plain) return;
    for (const auto& [name, metric] : parts) {
      const double value = value_of(metric, statistics);
      if (look_ == NumberLook::boolean) {
        json.key(std::string(name) + "_as_string").boolean(value != 0);
      } else {
        write_look(json, name, value, look_);
      }
    }
  }

  std::string_view type_name() const override { return type_; }
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

  std::optional<double> number(Bucket bucket, std::string_view property) override {
    const Statistics statistics = bucket < states_.size() ? states_[bucket] : Statistics();
    if (metric_ == Metric::stats && property == "count") return static_cast<double>(statistics.count);
    Metric metric = metric_;
    for (const auto& [name, part] : parts) {
      if (metric_ == Metric::stats && property == name) metric = part;
    }
    if (statistics.count == 0 && metric != Metric::sum) return {};
    return value_of(metric, statistics);
  }

  bool has_number(std::string_view property) const override {
    if (metric_ != Metric::stats) return property.empty() || property == "value";
    if (property == "count") return true;
    for (const auto& [name, part] : parts) {
      if (property == name) return true;
    }
    return false;
  }

 private:
  static constexpr std::pair<std::string_view, Metric> parts[] = {
      {"min", Metric::min}, {"max", Metric::max}, {"avg", Metric::avg}, {"sum", Metric::sum}};

  bool needs_sum() const { return metric_ != Metric::min && metric_ != Metric::max; }

  Statistics& state(Bucket bucket) {
    if (bucket >= states_.size()) {
      execution_.charge((bucket + 1 - states_.size()) * sizeof(Statistics));
      states_.resize(bucket + 1);
    }
    return states_[bucket];
  }

  static double value_of(Metric metric, const Statistics& statistics) {
    switch (metric) {
      case Metric::min:
        return statistics.min;
      case Metric::max:
        return statistics.max;
      case Metric::avg:
        return statistics.average();
      default:
        return statistics.sum();
    }
  }

  static void write_value(JsonWriter& json, std::string_view name, Metric metric, const Statistics& statistics) {
    json.key(name);
    if (statistics.count == 0 && metric != Metric::sum) {
      json.null();
    } else {
      json.real(value_of(metric, statistics));
    }
  }

  void write_number(JsonWriter& json, std::string_view name, Metric metric, const Statistics& statistics) const {
    write_value(json, name, metric, statistics);
    if (statistics.count > 0 || metric == Metric::sum) write_look(json, name, value_of(metric, statistics), look_);
  }

  Metric metric_;
  std::string_view type_;
  const SourceOptions& options_;
  Execution& execution_;
  NumberSource source_;
  NumberLook look_ = NumberLook::plain;
  bool mapped_ = false;  ///< an index has had the field
  std::vector<Statistics> states_;
  std::vector<double> scratch_;
};

class StatsAggregation final : public Aggregation {
 public:
  StatsAggregation(Metric metric, std::string_view type) : metric_(metric), type_(type) {}
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<StatsCollector>(metric_, type_, options, execution);
  }
  const SourceOptions* source() const override { return &options; }
  SourceOptions options;

 private:
  Metric metric_;
  std::string type_;
};

/// Counts readings that have the field, of whatever type.
class CountCollector final : public Collector {
 public:
  CountCollector(const SourceOptions& options, Execution& execution) : options_(options), execution_(execution) {}

  EsResult<void> begin(const Series& series) override {
    if (options_.field == Field::id) return id_fielddata_disabled();
    const bool is_value = options_.field == Field::value;
    if (is_value && series.mapping() == model::MappingType::text) return fielddata_disabled(series, series.value_name);
    const bool mapped =
        options_.field != Field::unmapped && !(is_value && series.mapping() == model::MappingType::object);
    counts_here_ = mapped || options_.missing.has_value();
    return {};
  }
  bool takes_summary(const Run& run) const override { return run.summary != nullptr; }
  bool reads_times() const override { return false; }
  bool reads_places() const override { return false; }
  void add_summary(const Run& run, Bucket bucket) override { count(bucket, run.summary->count); }
  void add(const store::Block&, Selection selection, Bucket bucket) override { count(bucket, selection.size()); }
  void write(JsonWriter& json, Bucket bucket, const AnswerForm&) override {
    json.key("value").unsigned_integer(bucket < counts_.size() ? counts_[bucket] : 0);
  }
  std::string_view type_name() const override { return "value_count"; }
  bool can_merge() const override { return true; }
  void merge(Bucket from, Bucket into) override {
    if (from < counts_.size()) add_count(into, std::exchange(counts_[from], 0));
  }
  bool clear(Bucket bucket) override {
    if (bucket < counts_.size()) counts_[bucket] = 0;
    return true;
  }
  std::optional<double> number(Bucket bucket, std::string_view) override {
    return bucket < counts_.size() ? static_cast<double>(counts_[bucket]) : 0.0;
  }
  bool has_number(std::string_view property) const override { return property.empty() || property == "value"; }

 private:
  void count(Bucket bucket, std::uint64_t more) {
    if (counts_here_) add_count(bucket, more);
  }

  void add_count(Bucket bucket, std::uint64_t more) {
    if (bucket >= counts_.size()) {
      execution_.charge((bucket + 1 - counts_.size()) * sizeof(std::uint64_t));
      counts_.resize(bucket + 1);
    }
    counts_[bucket] += more;
  }

  const SourceOptions& options_;
  Execution& execution_;
  bool counts_here_ = false;
  std::vector<std::uint64_t> counts_;
};

class CountAggregation final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<CountCollector>(options, execution);
  }
  const SourceOptions* source() const override { return &options; }
  SourceOptions options;
};

EsResult<void> read_options(std::string_view type, const JsonNode& body, SourceOptions& options) {
  for (const JsonMember& member : body.members) {
    if (member.name == "format") {
      return illegal_argument("[format] in aggregation [" + std::string(type) + "] is not supported");
    }
    ES_TRY(const bool taken, options.take(type, member));
    if (!taken) return unknown_field(type, member);
  }
  return options.check();
}

}  // namespace

ParsedAggregation parse_stats_family(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations) {
  const Metric metric = type == "min"   ? Metric::min
                        : type == "max" ? Metric::max
                        : type == "sum" ? Metric::sum
                        : type == "avg" ? Metric::avg
                                        : Metric::stats;
  auto aggregation = std::make_unique<StatsAggregation>(metric, type);
  ES_CHECK(read_options(type, body, aggregation->options));
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

ParsedAggregation parse_value_count(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations) {
  auto aggregation = std::make_unique<CountAggregation>();
  ES_CHECK(read_options(type, body, aggregation->options));
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
