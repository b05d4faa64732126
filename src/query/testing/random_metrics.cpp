#include <algorithm>
#include <cmath>
#include <set>

#include "query/testing/request_generator.h"

namespace iot::query {

RandomAggregation RequestGenerator::metric(const std::string& type) {
  return {"\"" + type + R"(":{"field":"value"})", [=](const Readings& readings) {
            double sum = 0, low = HUGE_VAL, high = -HUGE_VAL;
            for (const Reading* r : readings) {
              sum += r->number;
              low = std::min(low, r->number);
              high = std::max(high, r->number);
            }
            const bool any_there = !readings.empty();
            const auto or_null = [&](double value) { return any_there ? json::value(value) : json::value(nullptr); };
            const json::value avg = or_null(sum / static_cast<double>(readings.size()));
            const auto count = static_cast<std::int64_t>(readings.size());
            if (type == "stats")
              return json::object{
                  {"count", count}, {"min", or_null(low)}, {"max", or_null(high)}, {"avg", avg}, {"sum", sum}};
            if (type == "avg") return json::object{{"value", avg}};
            if (type == "min") return json::object{{"value", or_null(low)}};
            if (type == "max") return json::object{{"value", or_null(high)}};
            if (type == "sum") return json::object{{"value", sum}};
            return json::object{{"value", count}};
          }};
}

RandomAggregation RequestGenerator::percentiles() {
  return {R"("percentiles":{"field":"value","percents":[0,50,87.5],"keyed":false})", [](const Readings& readings) {
            std::vector<double> values;
            for (const Reading* r : readings) values.push_back(r->number);
            std::sort(values.begin(), values.end());
            json::array out;
            for (const double percent : {0.0, 50.0, 87.5}) {
              json::value value = nullptr;
              if (!values.empty()) {
                const double index = percent / 100 * static_cast<double>(values.size() - 1);
                const auto low = static_cast<std::size_t>(std::floor(index));
                const auto high = static_cast<std::size_t>(std::ceil(index));
                value = values[low] + (values[high] - values[low]) * (index - std::floor(index));
              }
              out.push_back(json::object{{"key", percent}, {"value", value}});
            }
            return json::object{{"values", out}};
          }};
}

json::value RequestGenerator::median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

