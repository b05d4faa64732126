// Corners in which answers were once others than those of real engines; the differential test (tests/differential)
// found them. A world as that of search_test.cpp, with a float and a date.
#include <string>

#include "query/date_math.h"
#include "query/rounding.h"
#include "query/testing/query_answers.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;  // 2018-01-01
constexpr std::int64_t minute_ns = 60'000'000'000;

class EngineCorners : public testing::Test {
 protected:
  EngineCorners() {
    world.add_sensor(3, 4, model::MappingType::double_precision);
    world.add_sensor(3, 5, model::MappingType::long_integer);
    world.add_sensor(3, 6, model::MappingType::keyword);
    world.add_sensor(3, 7, model::MappingType::boolean);
    world.add_sensor(3, 8, model::MappingType::single_precision);
    world.add_sensor(3, 9, model::MappingType::date);
    world.add_sensor(3, 10, model::MappingType::text);
    world.add_sensor(3, 11, model::MappingType::double_precision);
    world.add_sensor(3, 12, model::MappingType::geo_point);
    for (std::int64_t i = 0; i < 10; ++i) {
      world.add(4, start_ns + i * minute_ns, static_cast<double>(i));
      world.add(5, start_ns + i * minute_ns, i);
      world.add(6, start_ns + i * minute_ns, std::string(i % 5 == 0 ? "rare" : "often"));
      world.add(7, start_ns + i * minute_ns, i % 2);
      world.add(8, start_ns + i * minute_ns, static_cast<double>(static_cast<float>(0.1 * static_cast<double>(i + 1))));
      world.add(9, start_ns + i * minute_ns, start_ns);
    }
    world.add(10, start_ns, std::string("a text"));
    world.add(12, start_ns, std::string(R"({"lat":48.5,"lon":11.5})"));
    world.store.seal();
  }

  std::string ask(std::string_view index, std::string_view body, unsigned status = 200) {
    const EsAnswer answer = world.ask("POST", "/" + std::string(index) + "/_search", body);
    EXPECT_EQ(answer.status, status) << body << answer.body;
    return answer.body;
  }
  /// The part of the answer behind `"name":`, serialized.
  std::string aggregation(std::string_view index, std::string_view one) {
    const std::string answer = ask(index, R"({"size":0,"aggs":{"a":)" + std::string(one) + "}}");
    return json::serialize(json::parse(answer).at("aggregations").at("a"));
  }
  std::int64_t count(std::string_view index, std::string_view query) {
    const std::string answer = ask(index, R"({"size":0,"query":)" + std::string(query) + "}");
    return json::parse(answer).at("hits").at("total").at("value").to_number<std::int64_t>();
  }
  /// Type, root cause's type of an error.
  std::string error(std::string_view index, std::string_view body) {
    const json::value answer = json::parse(ask(index, body, 400));
    const json::array& roots = answer.at("error").at("root_cause").as_array();
    return std::string(answer.at("error").at("type").as_string()) + " of " +
           (roots.empty() ? "none" : std::string(roots[0].at("type").as_string()));
  }
  json::array sort_values(std::string_view index, std::string_view body) {
    return json::parse(ask(index, body)).at("hits").at("hits").at(0).at("sort").as_array();
  }

  QueryWorld world;
};

TEST_F(EngineCorners, FillsUpOnlyTheTimeOfDay) {
  EXPECT_EQ(count("3_4", R"({"range":{"timestamp":{"lte":"2018"}}})"), 10) << "the end of the first of January";
  EXPECT_EQ(count("3_4", R"({"range":{"timestamp":{"gt":"2018-01"}}})"), 0);
  EXPECT_EQ(count("3_4", R"({"range":{"timestamp":{"lte":"2018-01-01||"}}})"), 1) << "a point, as math follows";
}

TEST_F(EngineCorners, ReadsANumberAsMillisecondsWhereNoFormatIsGiven) {
  EXPECT_EQ(count("3_4", R"({"range":{"timestamp":{"lte":2019}}})"), 0);
  EXPECT_EQ(count("3_4", R"({"range":{"timestamp":{"lte":"2019"}}})"), 10);
  EXPECT_EQ(count("3_4", R"({"range":{"timestamp":{"lte":2019,"format":"yyyy"}}})"), 10);
  EXPECT_EQ(error("3_4", R"({"query":{"range":{"timestamp":{"gte":0,"lte":"2018-01-01"}}}})"),
            "search_phase_execution_exception of parse_exception");
}

TEST_F(EngineCorners, TakesAPatternInExists) {
  EXPECT_EQ(count("3_4", R"({"exists":{"field":"val*"}})"), 10);
  EXPECT_EQ(count("3_4", R"({"exists":{"field":"no*"}})"), 0);
}

TEST_F(EngineCorners, MatchesAllWithABoolThatHasNoClause) {
  EXPECT_EQ(count("3_4", R"({"bool":{"minimum_should_match":2}})"), 10);
  EXPECT_EQ(count("3_4", R"({"bool":{"must":{"match_all":{}},"minimum_should_match":2}})"), 0);
}

