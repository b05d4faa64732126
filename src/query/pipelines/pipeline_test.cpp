// Pipeline aggregations over a small world: sensor 4 has readings at minutes 0 (3), 1 (1 and 4), 3 (5) and 4 (9 and 2)
// of 2018, so sums by minute are 3, 5, nothing, 5, 11; sensor 5 has 10 at minute 0
// and 20 at minute 3; sensor 6 has none.
#include <cmath>
#include <optional>
#include <random>
#include <string>

#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;
constexpr std::int64_t minute_ns = 60'000'000'000;
constexpr std::string_view by_minute = R"("date_histogram":{"field":"timestamp","fixed_interval":"1m"})";
constexpr std::string_view sum = R"("s":{"sum":{"field":"value"}})";

class Pipelines : public testing::Test {
 protected:
  Pipelines() {
    world.add_sensor(3, 4, model::MappingType::double_precision);
    world.add_sensor(3, 5, model::MappingType::double_precision);
    world.add_sensor(3, 6, model::MappingType::double_precision);
    const auto add = [&](std::int64_t sensor, std::int64_t minute, double value) {
      world.add(sensor, start_ns + minute * minute_ns + static_cast<std::int64_t>(value), value);
    };
    for (const auto& [minute, value] : {std::pair{0, 3.0}, {1, 1.0}, {1, 4.0}, {3, 5.0}, {4, 9.0}, {4, 2.0}}) {
      add(4, minute, value);
    }
    add(5, 0, 10);
    add(5, 3, 20);
    world.store.run_readings_max = 3;
    world.store.seal();
  }

  static std::string request(const std::string& aggregations) { return R"({"size":0,"aggs":{)" + aggregations + "}}"; }

  json::value ask(const std::string& aggregations, const std::string& path = "/3_4/_search") {
    const json::value answer = search(world, request(aggregations), path);
    return answer.is_object() && answer.as_object().contains("aggregations") ? answer.at("aggregations")
                                                                             : json::value();
  }

  /// Buckets of a minute each, with the sum "s" and `pipelines`.
  json::array buckets(const std::string& pipelines) {
    const json::value answer =
        ask(R"("h":{)" + std::string(by_minute) + R"(,"aggs":{)" + std::string(sum) + "," + pipelines + "}}");
    return answer.is_object() ? answer.at("h").at("buckets").as_array() : json::array();
  }

  /// What `name` shows in each bucket: "-" where it is not there.
  std::string shown(const json::array& buckets, const std::string& name) {
    std::string out;
    for (const json::value& bucket : buckets) {
      const json::value* found = bucket.as_object().if_contains(name);
      out += (out.empty() ? "" : " ") + (found ? json::serialize(found->at("value")) : "-");
    }
    return out;
  }
  std::string shown(const std::string& pipeline) { return shown(buckets(R"("p":)" + pipeline), "p"); }

  void refuses(const std::string& aggregations, const std::string& type, const std::string& reason) {
    const EsAnswer answer = world.ask("POST", "/3_4/_search", request(aggregations));
    EXPECT_EQ(answer.status, 400u) << aggregations << answer.body;
    EXPECT_NE(answer.body.find(reason), std::string::npos) << aggregations << "\n" << answer.body;
    EXPECT_NE(answer.body.find("\"" + type + "\""), std::string::npos) << aggregations << "\n" << answer.body;
    EXPECT_NO_THROW(json::parse(answer.body)) << answer.body;
  }
  void refuses_inside(const std::string& pipeline, const std::string& type, const std::string& reason) {
    refuses(R"("h":{)" + std::string(by_minute) + R"(,"aggs":{)" + std::string(sum) + R"(,"p":)" + pipeline + "}}",
            type, reason);
  }

  QueryWorld world;
};

TEST_F(Pipelines, DerivativesRespectGaps) {
  EXPECT_EQ(shown(R"({"derivative":{"buckets_path":"s"}})"), "- 2E0 null null 6E0");
  EXPECT_EQ(shown(R"({"derivative":{"buckets_path":"s","gap_policy":"insert_zeros"}})"), "- 2E0 -5E0 5E0 6E0");
  EXPECT_EQ(shown(R"({"derivative":{"buckets_path":"s","gap_policy":"keep_values"}})"), "- 2E0 -5E0 5E0 6E0");
  EXPECT_EQ(shown(R"({"derivative":{"buckets_path":"_count"}})"), "- 1E0 -2E0 1E0 1E0") << "a count is never missing";
}