RandomAggregation RequestGenerator::further_metric() {
  switch (number(0, 5)) {
    case 0:
      return {R"("extended_stats":{"field":"value","sigma":3})", [](const Readings& readings) {
                const auto count = static_cast<double>(readings.size());
                double sum = 0, squares = 0, low = HUGE_VAL, high = -HUGE_VAL;
                for (const Reading* r : readings) {
                  sum += r->number;
                  squares += r->number * r->number;
                  low = std::min(low, r->number);
                  high = std::max(high, r->number);
                }
                const double mean = sum / count;
                double away = 0;
                for (const Reading* r : readings) away += (r->number - mean) * (r->number - mean);
                const auto or_null = [&](double value) -> json::value {
                  if (count == 0) return nullptr;
                  return std::isnan(value) ? json::value("NaN") : json::value(value);
                };
                const double population = away / count, sampling = away / (count - 1);
                json::object bounds;
                for (const auto& [name, variance] : {std::pair("", population), std::pair("_population", population),
                                                     std::pair("_sampling", sampling)}) {
                  bounds["upper" + std::string(name)] = or_null(mean + 3 * std::sqrt(variance));
                  bounds["lower" + std::string(name)] = or_null(mean - 3 * std::sqrt(variance));
                }
                return json::object{{"count", static_cast<std::int64_t>(readings.size())},
                                    {"min", or_null(low)},
                                    {"max", or_null(high)},
                                    {"avg", or_null(mean)},
                                    {"sum", sum},
                                    {"sum_of_squares", or_null(squares)},
                                    {"variance", or_null(population)},
                                    {"variance_population", or_null(population)},
                                    {"variance_sampling", or_null(sampling)},
                                    {"std_deviation", or_null(std::sqrt(population))},
                                    {"std_deviation_population", or_null(std::sqrt(population))},
                                    {"std_deviation_sampling", or_null(std::sqrt(sampling))},
                                    {"std_deviation_bounds", bounds}};
              }};
    case 1:
      return {R"("cardinality":{"field":"value"})", [](const Readings& readings) {
                // The numbers of a double and of a long are different values, also where they are equal.
                std::set<std::pair<std::int64_t, double>> seen;
                for (const Reading* r : readings) seen.emplace(r->sensor, r->number);
                return json::object{{"value", static_cast<std::int64_t>(seen.size())}};
              }};
    case 2:
      return {R"("median_absolute_deviation":{"field":"value"})", [](const Readings& readings) {
                if (readings.empty()) return json::object{{"value", nullptr}};
                std::vector<double> values;
                for (const Reading* r : readings) values.push_back(r->number);
                const double middle = median(values).get_double();
                for (double& value : values) value = std::abs(value - middle);
                return json::object{{"value", median(values)}};
              }};
    case 3:
      return {R"("weighted_avg":{"value":{"field":"value"},"weight":{"field":"timestamp"}})",
              [](const Readings& readings) {
                double sum = 0, weights = 0;
                for (const Reading* r : readings) {
                  sum += static_cast<double>(r->time_ms()) * r->number;
                  weights += static_cast<double>(r->time_ms());
                }
                return json::object{{"value", weights == 0 ? json::value(nullptr) : json::value(sum / weights)}};
              }};
    case 4:
      return {
          R"("top_metrics":{"metrics":[{"field":"value"},{"field":"sensor_id"}],"sort":{"timestamp":"desc"},"size":2})",
          [](const Readings& readings) {
            Readings sorted = readings;
            // Those of one time come in the order of documents: by sensor and value.
            std::sort(sorted.begin(), sorted.end(), [](const Reading* a, const Reading* b) {
              return std::tuple(-a->time_ns, a->sensor, a->number) < std::tuple(-b->time_ns, b->sensor, b->number);
            });
            json::array top;
            for (std::size_t i = 0; i < std::min<std::size_t>(2, sorted.size()); ++i) {
              const Reading& r = *sorted[i];
              const json::value value =
                  r.sensor == 5 ? json::value(static_cast<std::int64_t>(r.number)) : json::value(r.number);
              top.push_back(
                  json::object{{"sort", json::array{json::value(iso_nanos(r.time_ns))}},
                               {"metrics", json::object{{"value", value}, {"sensor_id", std::to_string(r.sensor)}}}});
            }
            return json::object{{"top", top}};
          }};
    default:
      return {R"("percentile_ranks":{"field":"value","values":[-3.1,0.3,11.1],"keyed":false})",
              [](const Readings& readings) {
                // No reading has these values: each number reaches half way to its neighbours, and counts by the part
                // of that below.
                std::vector<double> values;
                for (const Reading* r : readings) values.push_back(r->number);
                std::sort(values.begin(), values.end());
                json::array out;
                for (const double asked : {-3.1, 0.3, 11.1}) {
                  json::value rank = nullptr;
                  if (!values.empty()) rank = asked > values.back() ? 100.0 : 0.0;
                  if (!values.empty() && asked > values.front() && asked < values.back()) {
                    double below = 0;
                    for (std::size_t i = 0; i < values.size(); ++i) {
                      const double down = i == 0 ? values[1] - values[0] : values[i] - values[i - 1];
                      const double up = i + 1 == values.size() ? down : values[i + 1] - values[i];
                      const double low = values[i] - down / 2;
                      const double high = values[i] + up / 2;
                      below += asked >= high ? 1 : asked > low ? (asked - low) / (high - low) : 0;
                    }
                    rank = below / static_cast<double>(values.size()) * 100;
                  }
                  out.push_back(json::object{{"key", asked}, {"value", rank}});
                }
                return json::object{{"values", out}};
              }};
  }
}

}  // namespace iot::query
