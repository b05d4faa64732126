// top_hits and top_metrics over sensor 4 (double) with the values 0 to 9 a minute apart, sensor 5 (long) with the same
// times and 100 to 109, sensor 6 (keyword), sensor 7 (boolean) and sensor 8 (date), and sensor 9 (text).
#include <string>

#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;
constexpr std::int64_t minute_ns = 60'000'000'000;

class TopHits : public testing::Test {
 protected:
  TopHits() {
    world.add_sensor(3, 4, model::MappingType::double_precision);
    world.add_sensor(3, 5, model::MappingType::long_integer);
    world.add_sensor(3, 6, model::MappingType::keyword);
    world.add_sensor(3, 7, model::MappingType::boolean);
    world.add_sensor(3, 8, model::MappingType::date);
    world.add_sensor(3, 9, model::MappingType::text);
    for (std::int64_t i = 0; i < 10; ++i) {
      world.add(4, start_ns + i * minute_ns, static_cast<double>(i));
      world.add(5, start_ns + i * minute_ns, 100 + i);
    }
    world.add(6, start_ns, std::string("open"));
    world.add(7, start_ns, std::int64_t{1});
    world.add(8, start_ns, start_ns + 5'000'000);
    world.add(9, start_ns, std::string("some text"));
    world.store.run_readings_max = 4;
    world.store.seal();
  }

  json::value ask(const std::string& aggregation, const std::string& index = "3_4",
                  const std::string& query = R"({"match_all":{}})") {
    return search(world, R"({"size":0,"query":)" + query + R"(,"aggs":{"a":{)" + aggregation + "}}}",
                  "/" + index + "/_search")
        .at("aggregations")
        .at("a");
  }

  void refuses(const std::string& aggregation, const std::string& type, const std::string& reason,
               const std::string& index = "3_4") {
    const EsAnswer answer =
        world.ask("POST", "/" + index + "/_search", R"({"size":0,"aggs":{"a":{)" + aggregation + "}}}");
    EXPECT_EQ(answer.status, 400u) << aggregation << answer.body;
    EXPECT_NE(answer.body.find(reason), std::string::npos) << aggregation << "\n" << answer.body;
    EXPECT_NE(answer.body.find("\"" + type + "\""), std::string::npos) << aggregation << "\n" << answer.body;
  }

  QueryWorld world;
};

TEST_F(TopHits, AreWhatASearchWithTheSameOrderShows) {
  const std::string options = R"("from":1,"size":3,"sort":[{"timestamp":"desc"}],"_source":["value"],)"
                              R"("docvalue_fields":["timestamp"],"track_scores":true)";
  const json::value hits = ask(R"("top_hits":{)" + options + "}", "3_4,3_5").at("hits");
  const json::value wanted = search(world, "{" + options + "}", "/3_4,3_5/_search").at("hits");
  EXPECT_EQ(hits, wanted) << json::serialize(hits);
  EXPECT_EQ(hits.at("hits").at(0).at("_source").at("value"), 109) << "behind 3_4's of the same time";
  const std::string by_value = R"("size":3,"sort":[{"value":"desc"}])";
  EXPECT_EQ(ask(R"("top_hits":{)" + by_value + "}").at("hits"),
            search(world, "{" + by_value + "}", "/3_4/_search").at("hits"));
}

TEST_F(TopHits, OfEachBucketAreItsOwn) {
  const json::value answer = ask(
      R"("date_histogram":{"field":"timestamp","fixed_interval":"5m"},
         "aggs":{"h":{"top_hits":{"size":1,"sort":[{"timestamp":"desc"}],"_source":false}}})",
      "3_4,3_5");
  const auto& buckets = answer.at("buckets").as_array();
  ASSERT_EQ(buckets.size(), 2u);
  for (std::int64_t i = 0; i < 2; ++i) {
    const json::value& hits = buckets[static_cast<std::size_t>(i)].at("h").at("hits");
    EXPECT_EQ(hits.at("total"), json::parse(R"({"value":10,"relation":"eq"})"));
    EXPECT_TRUE(hits.at("max_score").is_null());
    ASSERT_EQ(hits.at("hits").as_array().size(), 1u);
    EXPECT_EQ(hits.at("hits").at(0).at("sort").at(0), start_ns + (4 + 5 * i) * minute_ns);
    EXPECT_EQ(hits.at("hits").at(0).at("_index"), "3_4") << "of equal ones the first in the order of documents";
    EXPECT_FALSE(hits.at("hits").at(0).as_object().contains("_source"));
  }
}

TEST_F(TopHits, WithoutAnOrderAreThoseOfTheBestScore) {
  EXPECT_EQ(ask(R"("top_hits":{})").at("hits").at("hits").as_array().size(), 3u) << "three, unless asked otherwise";
  EXPECT_EQ(ask(R"("top_hits":{})").at("hits").at("max_score"), 1.0);
  const std::string query = R"({"bool":{"must":{"match_all":{}},"should":{"term":{"value":{"value":7,"boost":2}}}}})";
  const json::value hits = ask(R"("top_hits":{"size":2})", "3_4", query).at("hits");
  EXPECT_EQ(hits.at("max_score"), 3.0);
  EXPECT_EQ(hits.at("hits").at(0).at("_source").at("value"), 7.0);
  EXPECT_EQ(hits.at("hits").at(1).at("_score"), 1.0);
  const std::string filter = R"({"bool":{"filter":{"match_all":{}}}})";
  EXPECT_EQ(ask(R"("top_hits":{"size":1})", "3_4", filter).at("hits").at("max_score"), 0.0);
}

