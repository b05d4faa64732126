// derivative, cumulative_sum, serial_diff and normalize: from bucket to bucket of one parent.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "query/pipelines/pipeline.h"
#include "query/rounding.h"

namespace iot::query {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

class InOrder : public Pipeline {
 public:
  Place place() const override { return Place::inside_histogram; }
  void validate(std::vector<std::string>& faults) const override {
    if (paths.size() != 1) {
      faults.push_back("buckets_path must contain a single entry for aggregation [" + name + "]");
    }
  }
  PipelineOptions options;
};

std::unique_ptr<const PipelineResult> simple(double value, const PipelineOptions& options) {
  return std::make_unique<SimpleValue>(value, options.number_format());
}

class Derivative final : public InOrder {
 public:
  EsResult<void> run(BucketsAtWork& buckets) const override {
    std::optional<double> last;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      ES_TRY(const auto value, buckets.value(i, paths[0], options.gap_policy));
      if (value && last) {
        const double width = i == 0 ? 0 : buckets.owner().axis(buckets[i]) - buckets.owner().axis(buckets[i - 1]);
        const double distance = unit_ms ? width / static_cast<double>(*unit_ms) : -1;
        buckets.put(i, std::make_unique<DerivativeValue>(*value - *last, distance, options.number_format()));
      }
      last = value;
    }
    return {};
  }
  std::optional<std::int64_t> unit_ms;
};

class CumulativeSum final : public InOrder {
 public:
  EsResult<void> run(BucketsAtWork& buckets) const override {
    double sum = 0;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      ES_TRY(const auto value, buckets.value(i, paths[0], GapPolicy::insert_zeros));
      sum += value.value_or(0);
      buckets.put(i, simple(sum, options));
    }
    return {};
  }
};

class SerialDifference final : public InOrder {
 public:
  EsResult<void> run(BucketsAtWork& buckets) const override {
    ES_TRY(const auto values, buckets.values(paths[0], options.gap_policy));
    for (std::size_t i = lag; i < values.size(); ++i) {
      const double difference = values[i] - values[i - lag];
      if (!std::isnan(difference)) buckets.put(i, simple(difference, options));
    }
    return {};
  }
  std::size_t lag = 1;
};

enum class Method { rescale_0_1, rescale_0_100, percent_of_sum, mean, z_score, softmax };
constexpr std::array<std::pair<std::string_view, Method>, 6> methods{{{"rescale_0_1", Method::rescale_0_1},
                                                                      {"rescale_0_100", Method::rescale_0_100},
                                                                      {"percent_of_sum", Method::percent_of_sum},
                                                                      {"mean", Method::mean},
                                                                      {"z-score", Method::z_score},
                                                                      {"softmax", Method::softmax}}};

class Normalize final : public InOrder {
 public:
  Place place() const override { return Place::inside_buckets; }

  EsResult<void> run(BucketsAtWork& buckets) const override {
    ES_TRY(auto values, buckets.values(paths[0], GapPolicy::skip));
    normalize(values);
    for (std::size_t i = 0; i < values.size(); ++i) buckets.put(i, simple(values[i], options));
    return {};
  }
  Method method = Method::rescale_0_1;

 private:
  void normalize(std::vector<double>& values) const {
    double count = 0, sum = 0, exponentials = 0;
    double low = std::numeric_limits<double>::max();
    // Elasticsearch begins with Java's Double.MIN_VALUE, the least number above 0: so numbers that are all negative
    // are measured against 0.
    double high = std::numeric_limits<double>::denorm_min();
    for (const double value : values) {
      if (std::isnan(value)) continue;
      ++count;
      sum += value;
      exponentials += std::exp(value);
      low = std::min(low, value);
      high = std::max(high, value);
    }
    const double mean = count == 0 ? nan : sum / count;
    double squares = 0;
    for (const double value : values) {
      if (!std::isnan(value)) squares += (value - mean) * (value - mean);
    }
    const double deviation = std::sqrt(squares / count);
    for (double& value : values) {
      switch (method) {
        case Method::rescale_0_1:
          value = (value - low) / (high - low);
          break;
        case Method::rescale_0_100:
          value = 100 * (value - low) / (high - low);
          break;
        case Method::percent_of_sum:
          value = value / sum;
          break;
        case Method::mean:
          value = (value - mean) / (high - low);
          break;
        case Method::z_score:
          value = (value - mean) / deviation;
          break;
        case Method::softmax:
          value = std::exp(value) / exponentials;
          break;
      }
    }
  }
};

