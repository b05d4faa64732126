// The metric aggregations over a few readings that the reader can add up: sensor 4 (double) has 1, 2, 4, 8 a minute
// apart, sensor 5 (long) the same, sensor 6 (keyword) "a", "bb", "a", "ö", sensor 7 (boolean) true, true, false, sensor
// 9 (text), sensor 10 (object), sensor 11 (date), sensor 12 (double) nothing.
#include <cmath>
#include <string>

#include "query/bucket_states.h"
#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;
constexpr std::int64_t minute_ns = 60'000'000'000;

class Metrics : public testing::Test {
 protected:
  Metrics() {
    world.add_sensor(3, 4, model::MappingType::double_precision);
    world.add_sensor(3, 5, model::MappingType::long_integer);
    world.add_sensor(3, 6, model::MappingType::keyword);
    world.add_sensor(8, 7, model::MappingType::boolean);
    world.add_sensor(8, 9, model::MappingType::text);
    world.add_sensor(8, 10, model::MappingType::object);
    world.add_sensor(8, 11, model::MappingType::date);
    world.add_sensor(8, 12, model::MappingType::double_precision);
    for (std::int64_t i = 0; i < 4; ++i) {
      world.add(4, start_ns + i * minute_ns, static_cast<double>(1 << i));
      world.add(5, start_ns + i * minute_ns, std::int64_t{1} << i);
    }
    std::int64_t at = start_ns;
    for (const char* text : {"a", "bb", "a", "ö"}) world.add(6, at += minute_ns, std::string(text));
    for (const std::int64_t flag : {1, 1, 0}) world.add(7, at += minute_ns, flag);
    world.add(9, start_ns, std::string("The quick brown Fox"));
    world.add(10, start_ns, std::string(R"({"temp":1.5})"));
    world.add(11, start_ns, start_ns);
    world.add(11, start_ns + 1, start_ns + 999'999);
    world.add(11, start_ns + 2, start_ns + 2'000'000);
    world.store.run_readings_max = 3;
    world.store.seal();
  }

  json::value ask(const std::string& aggregation, const std::string& index = "3_4") {
    return search(world, R"({"size":0,"aggs":{"a":{)" + aggregation + "}}}", "/" + index + "/_search")
        .at("aggregations")
        .at("a");
  }

  /// The members in this order, and these values.
  void answers(const std::string& aggregation, const std::string& wanted, const std::string& index = "3_4") {
    const json::value ours = ask(aggregation, index);
    const json::value theirs = json::parse(wanted);
    EXPECT_TRUE(nearly_equal(ours, theirs)) << aggregation << "\nours " << json::serialize(ours) << "\nwant " << wanted;
    std::string our_names, their_names;
    for (const auto& member : ours.as_object()) our_names += std::string(member.key()) + " ";
    for (const auto& member : theirs.as_object()) their_names += std::string(member.key()) + " ";
    EXPECT_EQ(our_names, their_names);
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

TEST_F(Metrics, NumbersBecomeNamesAsJavaWritesThem) {
  EXPECT_EQ(java_number(0), "0.0");
  EXPECT_EQ(java_number(99), "99.0");
  EXPECT_EQ(java_number(-0.25), "-0.25");
  EXPECT_EQ(java_number(0.001), "0.001");
  EXPECT_EQ(java_number(0.0001), "1.0E-4");
  EXPECT_EQ(java_number(9'999'999), "9999999.0");
  EXPECT_EQ(java_number(1e7), "1.0E7");
  EXPECT_EQ(java_number(1.5147648e12), "1.5147648E12");
  EXPECT_EQ(java_number(-1.25e-100), "-1.25E-100");
  EXPECT_EQ(java_number(HUGE_VAL), "Infinity");
  EXPECT_EQ(java_number(-HUGE_VAL), "-Infinity");
  EXPECT_EQ(java_number(std::nan("")), "NaN");
}

TEST_F(Metrics, ExtendedStats) {
  // Mean 3.75, squares 85: the variance is 85 / 4 - 3.75².
  const std::string wanted =
      R"({"count":4,"min":1.0,"max":8.0,"avg":3.75,"sum":15.0,"sum_of_squares":85.0,"variance":7.1875,
          "variance_population":7.1875,"variance_sampling":9.583333333333334,"std_deviation":2.680951323690902,
          "std_deviation_population":2.680951323690902,"std_deviation_sampling":3.095695936834452,
          "std_deviation_bounds":{"upper":9.111902647381804,"lower":-1.611902647381804,
          "upper_population":9.111902647381804,"lower_population":-1.611902647381804,
          "upper_sampling":9.941391873668904,"lower_sampling":-2.441391873668904}})";
  answers(R"("extended_stats":{"field":"value"})", wanted);
  answers(R"("extended_stats":{"field":"value","sigma":2})", wanted, "3_5");
  const json::value three = ask(R"("extended_stats":{"field":"value","sigma":0})");
  EXPECT_EQ(three.at("std_deviation_bounds").at("upper"), 3.75);
}

TEST_F(Metrics, ExtendedStatsOfNothingAndOfOne) {
  answers(R"("extended_stats":{"field":"value"})",
          R"({"count":0,"min":null,"max":null,"avg":null,"sum":0.0,"sum_of_squares":null,"variance":null,
              "variance_population":null,"variance_sampling":null,"std_deviation":null,
              "std_deviation_population":null,"std_deviation_sampling":null,
              "std_deviation_bounds":{"upper":null,"lower":null,"upper_population":null,"lower_population":null,
              "upper_sampling":null,"lower_sampling":null}})",
          "8_12");
  const json::value one = ask(R"("filter":{"term":{"value":8}},"aggs":{"e":{"extended_stats":{"field":"value"}}})");
  EXPECT_EQ(one.at("e").at("variance"), 0.0);
  EXPECT_EQ(one.at("e").at("variance_sampling"), "NaN");
  EXPECT_EQ(one.at("e").at("std_deviation_bounds").at("upper_sampling"), "NaN");
}