TEST_F(EngineCorners, TakesABoostBesideTheFieldForAField) {
  EXPECT_EQ(error("3_4", R"({"query":{"term":{"value":1,"boost":2}}})"), "parsing_exception of parsing_exception");
  EXPECT_EQ(error("3_4", R"({"query":{"range":{"value":{},"boost":2}}})"), "parsing_exception of parsing_exception");
  EXPECT_EQ(count("3_4", R"({"term":{"boost":1}})"), 0);
  EXPECT_EQ(count("3_4", R"({"terms":{"value":[1,2],"boost":2}})"), 2);
}

TEST_F(EngineCorners, RefusesAnEmptyTextAsBoolean) {
  EXPECT_EQ(error("3_7", R"({"query":{"term":{"value":""}}})"),
            "search_phase_execution_exception of query_shard_exception");
}

TEST_F(EngineCorners, SaysInWhichClauseOfABoolTheFaultIs) {
  EXPECT_EQ(error("3_4", R"({"query":{"bool":{"must":{"bool":{"filter":{"hello":{}}}}}}})"),
            "x_content_parse_exception of parsing_exception");
  EXPECT_EQ(error("3_4", R"({"query":{"bool":{"must":{}}}})"),
            "x_content_parse_exception of x_content_parse_exception");
}

TEST_F(EngineCorners, FailsAFilterAggregationForTheReasonItself) {
  EXPECT_EQ(error("3_4", R"({"aggs":{"a":{"filter":{"term":{"value":"x"}}}}})"),
            "search_phase_execution_exception of number_format_exception");
  EXPECT_EQ(error("3_4", R"({"aggs":{"a":{"filter":{"range":{"timestamp":{"gt":"x"}}}}}})"),
            "search_phase_execution_exception of parse_exception");
  EXPECT_EQ(error("3_4", R"({"aggs":{"a":{"filter":{"prefix":{"value":"x"}}}}})"),
            "search_phase_execution_exception of query_shard_exception");
  EXPECT_EQ(error("3_4", R"({"aggs":{"a":{"filter":{"query_string":{"query":"val*:on"}}}}})"),
            "search_phase_execution_exception of query_shard_exception")
      << "a text that is no query";
}

TEST_F(EngineCorners, NamesTheValueWhereWordsFitNoneOfAllFields) {
  EXPECT_NE(ask("3_5", R"({"query":{"query_string":{"query":"on","lenient":false}}})", 400)
                .find(R"(failed to create query: For input string: \"on\")"),
            std::string::npos);
}

TEST_F(EngineCorners, WantsAListOfFieldsInAQueryTypedAsText) {
  for (const std::string query : {"query_string", "simple_query_string"}) {
    for (const std::string fields : {R"("value")", "1", "{}", "null"}) {
      EXPECT_EQ(error("3_4", R"({"query":{")" + query + R"(":{"query":"1","fields":)" + fields + "}}}"),
                "parsing_exception of parsing_exception")
          << query << fields;
    }
    EXPECT_EQ(count("3_4", R"({")" + query + R"(":{"query":"1","fields":["value"]}})"), 1);
  }
}

TEST_F(EngineCorners, WantsSingleValuesForTheOtherOptionsOfIt) {
  for (const std::string query : {"query_string", "simple_query_string"}) {
    for (const std::string option : {"lenient", "analyze_wildcard", "default_operator", "boost"}) {
      for (const std::string value : {"{}", "[1]", "null"}) {
        EXPECT_EQ(error("3_4", R"({"query":{")" + query + R"(":{"query":"1",")" + option + R"(":)" + value + "}}}"),
                  "parsing_exception of parsing_exception")
            << query << option << value;
      }
    }
    EXPECT_EQ(error("3_4", R"({"query":{")" + query + R"(":{"query":null}}})"),
              "parsing_exception of parsing_exception");
  }
}

TEST_F(EngineCorners, ExtendsAHistogramToKeysWithinTheBounds) {
  const std::string answer = aggregation("3_4", R"({"histogram":{"field":"none","interval":0.1,"missing":1.1,
                                                    "extended_bounds":{"min":1.0999999999999999,"max":3.4}}})");
  EXPECT_EQ(json::parse(answer).at("buckets").as_array().size(), 24u) << answer;
}

TEST_F(EngineCorners, WantsAClauseInDisMax) {
  EXPECT_EQ(error("3_4", R"({"query":{"dis_max":{"queries":[]}}})"), "parsing_exception of parsing_exception");
  EXPECT_EQ(error("3_4", R"({"query":{"dis_max":{}}})"), "parsing_exception of parsing_exception");
}

TEST_F(EngineCorners, TakesAnEmptyTextForNoFlag) {
  ask("3_4", R"({"track_scores":"","version":""})");
  EXPECT_EQ(error("3_4", R"({"track_scores":"x"})"), "x_content_parse_exception of x_content_parse_exception");
}

