// "The newest of each sensor": the walk decodes what holds those, counts the rest from summaries, and answers as if it
// had seen every reading.
#include "query/newest_first.h"

#include <string>

#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;
constexpr std::int64_t minute_ns = 60'000'000'000;
constexpr std::int64_t sensors = 20;
constexpr std::int64_t readings = 100;

std::string newest(int size = 1) {
  return R"("n":{"top_hits":{"size":)" + std::to_string(size) + R"(,"sort":[{"timestamp":"desc"}]}})";
}
std::string of_each(const std::string& below, const std::string& field = "sensor_id") {
  return R"("s":{"terms":{"field":")" + field + R"(","size":100},"aggs":{)" + below + "}}";
}

class NewestOfEach : public testing::Test {
 protected:
  /// Sensor s has the values 0 to 99, a minute apart; runs hold ten of them.
  NewestOfEach() {
    for (std::int64_t sensor = 1; sensor <= sensors; ++sensor) {
      world_.add_sensor(1 + sensor % 2, sensor, model::MappingType::double_precision);
      for (std::int64_t i = 0; i < readings; ++i) {
        world_.add(sensor, start_ns + i * minute_ns, static_cast<double>(i));
      }
    }
    world_.store.run_readings_max = 10;
    world_.store.seal();
  }

  struct Outcome {
    std::string answer;  ///< without the time it took
    std::uint64_t decoded;
  };
  Outcome ask(const std::string& aggregations, const std::string& more = R"("size":0)") {
    const std::uint64_t before = world_.store.blocks_decoded();
    const EsAnswer answer =
        world_.ask("POST", "/_search", "{" + more + R"(,"track_total_hits":true,"aggs":{)" + aggregations + "}}");
    EXPECT_EQ(answer.status, 200u) << answer.body;
    return {answer.body.substr(std::min(answer.body.size(), answer.body.find(','))),
            world_.store.blocks_decoded() - before};
  }

  /// Asks with and without threads that read ahead; what is decoded must be the same, and the answer that which comes
  /// where every reading has to be looked at.
  std::uint64_t decoded(const std::string& aggregations, const std::string& more = R"("size":0)") {
    world_.store.gives_summaries = false;
    world_.limits.read_ahead_threads = 0;
    const Outcome wanted = ask(aggregations, more);
    world_.store.gives_summaries = true;
    const Outcome alone = ask(aggregations, more);
    EXPECT_EQ(alone.answer, wanted.answer) << aggregations << more;
    world_.limits.read_ahead_threads = 3;
    const Outcome ahead = ask(aggregations, more);
    EXPECT_EQ(ahead.answer, wanted.answer) << aggregations << more;
    EXPECT_EQ(ahead.decoded, alone.decoded) << aggregations << more;
    return alone.decoded;
  }

  QueryWorld world_;
};

TEST_F(NewestOfEach, IsFoundInTheLastRunAndTheRestIsCounted) {
  EXPECT_EQ(decoded(of_each(newest())), 20u) << "one run of each sensor";
  const json::value answer = search(world_, R"({"size":0,"aggs":{)" + of_each(newest()) + "}}");
  const auto& buckets = answer.at("aggregations").at("s").at("buckets").as_array();
  ASSERT_EQ(buckets.size(), 20u);
  for (const json::value& bucket : buckets) {
    EXPECT_EQ(bucket.at("doc_count").as_int64(), readings);
    const auto& hits = bucket.at("n").at("hits");
    EXPECT_EQ(hits.at("total").at("value").as_int64(), readings);
    EXPECT_EQ(hits.at("hits").at(0).at("_source").at("value").to_number<double>(), 99);
  }
}

TEST_F(NewestOfEach, MayBeSeveralAndComeAsMetrics) {
  EXPECT_EQ(decoded(of_each(newest(10))), 20u);
  EXPECT_EQ(decoded(of_each(newest(11))), 40u);
  EXPECT_EQ(decoded(of_each(R"("n":{"top_hits":{"from":15,"size":3,"sort":["timestamp",{"value":"asc"}]}})")), 200u)
      << "the oldest are another matter";
  EXPECT_EQ(
      decoded(of_each(
          R"("n":{"top_metrics":{"metrics":{"field":"value"},"sort":{"timestamp":"desc"}}},"a":{"avg":{"field":"value"}})")),
      20u)
      << "a mean is known from summaries too";
  EXPECT_EQ(decoded(of_each(newest(5) + R"(,"m":{"top_metrics":{"metrics":{"field":"value"},"size":10,)"
                                        R"("sort":{"timestamp":"desc"}}})")),
            20u);
}

TEST_F(NewestOfEach, MayBeOfIndicesAndDevicesAndOfAll) {
  EXPECT_EQ(decoded(newest()), 20u);
  EXPECT_EQ(decoded(of_each(newest(), "_index")), 20u);
  EXPECT_EQ(decoded(of_each(newest(), "device_id")), 20u);
  EXPECT_EQ(decoded(of_each(of_each(newest()), "device_id")), 20u);
  EXPECT_EQ(decoded(R"("s":{"terms":{"field":"sensor_id","include":["3","4"]},"aggs":{)" + newest() + "}}"), 20u);
}