TEST_F(Metrics, ExtendedStatsOfDatesAndBooleansShowTexts) {
  const json::value dates = ask(R"("extended_stats":{"field":"value"})", "8_11");
  EXPECT_EQ(dates.at("max_as_string"), "2018-01-01T00:00:00.002Z");
  EXPECT_EQ(dates.at("variance_as_string"), "1970-01-01T00:00:00.000Z") << "less than a millisecond";
  EXPECT_EQ(dates.at("std_deviation_bounds_as_string").at("upper"), "2018-01-01T00:00:00.002Z");
  const json::value flags = ask(R"("extended_stats":{"field":"value"})", "8_7");
  EXPECT_EQ(flags.at("avg_as_string"), true);
  EXPECT_EQ(flags.at("min_as_string"), false);
}

TEST_F(Metrics, ExtendedStatsRefuses) {
  refuses(R"("extended_stats":{"field":"value","sigma":-1})", "illegal_argument_exception",
          "[sigma] must be greater than or equal to 0. Found [-1.0] in [a]");
  refuses(R"("extended_stats":{})", "illegal_argument_exception", "Required one of fields [field, script]");
  refuses(R"("extended_stats":{"field":"value","sigmas":1})", "x_content_parse_exception",
          "[extended_stats] unknown field [sigmas]");
  refuses(R"("extended_stats":{"field":"value"})", "illegal_argument_exception",
          "Field [value] of type [keyword] is not supported for aggregation [extended_stats]", "3_6");
  refuses(R"("extended_stats":{"field":"value","format":"0.0"})", "illegal_argument_exception", "[format]");
}

TEST_F(Metrics, PercentileRanks) {
  answers(R"("percentile_ranks":{"field":"value","values":[8,1,3]})",
          R"({"values":{"1.0":12.5,"3.0":50.0,"8.0":87.5}})");
  answers(
      R"("percentile_ranks":{"field":"value","values":[0,10000000,3,3],"keyed":false,"tdigest":{"compression":200}})",
      R"({"values":[{"key":0.0,"value":0.0},{"key":3.0,"value":50.0},{"key":10000000.0,"value":100.0}]})");
  answers(R"("percentile_ranks":{"field":"value","values":[10000000]})", R"({"values":{"1.0E7":null}})", "8_12");
  answers(R"("percentile_ranks":{"field":"other","values":[7],"missing":7})", R"({"values":{"7.0":50.0}})");
  refuses(R"("percentile_ranks":{"field":"value"})", "illegal_argument_exception", "Required [values]");
  refuses(R"("percentile_ranks":{"field":"value","values":[]})", "illegal_argument_exception",
          "[values] must not be an empty array: [a]");
  refuses(R"("percentile_ranks":{"field":"value","values":["x"]})", "number_format_exception", "For input string");
  refuses(R"("percentile_ranks":{"field":"value","values":[{}]})", "x_content_parse_exception", "[values]");
  refuses(R"("percentile_ranks":{"field":"value","values":[1],"percents":[1]})", "x_content_parse_exception",
          "unknown field [percents]");
}

