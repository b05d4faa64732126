// Fields inside object values, in queries, sorts, aggregations, shown fields and mappings: sensor 4 has weather
// stations' objects a minute apart, sensor 5 is a number beside it; further sensors are made where they are needed.
#include <algorithm>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "query/objects/object_reader.h"
#include "query/row_export.h"
#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;
constexpr std::int64_t minute_ns = 60'000'000'000;

class ObjectFields : public testing::Test {
 protected:
  ObjectFields() {
    world.add_sensor(3, 4, model::MappingType::object);
    world.add_sensor(3, 5, model::MappingType::double_precision);
    const std::vector<std::string> stations{
        R"({"n":3,"temp":20.5,"name":"North Roof","ok":true,"at":"2018-01-01T00:00:00Z","position":{"lat":52.5,"lon":13.4},"tags":["a","b"],"levels":[1,5,5]})",
        R"({"n":1,"temp":21,"name":"South Roof","ok":false,"at":"2018-01-02T06:00:00Z","position":{"lat":48.1,"lon":11.6},"tags":["b"],"levels":[2]})",
        R"({"n":2,"temp":-3.25,"name":"Cellar","ok":true,"at":"2018-01-02T18:30:00Z","tags":[],"levels":[]})",
        R"({"n":7,"name":"Yard","position.lat":50.0,"tags":["c","a","c"],"levels":[9,1],"temp":null})",
    };
    for (std::size_t i = 0; i < stations.size(); ++i) {
      world.add(4, start_ns + static_cast<std::int64_t>(i) * minute_ns, stations[i]);
    }
    world.add(5, start_ns, 1.0);
    world.store.run_readings_max = 3;
    world.store.seal();
    world.keep_contexts();
  }

  /// A sensor with these objects, a minute apart; returns its index.
  std::string add(const std::vector<std::string>& objects) {
    const std::int64_t sensor = next_++;
    world.add_sensor(3, sensor, model::MappingType::object);
    for (std::size_t i = 0; i < objects.size(); ++i) {
      world.add(sensor, start_ns + static_cast<std::int64_t>(i) * minute_ns, objects[i]);
    }
    world.store.seal();
    return "3_" + std::to_string(sensor);
  }

  std::int64_t count(const std::string& query, const std::string& index = "3_4") {
    return search(world, R"({"query":)" + query + "}", "/" + index + "/_count").at("count").to_number<std::int64_t>();
  }

  json::value aggregate(const std::string& aggregation, const std::string& index = "3_4") {
    return search(world, R"({"size":0,"aggs":{"a":{)" + aggregation + "}}}", "/" + index + "/_search")
        .at("aggregations")
        .at("a");
  }

  void expect(const std::string& aggregation, const std::string& wanted, const std::string& index = "3_4") {
    const json::value found = aggregate(aggregation, index);
    EXPECT_TRUE(nearly_equal(found, json::parse(wanted))) << aggregation << "\n" << json::serialize(found);
  }

  /// The readings' minutes in the order of `sort`, and their sort values.
  std::string sorted(const std::string& sort, const std::string& index = "3_4") {
    const json::value answer = search(world,
                                      R"({"_source":false,"docvalue_fields":[{"field":"timestamp","format":"m"}],)"
                                      R"("sort":)" +
                                          sort + "}",
                                      "/" + index + "/_search");
    std::string order;
    for (const json::value& hit : answer.at("hits").at("hits").as_array()) {
      order += std::string(hit.at("fields").at("timestamp").at(0).as_string()) + json::serialize(hit.at("sort"));
    }
    return order;
  }

  std::string shown(const std::string& part, const std::string& member, const std::string& index = "3_4") {
    const json::value answer =
        search(world, "{" + part + R"(,"size":1,"sort":["timestamp"]})", "/" + index + "/_search");
    const auto& hit = answer.at("hits").at("hits").at(0).as_object();
    const json::value* const found = hit.if_contains(member);
    return found ? json::serialize(*found) : "";
  }

  std::string refused(const std::string& body, const std::string& index = "3_4", unsigned status = 400) {
    const EsAnswer answer = world.ask("POST", "/" + index + "/_search", body);
    EXPECT_EQ(answer.status, status) << body << answer.body;
    return answer.body;
  }

  QueryWorld world;
  std::int64_t next_ = 10;
};

TEST_F(ObjectFields, AreQueriedByTheirTypes) {
  EXPECT_EQ(count(R"({"term":{"value.n":1}})"), 1);
  EXPECT_EQ(count(R"({"terms":{"value.n":[1,7,8]}})"), 2);
  EXPECT_EQ(count(R"({"range":{"value.temp":{"gt":-3.25,"lt":21}}})"), 1);
  EXPECT_EQ(count(R"({"range":{"value.n":{"gte":1.5}}})"), 3);
  EXPECT_EQ(count(R"({"term":{"value.ok":true}})"), 2);
  EXPECT_EQ(count(R"({"term":{"value.ok":"false"}})"), 1);
  EXPECT_EQ(count(R"({"range":{"value.at":{"gte":"2018-01-02","lt":"2018-01-02T12:00:00Z"}}})"), 1);
  EXPECT_EQ(count(R"({"term":{"value.at":"2018-01-01T00:00:00.000Z"}})"), 1);
  EXPECT_EQ(count(R"({"term":{"value.position.lat":50}})"), 1);
  EXPECT_EQ(count(R"({"range":{"value.position.lat":{"gte":50}}})"), 2);
}

TEST_F(ObjectFields, TextsAreLookedForByWordsAndKeywordsAsTheyAre) {
  EXPECT_EQ(count(R"({"match":{"value.name":"roof"}})"), 2);
  EXPECT_EQ(count(R"({"match":{"value.name":{"query":"north roof","operator":"and"}}})"), 1);
  EXPECT_EQ(count(R"({"match_phrase":{"value.name":"roof north"}})"), 0);
  EXPECT_EQ(count(R"({"match_phrase":{"value.name":"south roof"}})"), 1);
  EXPECT_EQ(count(R"({"term":{"value.name":"Cellar"}})"), 0);
  EXPECT_EQ(count(R"({"term":{"value.name":"cellar"}})"), 1);
  EXPECT_EQ(count(R"({"term":{"value.name.keyword":"Cellar"}})"), 1);
  EXPECT_EQ(count(R"({"prefix":{"value.name.keyword":"No"}})"), 1);
  EXPECT_EQ(count(R"({"prefix":{"value.name":"no"}})"), 1);
  EXPECT_EQ(count(R"({"wildcard":{"value.name.keyword":"*Roof"}})"), 2);
  EXPECT_EQ(count(R"({"multi_match":{"query":"yard","fields":["value.name","value.tags"]}})"), 1);
  EXPECT_EQ(count(R"({"multi_match":{"query":"b","fields":["value.t*"],"lenient":true}})"), 2);
}