TEST_F(Pipelines, DerivativesHaveUnitsAndFormats) {
  const json::array found = buckets(R"("p":{"derivative":{"buckets_path":"s","unit":"1s","format":"0.00"}})");
  ASSERT_EQ(found.size(), 5u);
  EXPECT_EQ(json::serialize(found[4].at("p")),
            R"({"value":6E0,"value_as_string":"6.00","normalized_value":1E-1,"normalized_value_as_string":"0.10"})");
  EXPECT_EQ(json::serialize(found[2].at("p")), R"({"value":null,"normalized_value":null})");
  const json::array hourly = buckets(R"("p":{"derivative":{"buckets_path":"s","unit":"hour"}})");
  EXPECT_EQ(hourly[1].at("p").at("normalized_value").to_number<double>(), 120);
}

TEST_F(Pipelines, SumsUpAndComparesWithEarlierBuckets) {
  EXPECT_EQ(shown(R"({"cumulative_sum":{"buckets_path":"s"}})"), "3E0 8E0 8E0 1.3E1 2.4E1");
  EXPECT_EQ(shown(R"({"serial_diff":{"buckets_path":"s"}})"), "- 2E0 - - 6E0");
  EXPECT_EQ(shown(R"({"serial_diff":{"buckets_path":"s","lag":3}})"), "- - - 2E0 6E0");
  EXPECT_EQ(shown(R"({"serial_diff":{"buckets_path":"s","lag":2,"gap_policy":"insert_zeros"}})"), "- - -3E0 0E0 1.1E1");
}

TEST_F(Pipelines, NormalizeByEachMethod) {
  const auto by = [&](const std::string& method) {
    return shown(R"({"normalize":{"buckets_path":"s","method":")" + method + R"("}})");
  };
  EXPECT_EQ(by("rescale_0_1"), "0E0 2.5E-1 null 2.5E-1 1E0");
  EXPECT_EQ(by("rescale_0_100"), "0E0 2.5E1 null 2.5E1 1E2");
  EXPECT_EQ(by("percent_of_sum"), "1.25E-1 2.0833333333333337E-1 null 2.0833333333333337E-1 4.583333333333333E-1");
  EXPECT_EQ(by("mean"), "-3.75E-1 -1.25E-1 null -1.25E-1 6.25E-1");
  EXPECT_EQ(by("z-score"), "-1E0 -3.333333333333333E-1 null -3.333333333333333E-1 1.6666666666666667E0");
  EXPECT_NE(by("softmax").find("null"), std::string::npos);
  refuses_inside(R"({"normalize":{"buckets_path":"s","method":"other"}})", "illegal_argument_exception",
                 "invalid method [other]");
}

TEST_F(Pipelines, MovesFunctionsOverWindows) {
  // The window ends before the bucket, and empty buckets have no place in it.
  const auto by = [&](const std::string& script, const std::string& more = "") {
    return shown(R"({"moving_fn":{"buckets_path":"s","window":2,"script":")" + script + "\"" + more + "}}");
  };
  EXPECT_EQ(by("MovingFunctions.max(values)"), "null 3E0 - 5E0 5E0");
  EXPECT_EQ(by("MovingFunctions.sum(values)"), "0E0 3E0 - 8E0 1E1");
  EXPECT_EQ(by("MovingFunctions.sum(values)", R"(,"shift":1)"), "3E0 8E0 - 1E1 1.6E1");
  EXPECT_EQ(by("MovingFunctions.sum(values)", R"(,"shift":1000)"), "0E0 0E0 - 0E0 0E0");
  EXPECT_EQ(by("MovingFunctions.sum(values)", R"(,"gap_policy":"insert_zeros")"), "0E0 3E0 8E0 5E0 5E0");
  refuses_inside(R"({"moving_fn":{"buckets_path":"s","window":0,"script":"1"}})", "illegal_argument_exception",
                 "[window] must be a positive, non-zero integer.");
  refuses_inside(R"x({"moving_fn":{"buckets_path":"s","window":2,"script":"values.sum()"}})x", "script_exception",
                 "[values.sum]");
}

TEST_F(Pipelines, MovesPercentiles) {
  const json::value answer = ask(R"("h":{)" + std::string(by_minute) +
                                 R"(,"aggs":{"q":{"percentiles":{"field":"value","percents":[0,50,100]}},)"
                                 R"("p":{"moving_percentiles":{"buckets_path":"q","window":2}},)"
                                 R"("top":{"bucket_script":{"buckets_path":{"x":"p[100.0]"},"script":"params.x"}}}})");
  const auto& found = answer.at("h").at("buckets").as_array();
  EXPECT_FALSE(found[0].as_object().contains("p"));
  EXPECT_EQ(json::serialize(found[2].at("p")), R"({"values":{"0.0":1E0,"50.0":3E0,"100.0":4E0}})");
  EXPECT_EQ(json::serialize(found[4].at("p").at("values").at("50.0")), "5E0");
  EXPECT_EQ(shown(found, "top"), "- 3E0 - 4E0 5E0");
  refuses_inside(R"({"moving_percentiles":{"buckets_path":"s","window":2}})", "aggregation_execution_exception",
                 "must reference a percentiles aggregation");
}