TEST_F(Metrics, PercentilesTakeOptionsThatOnlyChoosePrecision) {
  answers(
      R"("percentiles":{"field":"value","percents":[50],"tdigest":{"compression":10,"execution_hint":"high_accuracy"}})",
      R"({"values":{"50.0":3.0}})");
  refuses(R"("percentiles":{"field":"value","tdigest":{"compression":-1}})", "illegal_argument_exception",
          "[compression] must be greater than or equal to 0. Found [-1.0]");
  refuses(R"("percentiles":{"field":"value","tdigest":{"execution_hint":"quick"}})", "illegal_argument_exception",
          "Invalid execution_hint [quick]");
  refuses(R"("percentiles":{"field":"value","hdr":{"number_of_significant_value_digits":6}})",
          "illegal_argument_exception", "[numberOfSignificantValueDigits] must be between 0 and 5");
  refuses(R"("percentiles":{"field":"value","hdr":{"number_of_significant_value_digits":3}})",
          "illegal_argument_exception", "[hdr] in aggregation [percentiles] is not supported");
}

TEST_F(Metrics, CardinalityOfEachType) {
  answers(R"("cardinality":{"field":"value"})", R"({"value":4})");
  answers(R"("cardinality":{"field":"value"})", R"({"value":4})", "3_5");
  answers(R"("cardinality":{"field":"value"})", R"({"value":3})", "3_6");
  answers(R"("cardinality":{"field":"value"})", R"({"value":2})", "8_7");
  answers(R"("cardinality":{"field":"value"})", R"({"value":2})", "8_11");  // by milliseconds
  answers(R"("cardinality":{"field":"value"})", R"({"value":0})", "8_12");
  answers(R"("cardinality":{"field":"sensor_id"})", R"({"value":7})", "_all");
  answers(R"("cardinality":{"field":"device_id","execution_hint":"direct"})", R"({"value":2})", "_all");
  answers(R"("cardinality":{"field":"timestamp"})", R"({"value":4})");
  answers(R"("cardinality":{"field":"value"})", R"({"value":0})", "8_10");
  answers(R"("cardinality":{"field":"value","missing":1})", R"({"value":1})", "8_10");
  refuses(R"("cardinality":{"field":"value"})", "illegal_argument_exception", "Fielddata is disabled", "8_9");
  refuses(R"("cardinality":{"field":"_id"})", "illegal_argument_exception", "Fielddata access on the _id field");
  refuses(R"("cardinality":{"field":"value","precision_threshold":-1})", "illegal_argument_exception",
          "[precisionThreshold] must be greater than or equal to 0. Found [-1] in [a]");
}

TEST_F(Metrics, CardinalityIsExactUpToItsThreshold) {
  world.add_sensor(20, 21, model::MappingType::long_integer);
  for (std::int64_t i = 0; i < 20'000; ++i) world.add(21, start_ns + i, i % 10'000);
  world.store.run_readings_max = 1'000;
  world.store.seal();
  answers(R"("cardinality":{"field":"value","precision_threshold":10000})", R"({"value":10000})", "20_21");
  const double estimate = ask(R"("cardinality":{"field":"value"})", "20_21").at("value").to_number<double>();
  EXPECT_NEAR(estimate, 10'000, 10'000 * 0.02);
}

TEST_F(Metrics, MedianAbsoluteDeviation) {
  answers(R"("median_absolute_deviation":{"field":"value","compression":500})", R"({"value":1.5})");
  answers(R"("median_absolute_deviation":{"field":"value"})", R"({"value":null})", "8_12");
  refuses(R"("median_absolute_deviation":{"field":"value","compression":0})", "illegal_argument_exception",
          "[compression] must be greater than 0. Found [0.0] in [a]");
  refuses(R"("median_absolute_deviation":{"field":"timestamp"})", "illegal_argument_exception",
          "Field [timestamp] of type [date_nanos] is not supported for aggregation [median_absolute_deviation]");
}

