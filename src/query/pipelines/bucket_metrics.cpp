// max_bucket, min_bucket, avg_bucket, sum_bucket, stats_bucket, extended_stats_bucket and percentiles_bucket: over the
// buckets of an aggregation beside them.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "query/pipelines/pipeline.h"

namespace iot::query {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct BucketValue {
  const ShownBucket* bucket;
  double value;
};

struct Options : PipelineOptions {
  double sigma = 2;
  std::vector<double> percents{1, 5, 25, 50, 75, 95, 99};
  bool keyed = true;
};

class StatsBucketValue final : public PipelineResult {
 public:
  StatsBucketValue(const std::vector<BucketValue>& values, const Options& options, bool is_extended)
      : options_(options), is_extended_(is_extended), count_(static_cast<double>(values.size())) {
    for (const BucketValue& one : values) {
      min_ = std::min(min_, one.value);
      max_ = std::max(max_, one.value);
      sum_ += one.value;
      squares_ += one.value * one.value;
    }
  }

  std::string_view type_name() const override { return is_extended_ ? "extended_stats_bucket" : "stats_bucket"; }
  bool is_multiple() const override { return true; }
  std::size_t memory_bytes() const override { return is_extended_ ? 1'024 : 256; }

  void write(JsonWriter& json) const override {
    json.key("count").unsigned_integer(static_cast<std::uint64_t>(count_));
    for (const auto& [name, part] : parts) put(json, name, part == &StatsBucketValue::sum ? sum_ : shown(part));
    if (has_texts()) {
      for (const auto& [name, part] : parts) put_text(json, name, (this->*part)());
    }
    if (!is_extended_) return;
    for (const auto& [name, part] : extended_parts) put(json, name, shown(part));
    json.key("std_deviation_bounds").begin_object();
    for (const auto& [name, part] : bounds) put(json, name, shown(part));
    json.end_object();
    if (!has_texts()) return;
    for (const auto& [name, part] : extended_parts) put_text(json, name, (this->*part)());
    json.key("std_deviation_bounds_as_string").begin_object();
    for (const auto& [name, part] : bounds) json.key(name).string(text((this->*part)()));
    json.end_object();
  }

  bool has_number(std::string_view property) const override { return property == "count" || part_of(property); }
  std::optional<double> number(std::string_view property) const override {
    return property == "count" ? finite(count_) : finite((this->*part_of(property))());
  }

 private:
  using Part = double (StatsBucketValue::*)() const;
  using Parts = std::pair<std::string_view, Part>;

  double min() const { return min_; }
  double max() const { return max_; }
  double avg() const { return sum_ / count_; }
  double sum() const { return sum_; }
  double sum_of_squares() const { return squares_; }
  double variance_by(double weight) const {
    const double variance = (squares_ - sum_ * sum_ / count_) / weight;
    return variance < 0 ? 0 : variance;
  }
  double variance() const { return variance_by(count_); }
  double variance_sampling() const { return variance_by(count_ - 1); }
  double deviation() const { return std::sqrt(variance()); }
  double deviation_sampling() const { return std::sqrt(variance_sampling()); }
  double upper() const { return avg() + deviation() * options_.sigma; }
  double lower() const { return avg() - deviation() * options_.sigma; }
  double upper_sampling() const { return avg() + deviation_sampling() * options_.sigma; }
  double lower_sampling() const { return avg() - deviation_sampling() * options_.sigma; }

  static const std::array<Parts, 4> parts;
  static const std::array<Parts, 7> extended_parts;
  static const std::array<Parts, 6> bounds;

  Part part_of(std::string_view property) const {
    const auto in = [&](const auto& list) -> Part {
      for (const auto& [name, part] : list) {
        if (name == property) return part;
      }
      return nullptr;
    };
    if (Part part = in(parts)) return part;
    if (!is_extended_) return nullptr;
    if (Part part = in(extended_parts)) return part;
    // In a path a bound has the deviation's name before its own: "std_upper".
    return property.starts_with("std_") ? in_bounds(property.substr(4)) : nullptr;
  }
  static Part in_bounds(std::string_view name) {
    for (const auto& [known, part] : bounds) {
      if (known == name) return part;
    }
    return nullptr;
  }

  bool has_texts() const { return options_.format && count_ > 0; }
  /// Null where nothing was there; what cannot be computed is shown as Java's JSON does: "NaN".
  std::optional<double> shown(Part part) const { return count_ > 0 ? std::optional((this->*part)()) : std::nullopt; }
  static void put(JsonWriter& json, std::string_view name, std::optional<double> value) {
    json.key(name);
    if (!value) {
      json.null();
    } else if (std::isfinite(*value)) {
      json.real(*value);
    } else {
      json.string(not_finite(*value));
    }
  }
  static std::string_view not_finite(double value) {
    return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  }
  std::string text(double value) const {
    return std::isfinite(value) ? options_.format->write(value) : std::string(not_finite(value));
  }
  void put_text(JsonWriter& json, std::string_view name, double value) const {
    json.key(std::string(name) + "_as_string").string(text(value));
  }

  const Options& options_;
  bool is_extended_;
  double count_;
  double min_ = infinity;
  double max_ = -infinity;
  double sum_ = 0;
  double squares_ = 0;
};

const std::array<StatsBucketValue::Parts, 4> StatsBucketValue::parts{{{"min", &StatsBucketValue::min},
                                                                      {"max", &StatsBucketValue::max},
                                                                      {"avg", &StatsBucketValue::avg},
                                                                      {"sum", &StatsBucketValue::sum}}};
const std::array<StatsBucketValue::Parts, 7> StatsBucketValue::extended_parts{
    {{"sum_of_squares", &StatsBucketValue::sum_of_squares},
     {"variance", &StatsBucketValue::variance},
     {"variance_population", &StatsBucketValue::variance},
     {"variance_sampling", &StatsBucketValue::variance_sampling},
     {"std_deviation", &StatsBucketValue::deviation},
     {"std_deviation_population", &StatsBucketValue::deviation},
     {"std_deviation_sampling", &StatsBucketValue::deviation_sampling}}};
const std::array<StatsBucketValue::Parts, 6> StatsBucketValue::bounds{
    {{"upper", &StatsBucketValue::upper},
     {"lower", &StatsBucketValue::lower},
     {"upper_population", &StatsBucketValue::upper},
     {"lower_population", &StatsBucketValue::lower},
     {"upper_sampling", &StatsBucketValue::upper_sampling},
     {"lower_sampling", &StatsBucketValue::lower_sampling}}};

class PercentilesBucketValue final : public PipelineResult {
 public:
  PercentilesBucketValue(std::vector<BucketValue> values, const Options& options) : options_(options) {
    std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
    for (const double percent : options.percents) {
      // The nearest of the values, never one between.
      const double index = std::floor(percent / 100 * static_cast<double>(values.size() - 1) + 0.5);
      percentiles_.push_back(values.empty() ? nan : values[static_cast<std::size_t>(index)].value);
    }
  }