TEST_F(TopHits, OfNothingAreNone) {
  const json::value nothing =
      json::parse(R"({"hits":{"total":{"value":0,"relation":"eq"},"max_score":null,"hits":[]}})");
  EXPECT_EQ(ask(R"("top_hits":{})", "3_4", R"({"match_none":{}})"), nothing);
  const json::value counted = ask(R"("top_hits":{"size":0})");
  EXPECT_EQ(counted.at("hits").at("total").at("value"), 10);
  EXPECT_TRUE(counted.at("hits").at("hits").as_array().empty());
}

TEST_F(TopHits, Refuse) {
  refuses(
      R"("top_hits":{"size":101})", "illegal_argument_exception",
      "Top hits result window is too large, the top hits aggregator [a]'s from + size must be less than or equal to: "
      "[100] but was [101]");
  EXPECT_EQ(ask(R"("top_hits":{"size":100})").at("hits").at("hits").as_array().size(), 10u);
  refuses(R"("top_hits":{"size":-1})", "illegal_argument_exception",
          "[size] must be greater than or equal to 0. Found [-1] in [a]");
  refuses(R"("top_hits":{"from":-1})", "illegal_argument_exception",
          "[from] must be greater than or equal to 0. Found [-1] in [a]");
  refuses(R"("top_hits":{"highlight":{}})", "illegal_argument_exception", "[highlight]");
  refuses(R"("top_hits":{"version":true})", "illegal_argument_exception", "[version]");
  refuses(R"("top_hits":{"sorts":[]})", "parsing_exception", "Unknown key for a START_ARRAY in [sorts].");
  refuses(R"("top_hits":{"sort":"value"})", "illegal_argument_exception", "Fielddata is disabled", "3_9");
  refuses(R"("top_hits":{},"aggs":{"b":{"avg":{"field":"value"}}})", "aggregation_initialization_exception",
          "Aggregator [a] of type [top_hits] cannot accept sub-aggregations");
}

TEST_F(TopHits, TopMetricsShowFieldsOfTheFirst) {
  EXPECT_EQ(ask(R"("top_metrics":{"metrics":{"field":"value"},"sort":{"timestamp":"desc"}})"),
            json::parse(R"({"top":[{"sort":["2018-01-01T00:09:00.000Z"],"metrics":{"value":9.0}}]})"));
  EXPECT_EQ(ask(R"("top_metrics":{"metrics":[{"field":"value"},{"field":"sensor_id"},{"field":"none"},
                   {"field":"other","missing":1}],"sort":[{"value":"asc"}],"size":2})",
                "3_5"),
            json::parse(R"({"top":[
              {"sort":[100],"metrics":{"value":100,"sensor_id":"5","none":null,"other":1.0}},
              {"sort":[101],"metrics":{"value":101,"sensor_id":"5","none":null,"other":1.0}}]})"));
  EXPECT_EQ(ask(R"("top_metrics":{"metrics":{"field":"value"},"sort":"_score"})", "3_6"),
            json::parse(R"({"top":[{"sort":[1.0],"metrics":{"value":"open"}}]})"));
  EXPECT_EQ(ask(R"("top_metrics":{"metrics":{"field":"value"},"sort":"value"})", "3_7"),
            json::parse(R"({"top":[{"sort":[true],"metrics":{"value":true}}]})"));
  EXPECT_EQ(
      ask(R"("top_metrics":{"metrics":{"field":"value"},"sort":"value"})", "3_8"),
      json::parse(R"({"top":[{"sort":["2018-01-01T00:00:00.005Z"],"metrics":{"value":"2018-01-01T00:00:00.005Z"}}]})"));
  EXPECT_EQ(ask(R"("top_metrics":{"metrics":{"field":"value"},"sort":"timestamp"})", "3_4", R"({"match_none":{}})"),
            json::parse(R"({"top":[]})"));
}

TEST_F(TopHits, TopMetricsRefuse) {
  const std::string metrics = R"("metrics":{"field":"value"})";
  refuses(R"("top_metrics":{)" + metrics + R"(,"sort":["value","timestamp"]})", "illegal_argument_exception",
          "[sort] must contain exactly one sort");
  refuses(R"("top_metrics":{)" + metrics + R"(,"sort":[]})", "illegal_argument_exception",
          "[sort] must contain exactly one sort");
  refuses(R"("top_metrics":{)" + metrics + "}", "illegal_argument_exception", "Required [sort]");
  refuses(R"("top_metrics":{"sort":"value"})", "illegal_argument_exception", "Required [metrics]");
  refuses(R"("top_metrics":{)" + metrics + R"(,"sort":"value","size":0})", "illegal_argument_exception",
          "[size] must be more than 0 but was [0]");
  refuses(R"("top_metrics":{)" + metrics + R"(,"sort":"value","size":11})", "illegal_argument_exception",
          "[top_metrics.size] must not be more than [10] but was [11]");
  refuses(R"("top_metrics":{)" + metrics + R"(,"sort":"sensor_id"})", "illegal_argument_exception",
          "only supported on numeric fields");
  refuses(R"("top_metrics":{)" + metrics + R"(,"sort":"nothing"})", "query_shard_exception",
          "No mapping found for [nothing] in order to sort on");
  refuses(R"("top_metrics":{)" + metrics + R"(,"sort":"timestamp"})", "illegal_argument_exception",
          "Fielddata is disabled", "3_9");
  refuses(R"("top_metrics":{"metrics":[{"field":"value"},{"field":"value"}],"sort":"value"})",
          "illegal_argument_exception", "names the field [value] twice");
}

}  // namespace
}  // namespace iot::query