TEST_F(ObjectFields, AreNamedInQueriesTypedAsText) {
  const auto of = [](const std::string& text) { return R"({"query_string":{"query":")" + text + R"("}})"; };
  EXPECT_EQ(count(of("value.name:roof AND value.n:>1")), 1);
  EXPECT_EQ(count(of("value.name.keyword:Cel*")), 1);
  EXPECT_EQ(count(of("value.temp:[20 TO 21}")), 1);
  EXPECT_EQ(count(of("_exists_:value.position.lat")), 3);
  EXPECT_EQ(count(of("value.\\\\*:roof")), 2);
  // Words that name no field are looked for in all.
  EXPECT_EQ(count(of("cellar")), 1);
  EXPECT_EQ(
      count(R"({"simple_query_string":{"query":"roof -south","fields":["value.name"],"default_operator":"and"}})"), 1);
}

TEST_F(ObjectFields, ExistWhereAReadingHasAValue) {
  EXPECT_EQ(count(R"({"exists":{"field":"value.temp"}})"), 3);
  EXPECT_EQ(count(R"({"exists":{"field":"value.tags"}})"), 3);
  EXPECT_EQ(count(R"({"exists":{"field":"value.position"}})"), 3);
  EXPECT_EQ(count(R"({"exists":{"field":"value.pos*"}})"), 3);
  EXPECT_EQ(count(R"({"exists":{"field":"value.none"}})"), 0);
  EXPECT_EQ(count(R"({"bool":{"must_not":[{"exists":{"field":"value.temp"}}]}})"), 1);
  const std::string index = add({R"({"a":null,"b":[],"c":{}})", R"({"a":[null,1]})", "{}"});
  EXPECT_EQ(count(R"({"exists":{"field":"value"}})", index), 1);
}

TEST_F(ObjectFields, ANegatedConditionHoldsWhereNoValueFits) {
  EXPECT_EQ(count(R"({"bool":{"must_not":[{"term":{"value.tags":"a"}}]}})"), 2);
  EXPECT_EQ(count(R"({"bool":{"must_not":[{"range":{"value.levels":{"gte":2}}}]}})"), 1);
}

TEST_F(ObjectFields, OneValueOfSeveralHasToFitARange) {
  // 9 and 1, but none between.
  EXPECT_EQ(count(R"({"range":{"value.levels":{"gt":1,"lt":9}}})"), 2);
}

TEST_F(ObjectFields, ARangeOfEverythingWantsAValueToo) {
  for (const std::string field : {"value.temp", "value.at", "value.ok", "value.name.keyword"}) {
    const std::int64_t with = field == "value.name.keyword" ? 4 : 3;
    EXPECT_EQ(count(R"({"range":{")" + field + R"(":{}}})"), with) << field;
  }
  EXPECT_EQ(count(R"({"range":{"value.levels":{"gte":-1e30}}})"), 3);
  EXPECT_EQ(count(R"({"match":{"value.tags":{"query":"?!","zero_terms_query":"all"}}})"), 4);
}

TEST_F(ObjectFields, UnmappedOnesMatchNothing) {
  EXPECT_EQ(count(R"({"term":{"value.none":1}})"), 0);
  EXPECT_EQ(count(R"({"term":{"value.position":1}})"), 0);
  EXPECT_EQ(count(R"({"term":{"value.n":1}})", "3_5"), 0);
  EXPECT_EQ(count(R"({"term":{"value.n.keyword":1}})"), 0);
}

TEST_F(ObjectFields, ValuesThatDoNotFitTheQueryAreRefused) {
  EXPECT_NE(refused(R"({"query":{"term":{"value.n":"x"}}})").find("number_format_exception"), std::string::npos);
  EXPECT_NE(refused(R"({"query":{"prefix":{"value.n":"x"}}})").find("not on [value.n] which is of type [long]"),
            std::string::npos);
  EXPECT_NE(refused(R"({"query":{"geo_bounding_box":{"value.position":{"top":1,"left":0,"bottom":0,"right":1}}}})")
                .find("failed to find geo field [value.position]"),
            std::string::npos);
}

TEST_F(ObjectFields, AreSummedUp) {
  expect(R"("stats":{"field":"value.temp"})", R"({"count":3,"min":-3.25,"max":21.0,"avg":12.75,"sum":38.25})");
  expect(R"("sum":{"field":"value.n"})", R"({"value":13.0})");
  // Every element of an array counts, equal ones too.
  expect(R"("sum":{"field":"value.levels"})", R"({"value":23.0})");
  expect(R"("value_count":{"field":"value.levels"})", R"({"value":6})");
  expect(R"("value_count":{"field":"value.tags.keyword"})", R"({"value":5})");
  expect(R"("cardinality":{"field":"value.tags.keyword"})", R"({"value":3})");
  expect(R"("max":{"field":"value.at"})", R"({"value":1.5149178E12,"value_as_string":"2018-01-02T18:30:00.000Z"})");
  expect(R"("avg":{"field":"value.none"})", R"({"value":null})");
  expect(R"("percentiles":{"field":"value.levels","percents":[50]})", R"({"values":{"50.0":3.5}})");
  expect(R"("string_stats":{"field":"value.tags.keyword"})",
         R"({"count":5,"min_length":1,"max_length":1,"avg_length":1.0,"entropy":1.5219280948873621})");
}