TEST_F(EngineCorners, HasNoTimesOfPlainNumbers) {
  EXPECT_EQ(aggregation("3_5", R"({"date_histogram":{"field":"value","calendar_interval":"year"}})"),
            R"({"buckets":[{"key":0,"doc_count":10}]})");
  for (const std::string index : {"3_4", "3_5", "3_7", "3_8"}) {
    const std::string body = ask(
        index, R"({"aggs":{"a":{"date_histogram":{"field":"value","fixed_interval":"1d","time_zone":"UTC"}}}})", 400);
    EXPECT_NE(body.find("does not support custom time zones"), std::string::npos) << body;
    ask(index, R"({"aggs":{"a":{"date_range":{"field":"value","ranges":[{"from":1}],"time_zone":"UTC"}}}})", 400);
    const std::string source = R"({"t":{"date_histogram":{"field":"value","fixed_interval":"1d","time_zone":"UTC"}}})";
    ask(index, R"({"aggs":{"a":{"composite":{"sources":[)" + source + "]}}}}", 400);
  }
  ask("3_9", R"({"aggs":{"a":{"date_histogram":{"field":"value","fixed_interval":"1d","time_zone":"UTC"}}}})");
}

TEST_F(EngineCorners, TellsOfAFailedIndexThatItsQueryCouldNotBeMade) {
  const std::string_view body = R"({"query":{"term":{"value":"x"}}})";
  const json::value answer = json::parse(ask("3_6,3_9", body));
  EXPECT_EQ(answer.at("_shards").at("failures").at(0).at("reason").at("type"), "query_shard_exception");
  EXPECT_EQ(error("3_9", body), "search_phase_execution_exception of parse_exception") << "of all, the reason itself";
}

TEST_F(EngineCorners, ReadsBoundsAndWhatIsMissingAsTheFieldIs) {
  EXPECT_EQ(error("3_7", R"({"aggs":{"a":{"range":{"field":"value","ranges":[{"from":"x"}]}}}})"),
            "search_phase_execution_exception of illegal_argument_exception");
  for (const auto& [index, type] : {std::pair("3_4", "number_format_exception"),
                                    {"3_5", "number_format_exception"},
                                    {"3_7", "illegal_argument_exception"},
                                    {"3_9", "parse_exception"}}) {
    for (const std::string aggregation : {"terms", "cardinality"}) {
      EXPECT_EQ(error(index, R"({"aggs":{"a":{")" + aggregation + R"(":{"field":"value","missing":"none"}}}})"),
                "search_phase_execution_exception of " + std::string(type))
          << index;
    }
  }
}

TEST_F(EngineCorners, GoesOnBehindNothingOnlyAmongTexts) {
  const std::string shard = "search_phase_execution_exception of illegal_argument_exception";
  for (const std::string index : {"3_4", "3_5", "3_7", "3_8", "3_9"}) {
    EXPECT_EQ(error(index, R"({"sort":"value","search_after":[null]})"), shard) << index;
  }
  EXPECT_NE(ask("3_8", R"({"sort":"value","search_after":[null]})", 400)
                .find("value at position 0 cannot be null for sort field [value] of type [FLOAT]."),
            std::string::npos);
  EXPECT_EQ(error("3_6", R"({"sort":["value","timestamp"],"search_after":[null,null]})"), shard);
  EXPECT_EQ(error("3_6", R"({"sort":[{"none":{"unmapped_type":"long"}}],"search_after":[null]})"), shard);
  ask("3_6", R"({"sort":"value","search_after":[null]})");
  ask("3_6", R"({"sort":[{"none":{"unmapped_type":"keyword"}}],"search_after":[null]})");
  EXPECT_EQ(error("3_4", R"({"from":1,"sort":"value","search_after":[1]})"),
            "action_request_validation_exception of action_request_validation_exception");
}

TEST_F(EngineCorners, TakesATextOrAListForStoredFields) {
  for (const std::string fields : {"true", "1", "null", "{}"}) {
    EXPECT_EQ(error("3_4", R"({"stored_fields":)" + fields + "}"), "parsing_exception of parsing_exception") << fields;
  }
  for (const std::string fields : {"[{}]", "[null]", R"([["value"]])"}) {
    EXPECT_EQ(error("3_4", R"({"stored_fields":)" + fields + "}"),
              "illegal_argument_exception of illegal_argument_exception")
        << fields;
  }
  for (const std::string fields : {"[]", R"("value")", "[1]"}) ask("3_4", R"({"stored_fields":)" + fields + "}");
}

TEST_F(EngineCorners, WantsAnIntervalOnlyAfterAFieldThatHasOne) {
  const std::string body = R"({"aggs":{"a":{"histogram":{"field":"value"}}}})";
  EXPECT_EQ(error("3_4", body), "search_phase_execution_exception of illegal_argument_exception");
  EXPECT_NE(ask("3_4", body, 400).find("interval must be positive, got: 0.0"), std::string::npos);
  EXPECT_NE(ask("3_6", body, 400).find("of type [keyword] is not supported"), std::string::npos);
  EXPECT_NE(ask("none*", body).find(R"("a":{"buckets":[]})"), std::string::npos) << "no index says what is wrong";
}