/// "day" and "1d" as an interval of the calendar, of which every unit has a usual length, or a fixed one.
EsResult<std::int64_t> read_unit(const JsonMember& member) {
  ES_TRY(const std::string text, read_text("derivative", member));
  constexpr std::int64_t second = 1'000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
  // java.time's ChronoUnit: a year is 365.2425 days, a month a twelfth of it.
  constexpr std::int64_t year = 31'556'952 * second;
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 16> units{{{"year", year},
                                                                             {"1y", year},
                                                                             {"quarter", year / 4},
                                                                             {"1q", year / 4},
                                                                             {"month", year / 12},
                                                                             {"1M", year / 12},
                                                                             {"week", 7 * day},
                                                                             {"1w", 7 * day},
                                                                             {"day", day},
                                                                             {"1d", day},
                                                                             {"hour", hour},
                                                                             {"1h", hour},
                                                                             {"minute", minute},
                                                                             {"1m", minute},
                                                                             {"second", second},
                                                                             {"1s", second}}};
  for (const auto& [unit, ms] : units) {
    if (text == unit) return ms;
  }
  const auto ms = parse_fixed_interval_ms(text);
  if (ms && *ms > 0) return *ms;
  return illegal_argument("failed to parse setting [DerivativePipelineAggregationBuilder.unit] with value [" + text +
                          "] as a time value: unit is missing or unrecognized");
}

template <class Kind, class TakeOwn>
ParsedPipeline parse(std::string_view type, std::string_view name, const JsonNode& body, const TakeOwn& take_own) {
  auto pipeline = std::make_shared<Kind>();
  pipeline->name = name;
  for (const JsonMember& member : body.members) {
    ES_TRY(bool taken, take_own(*pipeline, member));
    if (!taken) {
      ES_TRY(taken, pipeline->options.take(name, member, pipeline->paths));
    }
    if (!taken) return unknown_field(type, member);
  }
  ES_CHECK(check_paths(*pipeline, type, body));
  return std::shared_ptr<Pipeline>(std::move(pipeline));
}

}  // namespace

ParsedPipeline parse_derivative(std::string_view type, std::string_view name, const JsonNode& body) {
  return parse<Derivative>(type, name, body, [](Derivative& pipeline, const JsonMember& member) -> EsResult<bool> {
    if (member.name != "unit") return false;
    ES_TRY(pipeline.unit_ms, read_unit(member));
    return true;
  });
}

ParsedPipeline parse_cumulative_sum(std::string_view type, std::string_view name, const JsonNode& body) {
  return parse<CumulativeSum>(type, name, body, [&](CumulativeSum&, const JsonMember& member) -> EsResult<bool> {
    if (member.name == "gap_policy") return unknown_field(type, member);
    return false;
  });
}

ParsedPipeline parse_serial_diff(std::string_view type, std::string_view name, const JsonNode& body) {
  return parse<SerialDifference>(
      type, name, body, [&](SerialDifference& pipeline, const JsonMember& member) -> EsResult<bool> {
        if (member.name != "lag") return false;
        ES_TRY(const std::int64_t lag, read_integer(type, member));
        if (lag <= 0) {
          return parsing_error(member.value.at, "Lag must be a positive, non-zero integer.  Value supplied was" +
                                                    std::to_string(lag) + " in [" + std::string(name) + "].");
        }
        pipeline.lag = static_cast<std::size_t>(lag);
        return true;
      });
}

ParsedPipeline parse_normalize(std::string_view type, std::string_view name, const JsonNode& body) {
  bool has_method = false;
  ES_TRY(auto parsed,
         parse<Normalize>(type, name, body, [&](Normalize& pipeline, const JsonMember& member) -> EsResult<bool> {
           if (member.name == "gap_policy") return unknown_field(type, member);
           if (member.name != "method") return false;
           ES_TRY(const std::string text, read_text(type, member));
           for (const auto& [known, method] : methods) {
             if (text != known) continue;
             pipeline.method = method;
             has_method = true;
             return true;
           }
           return illegal_argument("invalid method [" + text + "]");
         }));
  if (!has_method) return illegal_argument("Required [method]");
  return parsed;
}

}  // namespace iot::query
