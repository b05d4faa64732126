// What searches answer over a small world that the reader can hold in mind: sensor 4 of device 3 (double, a reading
// each minute from 2018-01-01T00:00, value = minute), sensor 5 (long), sensor 6 (keyword), sensor 7 of device 8
// (boolean), sensor 9 of device 8 (text), sensor 10 of device 8 (object).
#include <string>

#include "query/testing/query_answers.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;
constexpr std::int64_t minute_ns = 60'000'000'000;

class Search : public testing::Test {
 protected:
  Search() {
    world.add_sensor(3, 4, model::MappingType::double_precision);
    world.add_sensor(3, 5, model::MappingType::long_integer);
    world.add_sensor(3, 6, model::MappingType::keyword);
    world.add_sensor(8, 7, model::MappingType::boolean);
    world.add_sensor(8, 9, model::MappingType::text);
    world.add_sensor(8, 10, model::MappingType::object);
    for (std::int64_t i = 0; i < 100; ++i) {
      world.add(4, start_ns + i * minute_ns, static_cast<double>(i));
      world.add(5, start_ns + i * minute_ns, (std::int64_t{1} << 53) + i);
    }
    for (std::int64_t i = 0; i < 6; ++i) {
      world.add(6, start_ns + i * minute_ns, std::string(i % 3 == 0 ? "open" : i % 3 == 1 ? "closed" : "öffnend"));
      world.add(7, start_ns + i * minute_ns, std::int64_t{i % 2});
    }
    world.add(9, start_ns, std::string("The quick brown Fox"));
    world.add(9, start_ns + 1, std::string("a lazy dog"));
    world.add(10, start_ns, std::string(R"({"temp":1.5})"));
    world.add(10, start_ns + 1, std::string("{}"));
    world.store.run_readings_max = 16;
    world.store.seal();
  }

  std::int64_t count(const std::string& query, const std::string& index = "_all") {
    const EsAnswer answer = world.ask("POST", "/" + index + "/_count", R"({"query":)" + query + "}");
    EXPECT_EQ(answer.status, 200u) << query << answer.body;
    return json::parse(answer.body).at("count").to_number<std::int64_t>();
  }

  void refuses(const std::string& body, const std::string& type, const std::string& reason, unsigned status = 400) {
    const EsAnswer answer = world.ask("POST", "/3_4/_search", body);
    EXPECT_EQ(answer.status, status) << body << answer.body;
    EXPECT_NE(answer.body.find(reason), std::string::npos) << body << "\n" << answer.body;
    EXPECT_NE(answer.body.find("\"" + type + "\""), std::string::npos) << body << "\n" << answer.body;
    EXPECT_NO_THROW(json::parse(answer.body)) << answer.body;
  }

  QueryWorld world;
};

TEST_F(Search, ShowsDocumentsAsTheWireContractSays) {
  const json::value answer = search(world, R"({"size":1,"sort":[{"timestamp":"desc"}]})", "/3_4/_search");
  const json::value& hit = answer.at("hits").at("hits").at(0);
  EXPECT_EQ(hit.at("_index"), "3_4");
  EXPECT_EQ(
      hit.at("_source"),
      json::parse(R"({"timestamp":"2018-01-01T01:39:00.000000000Z","device_id":"3","sensor_id":"4","value":99.0})"));
  EXPECT_EQ(hit.at("sort").at(0), start_ns + 99 * minute_ns);
  EXPECT_EQ(std::string(hit.at("_id").as_string()),
            model::reading_id(SensorId{4}, {start_ns + 99 * minute_ns}, "99.0"));
  EXPECT_TRUE(hit.at("_score").is_null());
}