TEST_F(ObjectFields, MissingStandsInForReadingsWithoutTheField) {
  expect(R"("avg":{"field":"value.temp","missing":1.75})", R"({"value":10.0})");
  expect(R"("sum":{"field":"value.levels","missing":0.5})", R"({"value":23.5})");
  expect(R"("terms":{"field":"value.tags.keyword","missing":"none","order":{"_key":"asc"}})",
         R"({"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[{"key":"a","doc_count":2},
            {"key":"b","doc_count":2},{"key":"c","doc_count":1},{"key":"none","doc_count":1}]})");
  expect(R"("missing":{"field":"value.temp"},"aggs":{"n":{"sum":{"field":"value.n"}}})",
         R"({"doc_count":1,"n":{"value":7.0}})");
  expect(R"("missing":{"field":"value.position"})", R"({"doc_count":4})");
}

TEST_F(ObjectFields, ANumberInABooleansPlaceKeepsItsValue) {
  expect(R"("sum":{"field":"value.ok","missing":5})", R"({"value":7.0,"value_as_string":"true"})");
  expect(R"("terms":{"field":"value.ok","missing":5,"order":{"_key":"asc"}})",
         R"({"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[
            {"key":0,"key_as_string":"false","doc_count":1},{"key":1,"key_as_string":"true","doc_count":2},
            {"key":5,"key_as_string":"true","doc_count":1}]})");
  expect(R"("sum":{"field":"value.ok","missing":true})", R"({"value":3.0,"value_as_string":"true"})");
  for (const std::string field : {"ok", "at"}) {
    EXPECT_NE(
        refused(R"({"aggs":{"a":{"sum":{"field":"value.)" + field + R"(","missing":1.5}}}})").find("not supported"),
        std::string::npos);
  }
}

TEST_F(ObjectFields, MakeBuckets) {
  expect(R"("terms":{"field":"value.levels"})",
         R"({"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[{"key":1,"doc_count":2},
            {"key":2,"doc_count":1},{"key":5,"doc_count":1},{"key":9,"doc_count":1}]})");
  expect(R"("terms":{"field":"value.ok"})",
         R"({"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[
            {"key":1,"key_as_string":"true","doc_count":2},{"key":0,"key_as_string":"false","doc_count":1}]})");
  // A reading is once in a bucket, however many of its values fall into it.
  expect(R"("histogram":{"field":"value.levels","interval":10})", R"({"buckets":[{"key":0.0,"doc_count":3}]})");
  expect(R"("date_histogram":{"field":"value.at","calendar_interval":"day"})",
         R"({"buckets":[{"key_as_string":"2018-01-01T00:00:00.000Z","key":1514764800000,"doc_count":1},
            {"key_as_string":"2018-01-02T00:00:00.000Z","key":1514851200000,"doc_count":2}]})");
  expect(R"("range":{"field":"value.temp","ranges":[{"to":0},{"from":20}]})",
         R"({"buckets":[{"key":"*-0.0","to":0.0,"doc_count":1},{"key":"20.0-*","from":20.0,"doc_count":2}]})");
}

TEST_F(ObjectFields, InsideABucketWholeReadingsAreSeen) {
  expect(R"("terms":{"field":"value.tags.keyword","order":{"_key":"asc"}},"aggs":{
            "n":{"sum":{"field":"value.n"}},"levels":{"value_count":{"field":"value.levels"}},
            "when":{"max":{"field":"timestamp"}}})",
         R"({"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[
            {"key":"a","doc_count":2,"n":{"value":10.0},"levels":{"value":5},
             "when":{"value":1514764980000.0,"value_as_string":"2018-01-01T00:03:00.000Z"}},
            {"key":"b","doc_count":2,"n":{"value":4.0},"levels":{"value":4},
             "when":{"value":1514764860000.0,"value_as_string":"2018-01-01T00:01:00.000Z"}},
            {"key":"c","doc_count":1,"n":{"value":7.0},"levels":{"value":2},
             "when":{"value":1514764980000.0,"value_as_string":"2018-01-01T00:03:00.000Z"}}]})");
  // 1, 5 and 5 are one reading, not three.
  expect(R"("histogram":{"field":"value.levels","interval":10},"aggs":{"n":{"sum":{"field":"value.n"}}})",
         R"({"buckets":[{"key":0.0,"doc_count":3,"n":{"value":11.0}}]})");
  const json::value top = aggregate(
      R"("terms":{"field":"value.levels","size":1},"aggs":{"t":{"top_hits":{"size":5,"sort":["timestamp"],"_source":["value.n"]}}})");
  EXPECT_EQ(json::serialize(top.at("buckets").at(0).at("t").at("hits").at("hits").at(1).at("_source")),
            R"({"value":{"n":7}})");
}

TEST_F(ObjectFields, AreCountedInTheReadingsThatMatch) {
  // Of the three that are one run, the second and the third: where they stand matters.
  const auto count_of_levels = [this](const std::string& more) {
    const json::value answer =
        search(world,
               R"({"size":0,"query":{"range":{"timestamp":{"gte":"2018-01-01T00:01:00Z"}}},"aggs":{)" + more +
                   R"("c":{"value_count":{"field":"value.levels"}}}})",
               "/3_4/_search");
    EXPECT_EQ(answer.at("hits").at("total").at("value"), 3);
    return answer.at("aggregations").at("c").at("value").to_number<std::int64_t>();
  };
  EXPECT_EQ(count_of_levels(""), 3);
  EXPECT_EQ(count_of_levels(R"("t":{"top_hits":{"size":1,"sort":[{"timestamp":"desc"}]}},)"), 3)
      << "readings that are older than those shown are counted too";
}

TEST_F(ObjectFields, PartAFilterAndATimeHistogram) {
  expect(R"("filter":{"term":{"value.ok":true}},"aggs":{"n":{"sum":{"field":"value.n"}}})",
         R"({"doc_count":2,"n":{"value":5.0}})");
  expect(
      R"("date_histogram":{"field":"timestamp","fixed_interval":"2m"},"aggs":{"t":{"max":{"field":"value.temp"}}})",
      R"({"buckets":[{"key_as_string":"2018-01-01T00:00:00.000Z","key":1514764800000,"doc_count":2,"t":{"value":21.0}},
            {"key_as_string":"2018-01-01T00:02:00.000Z","key":1514764920000,"doc_count":2,"t":{"value":-3.25}}]})");
}