TEST_F(Metrics, Boxplot) {
  answers(R"("boxplot":{"field":"value"})",
          R"({"min":1.0,"max":8.0,"q1":1.75,"q2":3.0,"q3":5.0,"lower":1.0,"upper":8.0})");
  world.add(4, start_ns + 4 * minute_ns, 1'000.0);
  world.store.seal();
  answers(R"("boxplot":{"field":"value"})",
          R"({"min":1.0,"max":1000.0,"q1":2.0,"q2":4.0,"q3":8.0,"lower":1.0,"upper":8.0})");
  answers(R"("boxplot":{"field":"value"})",
          R"({"min":"Infinity","max":"-Infinity","q1":"NaN","q2":"NaN","q3":"NaN","lower":"NaN","upper":"-Infinity"})",
          "8_12");
  refuses(R"("boxplot":{"field":"value"})", "illegal_argument_exception",
          "Field [value] of type [boolean] is not supported for aggregation [boxplot]", "8_7");
}

TEST_F(Metrics, WeightedAverage) {
  // (1 + 4 + 16 + 64) / 15
  answers(R"("weighted_avg":{"value":{"field":"value"},"weight":{"field":"value"}})", R"({"value":5.666666666666667})");
  answers(R"("weighted_avg":{"value":{"field":"value"},"weight":{"field":"none","missing":3}})", R"({"value":3.75})");
  answers(R"("weighted_avg":{"value":{"field":"value"},"weight":{"field":"none","missing":0}})", R"({"value":null})");
  answers(R"("weighted_avg":{"value":{"field":"value"},"weight":{"field":"none"}})", R"({"value":null})");
  const json::value dates =
      ask(R"("weighted_avg":{"value":{"field":"value"},"weight":{"field":"x","missing":1}})", "8_11");
  EXPECT_NEAR(dates.at("value").to_number<double>(), 1'514'764'800'000.0, 1);
  EXPECT_FALSE(dates.as_object().contains("value_as_string"));
  refuses(R"("weighted_avg":{"value":{"field":"value"}})", "illegal_argument_exception", "Required [weight]");
  refuses(R"("weighted_avg":{"weight":{"field":"value"}})", "illegal_argument_exception", "Required [value]");
  refuses(R"("weighted_avg":{"value":{"missing":1},"weight":{"field":"value"}})", "illegal_argument_exception",
          "[field] and [script] cannot both be null.");
  refuses(R"("weighted_avg":{"value":{"field":"value","script":"x"},"weight":{"field":"value"}})",
          "illegal_argument_exception", "[script]");
  refuses(R"("weighted_avg":{"value":"value","weight":{"field":"value"}})", "x_content_parse_exception",
          "value doesn't support values of type: VALUE_STRING");
}

TEST_F(Metrics, StringStats) {
  // a b b a ö: 2/5, 2/5, 1/5.
  answers(R"("string_stats":{"field":"value","show_distribution":true})",
          R"({"count":4,"min_length":1,"max_length":2,"avg_length":1.25,"entropy":1.5219280948873621,
              "distribution":{"a":0.4,"b":0.4,"ö":0.2}})",
          "3_6");
  answers(R"("string_stats":{"field":"device_id"})",
          R"({"count":8,"min_length":1,"max_length":1,"avg_length":1.0,"entropy":0.0})", "3_4,3_5");
  answers(R"("string_stats":{"field":"none"})",
          R"({"count":0,"min_length":null,"max_length":null,"avg_length":null,"entropy":0.0})");
  refuses(R"("string_stats":{"field":"value"})", "illegal_argument_exception",
          "Field [value] of type [double] is not supported for aggregation [string_stats]");
}

TEST_F(Metrics, ValueCountTakesEveryType) {
  for (const auto& [index, count] : std::initializer_list<std::pair<const char*, int>>{
           {"3_4", 4}, {"3_5", 4}, {"3_6", 4}, {"8_7", 3}, {"8_10", 0}, {"8_11", 3}, {"8_12", 0}}) {
    EXPECT_EQ(ask(R"("value_count":{"field":"value"})", index).at("value"), count) << index;
  }
}

TEST_F(Metrics, TypedKeysNameThem) {
  const EsAnswer answer = world.ask(
      "POST", "/3_4/_search",
      R"({"size":0,"aggs":{"e":{"extended_stats":{"field":"value"}},"r":{"percentile_ranks":{"field":"value","values":[1]}},
          "c":{"cardinality":{"field":"value"}},"m":{"median_absolute_deviation":{"field":"value"}},
          "b":{"boxplot":{"field":"value"}},"w":{"weighted_avg":{"value":{"field":"value"},"weight":{"field":"value"}}},
          "s":{"string_stats":{"field":"sensor_id"}},"h":{"top_hits":{}},
          "t":{"top_metrics":{"metrics":{"field":"value"},"sort":"timestamp"}}}})",
      {{"typed_keys", "true"}});
  for (const char* name :
       {"extended_stats#e", "tdigest_percentile_ranks#r", "cardinality#c", "median_absolute_deviation#m", "boxplot#b",
        "weighted_avg#w", "string_stats#s", "top_hits#h", "top_metrics#t"}) {
    EXPECT_NE(answer.body.find("\"" + std::string(name) + "\""), std::string::npos) << name << answer.body;
  }
}

