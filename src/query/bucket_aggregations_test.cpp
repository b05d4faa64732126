// What bucket aggregations answer, to the letter, over a small world: device 3 with sensor 4 (double: a reading each
// minute from 2018-01-01T00:00, value = minute), 5 (long: minute modulo 3), 6 (keyword: "a", "b" by turns, each hour),
// 7 (boolean), 8 (object), 9 (date), 10 (float), 11 (double: a reading on the first day of each month of 2018 and
// 2019).
#include <string>

#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;
constexpr std::int64_t start_ms = start_ns / 1'000'000;
constexpr std::int64_t minute_ns = 60'000'000'000;
constexpr std::int64_t hour_ns = 60 * minute_ns;
constexpr std::int64_t day_ns = 24 * hour_ns;

class BucketAggregations : public testing::Test {
 protected:
  BucketAggregations() {
    using model::MappingType;
    for (const auto& [sensor, mapping] : {std::pair(4, MappingType::double_precision),
                                          {5, MappingType::long_integer},
                                          {6, MappingType::keyword},
                                          {7, MappingType::boolean},
                                          {8, MappingType::object},
                                          {9, MappingType::date},
                                          {10, MappingType::single_precision},
                                          {11, MappingType::double_precision}}) {
      world.add_sensor(3, sensor, mapping);
    }
    for (std::int64_t i = 0; i < 100; ++i) {
      world.add(4, start_ns + i * minute_ns, static_cast<double>(i));
      world.add(5, start_ns + i * minute_ns, i % 3);
    }
    for (std::int64_t i = 0; i < 6; ++i) {
      world.add(6, start_ns + i * hour_ns, std::string(i % 2 ? "b" : "a"));
      world.add(7, start_ns + i * hour_ns, std::int64_t{i % 2});
      world.add(9, start_ns + i * hour_ns, start_ns + i * day_ns);
    }
    world.add(8, start_ns, std::string("{}"));
    world.add(10, start_ns, static_cast<double>(0.1F));
    std::int64_t day = 0;
    for (const int days :
         {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}) {
      world.add(11, start_ns + day * day_ns, static_cast<double>(days));
      day += days;
    }
    world.store.run_readings_max = 16;
    world.store.seal();
  }

  /// The text of the aggregation "a", the same with summaries and without.
  std::string ask(const std::string& definition, const std::string& index = "3_4", const std::string& query = {}) {
    const std::string body =
        R"({"size":0,)" + (query.empty() ? "" : R"("query":)" + query + ",") + R"("aggs":{"a":{)" + definition + "}}}";
    std::string first;
    for (const bool summaries : {true, false}) {
      world.store.gives_summaries = summaries;
      const EsAnswer answer = world.ask("POST", "/" + index + "/_search", body);
      EXPECT_EQ(answer.status, 200u) << body << answer.body;
      const auto at = answer.body.find(R"("aggregations":{"a":)");
      if (at == std::string::npos) return answer.body;
      std::string text = answer.body.substr(at + 20);
      text.resize(text.size() - 2);
      if (!first.empty()) {
        EXPECT_EQ(text, first) << body;
      }
      first = std::move(text);
    }
    return first;
  }

  void refuses(const std::string& definition, const std::string& type, const std::string& reason,
               const std::string& index = "3_4", unsigned status = 400) {
    const EsAnswer answer =
        world.ask("POST", "/" + index + "/_search", R"({"size":0,"aggs":{"a":{)" + definition + "}}}");
    EXPECT_EQ(answer.status, status) << definition << answer.body;
    EXPECT_NE(answer.body.find(reason), std::string::npos) << definition << "\n" << answer.body;
    EXPECT_NE(answer.body.find("\"" + type + "\""), std::string::npos) << definition << "\n" << answer.body;
  }

  QueryWorld world;
};