TEST_F(EngineCorners, NamesTheBucketsOfExtremesAsTheyAreShown) {
  const std::string_view of = R"({"size":0,"aggs":{"h":{"histogram":{"field":"value","interval":0.5}},)"
                              R"("a":{"min_bucket":{"buckets_path":"h>_count"}}}})";
  EXPECT_EQ(json::parse(ask("3_7", of)).at("aggregations").at("a"), json::parse(R"({"value":0.0,"keys":["true"]})"));
  const std::string_view wide = R"({"size":0,"aggs":{"h":{"histogram":{"field":"value","interval":1e8,"offset":-1}},)"
                                R"("a":{"min_bucket":{"buckets_path":"h>_count"}}}})";
  EXPECT_EQ(json::parse(ask("3_4", wide)).at("aggregations").at("a").at("keys"), json::parse(R"(["-1.0"])"));
}

TEST_F(EngineCorners, CutsDatesAndNumbersIntoTheSameRanges) {
  // As the first index by name shows them: "3_11", "3_4", "3_9".
  EXPECT_EQ(aggregation("3_4,3_9", R"({"range":{"field":"value","ranges":[{"from":1500000000000},{"from":5.5},{}]}})"),
            R"({"buckets":[{"key":"*-*","doc_count":20},{"key":"5.5-*","from":5.5E0,"doc_count":14},)"
            R"({"key":"1.5E12-*","from":1.5E12,"doc_count":10}]})");
  EXPECT_EQ(aggregation("3_9", R"({"range":{"field":"value","ranges":[{"from":0.5}]}})"),
            R"({"buckets":[{"key":"1970-01-01T00:00:00.000Z-*","from":5E-1,)"
            R"("from_as_string":"1970-01-01T00:00:00.000Z","doc_count":10}]})");
  EXPECT_EQ(aggregation("3_4,3_9", R"({"range":{"field":"value","ranges":[{"from":"2018"}]}})"),
            R"({"buckets":[{"key":"2018.0-*","from":2.018E3,"doc_count":10}]})")
      << "a text is read as each index's field is";
}

TEST_F(EngineCorners, FailsOnlyTheIndicesThatCannotReadABoundOfARange) {
  const json::value answer = json::parse(
      ask("3_4,3_9", R"({"size":0,"aggs":{"a":{"range":{"field":"value","ranges":[{"from":"2018-01-01"}]}}}})"));
  EXPECT_EQ(answer.at("_shards").at("failures").at(0).at("index"), "3_4");
  EXPECT_EQ(json::serialize(answer.at("aggregations").at("a")),
            R"({"buckets":[{"key":"2018-01-01T00:00:00.000Z-*","from":1.5147648E12,)"
            R"("from_as_string":"2018-01-01T00:00:00.000Z","doc_count":10}]})");
  EXPECT_EQ(error("3_4", R"({"aggs":{"a":{"range":{"field":"value","ranges":[{"from":"2018-01-01"}]}}}})"),
            "search_phase_execution_exception of number_format_exception");
  EXPECT_EQ(error("3_9", R"({"aggs":{"a":{"range":{"field":"value","ranges":[{"to":1e20}]}}}})"),
            "search_phase_execution_exception of parse_exception")
      << "no time";
}

TEST_F(EngineCorners, CountsNoIndexInGlobalThatFailsBesideIt) {
  const json::value answer =
      json::parse(ask("3_4,3_6", R"({"size":0,"aggs":{"g":{"global":{}},"a":{"avg":{"field":"value"}}}})"));
  EXPECT_EQ(answer.at("_shards").at("failed"), 1);
  EXPECT_EQ(answer.at("aggregations").at("g").at("doc_count"), 10);
}

TEST_F(EngineCorners, NamesRanksAsJavaWritesNumbers) {
  EXPECT_EQ(aggregation("3_4", R"({"percentile_ranks":{"field":"value","values":[5e-324,1e7]}})"),
            R"({"values":{"4.9E-324":5E0,"1.0E7":1E2}})");
}

TEST_F(EngineCorners, ShowsTopHitsOfSeveralTypesOfNumberAsDecimalOnes) {
  const auto first = [&](std::string_view indices) {
    return aggregation(indices, R"({"top_hits":{"size":1,"_source":false,"sort":[{"value":"desc"}]}})");
  };
  EXPECT_NE(first("3_4,3_5").find(R"("sort":[9E0])"), std::string::npos);
  EXPECT_NE(first("3_5,3_8").find(R"("sort":[9E0])"), std::string::npos);
  EXPECT_NE(first("3_5").find(R"("sort":[9])"), std::string::npos);
  EXPECT_NE(first("3_8").find(R"("sort":[1E0])"), std::string::npos);
  const std::string each = aggregation("3_4,3_5", R"({"terms":{"field":"_index"},"aggs":{"t":{"top_hits":)"
                                                  R"({"size":1,"_source":false,"sort":[{"value":"desc"}]}}}})");
  EXPECT_NE(each.find(R"("sort":[9])"), std::string::npos) << "a bucket of one type: " << each;
}