TEST_F(Pipelines, RunScriptsOnEachBucket) {
  const auto script = [](const std::string& text, const std::string& more = "") {
    return R"({"bucket_script":{"buckets_path":{"a":"s","n":"_count"},"script":)" + text + more + "}}";
  };
  EXPECT_EQ(shown(script(R"("params.a / params.n")")), "3E0 2.5E0 - 5E0 5.5E0");
  EXPECT_EQ(shown(script(R"({"source":"params.a * params.k","lang":"painless","params":{"k":2}})")),
            "6E0 1E1 - 1E1 2.2E1");
  EXPECT_EQ(shown(script(R"({"source":"a + n","lang":"expression"})")), "4E0 7E0 - 6E0 1.3E1");
  EXPECT_EQ(shown(script(R"("params.a + 1")", R"(,"gap_policy":"insert_zeros")")), "4E0 6E0 1E0 6E0 1.2E1");
  EXPECT_EQ(shown(script(R"("params.a > 4 ? params.a : null")")), "- 5E0 - 5E0 1.1E1");
  EXPECT_EQ(shown(script(R"("params.a / 0")")), "null null - null null");
  const json::array formatted = buckets(R"("p":)" + script(R"("params.a / 7")", R"(,"format":"0.0 'V'")"));
  EXPECT_EQ(json::serialize(formatted[0].at("p").at("value_as_string")), R"("0.4 V")");
  EXPECT_EQ(shown(R"({"bucket_script":{"buckets_path":"s","script":"_value * 2"}})"), "6E0 1E1 - 1E1 2.2E1");
  EXPECT_EQ(shown(R"({"bucket_script":{"buckets_path":["s","_count"],"script":"_value0 + _value1"}})"),
            "4E0 7E0 - 6E0 1.3E1");
  refuses_inside(script(R"x("Math.sin(params.a)")x"), "script_exception", "[Math.sin]");
  refuses_inside(script(R"({"source":"1","lang":"mustache"})"), "illegal_argument_exception",
                 "script_lang not supported [mustache]");
  refuses_inside(script(R"({"id":"x"})"), "illegal_argument_exception", "stored scripts");
  refuses_inside(script(R"("params.b + 1")"), "script_exception", "null_pointer_exception");
  refuses_inside(script(R"("params.a > 1")"), "script_exception", "class_cast_exception");
}

TEST_F(Pipelines, SelectBuckets) {
  const auto keys = [&](const std::string& script, const std::string& more = "") {
    std::string out;
    for (const json::value& bucket :
         buckets(R"("p":{"bucket_selector":{"buckets_path":{"a":"s"},"script":")" + script + "\"" + more + "}}")) {
      out += std::to_string((bucket.at("key").as_int64() - start_ns / 1'000'000) / 60'000) + " ";
    }
    return out;
  };
  EXPECT_EQ(keys("params.a >= 5"), "1 3 4 ") << "a gap is NaN, and not greater than anything";
  EXPECT_EQ(keys("params.a != null"), "0 1 2 3 4 ");
  EXPECT_EQ(keys("!(params.a > 5)"), "0 1 2 3 ");
  EXPECT_EQ(keys("params.a < 1", R"(,"gap_policy":"insert_zeros")"), "2 ");
  EXPECT_EQ(keys("params.a > 1000"), "");
  refuses_inside(R"({"bucket_selector":{"buckets_path":{"a":"s"},"script":"params.a + 1"}})", "script_exception",
                 "class_cast_exception");
}

TEST_F(Pipelines, PrunedBucketsAreGoneForLaterPipelinesAndSiblings) {
  const json::value answer =
      ask(R"("h":{)" + std::string(by_minute) + R"(,"aggs":{)" + std::string(sum) +
          R"(,"keep":{"bucket_selector":{"buckets_path":{"a":"s"},"script":"params.a >= 5"}},)"
          R"("c":{"cumulative_sum":{"buckets_path":"s"}}}},"m":{"min_bucket":{"buckets_path":"h>s"}},)"
          R"("n":{"sum_bucket":{"buckets_path":"h>_count"}})");
  EXPECT_EQ(shown(answer.at("h").at("buckets").as_array(), "c"), "5E0 1E1 2.1E1");
  EXPECT_EQ(json::serialize(answer.at("m")),
            R"({"value":5E0,"keys":["2018-01-01T00:01:00.000Z","2018-01-01T00:03:00.000Z"]})");
  EXPECT_EQ(json::serialize(answer.at("n")), R"({"value":5E0})");
}