TEST_F(Search, FindsByEachClause) {
  EXPECT_EQ(count(R"({"match_all":{}})"), 216);
  EXPECT_EQ(count(R"({"match_none":{}})"), 0);
  EXPECT_EQ(count(R"({"term":{"sensor_id":"4"}})"), 100);
  EXPECT_EQ(count(R"({"term":{"sensor_id":{"value":4,"boost":2}}})"), 100);
  EXPECT_EQ(count(R"({"terms":{"device_id":["3","7"]}})"), 206);
  EXPECT_EQ(count(R"({"term":{"_index":"8_7"}})"), 6);
  EXPECT_EQ(count(R"({"exists":{"field":"value"}})", "8_10"), 1);
  EXPECT_EQ(count(R"({"exists":{"field":"nothing"}})"), 0);
  EXPECT_EQ(count(R"({"term":{"value":"7"}})", "3_4"), 1);
  EXPECT_EQ(count(R"({"terms":{"value":[1,2,2.5,"3.0"]}})", "3_4"), 3);
  EXPECT_EQ(count(R"({"term":{"value":9007199254740993}})", "3_5"), 1) << "2^53 + 1 is not 2^53";
  EXPECT_EQ(count(R"({"term":{"value":"open"}})", "3_6"), 2);
  EXPECT_EQ(count(R"({"prefix":{"value":"o"}})", "3_6"), 2);
  EXPECT_EQ(count(R"({"wildcard":{"value":{"value":"?ffn*"}}})", "3_6"), 2) << "? is a character, not a byte";
  EXPECT_EQ(count(R"({"term":{"value":true}})", "8_7"), 3);
  EXPECT_EQ(count(R"({"term":{"value":"fox"}})", "8_9"), 1);
  EXPECT_EQ(count(R"({"term":{"value":"Fox"}})", "8_9"), 0) << "a term is not analysed";
  EXPECT_EQ(count(R"({"match":{"value":"Lazy fox"}})", "8_9"), 2);
  EXPECT_EQ(count(R"({"match":{"value":{"query":"Lazy fox","operator":"and"}}})", "8_9"), 0);
  EXPECT_EQ(count(R"({"ids":{"values":[")" + model::reading_id(SensorId{4}, {start_ns}, "0.0") + R"(","x"]}})"), 1);
}

TEST_F(Search, FindsRangesOfTime) {
  EXPECT_EQ(count(R"({"range":{"timestamp":{"gte":"2018-01-01T00:10:00Z","lt":"2018-01-01T00:20:00Z"}}})", "3_4"), 10);
  EXPECT_EQ(count(R"({"range":{"timestamp":{"gt":"2018-01-01T00:10:00Z","lte":"2018-01-01T00:20:00Z"}}})", "3_4"), 10);
  EXPECT_EQ(count(R"({"range":{"timestamp":{"gte":"2018-01-01||+10m","lt":"2018-01-01||+1h/h"}}})", "3_4"), 50);
  EXPECT_EQ(
      count(R"({"range":{"timestamp":{"gte":1514764800000,"lte":1514764860000,"format":"epoch_millis"}}})", "3_4"), 2);
  EXPECT_EQ(
      count(
          R"({"range":{"timestamp":{"from":"2018-01-01 01:00","to":"2018-01-01 01:09","format":"yyyy-MM-dd HH:mm","time_zone":"+01:00"}}})",
          "3_4"),
      10);
  EXPECT_EQ(count(R"({"range":{"timestamp":{"lte":"2018"}}})", "3_4"), 100);
  EXPECT_EQ(count(R"({"range":{"timestamp":{"lt":"2018"}}})", "3_4"), 0);
  EXPECT_EQ(count(R"({"range":{"timestamp":{"gte":"now-1h"}}})", "3_4"), 0);
  world.clock.set({start_ns + 100 * minute_ns});
  EXPECT_EQ(count(R"({"range":{"timestamp":{"gte":"now-1h"}}})", "3_4"), 60);
  EXPECT_EQ(count(R"({"term":{"timestamp":"2018-01-01T00:03:00Z"}})", "3_4"), 1);
}

TEST_F(Search, FindsRangesOfValues) {
  EXPECT_EQ(count(R"({"range":{"value":{"gt":10,"lte":20}}})", "3_4"), 10);
  EXPECT_EQ(count(R"({"range":{"value":{"gte":"9007199254740993","lt":9007199254740995.0}}})", "3_5"), 3)
      << "9007199254740995.0 is the double 9007199254740996";
  EXPECT_EQ(count(R"({"range":{"value":{"gt":1e300}}})", "3_5"), 0);
  EXPECT_EQ(count(R"({"range":{"value":{"lt":1e300}}})", "3_5"), 100);
  EXPECT_EQ(count(R"({"range":{"value":{"gte":"closed","lt":"open"}}})", "3_6"), 2);
}