TEST_F(Metrics, OrderBuckets) {
  // Of the sensors 4 (1, 2, 4, 8) and 12 (100, 100, 101): by what the one has more of, it comes first.
  for (int i = 0; i < 3; ++i) world.add(12, start_ns + i * minute_ns, 100.0 + i / 2);
  world.store.seal();
  const auto first = [&](const std::string& metric, const std::string& order) {
    const json::value answer =
        ask(R"("terms":{"field":"sensor_id","order":{")" + order + R"(":"desc"}},"aggs":{"m":{)" + metric + "}}",
            "3_4,8_12");
    return std::string(answer.at("buckets").at(0).at("key").as_string());
  };
  EXPECT_EQ(first(R"("extended_stats":{"field":"value"})", "m.std_deviation"), "4");
  EXPECT_EQ(first(R"("extended_stats":{"field":"value"})", "m.std_upper_sampling"), "12");
  EXPECT_EQ(first(R"("percentile_ranks":{"field":"value","values":[5]})", "m.5"), "4");
  EXPECT_EQ(first(R"("percentile_ranks":{"field":"value","values":[5]})", "m[5.0]"), "4");
  EXPECT_EQ(first(R"("cardinality":{"field":"value"})", "m"), "4");
  EXPECT_EQ(first(R"("median_absolute_deviation":{"field":"value"})", "m.value"), "4");
  EXPECT_EQ(first(R"("boxplot":{"field":"value"})", "m.q3"), "12");
  EXPECT_EQ(first(R"("weighted_avg":{"value":{"field":"value"},"weight":{"field":"value"}})", "m"), "12");
  EXPECT_EQ(first(R"("top_metrics":{"metrics":{"field":"value"},"sort":{"timestamp":"asc"}})", "m.value"), "12");
  refuses(R"("terms":{"field":"sensor_id","order":{"m.std":"desc"}},"aggs":{"m":{"extended_stats":{"field":"value"}}})",
          "aggregation_execution_exception", "Invalid aggregation order path [m.std]");
}

TEST_F(Metrics, WhatIsNotANumberComesLastInBothDirections) {
  // The squares and the sum of these are infinite, and their quotient is not a number.
  world.add(12, start_ns, 1e308);
  world.add(12, start_ns + 1, 1.5e308);
  world.store.seal();
  for (const char* direction : {"asc", "desc"}) {
    const json::value answer = ask(R"("terms":{"field":"sensor_id","order":{"w":")" + std::string(direction) +
                                       R"("}},"aggs":{"w":{"weighted_avg":{"value":{"field":"value"},)"
                                       R"("weight":{"field":"value"}}}})",
                                   "3_4,3_5,8_12");
    EXPECT_EQ(answer.at("buckets").at(2).at("key"), "12");
    EXPECT_EQ(answer.at("buckets").at(2).at("w").at("value"), "NaN");
  }
}

TEST_F(Metrics, CountAgainstTheMemoryOfASearch) {
  world.add_sensor(20, 21, model::MappingType::long_integer);
  for (std::int64_t i = 0; i < 5'000; ++i) world.add(21, start_ns + i * 1'000'000, i);
  world.store.run_readings_max = 1'000;
  world.store.seal();
  world.limits.memory_bytes_max = 40'000;
  for (const char* metric :
       {R"("cardinality":{"field":"value"})", R"("boxplot":{"field":"value"})",
        R"("median_absolute_deviation":{"field":"value"})", R"("percentile_ranks":{"field":"value","values":[1]})"}) {
    const EsAnswer answer =
        world.ask("POST", "/20_21/_search", R"({"size":0,"aggs":{"a":{)" + std::string(metric) + "}}}");
    EXPECT_EQ(answer.status, 429u) << metric << answer.body;
  }
  for (const char* metric : {R"("extended_stats":{"field":"value"})", R"("top_hits":{"size":1})",
                             R"("weighted_avg":{"value":{"field":"value"},"weight":{"field":"value"}})",
                             R"("top_metrics":{"metrics":{"field":"value"},"sort":"timestamp"})"}) {
    const EsAnswer answer = world.ask(
        "POST", "/20_21/_search",
        R"({"size":0,"aggs":{"h":{"date_histogram":{"field":"timestamp","fixed_interval":"5ms"},"aggs":{"a":{)" +
            std::string(metric) + "}}}}}");
    EXPECT_EQ(answer.status, 429u) << metric << answer.body;
  }
}

}  // namespace
}  // namespace iot::query