TEST_F(ObjectFields, WeighAMean) {
  expect(R"("weighted_avg":{"value":{"field":"value.levels"},"weight":{"field":"value.n"}})",
         R"({"value":)" + std::to_string((3.0 * 11 + 2 + 7.0 * 10) / (9 + 1 + 14)) + "}");
  EXPECT_NE(
      refused(R"({"aggs":{"a":{"weighted_avg":{"value":{"field":"value.n"},"weight":{"field":"value.levels"}}}}})")
          .find("more than one weight"),
      std::string::npos);
}

TEST_F(ObjectFields, AreTopMetrics) {
  expect(
      R"("top_metrics":{"metrics":[{"field":"value.temp"},{"field":"value.name.keyword"}],"sort":{"value.n":"asc"}})",
      R"({"top":[{"sort":[1],"metrics":{"value.temp":21.0,"value.name.keyword":"South Roof"}}]})");
  expect(R"("top_metrics":{"metrics":{"field":"value.temp"},"sort":{"timestamp":"desc"}})",
         R"({"top":[{"sort":["2018-01-01T00:03:00.000Z"],"metrics":{"value.temp":null}}]})");
  // What lacks the sort's field is not among the first.
  expect(R"("top_metrics":{"metrics":{"field":"value.n"},"size":9,"sort":{"value.temp":"asc"}})",
         R"({"top":[{"sort":[-3.25],"metrics":{"value.n":2}},{"sort":[20.5],"metrics":{"value.n":3}},
            {"sort":[21.0],"metrics":{"value.n":1}}]})");
}

TEST_F(ObjectFields, AreSourcesOfComposite) {
  expect(
      R"("composite":{"sources":[{"t":{"terms":{"field":"value.tags.keyword"}}},{"l":{"histogram":{"field":"value.levels","interval":5}}}]})",
      R"({"after_key":{"t":"c","l":5.0},"buckets":[
            {"key":{"t":"a","l":0.0},"doc_count":2},{"key":{"t":"a","l":5.0},"doc_count":2},
            {"key":{"t":"b","l":0.0},"doc_count":2},{"key":{"t":"b","l":5.0},"doc_count":1},
            {"key":{"t":"c","l":0.0},"doc_count":1},{"key":{"t":"c","l":5.0},"doc_count":1}]})");
  expect(R"("composite":{"size":1,"sources":[{"t":{"terms":{"field":"value.tags.keyword","missing_bucket":true}}}]},
            "aggs":{"n":{"sum":{"field":"value.n"}}})",
         R"({"after_key":{"t":null},"buckets":[{"key":{"t":null},"doc_count":1,"n":{"value":2.0}}]})");
}

TEST_F(ObjectFields, TextsCannotBeAggregatedOrSortedBy) {
  EXPECT_NE(refused(R"({"aggs":{"a":{"terms":{"field":"value.name"}}}})").find("Fielddata is disabled on [value.name]"),
            std::string::npos);
  EXPECT_NE(refused(R"({"sort":["value.name"]})").find("Fielddata is disabled on [value.name]"), std::string::npos);
  EXPECT_NE(refused(R"({"docvalue_fields":["value.name"]})").find("Fielddata is disabled on [value.name]"),
            std::string::npos);
  EXPECT_NE(refused(R"({"aggs":{"a":{"avg":{"field":"value.name.keyword"}}}})")
                .find("Field [value.name.keyword] of type [keyword] is not supported for aggregation [avg]"),
            std::string::npos);
}

TEST_F(ObjectFields, Sort) {
  EXPECT_EQ(sorted(R"([{"value.n":"asc"}])"), "1[1]2[2]0[3]3[7]");
  EXPECT_EQ(sorted(R"([{"value.temp":"desc"}])"), "1[2.1E1]0[2.05E1]2[-3.25E0]3[\"-Infinity\"]");
  EXPECT_EQ(sorted(R"([{"value.temp":{"order":"asc","missing":20.75}}])"), "2[-3.25E0]0[2.05E1]3[2.075E1]1[2.1E1]");
  EXPECT_EQ(sorted(R"([{"value.name.keyword":"asc"}])"), R"(2["Cellar"]0["North Roof"]1["South Roof"]3["Yard"])");
  EXPECT_EQ(sorted(R"([{"value.at":"asc"}])"),
            "0[1514764800000]1[1514872800000]2[1514917800000]3[9223372036854775807]");
}

TEST_F(ObjectFields, SortByOneOfSeveralValues) {
  EXPECT_EQ(sorted(R"([{"value.levels":"asc"},"timestamp"])").substr(0, 3), "0[1");
  EXPECT_EQ(sorted(R"([{"value.levels":{"order":"desc"}}])"), "3[9]0[5]1[2]2[-9223372036854775808]");
  EXPECT_EQ(sorted(R"([{"value.levels":{"order":"desc","mode":"sum"}}])"), "0[11]3[10]1[2]2[-9223372036854775808]");
  EXPECT_EQ(sorted(R"([{"value.levels":{"order":"desc","mode":"avg"}}])"), "3[5]0[4]1[2]2[-9223372036854775808]");
  EXPECT_EQ(sorted(R"([{"value.levels":{"order":"desc","mode":"median"}}])").substr(0, 8), "0[5]3[5]");
  EXPECT_EQ(sorted(R"([{"value.tags.keyword":"desc"},{"value.n":"asc"}])"), R"(3["c",7]1["b",1]0["b",3]2[null,2])");
  EXPECT_NE(refused(R"({"sort":[{"value.tags.keyword":{"mode":"sum"}}]})").find("we only support AVG, MEDIAN and SUM"),
            std::string::npos);
  EXPECT_NE(refused(R"({"sort":["value.none"]})").find("No mapping found for [value.none] in order to sort on"),
            std::string::npos);
}

TEST_F(ObjectFields, PagesGoOnBehindASortValue) {
  const json::value page =
      search(world, R"({"sort":[{"value.n":"asc"}],"search_after":[2],"_source":false})", "/3_4/_search");
  const auto& hits = page.at("hits").at("hits").as_array();
  ASSERT_EQ(hits.size(), 2u);
  EXPECT_EQ(json::serialize(hits[0].at("sort")), "[3]");
}