TEST_F(Search, JoinsClausesInABool) {
  EXPECT_EQ(count(R"({"bool":{"filter":{"term":{"sensor_id":"4"}},"must_not":[{"range":{"value":{"gte":50}}}]}})"), 50);
  EXPECT_EQ(count(R"({"bool":{"should":[{"range":{"value":{"lt":2}}},{"term":{"value":99}}]}})", "3_4"), 3);
  EXPECT_EQ(count(R"({"bool":{"must":[{"match_all":{}}],"should":[{"term":{"value":99}}]}})", "3_4"), 100);
  EXPECT_EQ(
      count(
          R"({"bool":{"should":[{"range":{"value":{"lt":5}}},{"range":{"value":{"gt":2}}},{"term":{"value":4}}],"minimum_should_match":"75%"}})",
          "3_4"),
      2)
      << "75% of three are two";
  EXPECT_EQ(count(R"({"bool":{}})", "3_4"), 100);
}

TEST_F(Search, ScoresConstantly) {
  const json::value plain = search(world, R"({"size":1})", "/3_4/_search");
  EXPECT_EQ(plain.at("hits").at("max_score"), 1.0);
  const json::value filtered =
      search(world, R"({"size":1,"query":{"bool":{"filter":[{"match_all":{}}]}}})", "/3_4/_search");
  EXPECT_EQ(filtered.at("hits").at("max_score"), 0.0);
  const json::value best = search(
      world,
      R"({"size":1,"query":{"bool":{"must":{"match_all":{}},"should":{"term":{"value":{"value":42,"boost":3}}}}}})",
      "/3_4/_search");
  EXPECT_EQ(best.at("hits").at("hits").at(0).at("_score"), 4.0);
  EXPECT_EQ(best.at("hits").at("hits").at(0).at("_source").at("value"), 42.0);
}

TEST_F(Search, CountsUpToTheLimit) {
  const auto total = [&](const std::string& track) {
    return search(world, R"({"size":0,"track_total_hits":)" + track + "}", "/3_4/_search").at("hits");
  };
  EXPECT_EQ(total("99").at("total"), json::parse(R"({"value":99,"relation":"gte"})"));
  EXPECT_EQ(total("100").at("total"), json::parse(R"({"value":100,"relation":"eq"})"));
  EXPECT_EQ(total("true").at("total"), json::parse(R"({"value":100,"relation":"eq"})"));
  EXPECT_FALSE(total("false").get_object().contains("total"));
}

TEST_F(Search, PagesWithSearchAfter) {
  std::string after;
  std::int64_t seen = 0;
  while (true) {
    const json::value page = search(
        world, R"({"size":7,"sort":[{"timestamp":"asc"},{"sensor_id":"desc"}])" + after + "}", "/3_4,3_5/_search");
    const auto& hits = page.at("hits").at("hits").get_array();
    if (hits.empty()) break;
    seen += static_cast<std::int64_t>(hits.size());
    after = R"(,"search_after":)" + json::serialize(hits.back().at("sort"));
  }
  EXPECT_EQ(seen, 200);
}

TEST_F(Search, ShowsOnlyTheSourceAskedFor) {
  const auto source = [&](const std::string& wanted) {
    const json::value answer = search(world, R"({"size":1,"_source":)" + wanted + "}", "/3_4/_search");
    const auto& hit = answer.at("hits").at("hits").at(0).get_object();
    return hit.contains("_source") ? json::serialize(hit.at("_source")) : "none";
  };
  EXPECT_EQ(source("false"), "none");
  EXPECT_EQ(source(R"("val*")"), R"({"value":0E0})");
  EXPECT_EQ(source(R"(["device_id","sensor_id"])"), R"({"device_id":"3","sensor_id":"4"})");
  EXPECT_EQ(source(R"({"excludes":["*_id","timestamp"]})"), R"({"value":0E0})");
}

TEST_F(Search, LooksAtTheLastBlocksOnlyForTheNewestReadings) {
  const auto before = world.store.blocks_decoded();
  search(world, R"({"size":5,"sort":{"timestamp":"desc"},"track_total_hits":false})", "/3_4,3_5/_search");
  EXPECT_EQ(world.store.blocks_decoded() - before, 2u) << "the last run of each has four readings";
}

TEST_F(Search, DecodesNothingWhereSummariesSuffice) {
  const auto before = world.store.blocks_decoded();
  const json::value answer = search(
      world,
      R"({"size":0,"aggs":{"s":{"stats":{"field":"value"}},"d":{"date_histogram":{"field":"timestamp","fixed_interval":"1d"},"aggs":{"m":{"max":{"field":"value"}}}}}})",
      "/3_4/_search");
  EXPECT_EQ(world.store.blocks_decoded(), before);
  EXPECT_EQ(answer.at("aggregations").at("s"),
            json::parse(R"({"count":100,"min":0.0,"max":99.0,"avg":49.5,"sum":4950.0})"));
}