TEST_F(EngineCorners, SortsAFieldThatIsNotThereAsTheTypeAskedFor) {
  EXPECT_EQ(sort_values("3_4", R"({"sort":{"x":{"unmapped_type":"long"}}})")[0], INT64_MAX);
  EXPECT_EQ(sort_values("3_4", R"({"sort":{"x":{"unmapped_type":"date","order":"desc"}}})")[0], INT64_MIN);
  EXPECT_EQ(sort_values("3_4", R"({"sort":{"x":{"unmapped_type":"double"}}})")[0], "Infinity");
  EXPECT_TRUE(sort_values("3_4", R"({"sort":{"x":{"unmapped_type":"keyword"}}})")[0].is_null());
  EXPECT_EQ(error("3_4", R"({"sort":{"x":{"unmapped_type":"hello"}}})"),
            "search_phase_execution_exception of illegal_argument_exception");
}

TEST_F(EngineCorners, SortsWholeNumbersAmongDecimalOnesAndNoTextsAmongThem) {
  EXPECT_EQ(ask("3_4,3_5", R"({"size":2,"_source":false,"sort":[{"value":"desc"}]})").find(R"("sort":[9])"),
            std::string::npos);
  EXPECT_TRUE(sort_values("3_4,3_5", R"({"sort":[{"value":"desc"}]})")[0].is_double());
  EXPECT_EQ(error("3_4,3_6", R"({"sort":"value"})"), "search_phase_execution_exception of none");
  // An index that fails for another reason does not count.
  ask("3_4,3_6", R"({"sort":"value","aggs":{"a":{"avg":{"field":"value"}}}})");
}

TEST_F(EngineCorners, PagesThroughFloatsByWhatItShowed) {
  const std::string first = ask("3_8", R"({"size":1,"sort":"value"})");
  EXPECT_NE(first.find(R"("sort":[0.1])"), std::string::npos) << "a float's digits: " << first;
  const std::string rest = ask("3_8", R"({"size":1,"sort":"value","search_after":[0.1]})");
  EXPECT_NE(rest.find(R"("sort":[0.2])"), std::string::npos) << rest;
  EXPECT_NE(ask("3_8", R"({"size":1,"docvalue_fields":["value"]})").find("0.10000000149011612"), std::string::npos);
}

TEST_F(EngineCorners, HasNoDocValuesOfTexts) {
  EXPECT_EQ(error("3_10", R"({"docvalue_fields":["value"]})"),
            "search_phase_execution_exception of illegal_argument_exception");
  ask("3_10", R"({"size":0,"docvalue_fields":["value"]})");
}

TEST_F(EngineCorners, AddsTheSortOfTheUrlAndReplacesTheSource) {
  const auto asked = [&](std::vector<std::pair<std::string, std::string>> parameters) {
    return world
        .ask("POST", "/3_4/_search", R"({"size":1,"_source":false,"sort":["sensor_id"]})", std::move(parameters))
        .body;
  };
  EXPECT_NE(asked({{"sort", "value:desc"}}).find(R"("sort":["4",9.0])"), std::string::npos);
  EXPECT_NE(asked({{"_source_excludes", "*_id"}}).find(R"("_source":{"timestamp")"), std::string::npos);
}

TEST_F(EngineCorners, SortsByThePlaceOfADocumentInBothDirections) {
  EXPECT_EQ(sort_values("3_4", R"({"size":1,"sort":["_doc",{"value":"desc"}]})")[1], 0.0);
  EXPECT_EQ(sort_values("3_4", R"({"size":1,"sort":[{"_doc":"desc"},"value"]})")[1], 9.0);
  EXPECT_EQ(sort_values("3_7", R"({"size":1,"sort":[{"value":"desc"},{"_doc":"desc"},"timestamp"]})")[2],
            start_ns + 9 * minute_ns);
}

TEST_F(EngineCorners, CountsNothingWithMinusOne) {
  EXPECT_EQ(ask("3_4", R"({"track_total_hits":-1})").find("\"total\":{"), std::string::npos);
}

TEST_F(EngineCorners, NamesTheWrongKindOfAMember) {
  for (const char* body :
       {R"({"size":{}})", R"({"query":[]})", R"({"aggs":3})", R"({"search_after":1})", R"({"sort":null})"}) {
    EXPECT_EQ(error("3_4", body), "parsing_exception of parsing_exception") << body;
  }
  EXPECT_EQ(error("3_4", R"({"size":"many"})"), "number_format_exception of number_format_exception");
  EXPECT_EQ(json::parse(ask("3_4", R"({"size":1.9})")).at("hits").at("hits").as_array().size(), 1u);
  EXPECT_EQ(error("3_4", R"({"aggs":{"a":{"avg":{"field":true}}}})"),
            "x_content_parse_exception of x_content_parse_exception");
  EXPECT_EQ(error("3_4", R"({"aggs":{"a":{"terms":{"field":"value","order":{}}}}})"),
            "x_content_parse_exception of parsing_exception");
}