TEST_F(BucketAggregations, RangesOfNumbers) {
  EXPECT_EQ(ask(R"("range":{"field":"value","ranges":[{"from":50},{"to":10},{"from":"10","to":2e7,"key":"mid"}]})"),
            R"({"buckets":[{"key":"*-10.0","to":10.0,"doc_count":10},)"
            R"({"key":"mid","from":10.0,"to":2e+07,"doc_count":90},)"
            R"({"key":"50.0-*","from":50.0,"doc_count":50}]})");
  EXPECT_EQ(ask(R"("range":{"field":"value","keyed":true,"ranges":[{"from":98,"to":2e7}]},)"
                R"("aggs":{"m":{"max":{"field":"value"}}})"),
            R"({"buckets":{"98.0-2.0E7":{"from":98.0,"to":2e+07,"doc_count":2,"m":{"value":99.0}}}})");
  EXPECT_EQ(ask(R"("range":{"field":"nothing","missing":5,"ranges":[{"from":5},{"to":5}]})"),
            R"({"buckets":[{"key":"*-5.0","to":5.0,"doc_count":0},{"key":"5.0-*","from":5.0,"doc_count":100}]})");
  EXPECT_EQ(ask(R"("range":{"field":"value","ranges":{"from":1}})", "3_7"),
            R"({"buckets":[{"key":"true-*","from":1.0,"from_as_string":true,"doc_count":3}]})");
  EXPECT_EQ(ask(R"("range":{"field":"value","ranges":[{"to":0.1},{"from":0.1}]})", "3_10"),
            R"({"buckets":[{"key":"*-0.1","to":0.1,"doc_count":0},{"key":"0.1-*","from":0.1,"doc_count":1}]})");
}

TEST_F(BucketAggregations, RangesOfDates) {
  EXPECT_EQ(ask(R"("date_range":{"field":"timestamp","format":"yyyy-MM-dd HH:mm","time_zone":"+01:00","ranges":[)"
                R"({"to":"2018-01-01 01:10"},{"from":"2018-01-01 01:00||+10m","to":"2018-01-01 02:00","key":"k"}]})"),
            R"({"buckets":[{"key":"*-2018-01-01 01:10","to":1514765400000.0,"to_as_string":"2018-01-01 01:10",)"
            R"("doc_count":10},{"key":"k","from":1514765400000.0,"from_as_string":"2018-01-01 01:10",)"
            R"("to":1514768400000.0,"to_as_string":"2018-01-01 02:00","doc_count":50}]})");
  world.clock.set({start_ns + 100 * minute_ns});
  EXPECT_EQ(ask(R"("date_range":{"field":"timestamp","keyed":true,"ranges":[{"from":"now-1h"}]})"),
            R"({"buckets":{"2018-01-01T00:40:00.000Z-*":{"from":1514767200000.0,)"
            R"("from_as_string":"2018-01-01T00:40:00.000Z","doc_count":60}}})");
  EXPECT_EQ(ask(R"("date_range":{"field":"value","ranges":[{"from":1514764800000,"to":"2018-01-03"}]})", "3_9"),
            R"({"buckets":[{"key":"2018-01-01T00:00:00.000Z-2018-01-03T00:00:00.000Z","from":1514764800000.0,)"
            R"("from_as_string":"2018-01-01T00:00:00.000Z","to":1514937600000.0,)"
            R"("to_as_string":"2018-01-03T00:00:00.000Z","doc_count":2}]})");
}