TEST_F(Search, AnswersEmptyAggregationsAsElasticsearchDoes) {
  const json::value answer = search(
      world,
      R"({"size":0,"query":{"match_none":{}},"aggs":{"a":{"avg":{"field":"value"}},"s":{"sum":{"field":"value"}},"p":{"percentiles":{"field":"value","percents":[50]}},"t":{"terms":{"field":"value"}},"h":{"date_histogram":{"field":"timestamp","fixed_interval":"1h"}}}})",
      "/3_4/_search");
  const json::value& aggregations = answer.at("aggregations");
  EXPECT_TRUE(aggregations.at("a").at("value").is_null());
  EXPECT_EQ(aggregations.at("s").at("value"), 0.0);
  EXPECT_TRUE(aggregations.at("p").at("values").at("50.0").is_null());
  EXPECT_TRUE(aggregations.at("t").at("buckets").get_array().empty());
  EXPECT_TRUE(aggregations.at("h").at("buckets").get_array().empty());
}

TEST_F(Search, HoldsNumbersThatStandForATimeBeyondAllTimes) {
  // A bucket far out, and the same one whether a summary speaks for the readings or each is looked at.
  for (const std::string missing : {"1e300", "-1e300", "9223372036854775807", "9e15"}) {
    const std::string body =
        R"({"size":0,"aggs":{"h":{"date_histogram":{"field":"nothing","fixed_interval":"1d","min_doc_count":1,"missing":)" +
        missing + "}}}}";
    world.store.gives_summaries = true;
    const json::value by_summary = search(world, body, "/3_4/_search");
    world.store.gives_summaries = false;
    EXPECT_EQ(search(world, body, "/3_4/_search").at("aggregations"), by_summary.at("aggregations")) << missing;
    const json::array& buckets = by_summary.at("aggregations").at("h").at("buckets").as_array();
    ASSERT_EQ(buckets.size(), 1u) << missing;
    EXPECT_EQ(buckets[0].at("doc_count"), 100);
    EXPECT_EQ(buckets[0].at("key").to_number<std::int64_t>() < 0, missing.starts_with('-')) << missing;
  }
}

TEST(WriteLookTest, HoldsSumsOfDatesWithin64Bits) {
  const auto written = [](double value) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    write_look(json, "value", value, NumberLook::date);
    json.end_object();
    return out;
  };
  EXPECT_EQ(written(1'514'764'800'000), R"({"value_as_string":"2018-01-01T00:00:00.000Z"})");
  EXPECT_EQ(written(1e19), R"({"value_as_string":"+292278994-08-17T07:12:54.784Z"})");
  EXPECT_EQ(written(-1e19), R"({"value_as_string":"-292275055-05-16T16:47:05.216Z"})");
}

TEST_F(Search, TellsWhichIndexFailedAndAnswersForTheOthers) {
  const json::value answer = search(world, R"({"size":0,"aggs":{"a":{"avg":{"field":"value"}}}})", "/3_4,3_6/_search");
  EXPECT_EQ(answer.at("_shards").at("failed"), 1);
  EXPECT_EQ(answer.at("_shards").at("failures").at(0).at("index"), "3_6");
  EXPECT_EQ(answer.at("aggregations").at("a").at("value"), 49.5);
}