TEST_F(EngineCorners, FailsACountAsAWhole) {
  const EsAnswer answer = world.ask("POST", "/3_4/_count", R"({"query":{}})");
  EXPECT_EQ(json::parse(answer.body).at("error").at("type"), "parsing_exception");
}

TEST_F(EngineCorners, RoundsBoundsOfADateHistogramWithoutTheOffset) {
  EXPECT_EQ(aggregation("3_4", R"({"date_histogram":{"field":"timestamp","fixed_interval":"1h","offset":"-1h",
                                   "extended_bounds":{"min":1514764800000}}})"),
            R"({"buckets":[{"key_as_string":"2017-12-31T23:00:00.000Z","key":1514761200000,"doc_count":0},)"
            R"({"key_as_string":"2018-01-01T00:00:00.000Z","key":1514764800000,"doc_count":10}]})");
  EXPECT_EQ(aggregation("3_4", R"({"date_histogram":{"field":"timestamp","fixed_interval":"5m",
                                   "hard_bounds":{"max":1514765200000}}})"),
            R"({"buckets":[{"key_as_string":"2018-01-01T00:00:00.000Z","key":1514764800000,"doc_count":5}]})");
  EXPECT_NE(aggregation("3_4", R"({"date_histogram":{"field":"timestamp","fixed_interval":"1h","offset":"0s"}})")
                .find("\"doc_count\":10"),
            std::string::npos);
}

TEST_F(EngineCorners, HoldsTheKeysOfAHistogramToItsHardBounds) {
  EXPECT_EQ(aggregation("3_4", R"({"histogram":{"field":"value","interval":5,"hard_bounds":{"min":1,"max":5}}})"),
            R"({"buckets":[{"key":5E0,"doc_count":5}]})");
}

TEST_F(EngineCorners, NamesTheBucketsOfAHistogram) {
  EXPECT_EQ(
      aggregation("3_7", R"({"histogram":{"field":"value","interval":1}})"),
      R"({"buckets":[{"key_as_string":"false","key":0E0,"doc_count":5},{"key_as_string":"true","key":1E0,"doc_count":5}]})");
  EXPECT_NE(aggregation("3_9", R"({"histogram":{"field":"value","interval":1514764800000,"keyed":true}})")
                .find("\"2018-01-01T00:00:00.000Z\":{"),
            std::string::npos);
  EXPECT_EQ(number_text(0), "0.0");
  EXPECT_EQ(number_text(-12.25), "-12.25");
  EXPECT_EQ(number_text(0.001), "0.001");
  EXPECT_EQ(number_text(0.0001), "1.0E-4");
  EXPECT_EQ(number_text(9'999'999), "9999999.0");
  EXPECT_EQ(number_text(1e7), "1.0E7");
  EXPECT_EQ(number_text(-1.25e300), "-1.25E300");
}

TEST_F(EngineCorners, DoesNotCountTermsThatAreTooRareAmongTheOthers) {
  const std::string terms = aggregation("3_6", R"({"terms":{"field":"value","min_doc_count":5}})");
  EXPECT_NE(terms.find("\"sum_other_doc_count\":0"), std::string::npos) << terms;
}

TEST_F(EngineCorners, ShowsMetricsOfDatesAndBooleans) {
  EXPECT_EQ(aggregation("3_11", R"({"sum":{"field":"timestamp"}})"),
            R"({"value":0E0,"value_as_string":"1970-01-01T00:00:00.000Z"})");
  const std::string stats = aggregation("3_7", R"({"stats":{"field":"value"}})");
  EXPECT_NE(stats.find("\"min_as_string\":false,\"max_as_string\":true"), std::string::npos) << stats;
  EXPECT_EQ(aggregation("3_4,3_7", R"({"max":{"field":"value"}})"), R"({"value":9E0})");
}

TEST_F(EngineCorners, ReadsWhatStandsInForAMissingValueAsAValue) {
  for (const char* index : {"3_4", "3_7", "3_9"}) {
    ask(index, R"({"aggs":{"a":{"avg":{"field":"value","missing":"abc"}}}})", 400);
    ask(index, R"({"aggs":{"a":{"avg":{"field":"value","missing":5}}}})");
  }
}

TEST(EngineDates, WritesYearsOfFiveDigitsWithASign) {
  const Moment moment = Moment::from_ms(300'000'000'000'000);
  EXPECT_EQ(DateFormat::date_millis().write(moment, {}), "+11476-08-15T05:20:00.000Z");
  EXPECT_EQ(DateFormat::parse("yyyy").value().write(moment, {}), "+11476");
}