  std::string_view type_name() const override { return "percentiles_bucket"; }
  bool is_multiple() const override { return true; }
  std::size_t memory_bytes() const override { return 64 + percentiles_.size() * 64; }

  void write(JsonWriter& json) const override {
    json.key("values");
    options_.keyed ? json.begin_object() : json.begin_array();
    for (std::size_t i = 0; i < percentiles_.size(); ++i) {
      std::string name;
      append_json_real(name, options_.percents[i]);
      if (options_.keyed) {
        write_formatted(json, name, percentiles_[i], options_.number_format());
        continue;
      }
      json.begin_object().key("key").real(options_.percents[i]);
      write_value(json, "value", percentiles_[i]);
      // Elasticsearch names the text by the percent here too.
      if (options_.format && std::isfinite(percentiles_[i])) {
        json.key(name + "_as_string").string(options_.format->write(percentiles_[i]));
      }
      json.end_object();
    }
    options_.keyed ? json.end_object() : json.end_array();
  }

  bool has_number(std::string_view property) const override { return place(property).has_value(); }
  std::optional<double> number(std::string_view property) const override {
    return finite(percentiles_[*place(property)]);
  }

 private:
  std::optional<std::size_t> place(std::string_view property) const {
    const auto percent = parse_real(property);
    const auto found = std::find(options_.percents.begin(), options_.percents.end(), percent.value_or(nan));
    if (found == options_.percents.end()) return {};
    return static_cast<std::size_t>(found - options_.percents.begin());
  }

  const Options& options_;
  std::vector<double> percentiles_;
};

enum class Metric { max, min, avg, sum, stats, extended_stats, percentiles };
constexpr std::array<std::pair<std::string_view, Metric>, 7> metrics{{{"max_bucket", Metric::max},
                                                                      {"min_bucket", Metric::min},
                                                                      {"avg_bucket", Metric::avg},
                                                                      {"sum_bucket", Metric::sum},
                                                                      {"stats_bucket", Metric::stats},
                                                                      {"extended_stats_bucket", Metric::extended_stats},
                                                                      {"percentiles_bucket", Metric::percentiles}}};

class BucketMetric final : public Pipeline {
 public:
  Place place() const override { return Place::beside_buckets; }