TEST_F(ObjectFields, AreShown) {
  EXPECT_EQ(
      shown(R"("fields":["value.n","value.levels","value.name","value.at"])", "fields"),
      R"({"value.n":[3],"value.levels":[1,5,5],"value.name":["North Roof"],"value.at":["2018-01-01T00:00:00.000Z"]})");
  EXPECT_EQ(shown(R"("docvalue_fields":["value.tags.keyword",{"field":"value.at","format":"yyyy"}])", "fields"),
            R"({"value.tags.keyword":["a","b"],"value.at":["2018"]})");
  EXPECT_EQ(shown(R"("fields":["value.pos*"])", "fields"),
            R"({"value.position.lat":[5.25E1],"value.position.lon":[1.34E1]})");
  EXPECT_EQ(shown(R"("fields":["value"])", "fields"), "");
  EXPECT_NE(refused(R"({"fields":[{"field":"value.n","format":"yyyy"}]})").find("doesn't support formats"),
            std::string::npos);
}

TEST_F(ObjectFields, OfTheSourceWhatIsNamedIsShown) {
  EXPECT_EQ(shown(R"("_source":["value.n","value.position.lat"])", "_source"),
            R"({"value":{"n":3,"position":{"lat":5.25E1}}})");
  EXPECT_EQ(shown(R"("_source":["value.pos*"])", "_source"), R"({"value":{"position":{"lat":5.25E1,"lon":1.34E1}}})");
  EXPECT_EQ(shown(R"("_source":{"includes":["value"],"excludes":["value.position","value.t*","*.levels","value.a*"]})",
                  "_source"),
            R"({"value":{"n":3,"name":"North Roof","ok":true}})");
  EXPECT_EQ(shown(R"("_source":["value.none"])", "_source"), "{}");
  EXPECT_EQ(shown(R"("_source":{"excludes":["value.position.*","value.t*","value.levels","value.a*"]})", "_source"),
            R"({"timestamp":"2018-01-01T00:00:00.000000000Z","device_id":"3","sensor_id":"4",)"
            R"("value":{"n":3,"name":"North Roof","ok":true,"position":{}}})");
}

// As Elasticsearch 8.19 answers.
TEST_F(ObjectFields, OfArraysAndEmptyObjectsTheSourceShowsWhatElasticsearchDoes) {
  const std::string index = add({R"({"list":[{"a":1,"b":2},{"b":3},{},[{"a":5}]],"nums":[7,[1,2],[]],"e":{"a":1},)"
                                 R"("o":{},"l":[],"n":null,"ln":[null,1]})"});
  const auto source = [&](const std::string& filter) { return shown(R"("_source":)" + filter, "_source", index); };
  EXPECT_EQ(source(R"({"includes":["value.list.a"]})"), R"({"value":{"list":[{"a":1},[{"a":5}]]}})");
  EXPECT_EQ(
      source(R"({"includes":["value"],"excludes":["value.list.a"]})"),
      R"({"value":{"list":[{"b":2},{"b":3},{}],"nums":[7,[1,2],[]],"e":{"a":1},"o":{},"l":[],"n":null,"ln":[null,1]}})");
  EXPECT_EQ(source(R"({"includes":["value"],"excludes":["value.e.a","value.list.a","value.list.b"]})"),
            R"({"value":{"list":[{}],"nums":[7,[1,2],[]],"o":{},"l":[],"n":null,"ln":[null,1]}})");
  EXPECT_EQ(source(R"({"includes":["value.e.b","value.list.zz"]})"), "{}");
  EXPECT_EQ(source(R"({"includes":["*.a"]})"), "{}");
  EXPECT_EQ(source(R"({"includes":["**.a"]})"), R"({"value":{"list":[{"a":1},[{"a":5}]],"e":{"a":1}}})");
  EXPECT_EQ(source(R"({"includes":["value.l*.a"]})"), R"({"value":{"list":[{"a":1},[{"a":5}]]}})");
  // With a `*` in what is left out, it goes across dots.
  EXPECT_EQ(source(R"({"includes":["*.a"],"excludes":["zz*"]})"),
            R"({"value":{"list":[{"a":1},[{"a":5}]],"e":{"a":1}}})");
  EXPECT_EQ(source(R"({"includes":["value.list","value.e"],"excludes":["value.lis*.a","value.e.*"]})"),
            R"({"value":{"list":[{"b":2},{"b":3}],"e":{}}})");
  EXPECT_EQ(source(R"({"includes":["value.list"],"excludes":["value.lis*.a","value.list.b"]})"),
            R"({"value":{"list":[]}})");
  EXPECT_EQ(source(R"({"includes":["value.o","value.l","value.e.b"],"excludes":["zz*"]})"),
            R"({"value":{"o":{},"l":[]}})");
}

TEST_F(ObjectFields, AreListedInMappings) {
  const auto value_of = [&](const std::string& path) { return json::parse(world.ask("GET", path).body); };
  const json::value mapping = value_of("/3_4/_mapping").at("3_4").at("mappings").at("properties").at("value");
  EXPECT_EQ(
      json::serialize(mapping),
      R"({"properties":{"at":{"type":"date"},"levels":{"type":"long"},"n":{"type":"long"},)"
      R"("name":{"type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}}},"ok":{"type":"boolean"},)"
      R"("position":{"properties":{"lat":{"type":"double"},"lon":{"type":"double"}}},)"
      R"("tags":{"type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}}},"temp":{"type":"double"}}})");
  EXPECT_EQ(
      world.ask("GET", "/3_4/_mapping/field/value.position.l*").body,
      R"({"3_4":{"mappings":{"value.position.lat":{"full_name":"value.position.lat","mapping":{"lat":{"type":"double"}}},)"
      R"("value.position.lon":{"full_name":"value.position.lon","mapping":{"lon":{"type":"double"}}}}}})");
  const EsAnswer answer = world.ask("GET", "/3_4,3_5/_field_caps", {}, {{"fields", "value*"}});
  const json::value fields = json::parse(answer.body).at("fields");
  EXPECT_EQ(json::serialize(fields.at("value.temp")),
            R"({"double":{"type":"double","metadata_field":false,"searchable":true,"aggregatable":true}})");
  EXPECT_EQ(fields.at("value.name").at("text").at("aggregatable"), json::value(false));
  EXPECT_TRUE(fields.at("value.name.keyword").as_object().contains("keyword"));
  EXPECT_TRUE(fields.at("value.position").as_object().contains("object"));
  EXPECT_EQ(fields.at("value").as_object().size(), 2u);
}