TEST_F(Pipelines, SortBuckets) {
  const auto sums = [&](const std::string& options) {
    return shown(buckets(R"("p":{"bucket_sort":{)" + options + "}}"), "s");
  };
  EXPECT_EQ(sums(R"("sort":[{"s":{"order":"desc"}}])"), "1.1E1 5E0 5E0 3E0") << "what has no value is left out";
  EXPECT_EQ(sums(R"("sort":["s"],"size":2)"), "3E0 5E0");
  EXPECT_EQ(sums(R"("sort":[{"s":"desc"}],"from":1,"size":2)"), "5E0 5E0");
  EXPECT_EQ(sums(R"("sort":[{"s":"asc"}],"gap_policy":"insert_zeros")"), "0E0 3E0 5E0 5E0 1.1E1");
  EXPECT_EQ(sums(R"("sort":[{"_key":{"order":"desc"}}])"), "1.1E1 5E0 0E0 5E0 3E0");
  EXPECT_EQ(sums(R"("sort":[{"_count":"desc"},{"s":"desc"}])"), "1.1E1 5E0 5E0 3E0 0E0");
  EXPECT_EQ(sums(R"("from":3)"), "5E0 1.1E1");
  EXPECT_EQ(sums(R"("from":9)"), "");
  refuses_inside(R"({"bucket_sort":{}})", "action_request_validation_exception", "is configured to perform nothing");
  refuses_inside(R"({"bucket_sort":{"size":0}})", "illegal_argument_exception",
                 "[size] must be a positive integer: [0]");
  refuses_inside(R"({"bucket_sort":{"sort":[{"s":{"order":"up"}}]}})", "illegal_argument_exception", "[up]");
}

TEST_F(Pipelines, LookAtAllBucketsFromBeside) {
  const json::value answer =
      ask(R"("h":{)" + std::string(by_minute) + R"(,"aggs":{)" + std::string(sum) +
          R"(}},"max":{"max_bucket":{"buckets_path":"h>s","format":"0.0"}},)"
          R"("avg":{"avg_bucket":{"buckets_path":"h>s"}},)"
          R"("zeros":{"avg_bucket":{"buckets_path":"h>s","gap_policy":"insert_zeros"}},)"
          R"("total":{"sum_bucket":{"buckets_path":"h>s.value"}},)"
          R"("stats":{"stats_bucket":{"buckets_path":"h>s"}},)"
          R"("none":{"stats_bucket":{"buckets_path":"h['x']>s"}},)"
          R"("q":{"percentiles_bucket":{"buckets_path":"h>s","percents":[100,0,40.0]}},)"
          R"("list":{"percentiles_bucket":{"buckets_path":"h>s","percents":[50],"keyed":false}})");
  EXPECT_EQ(json::serialize(answer.at("max")),
            R"({"value":1.1E1,"value_as_string":"11.0","keys":["2018-01-01T00:04:00.000Z"]})");
  EXPECT_EQ(json::serialize(answer.at("avg")), R"({"value":6E0})");
  EXPECT_EQ(json::serialize(answer.at("zeros")), R"({"value":4.8E0})");
  EXPECT_EQ(json::serialize(answer.at("total")), R"({"value":2.4E1})");
  EXPECT_EQ(json::serialize(answer.at("stats")), R"({"count":4,"min":3E0,"max":1.1E1,"avg":6E0,"sum":2.4E1})");
  EXPECT_EQ(json::serialize(answer.at("q")), R"({"values":{"100.0":1.1E1,"0.0":3E0,"40.0":5E0}})");
  EXPECT_EQ(json::serialize(answer.at("list")), R"({"values":[{"key":5E1,"value":5E0}]})");
}

TEST_F(Pipelines, ExtendedStatsHaveBounds) {
  const json::value answer = ask(R"("h":{)" + std::string(by_minute) + R"(,"aggs":{)" + std::string(sum) +
                                 R"(}},"e":{"extended_stats_bucket":{"buckets_path":"h>s","sigma":1}},)"
                                 R"("none":{"extended_stats_bucket":{"buckets_path":"n>_count"}},)"
                                 R"("n":{"terms":{"field":"nothing"}},)"
                                 R"("one":{"extended_stats_bucket":{"buckets_path":"t>_count"}},)"
                                 R"("t":{"terms":{"field":"sensor_id"}})");
  const json::value& e = answer.at("e");
  EXPECT_EQ(e.at("sum_of_squares").to_number<double>(), 180);
  EXPECT_EQ(e.at("variance_population").to_number<double>(), 9);
  EXPECT_EQ(e.at("variance_sampling").to_number<double>(), 12);
  EXPECT_EQ(e.at("std_deviation").to_number<double>(), 3);
  EXPECT_EQ(e.at("std_deviation_bounds").at("upper").to_number<double>(), 9);
  EXPECT_EQ(e.at("std_deviation_bounds").at("lower_population").to_number<double>(), 3);
  EXPECT_EQ(answer.at("one").at("variance_sampling"), json::value("NaN"));
  EXPECT_TRUE(answer.at("none").at("std_deviation_bounds").at("upper").is_null());
  EXPECT_EQ(json::serialize(answer.at("none").at("sum")), "0E0");
}