TEST_F(Search, RefusesByName) {
  refuses(R"({"query":{"fuzzy":{"value":"a"}}})", "parsing_exception", "[fuzzy] query is not supported");
  refuses(R"({"aggs":{"a":{"geohash_grid":{}}}})", "parsing_exception", "Unknown aggregation type [geohash_grid]");
  refuses(R"({"highlight":{"fields":{"value":{}}}})", "illegal_argument_exception", "[highlight] is not supported");
  refuses(R"({"size":1,"size":2})", "x_content_parse_exception", "Duplicate field 'size'");
  refuses(R"({"size":-1})", "illegal_argument_exception", "[size] parameter cannot be negative, found [-1]");
  refuses(R"({"size":2147483648})", "illegal_argument_exception", "out of range of int");
  refuses(R"({"from":9999,"size":2})", "illegal_argument_exception", "Result window is too large");
  refuses(R"({"query":{}})", "illegal_argument_exception", "query malformed, empty clause found");
  refuses(R"({"query":{"bool":{"shoud":[]}}})", "x_content_parse_exception", "[bool] unknown field [shoud]");
  refuses(R"({"query":{"range":{"value":{"above":1}}}})", "parsing_exception",
          "[range] query does not support [above]");
  refuses(R"({"query":{"term":{"value":"warm"}}})", "number_format_exception", "For input string: \\\"warm\\\"");
  refuses(R"({"aggs":{"a":{"avg":{"field":"sensor_id"}}}})", "illegal_argument_exception",
          "Field [sensor_id] of type [keyword] is not supported for aggregation [avg]");
  refuses(R"({"aggs":{"a":{"avg":{}}}})", "illegal_argument_exception", "Required one of fields [field, script]");
  refuses(R"({"aggs":{"a":{"avg":{"field":"value"},"aggs":{"b":{"min":{"field":"value"}}}}}})",
          "aggregation_initialization_exception", "cannot accept sub-aggregations");
  refuses(R"({"aggs":{"a":{"date_histogram":{"field":"timestamp"}}}})", "illegal_argument_exception",
          "Invalid interval specified");
  refuses(R"({"sort":"nothing"})", "query_shard_exception", "No mapping found for [nothing] in order to sort on");
  refuses(R"({"search_after":[1]})", "illegal_argument_exception", "Sort must contain at least one field.");
  refuses(R"([1])", "parsing_exception", "START_ARRAY");
  refuses(R"({"query":{"match_all":{}})", "x_content_e_o_f_exception", "Unexpected end of file");
}