TEST_F(ObjectFields, TheFirstReadingGivesTheType) {
  const std::string index = add({R"({"a":"5 kg","d":"2018-01-01","k":"12"})", R"({"a":7,"d":1514851200000,"k":3})",
                                 R"({"a":true,"d":"not a day","k":{"x":1}})"});
  // Numbers in a text are their digits; what is no date in a date is missing.
  expect(R"("terms":{"field":"value.a.keyword","order":{"_key":"asc"}})",
         R"({"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[{"key":"5 kg","doc_count":1},
            {"key":"7","doc_count":1},{"key":"true","doc_count":1}]})",
         index);
  expect(R"("value_count":{"field":"value.d"})", R"({"value":2})", index);
  // Digits alone are no date, and objects where a text was are not looked into.
  EXPECT_EQ(count(R"({"term":{"value.k":"12"}})", index), 1);
  EXPECT_EQ(count(R"({"exists":{"field":"value.k.x"}})", index), 0);
}

TEST_F(ObjectFields, NumbersInTextAndBooleansInTextAreCoerced) {
  const std::string index =
      add({R"({"n":1,"x":0.5,"b":true})", R"({"n":"2","x":"1.5","b":"false"})", R"({"n":true,"x":"x","b":1})"});
  expect(R"("stats":{"field":"value.n"})", R"({"count":2,"min":1.0,"max":2.0,"avg":1.5,"sum":3.0})", index);
  expect(R"("sum":{"field":"value.x"})", R"({"value":2.0})", index);
  expect(R"("value_count":{"field":"value.b"})", R"({"value":2})", index);
}

TEST_F(ObjectFields, ADecimalBehindWholeNumbersIsNeverCut) {
  std::vector<std::string> objects(20, R"({"n":1,"m":2})");
  objects.emplace_back(R"({"n":1.5,"m":"2.25"})");
  const std::string index = add(objects);
  // The type is found in the first block; the last one tells better, and the search is asked again.
  expect(R"("sum":{"field":"value.n"})", R"({"value":21.5})", index);
  EXPECT_EQ(count(R"({"range":{"value.m":{"gt":2.1}}})", index), 1);
  expect(R"("terms":{"field":"value.m"})",
         R"({"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[{"key":2.0,"doc_count":20},
            {"key":2.25,"doc_count":1}]})",
         index);
  EXPECT_EQ(json::parse(world.ask("GET", "/" + index + "/_mapping/field/value.n").body)
                .at(index)
                .at("mappings")
                .at("value.n")
                .at("mapping")
                .at("n")
                .at("type"),
            json::value("double"));
}

TEST_F(ObjectFields, WholeNumbersKeepTheirDigits) {
  const std::string index = add({R"({"n":9007199254740993})", R"({"n":-9223372036854775808})"});
  EXPECT_EQ(count(R"({"term":{"value.n":9007199254740993}})", index), 1);
  EXPECT_EQ(count(R"({"term":{"value.n":9007199254740992}})", index), 0);
  EXPECT_EQ(sorted(R"([{"value.n":"asc"}])", index), "1[-9223372036854775808]0[9007199254740993]");
  const std::string large = add({R"({"n":9223372036854775808})"});
  expect(R"("max":{"field":"value.n"})", R"({"value":9.223372036854776E18})", large);
}

TEST_F(ObjectFields, AFieldIsFoundWhereverItIs) {
  std::vector<std::string> objects(50, R"({"a":1})");
  objects.emplace_back(R"({"late":"x"})");
  const std::string index = add(objects);
  EXPECT_EQ(count(R"({"term":{"value.late":"x"}})", index), 1);
  EXPECT_EQ(count(R"({"term":{"value.later":5}})", index), 0);
  // Readings that come afterwards, and one that comes late, are looked through too.
  const std::int64_t sensor = next_ - 1;
  world.add(sensor, start_ns + 100 * minute_ns, std::string(R"({"later":5})"));
  world.store.seal();
  EXPECT_EQ(count(R"({"term":{"value.later":5}})", index), 1);
  EXPECT_EQ(count(R"({"term":{"value.before":5}})", index), 0);
  world.add(sensor, start_ns + 1, std::string(R"({"before":5})"));
  world.store.seal();
  EXPECT_EQ(count(R"({"term":{"value.before":5}})", index), 1);
}

TEST_F(ObjectFields, KnownTypesAreNotLookedForAgain) {
  EXPECT_EQ(count(R"({"term":{"value.n":1}})"), 1);
  const auto before = world.store.blocks_decoded();
  EXPECT_EQ(count(R"({"term":{"value.n":1}})"), 1);
  EXPECT_EQ(world.store.blocks_decoded() - before, 2u);
}

TEST_F(ObjectFields, KeysWithDotsAreObjectsInsideEachOther) {
  const std::string index =
      add({R"({"a.b.c":1})", R"({"a":{"b.c":2}})", R"({"a.b":{"c":3}})", R"({"a":[{"b":[{"c":4},{"c":[5]}]}]})"});
  expect(R"("sum":{"field":"value.a.b.c"})", R"({"value":15.0})", index);
  EXPECT_EQ(count(R"({"exists":{"field":"value.a"}})", index), 4);
}

TEST_F(ObjectFields, EqualKeysAreSeveralValues) {
  const std::string index = add({R"({"a":1,"a":2})"});
  expect(R"("sum":{"field":"value.a"})", R"({"value":3.0})", index);
}

TEST_F(ObjectFields, KeysThatNoPathNamesHaveNoField) {
  const std::string index = add({R"({"":1,".":2,"a.":3,".a":4,"a..b":5," ":6,"ok":7})"});
  const json::value mapping = json::parse(world.ask("GET", "/" + index + "/_mapping").body);
  EXPECT_EQ(json::serialize(mapping.at(index).at("mappings").at("properties").at("value")),
            R"({"properties":{"ok":{"type":"long"}}})");
  EXPECT_EQ(count(R"({"term":{"value.":1}})", index), 0);
  EXPECT_EQ(count(R"({"term":{"value.a..b":5}})", index), 0);
}