TEST_F(NewestOfEach, OfSeveralAtTheNewestTimeIsTheFirstByValue) {
  // Fifteen readings at one time: the least value lies in the run before the last.
  world_.add_sensor(9, 99, model::MappingType::double_precision);
  for (std::int64_t i = 0; i < readings; ++i) {
    world_.add(99, start_ns + std::min(i, readings - 15) * minute_ns, static_cast<double>(i));
  }
  world_.store.seal();
  EXPECT_EQ(decoded(of_each(newest())), 20u + 2u);
  const json::value answer = search(world_, R"({"size":0,"aggs":{)" + newest() + "}}", "/9_99/_search");
  EXPECT_EQ(answer.at("aggregations").at("n").at("hits").at("hits").at(0).at("_source").at("value").to_number<double>(),
            85);
}

TEST_F(NewestOfEach, OfWhatTheQueryMatches) {
  EXPECT_EQ(decoded(of_each(newest(2)), R"("size":0,"query":{"range":{"timestamp":{"lt":1514766600000}}})"), 20u)
      << "half an hour ends with a run";
  EXPECT_EQ(decoded(of_each(newest(2)), R"("size":0,"query":{"range":{"timestamp":{"lt":1514766660000}}})"), 40u)
      << "there is one reading in the run that is cut";
  EXPECT_EQ(decoded(of_each(newest()), R"("size":0,"query":{"range":{"value":{"lt":50}}})"), 20u);
  EXPECT_EQ(decoded(of_each(newest()), R"("size":0,"query":{"range":{"value":{"lt":52.5}}})"), 20u);
  EXPECT_EQ(decoded(of_each(newest()), R"("size":0,"query":{"term":{"value":17}})"), 20u);
}

TEST_F(NewestOfEach, IsNotSparedWhereReadingsAreParted) {
  for (const char* parent :
       {R"("p":{"date_histogram":{"field":"timestamp","fixed_interval":"1h"},"aggs":{)",
        R"("p":{"filter":{"range":{"value":{"lt":31}}},"aggs":{)",
        R"("p":{"filters":{"filters":[{"range":{"value":{"lt":31}}}],"other_bucket":true},"aggs":{)",
        R"("p":{"histogram":{"field":"value","interval":30},"aggs":{)",
        R"("p":{"terms":{"field":"value","size":1000},"aggs":{)",
        R"("p":{"range":{"field":"value","ranges":[{"to":15}]},"aggs":{)"}) {
    EXPECT_GE(decoded(of_each(std::string(parent) + newest() + "}}")), 20u);
    EXPECT_GE(decoded(std::string(parent) + newest(2) + "}}"), 20u);
  }
  EXPECT_EQ(decoded(of_each(newest() + R"(,"c":{"cardinality":{"field":"value"}})")), 200u);
}

TEST_F(NewestOfEach, StandsBesideHitsInAnyOrder) {
  for (const char* more : {R"("size":15)", R"("size":15,"sort":[{"timestamp":"desc"}])",
                           R"("size":15,"sort":[{"timestamp":"asc"}])", R"("size":15,"sort":[{"value":"asc"}])",
                           R"("size":15,"sort":["_doc"])", R"("size":3,"query":{"range":{"value":{"lt":42}}})"}) {
    decoded(of_each(newest(3)), more);
  }
}

TEST_F(NewestOfEach, AHitOfManyIndicesIsFoundInFewThoughAllEndAtOneTime) {
  const std::uint64_t before = world_.store.blocks_decoded();
  const json::value answer = search(world_, R"({"size":3,"sort":[{"timestamp":"desc"}],"track_total_hits":false})");
  EXPECT_EQ(world_.store.blocks_decoded() - before, 3u) << "of twenty";
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& source = answer.at("hits").at("hits").at(i).at("_source");
    EXPECT_EQ(source.at("value").to_number<double>(), 99);
    EXPECT_EQ(source.at("device_id").as_string(), "1") << "the first of them by index";
  }
  EXPECT_EQ(decoded(of_each(newest()), R"("size":3,"sort":[{"timestamp":"desc"},{"sensor_id":"desc"}])"), 40u)
      << "where another key decides, all are looked at";
}

TEST_F(NewestOfEach, AnErrorOfTheStoreIsToldWhereverItComes) {
  for (std::int64_t at = 0; at < 8; ++at) {
    world_.limits.read_ahead_threads = 0;
    world_.store.fail_from_now(at);
    const EsAnswer answer = world_.ask("POST", "/_search", R"({"size":0,"aggs":{)" + of_each(newest()) + "}}");
    EXPECT_EQ(answer.status, 503u) << at << answer.body;
  }
  world_.store.fail_from_now(-1);
}

}  // namespace
}  // namespace iot::query