TEST_F(BucketAggregations, RefusesRangesByName) {
  refuses(R"("range":{"field":"value"})", "illegal_argument_exception",
          "No [ranges] specified for the [a] aggregation");
  refuses(R"("range":{"field":"value","ranges":[{"above":1}]})", "x_content_parse_exception",
          "[range] unknown field [above]");
  refuses(R"("range":{"field":"value","ranges":[{"from":"x"}]})", "number_format_exception", "For input string");
  refuses(R"("range":{"field":"sensor_id","ranges":[{"from":1}]})", "illegal_argument_exception",
          "Field [sensor_id] of type [keyword] is not supported for aggregation [range]");
  refuses(R"("date_range":{"field":"timestamp","ranges":[{"from":"yesterday"}]})", "parse_exception", "yesterday");
  refuses(R"("range":{"field":"value","format":"0.0","ranges":[{"from":1}]})", "illegal_argument_exception",
          "[format] in aggregation [range] is not supported");
  std::string many = R"("range":{"field":"value","ranges":[{"from":1})";
  for (int i = 1; i < 1'024; ++i) many += R"(,{"from":1})";
  EXPECT_FALSE(ask(many + "]}").empty());
  refuses(many + R"(,{"from":1}]})", "illegal_argument_exception", "[ranges] takes at most [1024] ranges");
}

TEST_F(BucketAggregations, Filters) {
  const std::string low = R"({"range":{"value":{"lt":10}}})";
  const std::string all = R"({"match_all":{}})";
  EXPECT_EQ(ask(R"("filters":{"filters":{"z":)" + low + R"(,"b":)" + all + "}}"),
            R"({"buckets":{"b":{"doc_count":100},"z":{"doc_count":10}}})");
  EXPECT_EQ(ask(R"("filters":{"filters":[)" + low + R"(],"other_bucket":true},"aggs":{"m":{"min":{"field":"value"}}})"),
            R"({"buckets":[{"doc_count":10,"m":{"value":0.0}},{"doc_count":90,"m":{"value":10.0}}]})");
  EXPECT_EQ(ask(R"("filters":{"filters":{"low":)" + low + R"(},"other_bucket_key":"rest","keyed":false})"),
            R"({"buckets":[{"key":"low","doc_count":10},{"key":"rest","doc_count":90}]})");
  EXPECT_EQ(ask(R"("filters":{"filters":{"low":)" + low + R"(},"other_bucket":true})"),
            R"({"buckets":{"low":{"doc_count":10},"_other_":{"doc_count":90}}})");
  EXPECT_EQ(ask(R"("filters":{"filters":{"low":)" + low + R"(},"other_bucket":false,"other_bucket_key":"rest"})"),
            R"({"buckets":{"low":{"doc_count":10}}})");
  refuses(R"("filters":{"filters":[]})", "illegal_argument_exception", "[filters] cannot be empty.");
  refuses(R"("filters":{"filters":[{"match_all":{}}],"other":true})", "parsing_exception",
          "Unknown key for a VALUE_BOOLEAN in [a]: [other].");
}

TEST_F(BucketAggregations, GlobalLooksAtAllReadings) {
  EXPECT_EQ(ask(R"("global":{},"aggs":{"s":{"sum":{"field":"value"}},"t":{"terms":{"field":"sensor_id"}}})", "3_4,3_5",
                R"({"range":{"value":{"gte":90}}})"),
            R"({"doc_count":200,"t":{"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[)"
            R"({"key":"4","doc_count":100},{"key":"5","doc_count":100}]},"s":{"value":5049.0}})");
  EXPECT_EQ(ask(R"("global":{})", "3_4", R"({"match_none":{}})"), R"({"doc_count":100})");
  const json::value answer = search(
      world, R"({"size":0,"query":{"term":{"value":1}},"aggs":{"b":{"max":{"field":"value"}},"a":{"global":{}}}})",
      "/3_4/_search");
  EXPECT_EQ(json::serialize(answer.at("aggregations")), R"({"b":{"value":1E0},"a":{"doc_count":100}})");
  EXPECT_EQ(answer.at("hits").at("total").at("value"), 1);
  refuses(R"("terms":{"field":"value"},"aggs":{"g":{"global":{}}})", "illegal_argument_exception",
          "Aggregation [a] cannot have a global sub-aggregation [g]. Global aggregations can only be defined as top "
          "level aggregations");
  refuses(R"("global":{"query":{}})", "parsing_exception",
          "Expected [FIELD_NAME] under a [START_OBJECT], but got a [START_OBJECT] in [a]");
}

TEST_F(BucketAggregations, TellsWhichIndexFailedInsideAGlobalOne) {
  const json::value answer = search(
      world, R"({"size":0,"aggs":{"g":{"global":{},"aggs":{"m":{"avg":{"field":"value"}}}}}})", "/3_4,3_6/_search");
  EXPECT_EQ(answer.at("_shards").at("failed"), 1);
  EXPECT_EQ(answer.at("aggregations").at("g").at("doc_count"), 100);
}

TEST_F(BucketAggregations, CompositePages) {
  const std::string sources = R"("sources":[{"v":{"terms":{"field":"value","order":"desc"}}},)"
                              R"({"t":{"date_histogram":{"field":"timestamp","fixed_interval":"1h"}}}])";
  EXPECT_EQ(ask(R"("composite":{"size":2,)" + sources + R"(},"aggs":{"n":{"value_count":{"field":"value"}}})", "3_5"),
            R"({"after_key":{"v":2,"t":1514768400000},"buckets":[)"
            R"({"key":{"v":2,"t":1514764800000},"doc_count":20,"n":{"value":20}},)"
            R"({"key":{"v":2,"t":1514768400000},"doc_count":13,"n":{"value":13}}]})");
  EXPECT_EQ(ask(R"("composite":{"size":3,"after":{"v":2,"t":1514768400000},)" + sources + "}", "3_5"),
            R"({"after_key":{"v":0,"t":1514764800000},"buckets":[)"
            R"({"key":{"v":1,"t":1514764800000},"doc_count":20},{"key":{"v":1,"t":1514768400000},"doc_count":13},)"
            R"({"key":{"v":0,"t":1514764800000},"doc_count":20}]})");
  EXPECT_EQ(ask(R"("composite":{"after":{"v":0,"t":1514768400000},)" + sources + "}", "3_5"), R"({"buckets":[]})");
}

TEST_F(BucketAggregations, CompositeSourcesOfAllTypes) {
  EXPECT_EQ(ask(R"("composite":{"sources":[{"x":{"terms":{"field":"value"}}}]})", "3_6"),
            R"({"after_key":{"x":"b"},"buckets":[{"key":{"x":"a"},"doc_count":3},{"key":{"x":"b"},"doc_count":3}]})");
  EXPECT_EQ(
      ask(R"("composite":{"sources":[{"x":{"terms":{"field":"value","order":"desc"}}}]})", "3_7"),
      R"({"after_key":{"x":false},"buckets":[{"key":{"x":true},"doc_count":3},{"key":{"x":false},"doc_count":3}]})");
  EXPECT_EQ(ask(R"("composite":{"size":1,"sources":[{"x":{"terms":{"field":"value"}}}]})", "3_9"),
            R"({"after_key":{"x":1514764800000},"buckets":[{"key":{"x":1514764800000},"doc_count":1}]})");
  EXPECT_EQ(
      ask(R"("composite":{"size":2,"sources":[{"x":{"histogram":{"field":"value","interval":30,"order":"desc"}}}]})"),
      R"({"after_key":{"x":60.0},"buckets":[{"key":{"x":90.0},"doc_count":10},{"key":{"x":60.0},"doc_count":30}]})");
  EXPECT_EQ(ask(R"("composite":{"sources":[{"m":{"date_histogram":{"field":"timestamp","calendar_interval":"1h",)"
                R"("format":"yyyy-MM-dd HH:mm","time_zone":"Europe/Berlin","offset":"30m"}}},)"
                R"({"s":{"terms":{"field":"sensor_id"}}}]})"),
            R"({"after_key":{"m":"2018-01-01 02:30","s":"4"},"buckets":[)"
            R"({"key":{"m":"2018-01-01 00:30","s":"4"},"doc_count":30},)"
            R"({"key":{"m":"2018-01-01 01:30","s":"4"},"doc_count":60},)"
            R"({"key":{"m":"2018-01-01 02:30","s":"4"},"doc_count":10}]})");
  EXPECT_EQ(ask(R"("composite":{"size":1,"after":{"m":"2018-01-01 00"},"sources":[{"m":{"date_histogram":)"
                R"({"field":"timestamp","fixed_interval":"1h","format":"yyyy-MM-dd HH"}}}]})"),
            R"({"after_key":{"m":"2018-01-01 01"},"buckets":[{"key":{"m":"2018-01-01 01"},"doc_count":40}]})");
}

TEST_F(BucketAggregations, CompositeShowsWhatIsMissingWhereItIsAsked) {
  const auto page = [&](const std::string& options) {
    return ask(R"("composite":{"sources":[{"x":{"terms":{"field":"value")" + options + "}}}]}", "3_7,3_8");
  };
  const std::string no = R"({"key":{"x":false},"doc_count":3})";
  const std::string yes = R"({"key":{"x":true},"doc_count":3})";
  const std::string none = R"({"key":{"x":null},"doc_count":1})";
  const auto is = [](const std::string& last, const std::string& a, const std::string& b, const std::string& c) {
    return R"({"after_key":{"x":)" + last + R"(},"buckets":[)" + a + "," + b + (c.empty() ? "" : ",") + c + "]}";
  };
  EXPECT_EQ(page(""), is("true", no, yes, ""));
  EXPECT_EQ(page(R"(,"missing_bucket":true)"), is("true", none, no, yes));
  EXPECT_EQ(page(R"(,"missing_bucket":true,"order":"desc")"), is("null", yes, no, none));
  EXPECT_EQ(page(R"(,"missing_bucket":true,"missing_order":"last")"), is("null", no, yes, none));
  EXPECT_EQ(page(R"(,"missing_bucket":true,"missing_order":"first","order":"desc")"), is("false", none, yes, no));
  EXPECT_EQ(
      ask(R"("composite":{"after":{"x":null},"sources":[{"x":{"terms":{"field":"value","missing_bucket":true}}}]})",
          "3_7,3_8"),
      is("true", no, yes, ""));
}

TEST_F(BucketAggregations, CompositeForgetsWhatThePagePushesOut) {
  // Newest first over readings that come oldest first: each hour pushes one out.
  EXPECT_EQ(
      ask(R"("composite":{"size":1,"sources":[{"t":{"date_histogram":{"field":"timestamp","fixed_interval":"10m",)"
          R"("order":"desc"}}}]},"aggs":{"s":{"sum":{"field":"value"}},"f":{"filter":{"match_all":{}}}})"),
      R"({"after_key":{"t":1514770200000},"buckets":[{"key":{"t":1514770200000},"doc_count":10,)"
      R"("f":{"doc_count":10},"s":{"value":945.0}}]})");
}

TEST_F(BucketAggregations, CompositeDecodesOnlyWhatThePageNeeds) {
  const std::string page = R"({"size":0,"aggs":{"a":{"composite":{"size":2,"sources":[{"t":{"date_histogram":)"
                           R"({"field":"timestamp","fixed_interval":"10m"}}}]}}}})";
  world.store.gives_summaries = true;
  const auto before = world.store.blocks_decoded();
  search(world, page, "/3_4/_search");
  EXPECT_EQ(world.store.blocks_decoded() - before, 2u) << "runs of 16 minutes: the first 20 minutes lie in two";
  const auto later = world.store.blocks_decoded();
  search(world,
         R"({"size":0,"aggs":{"a":{"composite":{"after":{"t":1514769600000},"sources":[{"t":{"date_histogram":)"
         R"({"field":"timestamp","fixed_interval":"10m"}}}]}}}})",
         "/3_4/_search");
  EXPECT_EQ(world.store.blocks_decoded() - later, 1u) << "only one run holds readings of 01:20 and of 01:30";
}

TEST_F(BucketAggregations, RefusesCompositesByName) {
  const auto refused = [&](const std::string& body, const std::string& reason) {
    refuses(R"("composite":{)" + body + "}", "illegal_argument_exception", reason);
  };
  const std::string x = R"({"x":{"terms":{"field":"value"}}})";
  refused("", "Required [sources]");
  refused(R"("sources":[])", "Composite [sources] cannot be null or empty");
  refuses(
      R"("composite":{"sources":[)" + x + R"(],"after":{"x":"y"}})", "parse_exception",
      "Cannot set after key in the composite aggregation [a] - incompatible value in the position 0: For input string");
  refused(R"("sources":[)" + x + "," + x + "]", "Composite source names must be unique, found duplicates: [x]");
  refused(R"("sources":[)" + x + R"(],"after":{"y":1})", "Missing value for [after.x]");
  refused(R"("sources":[)" + x + R"(],"after":{})", "[after] has 0 value(s) but [sources] has 1");
  refused(R"("sources":[)" + x + R"(],"after":{"x":null})",
          "Invalid value for [after.x], expected comparable, got [null]");
  refused(R"("sources":[{"x":{"terms":{"field":"value","missing_order":"last"}}}])",
          "missingOrder can only be set if missingBucket is true");
  refused(R"("size":0,"sources":[)" + x + "]", "[size] must be greater than 0");
  refuses(R"("composite":{"size":70000,"sources":[)" + x + "]}", "too_many_buckets_exception", "but was [70000]");
  refuses(R"("composite":{"sources":[{"x":{"geotile_grid":{"field":"value"}}}]})", "parsing_exception",
          "invalid source type: geotile_grid");
  refuses(R"("composite":{"sources":[{"x":{"terms":{"field":"value","missing":1}}}]})", "x_content_parse_exception",
          "[terms] unknown field [missing]");
  refuses(R"("terms":{"field":"value"},"aggs":{"c":{"composite":{"sources":[)" + x + "]}}}",
          "illegal_argument_exception",
          "[composite] aggregation cannot be used with a parent aggregation of type: [TermsAggregatorFactory]");
  EXPECT_EQ(ask(R"("filter":{"term":{"value":7}},"aggs":{"c":{"composite":{"sources":[)" + x + "]}}}"),
            R"({"doc_count":1,"c":{"after_key":{"x":7.0},"buckets":[{"key":{"x":7.0},"doc_count":1}]}})");
}

TEST_F(BucketAggregations, AutoDateHistogramChoosesTheInterval) {
  EXPECT_EQ(ask(R"("auto_date_histogram":{"field":"timestamp","buckets":4},"aggs":{"s":{"sum":{"field":"value"}}})"),
            R"({"buckets":[{"key_as_string":"2018-01-01T00:00:00.000Z","key":1514764800000,"doc_count":30,)"
            R"("s":{"value":435.0}},{"key_as_string":"2018-01-01T00:30:00.000Z","key":1514766600000,"doc_count":30,)"
            R"("s":{"value":1335.0}},{"key_as_string":"2018-01-01T01:00:00.000Z","key":1514768400000,"doc_count":30,)"
            R"("s":{"value":2235.0}},{"key_as_string":"2018-01-01T01:30:00.000Z","key":1514770200000,"doc_count":10,)"
            R"("s":{"value":945.0}}],"interval":"30m"})");
  const auto interval = [&](const std::string& options, const std::string& index) {
    const json::value answer = json::parse(ask(R"("auto_date_histogram":{"field":"timestamp")" + options + "}", index));
    return std::to_string(answer.at("buckets").get_array().size()) + " of " +
           std::string(answer.at("interval").get_string());
  };
  EXPECT_EQ(interval("", "3_4"), "10 of 10m");
  EXPECT_EQ(interval(R"(,"buckets":1)", "3_4"), "1 of 3h");
  EXPECT_EQ(interval(R"(,"buckets":2000)", "3_4"), "1189 of 5s");
  EXPECT_EQ(interval(R"(,"minimum_interval":"hour")", "3_4"), "2 of 1h");
  EXPECT_EQ(interval(R"(,"minimum_interval":"year")", "3_4"), "1 of 1y");
  EXPECT_EQ(interval("", "3_11"), "8 of 3M");
  EXPECT_EQ(interval(R"(,"buckets":2)", "3_11"), "2 of 1y");
  EXPECT_EQ(interval(R"(,"buckets":24)", "3_11"), "24 of 1M");
  EXPECT_EQ(interval(R"(,"buckets":110)", "3_11"), "100 of 7d");
  EXPECT_EQ(ask(R"("auto_date_histogram":{"field":"nothing"})"), R"({"buckets":[],"interval":"1s"})");
  EXPECT_EQ(
      ask(R"("auto_date_histogram":{"field":"timestamp","minimum_interval":"day"})", "3_4", R"({"match_none":{}})"),
      R"({"buckets":[],"interval":"1d"})");
  EXPECT_EQ(
      ask(R"("auto_date_histogram":{"field":"timestamp","buckets":1,"format":"yyyy-MM-dd HH:mm",)"
          R"("time_zone":"+05:30","minimum_interval":"day"})"),
      R"({"buckets":[{"key_as_string":"2018-01-01 00:00","key":1514745000000,"doc_count":100}],"interval":"1d"})");
}

TEST_F(BucketAggregations, RefusesAutoDateHistogramsByName) {
  refuses(R"("auto_date_histogram":{"field":"timestamp","buckets":0})", "illegal_argument_exception",
          "buckets must be greater than 0 for [a]");
  EXPECT_FALSE(ask(R"("auto_date_histogram":{"field":"timestamp","buckets":2184})").empty());
  refuses(R"("auto_date_histogram":{"field":"timestamp","buckets":2185})", "illegal_argument_exception",
          "buckets must be less than 2184");
  refuses(R"("auto_date_histogram":{"field":"timestamp","minimum_interval":"week"})", "illegal_argument_exception",
          "minimum_interval must be one of [");
  refuses(R"("auto_date_histogram":{"field":"sensor_id"})", "illegal_argument_exception",
          "Field [sensor_id] of type [keyword] is not supported for aggregation [auto_date_histogram]");
}

TEST_F(BucketAggregations, AutoDateHistogramPassesOverRunsOnceItsBucketsAreLong) {
  world.store.gives_summaries = true;
  const auto before = world.store.blocks_decoded();
  search(world, R"({"size":0,"aggs":{"a":{"auto_date_histogram":{"field":"timestamp","buckets":1}}}})", "/3_4/_search");
  EXPECT_LE(world.store.blocks_decoded() - before, 4u) << "of seven";
}

TEST_F(BucketAggregations, RatePerUnit) {
  const auto rate = [&](const std::string& interval, const std::string& options, const std::string& index = "3_4") {
    const json::value answer = json::parse(
        ask(R"("date_histogram":{"field":"timestamp",)" + interval + R"(},"aggs":{"r":{"rate":{)" + options + "}}}",
            index));
    return json::serialize(answer.at("buckets").at(1).at("r"));
  };
  EXPECT_EQ(rate(R"("fixed_interval":"30m")", R"("unit":"minute")"), R"({"value":1E0})");
  EXPECT_EQ(rate(R"("fixed_interval":"30m")", ""), R"({"value":3E1})") << "without a unit, the bucket's own length";
  EXPECT_EQ(rate(R"("fixed_interval":"30m")", R"("unit":"hour","field":"value")"), R"({"value":2.67E3})");
  EXPECT_EQ(rate(R"("fixed_interval":"30m")", R"("unit":"hour","field":"value","mode":"value_count")"),
            R"({"value":6E1})");
  EXPECT_EQ(rate(R"("calendar_interval":"month")", R"("unit":"day","field":"value")", "3_11"), R"({"value":1E0})")
      << "28 in the 28 days of February";
  EXPECT_EQ(rate(R"("calendar_interval":"quarter")", R"("unit":"month","field":"value")", "3_11"),
            json::serialize(json::value{{"value", 91.0 / 3}}));
  EXPECT_EQ(
      ask(R"("composite":{"size":1,"sources":[{"t":{"date_histogram":{"field":"timestamp","calendar_interval":"day"}}}]},)"
          R"("aggs":{"r":{"rate":{"unit":"hour"}}})"),
      R"({"after_key":{"t":1514764800000},"buckets":[{"key":{"t":1514764800000},"doc_count":100,)"
      R"("r":{"value":4.166666666666667}}]})");
  EXPECT_EQ(
      ask(R"("date_histogram":{"field":"timestamp","fixed_interval":"100m"},)"
          R"("aggs":{"t":{"terms":{"field":"sensor_id"},"aggs":{"r":{"rate":{"unit":"minute"}}}}})"),
      R"({"buckets":[{"key_as_string":"2017-12-31T22:40:00.000Z","key":1514760000000,"doc_count":20,"t":)"
      R"({"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[{"key":"4","doc_count":20,)"
      R"("r":{"value":0.2}}]}},{"key_as_string":"2018-01-01T00:20:00.000Z","key":1514766000000,"doc_count":80,"t":)"
      R"({"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[{"key":"4","doc_count":80,)"
      R"("r":{"value":0.8}}]}}]})");
}

TEST_F(BucketAggregations, RefusesRatesByName) {
  const auto refused = [&](const std::string& interval, const std::string& options, const std::string& reason) {
    refuses(R"("date_histogram":{"field":"timestamp",)" + interval + R"(},"aggs":{"r":{"rate":{)" + options + "}}}",
            "illegal_argument_exception", reason);
  };
  refuses(R"("rate":{"unit":"day"})", "illegal_argument_exception",
          "The rate aggregation can only be used inside a date histogram aggregation");
  refused(R"("fixed_interval":"1d")", R"("unit":"month")",
          "Cannot use month-based rate unit [month] with fixed interval");
  refused(R"("calendar_interval":"1d")", R"("unit":"year")",
          "Cannot use month-based rate unit [year] with non-month based calendar interval histogram [day]");
  refused(R"("fixed_interval":"1d")", R"("unit":"fortnight")", "Unsupported unit fortnight");
  refused(R"("fixed_interval":"1d")", R"("mode":"sum")", "The mode parameter is only supported with field or script");
  refused(R"("fixed_interval":"1d")", R"("field":"timestamp")",
          "Field [timestamp] of type [date_nanos] is not supported for aggregation [rate]");
  refuses(
      R"("date_histogram":{"field":"timestamp","calendar_interval":"month"},"aggs":{"t":{"terms":{"field":"value"},)"
      R"("aggs":{"r":{"rate":{"unit":"day"}}}}})",
      "illegal_argument_exception",
      "Cannot use non month-based rate unit [day] with calendar interval histogram [month]");
  refuses(R"("composite":{"sources":[{"x":{"terms":{"field":"value"}}}]},"aggs":{"r":{"rate":{"unit":"day"}}})",
          "illegal_argument_exception",
          "the ancestor composite aggregation [a] must have exactly one date_histogram group by");
}

TEST_F(BucketAggregations, NamesTypesWhereAsked) {
  const EsAnswer answer = world.ask(
      "POST", "/3_4/_search",
      R"({"size":0,"aggs":{"r":{"range":{"field":"value","ranges":[{"from":1}]}},"d":{"date_range":{"field":"timestamp","ranges":[{"from":1}]}},"f":{"filters":{"filters":[{"match_all":{}}]}},"g":{"global":{}},"c":{"composite":{"sources":[{"x":{"terms":{"field":"value"}}}]}},"h":{"auto_date_histogram":{"field":"timestamp"}}}})",
      {{"typed_keys", "true"}});
  for (const std::string name :
       {"range#r", "date_range#d", "filters#f", "global#g", "composite#c", "auto_date_histogram#h"}) {
    EXPECT_NE(answer.body.find("\"" + name + "\""), std::string::npos) << name << answer.body;
  }
}

TEST_F(BucketAggregations, CountsFixedBucketsAtTheLimit) {
  world.limits.buckets_max = 2;
  EXPECT_FALSE(ask(R"("range":{"field":"value","ranges":[{"from":1},{"from":2}]})").empty());
  refuses(R"("range":{"field":"value","ranges":[{"from":1},{"from":2},{"from":3}]})", "too_many_buckets_exception",
          "[2]");
}

TEST_F(BucketAggregations, StopsAtItsMemoryBound) {
  world.limits.memory_bytes_max = 8'192;
  for (const std::string definition :
       {R"("composite":{"size":100,"sources":[{"x":{"terms":{"field":"value"}}}]})",
        R"("terms":{"field":"value"},"aggs":{"b":{"filters":{"filters":[{"match_all":{}}]}}})",
        R"("terms":{"field":"value"},"aggs":{"b":{"auto_date_histogram":{"field":"timestamp"}}})"}) {
    refuses(definition, "circuit_breaking_exception", "Data too large", "3_4", 429);
  }
}

}  // namespace
}  // namespace iot::query