TEST_F(Pipelines, FollowPathsThroughAnything) {
  const json::value answer = ask(
      R"("t":{"terms":{"field":"sensor_id","order":{"_key":"asc"}},"aggs":{)"
      R"("h":{)" +
          std::string(by_minute) + R"(,"aggs":{)" + std::string(sum) +
          R"(,"st":{"stats":{"field":"value"}},"f":{"filter":{"range":{"value":{"gte":5}}},"aggs":{"n":{"value_count":{"field":"value"}}}},)"
          R"("big":{"bucket_script":{"buckets_path":{"x":"f>n","y":"f._count","z":"st.max"},"script":"params.x + params.y * 10 + params.z * 100","gap_policy":"keep_values"}}}},)"
          R"("peak":{"max_bucket":{"buckets_path":"h>s"}},)"
          R"("n":{"bucket_script":{"buckets_path":{"x":"h._bucket_count"},"script":"params.x"}},)"
          R"("first":{"bucket_script":{"buckets_path":{"x":"h['2018-01-01T00:00:00.000Z']>s"},"script":"params.x"}},)"
          R"("lost":{"bucket_script":{"buckets_path":{"x":"h['nothing']>s"},"script":"params.x"}},)"
          R"("twice":{"bucket_script":{"buckets_path":{"x":"peak.value"},"script":"params.x * 2"}}}},)"
          R"("all":{"filter":{"match_all":{}},"aggs":{"h":{)" +
          std::string(by_minute) + R"(,"aggs":{)" + std::string(sum) +
          R"(}},"best":{"max_bucket":{"buckets_path":"h>s"}}}},)"
          R"("through":{"sum_bucket":{"buckets_path":"all>h>s"}},)"
          R"("peaks":{"sum_bucket":{"buckets_path":"t>peak"}})",
      "/3_4,3_5/_search");
  const auto& terms = answer.at("t").at("buckets").as_array();
  ASSERT_EQ(terms.size(), 2u);
  EXPECT_EQ(shown(terms, "peak"), "1.1E1 2E1");
  EXPECT_EQ(shown(terms, "n"), "5E0 4E0");
  EXPECT_EQ(shown(terms, "first"), "3E0 1E1");
  EXPECT_EQ(shown(terms, "lost"), "- -");
  EXPECT_EQ(shown(terms, "twice"), "2.2E1 4E1");
  EXPECT_EQ(shown(terms[0].at("h").at("buckets").as_array(), "big"), "3E2 4E2 - 5.11E2 9.11E2");
  EXPECT_EQ(json::serialize(answer.at("all").at("best").at("value")), "2.5E1");
  EXPECT_EQ(json::serialize(answer.at("through").at("value")), "5.4E1");
  EXPECT_EQ(json::serialize(answer.at("peaks").at("value")), "3.1E1");
}

TEST_F(Pipelines, UseEachOthersResultsInAnyOrderOfDefinition) {
  const json::array found =
      buckets(R"("p":{"derivative":{"buckets_path":"c"}},"c":{"cumulative_sum":{"buckets_path":"d"}},)"
              R"("d":{"bucket_script":{"buckets_path":{"x":"s"},"script":"params.x * 10"}})");
  EXPECT_EQ(shown(found, "d"), "3E1 5E1 - 5E1 1.1E2");
  EXPECT_EQ(shown(found, "c"), "3E1 8E1 8E1 1.3E2 2.4E2");
  EXPECT_EQ(shown(found, "p"), "- 5E1 null null 1.1E2");
  // Members: sub-aggregations, then pipelines in the order in which they ran.
  std::string members;
  for (const auto& member : found[1].as_object()) members += std::string(member.key()) + " ";
  EXPECT_EQ(members, "key_as_string key doc_count s d c p ");
  refuses_inside(R"({"derivative":{"buckets_path":"q"}},"q":{"derivative":{"buckets_path":"p"}})",
                 "illegal_argument_exception", "Cyclical dependency found with pipeline aggregator [p]");
  refuses_inside(R"({"derivative":{"buckets_path":"p"}})", "illegal_argument_exception", "Cyclical dependency found");
}