TEST_F(Search, BoundsHostileRequests) {
  const std::string open = R"({"bool":{"must":)";
  std::string deep = R"({"query":)";
  for (int i = 0; i < 1000; ++i) deep += open;
  refuses(deep, "x_content_parse_exception", "exceeds the maximum allowed (64)");
  std::string many = R"({"query":{"terms":{"value":[0)";
  for (int i = 1; i < 65'536; ++i) many += ",1";
  EXPECT_EQ(world.ask("POST", "/3_4/_search", many + "]}}}").status, 200u);
  refuses(many + ",1]}}}", "illegal_argument_exception", "has exceeded the allowed maximum of [65536]");
  std::string clauses = R"({"query":{"bool":{"should":[{"match_all":{}})";
  for (std::size_t i = 0; i < world.limits.clauses_max; ++i) clauses += R"(,{"match_all":{}})";
  refuses(clauses + "]}}}", "too_many_nested_clauses", "maxClauseCount");
  std::string aggregations = R"({"aggs":{"a":{"min":{"field":"value"}})";
  for (int i = 0; i < 1'024; ++i) aggregations += ",\"a" + std::to_string(i) + R"(":{"min":{"field":"value"}})";
  refuses(aggregations + "}}", "illegal_argument_exception", "at most [1024] aggregations");
  refuses(R"({"aggs":{"h":{"histogram":{"field":"value","interval":1e-7}}}})", "too_many_buckets_exception", "65536");
  refuses(R"({"aggs":{"h":{"date_histogram":{"field":"timestamp","fixed_interval":"1ms"}}}})",
          "too_many_buckets_exception", "65536");
  refuses(
      R"({"aggs":{"h":{"date_histogram":{"field":"timestamp","fixed_interval":"1s","extended_bounds":{"min":"1970","max":"2200"}}}}})",
      "too_many_buckets_exception", "65536");
}

TEST_F(Search, CountsBucketsAtTheLimit) {
  const std::string body = R"({"size":0,"aggs":{"h":{"date_histogram":{"field":"timestamp","fixed_interval":"1m"}}}})";
  world.limits.buckets_max = 100;
  EXPECT_EQ(world.ask("POST", "/3_4/_search", body).status, 200u);
  world.limits.buckets_max = 99;
  refuses(body, "too_many_buckets_exception", "[99]");
}

TEST_F(Search, StopsAtItsMemoryBound) {
  world.limits.memory_bytes_max = 4'096;
  refuses(R"({"size":0,"aggs":{"t":{"terms":{"field":"value"}}}})", "circuit_breaking_exception", "Data too large",
          429);
}

TEST_F(Search, BoundsTheFiltersOfManyIndices) {
  std::string terms = R"({"size":0,"query":{"terms":{"value":[0)";
  for (int i = 1; i < 1'000; ++i) terms += "," + std::to_string(i);
  world.limits.memory_bytes_max = 16'384;
  EXPECT_EQ(world.ask("POST", "/3_4/_search", terms + "]}}}").status, 200u);
  EXPECT_EQ(world.ask("POST", "/3_4,3_5/_search", terms + "]}}}").status, 429u);
}

TEST_F(Search, SaysWhenItsTimeIsOver) {
  world.store.on_block = [&] { world.clock.advance(std::chrono::seconds(1)); };
  const json::value answer = search(
      world, R"({"timeout":"2500ms","query":{"range":{"value":{"gt":-1,"lt":60}}},"sort":"value"})", "/3_4/_search");
  EXPECT_EQ(answer.at("timed_out"), true);
  EXPECT_EQ(answer.at("hits").at("total").at("relation"), "gte");
  world.limits.deadline = std::chrono::milliseconds(2500);
  world.store.gives_summaries = false;
  EXPECT_EQ(world.ask("POST", "/3_4/_count", R"({"query":{"range":{"value":{"gt":1}}}})").status, 503u);
}

TEST_F(Search, StopsWhenTheClientHasGone) {
  world.cancelled = true;
  refuses(R"({"query":{"match_all":{}}})", "task_cancelled_exception", "closed the connection");
}

TEST_F(Search, TellsEveryFailureOfTheStore) {
  const std::string body = R"({"size":3,"sort":[{"timestamp":"desc"}],"aggs":{"p":{"percentiles":{"field":"value"}}}})";
  for (std::int64_t at = 0;; ++at) {
    QueryWorld& fresh = world;
    fresh.store.fail_from_now(at);
    const EsAnswer answer = fresh.ask("POST", "/3_4/_search", body);
    if (answer.status == 200) {
      EXPECT_GT(at, 5);
      break;
    }
    EXPECT_EQ(answer.status, 503u) << at << answer.body;
    EXPECT_NE(answer.body.find("refuses this call"), std::string::npos);
  }
}

TEST_F(Search, NamesIndices) {
  const auto count_of = [&](const std::string& expression) { return count(R"({"match_all":{}})", expression); };
  EXPECT_EQ(count_of("3_4,3_4,3_5"), 200);
  EXPECT_EQ(count_of("3_*"), 206);
  EXPECT_EQ(count_of("*,-3_*"), 10);
  EXPECT_EQ(count_of("9_*"), 0);
  EXPECT_EQ(world.ask("GET", "/3_4,9_9/_count").status, 404u);
  EXPECT_EQ(world.ask("GET", "/3_4,9_9/_count", "", {{"ignore_unavailable", "true"}}).status, 200u);
  EXPECT_EQ(world.ask("GET", "/03_4/_count").status, 404u);
  EXPECT_EQ(world.ask("HEAD", "/3_4").status, 200u);
  EXPECT_EQ(world.ask("HEAD", "/9_9").status, 404u);
  world.limits.indices_max = 5;
  EXPECT_EQ(world.ask("GET", "/_count").status, 400u);
}

TEST_F(Search, AnswersSeveralSearchesAtOnce) {
  const json::value answer = search(
      world, "{\"index\":\"3_4\"}\n{\"size\":0}\n{\"index\":\"nosuch\"}\n{}\n{}\n{\"size\":0}\n", "/3_5/_msearch");
  const auto& responses = answer.at("responses").get_array();
  ASSERT_EQ(responses.size(), 3u);
  EXPECT_EQ(responses[0].at("status"), 200);
  EXPECT_EQ(responses[1].at("status"), 404);
  EXPECT_EQ(responses[2].at("hits").at("total").at("value"), 100);
  EXPECT_EQ(world.ask("POST", "/_msearch", "{}\n{}").status, 400u);
}

TEST_F(Search, RefusesUnknownPathsAndParameters) {
  EXPECT_EQ(world.ask("GET", "/3_4/_frob").status, 400u);
  EXPECT_NE(world.ask("GET", "/3_4/_search", "", {{"frob", "1"}})
                .body.find("request [/3_4/_search] contains unrecognized parameter: [frob]"),
            std::string::npos);
  EXPECT_EQ(world.ask("GET", "/3_4/_search", "", {{"size", "3"}, {"sort", "value:desc"}}).status, 200u);
  EXPECT_EQ(world.ask("DELETE", "/3_4/_search").status, 405u);
  EXPECT_EQ(json::parse(world.ask("GET", "/").body).at("tagline"), "You Know, for Search");
  EXPECT_TRUE(world.ask("HEAD", "/").body.empty());
}

}  // namespace
}  // namespace iot::query