TEST_F(ObjectFields, AFieldMayBeCalledKeyword) {
  const std::string index = add({R"({"keyword":"A b","o":{"keyword":"C"},"t":"x"})"});
  EXPECT_EQ(count(R"({"term":{"value.keyword":"b"}})", index), 1);
  EXPECT_EQ(count(R"({"term":{"value.keyword.keyword":"A b"}})", index), 1);
  EXPECT_EQ(count(R"({"term":{"value.o.keyword":"c"}})", index), 1);
  EXPECT_EQ(count(R"({"term":{"value.o.keyword.keyword":"C"}})", index), 1);
  EXPECT_EQ(count(R"({"term":{"value.t.keyword":"x"}})", index), 1);
}

TEST_F(ObjectFields, LongTextsHaveNoKeyword) {
  const std::string index =
      add({R"({"t":")" + std::string(256, 'x') + R"("})", R"({"t":")" + std::string(257, 'x') + R"("})"});
  expect(R"("value_count":{"field":"value.t.keyword"})", R"({"value":1})", index);
  EXPECT_EQ(count(R"({"prefix":{"value.t":"xx"}})", index), 2);
}

TEST_F(ObjectFields, WhatLiesTooDeepHasNoField) {
  const auto nested = [](std::size_t depth) {
    std::string object = "1";
    for (std::size_t i = 0; i < depth; ++i) object = R"({"a":)" + object + "}";
    return object;
  };
  const auto path = [](std::size_t depth) {
    std::string name = "value";
    for (std::size_t i = 0; i < depth; ++i) name += ".a";
    return name;
  };
  // `value` counts as a part.
  const std::string index = add({nested(object_depth_max - 1), nested(1'000)});
  EXPECT_EQ(count(R"({"exists":{"field":")" + path(object_depth_max - 1) + R"("}})", index), 1);
  EXPECT_NE(
      refused(R"({"query":{"exists":{"field":")" + path(object_depth_max) + R"("}}})", index).find("at most [20]"),
      std::string::npos);
  std::string array = "1";
  for (int i = 0; i < 900; ++i) array = "[" + array + "]";
  EXPECT_EQ(count(R"({"exists":{"field":"value.x"}})", add({R"({"x":)" + array + "}"})), 0);
}

TEST_F(ObjectFields, AThousandFieldsAreKept) {
  std::string object = "{";
  for (int i = 0; i < 10'000; ++i) object += (i ? ",\"f" : "\"f") + std::to_string(i) + "\":" + std::to_string(i);
  const std::string index = add({object + "}"});
  EXPECT_EQ(count(R"({"term":{"value.f999":999}})", index), 1);
  EXPECT_NE(refused(R"({"query":{"term":{"value.f1000":1000}}})", index).find("is not among the first [1000] fields"),
            std::string::npos);
  const json::value mapping = json::parse(world.ask("GET", "/" + index + "/_mapping").body);
  EXPECT_EQ(mapping.at(index).at("mappings").at("properties").at("value").at("properties").as_object().size(), 1'000u);
}

TEST_F(ObjectFields, LongArraysAreReadInPieces) {
  std::string object = R"({"n":[)";
  for (int i = 0; i < 100'000; ++i) object += (i ? "," : "") + std::to_string(i % 100);
  object += "]}";
  const std::string index = add({object, object, R"({"n":200})"});
  expect(R"("value_count":{"field":"value.n"})", R"({"value":200001})", index);
  expect(R"("histogram":{"field":"value.n","interval":1000},"aggs":{"c":{"value_count":{"field":"value.n"}}})",
         R"({"buckets":[{"key":0.0,"doc_count":3,"c":{"value":200001}}]})", index);
  EXPECT_EQ(count(R"({"term":{"value.n":99}})", index), 2);
  EXPECT_NE(
      refused(
          R"({"aggs":{"a":{"composite":{"sources":[{"x":{"terms":{"field":"value.n"}}},{"y":{"terms":{"field":"value.n"}}},{"z":{"terms":{"field":"value.n"}}}]}}}})",
          index)
          .find("more than [16384] keys"),
      std::string::npos);
}

TEST_F(ObjectFields, SeveralIndicesHaveTheirOwnTypes) {
  const std::string index = add({R"({"n":0.5})"});
  expect(R"("terms":{"field":"value.n","order":{"_key":"asc"}})",
         R"({"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[{"key":0.5,"doc_count":1},
            {"key":1.0,"doc_count":1},{"key":2.0,"doc_count":1},{"key":3.0,"doc_count":1},{"key":7.0,"doc_count":1}]})",
         "3_4,3_5," + index);
  const json::value answer =
      search(world, R"({"size":0,"aggs":{"a":{"avg":{"field":"value.name"}}}})", "/3_4,3_5/_search");
  EXPECT_EQ(answer.at("_shards").at("failed"), json::value(1));
}

TEST_F(ObjectFields, AFailureWhileTheyAreLookedForIsTold) {
  world.store.fail_from_now(1);
  EXPECT_NE(refused(R"({"query":{"term":{"value.nothing":1}}})", "3_4", 503).find("\"type\":\"exception\""),
            std::string::npos);
  world.store.fail_from_now(-1);
  EXPECT_EQ(count(R"({"term":{"value.n":1}})"), 1);
}

TEST_F(ObjectFields, LookingForThemEndsAtTheDeadlineAndGoesOnTheNextTime) {
  const std::string index = add(std::vector<std::string>(30, R"({"a":1})"));
  world.limits.deadline = std::chrono::milliseconds(50);
  world.keep_contexts();
  world.store.on_block = [&] { world.clock.advance(std::chrono::milliseconds(20)); };
  EXPECT_NE(refused(R"({"query":{"term":{"value.none":1}}})", index, 503).find("timeout_exception"), std::string::npos);
  unsigned status = 503;
  for (int i = 0; i < 10 && status == 503; ++i) {
    status = world.ask("POST", "/" + index + "/_search", R"({"query":{"term":{"value.none":1}}})").status;
  }
  EXPECT_EQ(status, 200u);
}

TEST_F(ObjectFields, ManyAggregationsOverThemEndAtTheDeadline) {
  const std::string index = add(std::vector<std::string>(30, R"({"a":1})"));
  EXPECT_EQ(count(R"({"term":{"value.a":1}})", index), 30);
  world.limits.deadline = std::chrono::milliseconds(50);
  world.keep_contexts();
  world.store.on_block = [&] { world.clock.advance(std::chrono::milliseconds(20)); };
  const json::value answer =
      search(world, R"({"size":0,"aggs":{"a":{"sum":{"field":"value.a"}}}})", "/" + index + "/_search");
  EXPECT_EQ(answer.at("timed_out"), json::value(true));
}

TEST_F(ObjectFields, MemoryIsCounted) {
  world.limits.memory_bytes_max = 1'000;
  world.keep_contexts();
  EXPECT_NE(
      refused(R"({"size":0,"aggs":{"a":{"sum":{"field":"value.n"}},"b":{"max":{"field":"value.n"}}}})", "3_4", 429)
          .find("circuit_breaking_exception"),
      std::string::npos);
}

TEST_F(ObjectFields, RowsAreChosenByThem) {
  const auto rows = [&](const std::string& body) {
    Metrics metrics;
    const Elasticsearch queries(world.store, world.clock, metrics, world.limits);
    EsRequest request;
    request.method = "POST";
    request.path = "/3_4/_search";
    request.body = body;
    auto opened = queries.open_rows(world, request, rows::Form::csv, [](SensorId) { return std::nullopt; });
    if (const auto* refused = std::get_if<EsAnswer>(&opened)) return refused->body;
    std::string text;
    while (true) {
      const auto more = std::get<std::unique_ptr<RowExport>>(opened)->next(text);
      EXPECT_TRUE(more.has_value());
      if (!more || !*more) return text;
    }
  };
  const std::string found = rows(R"({"query":{"range":{"value.n":{"gt":2.5,"lt":4}}},"_source":["timestamp"]})");
  EXPECT_NE(found.find("2018-01-01T00:00:00"), std::string::npos) << found;
  EXPECT_EQ(std::count(found.begin(), found.end(), '\n'), 2) << found;
  EXPECT_NE(rows(R"({"_source":["timestamp","value.n"]})").find("rows have no columns of fields inside objects"),
            std::string::npos);
}

TEST_F(ObjectFields, AClientThatHangsUpEndsTheLooking) {
  world.cancelled = true;
  EXPECT_NE(refused(R"({"query":{"term":{"value.n":1}}})").find("task_cancelled_exception"), std::string::npos);
}

class ObjectColumns : public ObjectFields {
 protected:
  json::value sql(const std::string& query, unsigned status = 200) {
    const EsAnswer answer = world.ask("POST", "/_sql", R"({"query":")" + query + R"("})");
    EXPECT_EQ(answer.status, status) << query << "\n" << answer.body;
    return json::parse(answer.body);
  }
  std::string rows(const std::string& query) { return json::serialize(sql(query).at("rows")); }
  std::string fault(const std::string& query, unsigned status = 400) {
    return json::serialize(sql(query, status).at("error").at("reason"));
  }
};

TEST_F(ObjectColumns, AreColumnsOfSql) {
  EXPECT_EQ(rows("SELECT value.n, value.temp, value.name FROM \\\"3_4\\\" WHERE value.ok = true ORDER BY value.n"),
            R"([[2,-3.25E0,"Cellar"],[3,2.05E1,"North Roof"]])");
  EXPECT_EQ(rows("SELECT value.position.lat + 1 AS x FROM \\\"3_4\\\" WHERE value.n = 7"), "[[5.1E1]]");
  EXPECT_EQ(rows("SELECT value.temp FROM \\\"3_4\\\" WHERE value.temp IS NULL"), "[[null]]");
  EXPECT_EQ(rows("SELECT AVG(value.temp), COUNT(value.temp), MAX(value.n) FROM \\\"3_4\\\""), "[[1.275E1,3,7]]");
  EXPECT_EQ(rows("SELECT value.ok, SUM(value.n) FROM \\\"3_4\\\" GROUP BY value.ok ORDER BY value.ok"),
            "[[false,1],[true,5],[null,7]]");
  EXPECT_EQ(rows("SELECT value.name FROM \\\"3_4\\\" WHERE MATCH(value.name, 'yard')"), R"([["Yard"]])");
  const json::value answer = sql("SELECT value.at, value.name, value.n FROM \\\"3_4\\\" LIMIT 1");
  EXPECT_EQ(answer.at("columns").at(0).at("type"), json::value("datetime"));
  EXPECT_EQ(answer.at("columns").at(1).at("type"), json::value("text"));
  EXPECT_EQ(answer.at("columns").at(2).at("type"), json::value("long"));
}

TEST_F(ObjectColumns, AllOfThemAreAllFieldsInside) {
  const std::string index = add({R"({"b":1,"a":{"c":"x"}})"});
  const json::value answer = sql("SELECT * FROM \\\"" + index + "\\\"");
  std::string names;
  for (const json::value& column : answer.at("columns").as_array()) {
    names += std::string(column.at("name").as_string()) + " ";
  }
  EXPECT_EQ(names, "device_id sensor_id timestamp value.a.c value.b ");
}

TEST_F(ObjectColumns, FaultsNameTheColumn) {
  EXPECT_NE(fault("SELECT value.none FROM \\\"3_4\\\"").find("Unknown column [value.none]"), std::string::npos);
  EXPECT_NE(fault("SELECT value.position FROM \\\"3_4\\\"").find("[value.position] type [object] only its subfields"),
            std::string::npos);
  EXPECT_NE(fault("SELECT value.levels FROM \\\"3_4\\\"").find("Arrays (returned by [value.levels]) are not supported"),
            std::string::npos);
  EXPECT_NE(fault("SELECT value.name FROM \\\"3_4\\\" ORDER BY value.name").find("data type [text]"),
            std::string::npos);
  const std::string index = add({R"({"n":"text"})"});
  EXPECT_NE(fault("SELECT value.n FROM \\\"3_4," + index + "\\\"").find("due to ambiguities"), std::string::npos);
}

TEST_F(ObjectColumns, ADecimalBehindWholeNumbersIsNotCut) {
  const std::string index = add({R"({"n":1})", R"({"n":1})", R"({"n":1})", R"({"n":1.5})"});
  const json::value answer = sql("SELECT SUM(value.n) AS s, MAX(value.n) AS m FROM \\\"" + index + "\\\"");
  EXPECT_EQ(json::serialize(answer.at("rows")), "[[4.5E0,1.5E0]]");
  EXPECT_EQ(answer.at("columns").at(1).at("type"), json::value("double"));
}

}  // namespace
}  // namespace iot::query