TEST(EngineDates, KnowsTheClocksOfYearsThatNoTableLists) {
  const TimeZone berlin = TimeZone::parse("Europe/Berlin").value();
  const auto offset = [&](const char* text) {
    const auto moment = evaluate_date(text, DateFormat::date_millis(), {{}, FillUp::first, {}}).value();
    return berlin.stretch_at(moment.seconds).offset_s;
  };
  for (const std::string year : {"2036", "2037", "2038", "2071", "2100", "2249"}) {
    EXPECT_EQ(offset((year + "-07-01T00:00:00Z").c_str()), 7200) << year;
    EXPECT_EQ(offset((year + "-12-01T00:00:00Z").c_str()), 3600) << year;
  }
  // The last Sunday of March 2100 is the 28th.
  EXPECT_EQ(offset("2100-03-28T00:59:59Z"), 3600);
  EXPECT_EQ(offset("2100-03-28T01:00:00Z"), 7200);
}

TEST_F(EngineCorners, RefusesWhatIsNoNumberForAMissingSortValue) {
  EXPECT_EQ(error("3_4", R"({"sort":[{"timestamp":{"missing":"value"}}]})"),
            "search_phase_execution_exception of number_format_exception");
  EXPECT_EQ(error("3_4", R"({"sort":[{"value":{"missing":""}}]})"),
            "search_phase_execution_exception of number_format_exception");
  ask("3_4", R"({"sort":[{"timestamp":{"missing":12}},{"sensor_id":{"missing":"x"}}]})");
}

TEST_F(EngineCorners, RefusesToShowIdsAsFields) {
  EXPECT_EQ(error("3_4", R"({"aggs":{"a":{"value_count":{"field":"_id"}}}})"),
            "search_phase_execution_exception of illegal_argument_exception");
  EXPECT_EQ(error("3_4", R"({"docvalue_fields":["_id"]})"),
            "search_phase_execution_exception of illegal_argument_exception");
}

TEST_F(EngineCorners, WantsTextsForFieldsFormatsAndPatterns) {
  const std::string wrong_kind = "x_content_parse_exception of x_content_parse_exception";
  EXPECT_EQ(error("3_4", R"({"docvalue_fields":[{"field":"timestamp","format":-1}]})"), wrong_kind);
  EXPECT_EQ(error("3_4", R"({"docvalue_fields":[{"field":-1}]})"), wrong_kind);
  ask("3_4", R"({"docvalue_fields":[{"field":"timestamp","format":null}]})");
  EXPECT_EQ(error("3_4", R"({"_source":{"includes":[-1]}})"), "parsing_exception of parsing_exception");
  EXPECT_EQ(error("3_4", R"({"_source":{"excludes":true}})"), "parsing_exception of parsing_exception");
}

TEST_F(EngineCorners, ReadsTheListedTermsAsTheFieldIs) {
  const auto sizes = [&](std::string_view index, const std::string& body) {
    const json::value answer = json::parse(aggregation(index, R"({"terms":{)" + body + "}}"));
    return answer.at("buckets").as_array().size();
  };
  EXPECT_EQ(sizes("3_4", R"("field":"timestamp","exclude":["2018-01-01T00:00:00Z"])"), 9u);
  EXPECT_EQ(sizes("3_4", R"("field":"timestamp","include":["2018-01-01","1514764860000"])"), 2u);
  EXPECT_EQ(sizes("3_9", R"("field":"value","exclude":["2018-01-01T00:00"])"), 0u);
  EXPECT_EQ(sizes("3_4", R"("field":"value","include":["1","2.0",3])"), 3u);
  EXPECT_EQ(sizes("3_6", R"("field":"value","exclude":["rare","nothing"])"), 1u);
  EXPECT_EQ(sizes("3_7", R"("field":"value","include":["true"])"), 1u);
  EXPECT_EQ(error("3_9", R"({"aggs":{"a":{"terms":{"field":"value","include":["abc"]}}}})"),
            "search_phase_execution_exception of parse_exception");
  EXPECT_EQ(error("3_5", R"({"aggs":{"a":{"terms":{"field":"value","include":["abc"]}}}})"),
            "search_phase_execution_exception of number_format_exception");
}

TEST_F(EngineCorners, WantsAFieldInAMatchAndNothingBesideIt) {
  EXPECT_EQ(count("3_4", R"({"match":{"boost":2}})"), 0) << "a field of that name";
  EXPECT_EQ(error("3_4", R"({"query":{"match":{"value":1,"boost":2}}})"), "parsing_exception of parsing_exception");
}

TEST_F(EngineCorners, ShowsTheSourceThatStoredFieldsName) {
  EXPECT_NE(ask("3_4", R"({"_source":false,"stored_fields":["_source"]})").find("_source"), std::string::npos);
  EXPECT_EQ(ask("3_4", R"({"_source":false,"stored_fields":["value"]})").find("_source"), std::string::npos);
  EXPECT_EQ(ask("3_4", R"({"stored_fields":["value"]})").find("_source"), std::string::npos);
}