  EsResult<std::unique_ptr<const PipelineResult>> look_at(Collectors& level, Bucket bucket,
                                                          Execution& execution) const override {
    std::vector<BucketValue> values;
    BucketsCollector* owner = nullptr;
    if (const auto reached = reach(level, bucket, paths[0].steps())) {
      owner = reached->collector->buckets();
      if (owner) {
        const ShownBuckets& shown = owner->shown(reached->bucket);
        for (const ShownBucket& one : shown.buckets) {
          if (!execution.charge_work(paths[0].steps().size())) return *execution.failure();
          ES_TRY(const auto value, bucket_value(*owner, one, shown.rows, reached->rest, options.gap_policy));
          if (value && !std::isnan(*value)) values.push_back({&one, *value});
        }
      }
    }
    return result(owner, std::move(values));
  }

  Metric metric = Metric::max;
  Options options;

 private:
  std::unique_ptr<const PipelineResult> result(BucketsCollector* owner, std::vector<BucketValue> values) const {
    switch (metric) {
      case Metric::max:
      case Metric::min:
        return extreme(owner, values);
      case Metric::avg:
        return std::make_unique<SimpleValue>(values.empty() ? nan : sum(values) / static_cast<double>(values.size()),
                                             options.number_format());
      case Metric::sum:
        return std::make_unique<SimpleValue>(sum(values), options.number_format());
      case Metric::stats:
      case Metric::extended_stats:
        return std::make_unique<StatsBucketValue>(values, options, metric == Metric::extended_stats);
      case Metric::percentiles:
        return std::make_unique<PercentilesBucketValue>(std::move(values), options);
    }
    return nullptr;
  }

  static double sum(const std::vector<BucketValue>& values) {
    double sum = 0;
    for (const BucketValue& one : values) sum += one.value;
    return sum;
  }

  std::unique_ptr<const PipelineResult> extreme(BucketsCollector* owner, const std::vector<BucketValue>& values) const {
    double best = metric == Metric::max ? -infinity : infinity;
    std::vector<std::string> keys;
    for (const auto& [bucket, value] : values) {
      if (metric == Metric::max ? value > best : value < best) {
        keys.clear();
        best = value;
      }
      if (value == best) keys.push_back(owner->key_text(*bucket));
    }
    return std::make_unique<BucketMetricValue>(best, std::move(keys), options.number_format());
  }
};

EsResult<std::vector<double>> read_percents(const JsonMember& member) {
  constexpr std::size_t percents_max = 1'000;
  if (!member.value.is_array()) return wrong_kind("percentiles_bucket", member);
  if (member.value.items.size() > percents_max) return illegal_argument("[percents] takes at most 1000 values");
  std::vector<double> percents;
  for (const JsonNode& item : member.value.items) {
    const auto percent = item.is_number() ? parse_real(item.text) : std::nullopt;
    if (!percent || *percent < 0 || *percent > 100) {
      return illegal_argument("[percents] must only contain non-null doubles from 0.0-100.0 inclusive");
    }
    percents.push_back(*percent);
  }
  return percents;
}

}  // namespace

ParsedPipeline parse_bucket_metric(std::string_view type, std::string_view name, const JsonNode& body) {
  auto pipeline = std::make_shared<BucketMetric>();
  pipeline->name = name;
  for (const auto& [known, metric] : metrics) {
    if (known == type) pipeline->metric = metric;
  }
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, pipeline->options.take(name, member, pipeline->paths));
    if (taken) continue;
    if (pipeline->metric == Metric::extended_stats && member.name == "sigma") {
      ES_TRY(pipeline->options.sigma, read_number(type, member));
      if (pipeline->options.sigma < 0) return illegal_argument("sigma must be a non-negative double");
    } else if (pipeline->metric == Metric::percentiles && member.name == "percents") {
      ES_TRY(pipeline->options.percents, read_percents(member));
    } else if (pipeline->metric == Metric::percentiles && member.name == "keyed") {
      ES_TRY(pipeline->options.keyed, read_flag(type, member));
    } else {
      return parsing_error(member.value.at, "Unexpected token " + std::string(member.value.token_name()) + " [" +
                                                member.name + "] in [" + std::string(name) + "]");
    }
  }
  ES_CHECK(check_paths(*pipeline, type, body));
  // Further paths are ignored by Elasticsearch; here they are refused.
  if (pipeline->paths.size() != 1) {
    return illegal_argument("[buckets_path] must contain a single entry for aggregation [" + std::string(name) + "]");
  }
  return std::shared_ptr<Pipeline>(std::move(pipeline));
}

}  // namespace iot::query