TEST_F(Pipelines, WorkInHistogramsOfNumbersAndTerms) {
  const json::value answer = ask(
      R"("h":{"histogram":{"field":"value","interval":2},"aggs":{"c":{"cumulative_sum":{"buckets_path":"_count"}},)"
      R"("k":{"bucket_script":{"buckets_path":{"k":"_key"},"script":"params.k + 1"}},)"
      R"("u":{"derivative":{"buckets_path":"c","unit":"1ms"}}}},)"
      R"("m":{"max_bucket":{"buckets_path":"h>_count"}},)"
      R"("t":{"terms":{"field":"value","size":3,"order":{"_key":"desc"}},"aggs":{)"
      R"("sort":{"bucket_sort":{"sort":[{"_key":"asc"}]}},"n":{"normalize":{"buckets_path":"_count","method":"percent_of_sum"}}}},)"
      R"("low":{"min_bucket":{"buckets_path":"t>_count"}})");
  const auto& bars = answer.at("h").at("buckets").as_array();
  EXPECT_EQ(shown(bars, "c"), "1E0 3E0 5E0 5E0 6E0");
  EXPECT_EQ(shown(bars, "k"), "1E0 3E0 5E0 - 9E0");
  EXPECT_EQ(bars[1].at("u").at("normalized_value").to_number<double>(), 1);
  EXPECT_EQ(json::serialize(answer.at("m")), R"({"value":2E0,"keys":["2.0","4.0"]})");
  EXPECT_EQ(json::serialize(answer.at("low").at("keys")), R"(["4.0","5.0","9.0"])");
  EXPECT_EQ(answer.at("t").at("sum_other_doc_count").as_int64(), 3);
}

