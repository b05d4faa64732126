// Random requests over random readings, against plain loops over all documents written here and nowhere else; and
// against each other with runs of several sizes, with and without summaries.
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>

#include "query/testing/query_answers.h"
#include "query/testing/request_generator.h"

namespace iot::query {
namespace {

std::string text_of(const json::value& value) {
  return std::string(value.as_string());
}

class Differential : public testing::Test {
 protected:
  Differential() {
    world_.add_sensor(3, 4, model::MappingType::double_precision);
    world_.add_sensor(3, 5, model::MappingType::long_integer);
    world_.add_sensor(3, 6, model::MappingType::keyword);
    readings_ = random_readings(7, 400);
    for (const Reading& r : readings_) {
      if (r.sensor == 4) world_.add(4, r.time_ns, r.number);
      if (r.sensor == 5) world_.add(5, r.time_ns, static_cast<std::int64_t>(r.number));
      if (r.sensor == 6) world_.add(6, r.time_ns, r.text);
    }
    world_.store.seal();
  }

  /// The answer, the same for every way in which the store may give the readings.
  json::value ask_all_ways(const std::string& path, const std::string& body) {
    json::value first;
    for (const std::size_t run : {std::size_t{1'000}, std::size_t{1}, std::size_t{7}}) {
      for (const bool summaries : {true, false}) {
        world_.store.run_readings_max = run;
        world_.store.gives_summaries = summaries;
        world_.limits.read_ahead_threads = run == 7 ? 2 : 0;
        json::value answer = search(world_, body, path);
        if (first.is_null()) {
          first = std::move(answer);
        } else {
          EXPECT_TRUE(nearly_equal(first, answer)) << body << "\nruns of " << run << json::serialize(answer);
        }
      }
    }
    return first;
  }

  QueryWorld world_;
  std::vector<Reading> readings_;
};

TEST_F(Differential, AgreesWithPlainLoopsOnThousandsOfRandomRequests) {
  const std::uint64_t seed = 20'180'519;
  RecordProperty("seed", std::to_string(seed));
  RequestGenerator generate(seed, readings_);
  for (int round = 0; round < 2'000 && !HasFailure(); ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    const bool numeric = generate.chance(80);
    const std::set<std::int64_t> sensors = !numeric              ? std::set<std::int64_t>{6}
                                           : generate.chance(50) ? std::set<std::int64_t>{4, 5}
                                                                 : std::set<std::int64_t>{generate.number(4, 5)};
    std::string path;
    for (const std::int64_t sensor : sensors) path += (path.empty() ? "/3_" : ",3_") + std::to_string(sensor);
    const RandomQuery query = generate.query(3, numeric);
    const Readings expected = matching(readings_, query, sensors);
    std::string body = R"({"query":)" + query.body + R"(,"track_total_hits":true)";
    if (numeric && generate.chance(60)) {
      const RandomAggregation aggregation = generate.chance(15) ? generate.composite(3) : generate.aggregation(3);
      body += R"(,"size":0,"aggs":{"a":{)" + aggregation.body + "}}}";
      const json::value answer = ask_all_ways(path + "/_search", body);
      if (HasFailure()) return;
      EXPECT_EQ(answer.at("hits").at("total").at("value"), static_cast<std::int64_t>(expected.size())) << body;
      const json::value wanted = aggregation.evaluate(expected);
      EXPECT_TRUE(nearly_equal(answer.at("aggregations").at("a"), wanted))
          << body << "\nours " << json::serialize(answer.at("aggregations")) << "\nwant " << json::serialize(wanted);
      continue;
    }
    // Hits, by time and then by all that tells readings apart.
    const bool descending = generate.chance(50);
    const std::int64_t from = generate.number(0, 5);
    const std::int64_t size = generate.number(0, 30);
    body += R"(,"from":)" + std::to_string(from) + R"(,"size":)" + std::to_string(size) + R"(,"sort":[{"timestamp":")" +
            (descending ? "desc" : "asc") + R"("},"sensor_id"]})";
    Readings sorted = expected;
    std::sort(sorted.begin(), sorted.end(), [&](const Reading* a, const Reading* b) {
      if (a->time_ns != b->time_ns) return descending ? a->time_ns > b->time_ns : a->time_ns < b->time_ns;
      if (a->sensor != b->sensor) return a->sensor < b->sensor;
      return a->number != b->number ? a->number < b->number : a->text < b->text;
    });
    const json::value answer = ask_all_ways(path + "/_search", body);
    if (HasFailure()) return;
    EXPECT_EQ(answer.at("hits").at("total").at("value"), static_cast<std::int64_t>(expected.size())) << body;
    const auto& hits = answer.at("hits").at("hits").get_array();
    const auto begin = std::min(static_cast<std::size_t>(from), sorted.size());
    const auto end = std::min(begin + static_cast<std::size_t>(size), sorted.size());
    ASSERT_EQ(hits.size(), end - begin) << body;
    for (std::size_t i = begin; i < end; ++i) {
      const json::value& source = hits[i - begin].at("_source");
      EXPECT_EQ(hits[i - begin].at("sort").at(0), sorted[i]->time_ns) << body;
      EXPECT_EQ(text_of(source.at("sensor_id")), std::to_string(sorted[i]->sensor)) << body;
      if (numeric) {
        EXPECT_EQ(source.at("value").to_number<double>(), sorted[i]->number) << body;
      } else {
        EXPECT_EQ(text_of(source.at("value")), sorted[i]->text) << body;
      }
    }
  }
}

TEST_F(Differential, SortsByValueWithEveryRunSize) {
  const json::value answer =
      ask_all_ways("/3_4/_search", R"({"size":500,"sort":[{"value":"desc"},{"timestamp":"asc"}]})");
  const auto& hits = answer.at("hits").at("hits").get_array();
  for (std::size_t i = 1; i < hits.size(); ++i) {
    const double before = hits[i - 1].at("_source").at("value").to_number<double>();
    const double here = hits[i].at("_source").at("value").to_number<double>();
    ASSERT_GE(before, here);
    if (before == here) {
      ASSERT_LE(hits[i - 1].at("sort").at(1).get_int64(), hits[i].at("sort").at(1).get_int64());
    }
  }
  EXPECT_GT(hits.size(), 100u);
}

}  // namespace
}  // namespace iot::query
