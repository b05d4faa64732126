// Random requests, each with what plain loops over all documents say that its answer is: written here and nowhere else.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

namespace iot::query {

namespace json = boost::json;

struct Reading {
  std::int64_t sensor;
  std::int64_t time_ns;
  double number;     ///< of sensors 4 (double) and 5 (long)
  std::string text;  ///< of sensor 6 (keyword)

  std::int64_t time_ms() const { return time_ns / 1'000'000; }
};

using Readings = std::vector<const Reading*>;

struct RandomQuery {
  std::string body;
  std::function<bool(const Reading&)> matches;
};

struct RandomAggregation {
  std::string body;  ///< type, options and sub-aggregations
  std::function<json::object(const Readings&)> evaluate;
};

/// Of the sensors 4 (double), 5 (long) and 6 (keyword) in five minutes, all different; some share a time, some a
/// millisecond.
std::vector<Reading> random_readings(std::uint64_t seed, int count);

/// Those of `sensors` that match.
Readings matching(const std::vector<Reading>& readings, const RandomQuery& query,
                  const std::set<std::int64_t>& sensors);

/// `readings` must outlive it.
class RequestGenerator {
 public:
  RequestGenerator(std::uint64_t seed, const std::vector<Reading>& readings) : random_(seed), readings_(readings) {}

  std::int64_t number(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  bool chance(int percent) { return number(1, 100) <= percent; }

  RandomQuery query(int depth, bool numeric);
  std::string clause(const std::vector<RandomQuery>& queries);
  RandomQuery boolean(int depth, bool numeric);
  RandomAggregation aggregation(int depth);
  /// Of three sources, with the page after a given one.
  RandomAggregation composite(int depth);

 private:
  const Reading& any();
  RandomQuery time_range();
  RandomQuery value_range();
  RandomQuery values();
  RandomQuery text_range();
  RandomQuery texts();
  RandomAggregation metric(const std::string& type);
  RandomAggregation percentiles();
  static json::value median(std::vector<double> values);
  /// With as many digits of the second as it needs, and three at least.
  static std::string iso_nanos(std::int64_t time_ns);
  RandomAggregation further_metric();
  /// Sub-aggregations as text, and their evaluation into a bucket.
  struct Below {
    std::string body;
    std::vector<std::pair<std::string, RandomAggregation>> parts;
    void put(json::object& bucket, const Readings& readings) const {
      for (const auto& [name, part] : parts) bucket[name] = part.evaluate(readings);
    }
  };
  Below below(int depth);
  static std::string iso(std::int64_t ms);
  RandomAggregation date_histogram(int depth);
  RandomAggregation histogram(int depth);
  RandomAggregation range(int depth);
  RandomAggregation filters(int depth);
  /// All within minutes, so seconds, minutes and hours are what can come.
  RandomAggregation auto_date_histogram(int depth);
  RandomAggregation terms(int depth);

  std::mt19937_64 random_;
  const std::vector<Reading>& readings_;
  bool is_joined_ = false;  ///< inside auto_date_histogram, where percentiles are refused
};

}  // namespace iot::query