TEST_F(Pipelines, NameTheirTypes) {
  const EsAnswer answer = world.ask(
      "POST", "/3_4/_search",
      request(
          R"("h":{)" + std::string(by_minute) + R"(,"aggs":{)" + std::string(sum) +
          R"(,"c":{"cumulative_sum":{"buckets_path":"s"},"meta":{"x":1}},"d":{"derivative":{"buckets_path":"s"}}}},)"
          R"("m":{"max_bucket":{"buckets_path":"h>s"}},"a":{"avg_bucket":{"buckets_path":"h>s"}},)"
          R"("q":{"percentiles_bucket":{"buckets_path":"h>s"}},"st":{"stats_bucket":{"buckets_path":"h>s"}},)"
          R"("e":{"extended_stats_bucket":{"buckets_path":"h>s"}})"),
      {{"typed_keys", "true"}});
  for (const char* name : {"simple_value#c", "derivative#d", "bucket_metric_value#m", "simple_value#a",
                           "percentiles_bucket#q", "stats_bucket#st", "extended_stats_bucket#e"}) {
    EXPECT_NE(answer.body.find(name), std::string::npos) << name << answer.body;
  }
  EXPECT_NE(answer.body.find(R"("simple_value#c":{"meta":{"x":1},"value":3.0})"), std::string::npos) << answer.body;
}

TEST_F(Pipelines, AreCheckedAgainstWhereTheyStand) {
  const std::string fault = "action_request_validation_exception";
  refuses(
      R"("d":{"derivative":{"buckets_path":"s"}})", fault,
      "Validation Failed: 1: derivative aggregation [d] must have a histogram, date_histogram or auto_date_histogram "
      "as parent but doesn't have a parent;");
  refuses(R"("t":{"terms":{"field":"sensor_id"},"aggs":{"d":{"cumulative_sum":{"buckets_path":"_count"}}}})", fault,
          "cumulative_sum aggregation [d] must have a histogram, date_histogram or auto_date_histogram as parent;");
  refuses(
      R"("h":{"histogram":{"field":"value","interval":1,"min_doc_count":1},"aggs":{"d":{"derivative":{"buckets_path":"_count"}}}})",
      fault, "parent histogram of derivative aggregation [d] must have min_doc_count of 0;");
  refuses(R"("b":{"bucket_script":{"buckets_path":"x","script":"1"}})", fault,
          "bucket_script aggregation [b] must be declared inside of another aggregation;");
  refuses(R"("f":{"filter":{"match_all":{}},"aggs":{"b":{"bucket_sort":{"size":1}}}})", fault,
          "bucket_sort aggregation [b] must have a multi-bucket aggregation as parent");
  refuses(R"("m":{"max_bucket":{"buckets_path":"missing>s"}})", fault,
          "Validation Failed: 1: buckets_path aggregation does not exist for aggregation [m]: missing>s;");
  refuses(
      R"("s":{"sum":{"field":"value"}},"m":{"max_bucket":{"buckets_path":"s"}},"n":{"min_bucket":{"buckets_path":"x"}})",
      fault, "found :sum for buckets path: s;2: buckets_path aggregation does not exist for aggregation [n]: x;");
  refuses_inside(R"({"derivative":{"buckets_path":["s","s"]}})", fault,
                 "buckets_path must contain a single entry for aggregation [p]");
}

TEST_F(Pipelines, RefusePathsThatLeadNowhere) {
  const std::string execution = "aggregation_execution_exception";
  refuses_inside(R"({"derivative":{"buckets_path":"other"}})", "illegal_argument_exception",
                 "No aggregation found for path [other]");
  refuses_inside(R"({"derivative":{"buckets_path":"s>x"}})", "illegal_argument_exception",
                 "No aggregation [x] found for path [s>x]");
  refuses_inside(R"({"derivative":{"buckets_path":"s.max"}})", "illegal_argument_exception",
                 "path not supported for [s]: [max]");
  refuses_inside(R"({"derivative":{"buckets_path":"st"}},"st":{"stats":{"field":"value"}})", execution,
                 "but [st] contains multiple values. Please specify which to use.");
  refuses_inside(R"({"derivative":{"buckets_path":"t"}},"t":{"terms":{"field":"sensor_id"}})", execution,
                 "at aggregation [t]");
  refuses_inside(
      R"({"derivative":{"buckets_path":"t>s"}},"t":{"terms":{"field":"sensor_id"},"aggs":{"s":{"sum":{"field":"value"}}}})",
      execution, "got: [Object[]] at aggregation [t]");
  refuses_inside(R"({"derivative":{"buckets_path":"_key"}})", execution, "at aggregation [_key]");
  refuses_inside(R"({"derivative":{"buckets_path":"s[]"}})", execution, "Invalid path element [s[]] in path [s[]]");
  refuses_inside(R"({"derivative":{}})", "parsing_exception", "Missing required field [buckets_path]");
  refuses_inside(R"({"derivative":{"buckets_path":"s","gap_policy":"other"}})", "parsing_exception",
                 "Invalid gap policy: [other], accepted values: [insert_zeros, skip, keep_values]");
  refuses_inside(R"({"derivative":{"buckets_path":"s","unit":"often"}})", "illegal_argument_exception", "[often]");
  refuses_inside(R"({"derivative":{"buckets_path":"s","format":"0.0.0"}})", "illegal_argument_exception", "[format]");
  refuses_inside(R"({"derivative":{"buckets_path":"s","lag":1}})", "x_content_parse_exception", "unknown field [lag]");
  refuses_inside(R"({"serial_diff":{"buckets_path":"s","lag":0}})", "parsing_exception", "Lag must be a positive");
  refuses_inside(R"({"cumulative_cardinality":{"buckets_path":"s"}})", "illegal_argument_exception",
                 "[cumulative_cardinality] is not supported");
  refuses_inside(R"({"derivative":{"buckets_path":"s"},"aggs":{"x":{"sum":{"field":"value"}}}})",
                 "illegal_argument_exception", "Aggregation [p] cannot define sub-aggregations");
  refuses_inside(R"({"derivative":{"buckets_path":")" + std::string(1'025, 's') + R"("}})",
                 "illegal_argument_exception", "at most [1024] bytes");
}

TEST_F(Pipelines, AreBoundedInTheirWork) {
  // Two readings far apart make 60,001 buckets; a window of all of them is too much to look at, a short one is not.
  world.add(5, start_ns + 60'003 * minute_ns, 1.0);
  world.store.seal();
  const auto body = [&](int window) {
    return request(R"("h":{)" + std::string(by_minute) +
                   R"(,"aggs":{"m":{"moving_fn":{"buckets_path":"_count","window":)" + std::to_string(window) +
                   R"x(,"script":"MovingFunctions.max(values)"}}}})x");
  };
  EXPECT_EQ(world.ask("POST", "/3_5/_search", body(100)).status, 200u);
  const EsAnswer refused = world.ask("POST", "/3_5/_search", body(100'000));
  EXPECT_EQ(refused.status, 400u);
  EXPECT_NE(refused.body.find("may look at"), std::string::npos) << refused.body;
}

TEST_F(Pipelines, AreEmptyOverNothing) {
  const json::value answer =
      ask(R"("h":{)" + std::string(by_minute) + R"(,"aggs":{)" + std::string(sum) +
              R"(,"d":{"derivative":{"buckets_path":"s"}}}},"m":{"max_bucket":{"buckets_path":"h>s"}},)"
              R"("a":{"avg_bucket":{"buckets_path":"h>s"}},"t":{"sum_bucket":{"buckets_path":"h>s"}},)"
              R"("q":{"percentiles_bucket":{"buckets_path":"h>s","percents":[50]}})",
          "/3_6/_search");
  EXPECT_EQ(json::serialize(answer.at("h").at("buckets")), "[]");
  EXPECT_EQ(json::serialize(answer.at("m")), R"({"value":null,"keys":[]})");
  EXPECT_EQ(json::serialize(answer.at("a")), R"({"value":null})");
  EXPECT_EQ(json::serialize(answer.at("t")), R"({"value":0E0})");
  EXPECT_EQ(json::serialize(answer.at("q")), R"({"values":{"50.0":null}})");
}

/// The same answers as plain loops over the sums that the answer itself shows.
TEST_F(Pipelines, AgreeWithPlainLoopsOnRandomReadings) {
  const std::uint64_t seed = 20'180'603;
  RecordProperty("seed", std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  for (int round = 0; round < 60 && !HasFailure(); ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    QueryWorld random_world;
    random_world.add_sensor(3, 4, model::MappingType::double_precision);
    const int minutes = pick(1, 60);
    for (int i = pick(1, 80); i > 0; --i) {
      random_world.add(4, start_ns + pick(0, minutes) * minute_ns + i, pick(-400, 400) / 8.0);
    }
    random_world.store.run_readings_max = static_cast<std::size_t>(pick(1, 20));
    random_world.store.seal();
    const std::string policies[] = {"skip", "insert_zeros", "keep_values"};
    const int policy = pick(0, 2);
    const int window = pick(1, 8), shift = pick(-2, 3), lag = pick(1, 4);
    const std::string common = R"("buckets_path":"s","gap_policy":")" + policies[policy] + "\"";
    const json::value answer =
        search(random_world,
               request(R"("h":{)" + std::string(by_minute) + R"(,"aggs":{)" + std::string(sum) +
                       R"(,"d":{"derivative":{)" + common + R"(}},"l":{"serial_diff":{)" + common + R"(,"lag":)" +
                       std::to_string(lag) + R"(}},"m":{"moving_fn":{)" + common + R"(,"window":)" +
                       std::to_string(window) + R"(,"shift":)" + std::to_string(shift) +
                       R"x(,"script":"MovingFunctions.min(values)"}},"c":{"cumulative_sum":{"buckets_path":"s"}}}},)x" +
                       R"("best":{"max_bucket":{"buckets_path":"h>s","gap_policy":")" + policies[policy] + R"("}})"),
               "/3_4/_search");
    const auto& found = answer.at("aggregations").at("h").at("buckets").as_array();
    std::vector<std::optional<double>> values;
    double running = 0, best = -HUGE_VAL;
    for (const json::value& bucket : found) {
      const double here = bucket.at("s").at("value").to_number<double>();
      const bool gap = bucket.at("doc_count").as_int64() == 0;
      values.push_back(gap && policy == 0 ? std::nullopt : std::optional(here));
      running += here;
      EXPECT_NEAR(bucket.at("c").at("value").to_number<double>(), running, 1e-9);
      if (values.back()) best = std::max(best, *values.back());
    }
    EXPECT_EQ(answer.at("aggregations").at("best").at("value").to_number<double>(), best);
    const auto is = [&](std::size_t i, const char* name, std::optional<double> wanted, bool null_if_missing) {
      const json::value* member = found[i].as_object().if_contains(name);
      if (!wanted && !null_if_missing) {
        EXPECT_FALSE(member) << name << " " << i;
        return;
      }
      ASSERT_TRUE(member) << name << " " << i;
      if (!wanted) {
        EXPECT_TRUE(member->at("value").is_null()) << name << " " << i;
      } else {
        ASSERT_TRUE(member->at("value").is_number()) << name << " " << i;
        EXPECT_NEAR(member->at("value").to_number<double>(), *wanted, 1e-9) << name << " " << i;
      }
    };
    const auto difference = [&](std::size_t i, std::size_t back) -> std::optional<double> {
      if (i < back || !values[i] || !values[i - back]) return {};
      return *values[i] - *values[i - back];
    };
    std::vector<double> there;
    for (const auto& value : values) {
      if (value) there.push_back(*value);
    }
    int at = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      is(i, "d", difference(i, 1), i > 0);
      is(i, "l", difference(i, static_cast<std::size_t>(lag)), false);
      if (!values[i]) {
        EXPECT_FALSE(found[i].as_object().contains("m"));
        continue;
      }
      std::optional<double> low;
      for (int j = at - window + shift; j < at + shift; ++j) {
        if (j >= 0 && j < static_cast<int>(there.size()))
          low = std::min(low.value_or(HUGE_VAL), there[static_cast<std::size_t>(j)]);
      }
      is(i, "m", low, true);
      ++at;
    }
  }
}

}  // namespace
}  // namespace iot::query