TEST_F(EngineCorners, ShowsVersionsWithoutStoredFields) {
  ask("3_4", R"({"version":true,"stored_fields":"_none_"})");
  const std::string invalid = "action_request_validation_exception of action_request_validation_exception";
  EXPECT_EQ(error("3_4", R"({"_source":true,"stored_fields":"_none_"})"), invalid);
  EXPECT_EQ(error("3_4", R"({"fields":["value"],"stored_fields":"_none_"})"), invalid);
}

TEST_F(EngineCorners, TakesDifferencesBetweenTheBucketsThatAreThere) {
  const std::string answer = ask(
      "3_4",
      R"({"aggs":{"h":{"histogram":{"field":"value","interval":5,"min_doc_count":1},"aggs":{"d":{"serial_diff":{"buckets_path":"_count"}}}}}})");
  EXPECT_NE(answer.find(R"("d":{"value":0.0})"), std::string::npos) << answer;
}

TEST_F(EngineCorners, FailsFiltersForTheReasonItself) {
  EXPECT_EQ(error("3_4", R"({"aggs":{"a":{"filters":{"filters":[{"term":{"value":"x"}}]}}}})"),
            "search_phase_execution_exception of number_format_exception");
}

TEST_F(EngineCorners, ShowsExtendedStatsOfBooleansAsBooleansButDeviationsAsTexts) {
  const json::value answer = json::parse(aggregation("3_7", R"({"extended_stats":{"field":"value"}})"));
  EXPECT_EQ(answer.at("min_as_string"), false);
  EXPECT_EQ(answer.at("variance_as_string"), true);
  EXPECT_EQ(answer.at("std_deviation_as_string"), "true");
}

TEST_F(EngineCorners, TakesTextsAsIds) {
  EXPECT_EQ(error("3_4", R"({"query":{"ids":{"values":-1}}})"), "parsing_exception of parsing_exception");
  EXPECT_EQ(count("3_4", R"({"ids":{"values":"x"}})"), 0);
}

TEST_F(EngineCorners, WantsAUnitInAnOffsetThatIsText) {
  const auto offset = [](std::string_view text) {
    return R"({"size":0,"aggs":{"a":{"date_histogram":{"field":"timestamp","fixed_interval":"1d","offset":)" +
           std::string(text) + "}}}}";
  };
  EXPECT_EQ(error("3_4", offset(R"("-1")")), "x_content_parse_exception of x_content_parse_exception");
  for (const char* const good : {"-1", "1", R"("-1ms")", R"("0")", R"("+0")"}) ask("3_4", offset(good));
}

TEST_F(EngineCorners, CountsTopHitsAsTheSearchCounts) {
  const EsAnswer answer = world.ask("POST", "/3_4/_search", R"({"size":0,"aggs":{"a":{"top_hits":{}}}})",
                                    {{"rest_total_hits_as_int", "true"}, {"track_total_hits", "true"}});
  EXPECT_EQ(json::parse(answer.body).at("aggregations").at("a").at("hits").at("total"), 10) << answer.body;
}

TEST_F(EngineCorners, NamesTheBestBucketsByKeysAsJavaWritesNumbers) {
  const std::string answer = ask("3_4", R"({"size":0,"aggs":{"t":{"terms":{"field":"value","missing":1e7}},
                                            "m":{"min_bucket":{"buckets_path":"t>_count"}}}})");
  EXPECT_NE(answer.find(R"("keys":["0.0",)"), std::string::npos) << answer;
  world.add(11, start_ns, 1e7);
  const std::string extreme = ask("3_11", R"({"size":0,"aggs":{"t":{"terms":{"field":"value"}},
                                              "m":{"max_bucket":{"buckets_path":"t>_count"}}}})");
  EXPECT_NE(extreme.find(R"("keys":["1.0E7"])"), std::string::npos) << extreme;
}

TEST_F(EngineCorners, LooksForNoPlacesByPatternsOfNames) {
  for (const char* const pattern : {"val*", "v*e"}) {
    EXPECT_EQ(count("3_12", R"({"query_string":{"query":"*","fields":[")" + std::string(pattern) + R"("]}})"), 0);
    EXPECT_EQ(count("3_12", R"({"query_string":{"query":"x","fields":[")" + std::string(pattern) + R"("]}})"), 0);
  }
  EXPECT_GT(count("3_12", R"({"query_string":{"query":"*","fields":["value"]}})"), 0);
}

TEST(NumberText, IsThatOfJavaForTheLeastNumbers) {
  EXPECT_EQ(number_text(5e-324), "4.9E-324");
  EXPECT_EQ(number_text(1e-323), "9.9E-324");
  EXPECT_EQ(number_text(1e-300), "1.0E-300");
  EXPECT_EQ(number_text(2e23), "2.0E23");
}

}  // namespace
}  // namespace iot::query
