// Endpoints other than searches, what a hit shows beside its source, and parts of answers.
#include <string>

#include "query/answer_filter.h"
#include "query/routes.h"
#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;

class Endpoints : public testing::Test {
 protected:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  Endpoints() {
    world.add_sensor(3, 4, model::MappingType::double_precision);
    world.add_sensor(3, 5, model::MappingType::long_integer);
    world.add_sensor(3, 6, model::MappingType::single_precision);
    world.add_sensor(8, 9, model::MappingType::text);
    world.add_sensor(8, 10, model::MappingType::geo_point);
    world.add_sensor(8, 11, model::MappingType::date);
    for (std::int64_t i = 0; i < 3; ++i) world.add(4, start_ns + i, static_cast<double>(i));
    for (std::int64_t i = 0; i < 5; ++i) world.add(5, start_ns + i, i);
    world.add(6, start_ns, static_cast<double>(0.1f));
    world.add(9, start_ns, std::string("a text"));
    world.add(10, start_ns, std::string(R"({"lat":41.12,"lon":-71.34})"));
    world.add(11, start_ns, start_ns);
    world.store.seal();
  }

  json::value ask(const std::string& path, Parameters parameters = {}, unsigned status = 200,
                  const std::string& body = "", const std::string& method = "GET") {
    const EsAnswer answer = world.ask(method, path, body, std::move(parameters));
    EXPECT_EQ(answer.status, status) << path << answer.body;
    boost::json::error_code error;
    json::value parsed = json::parse(answer.body, error);
    EXPECT_FALSE(error) << answer.body;
    return parsed;
  }
  std::string text(const std::string& path, Parameters parameters = {}) {
    return world.ask("GET", path, "", std::move(parameters)).body;
  }
  json::value first_hit(const std::string& body, const std::string& index = "3_4") {
    return search(world, body, "/" + index + "/_search").at("hits").at("hits").at(0);
  }
  void refuses(const std::string& body, const std::string& named, const std::string& index = "3_4") {
    const EsAnswer answer = world.ask("POST", "/" + index + "/_search", body);
    EXPECT_EQ(answer.status, 400u) << body << answer.body;
    EXPECT_NE(answer.body.find(named), std::string::npos) << body << answer.body;
  }

  QueryWorld world;
};

TEST_F(Endpoints, ShowFieldsAsAskedFor) {
  const auto fields = [&](const std::string& body, const std::string& index = "3_4") {
    return json::serialize(first_hit(body, index).at("fields"));
  };
  EXPECT_EQ(fields(R"({"fields":["*"],"_source":false})"),
            R"({"timestamp":["2018-01-01T00:00:00.000Z"],"device_id":["3"],"sensor_id":["4"],"value":[0E0]})");
  EXPECT_EQ(fields(R"({"fields":[{"field":"timestamp","format":"epoch_millis","include_unmapped":true}]})"),
            R"({"timestamp":["1514764800000"]})");
  EXPECT_EQ(fields(R"({"docvalue_fields":[{"field":"timestamp","format":"use_field_mapping"}]})"),
            R"({"timestamp":["2018-01-01T00:00:00.000Z"]})");
  EXPECT_EQ(fields(R"({"docvalue_fields":[{"field":"timestamp","format":"epoch_second"}]})"),
            R"({"timestamp":["1514764800"]})");
  EXPECT_EQ(fields(R"({"docvalue_fields":[{"field":"timestamp","format":"yyyy-MM"}]})"),
            R"({"timestamp":["2018-01"]})");
  EXPECT_EQ(fields(R"({"fields":["value"]})", "8_9"), R"({"value":["a text"]})");
  EXPECT_EQ(world.ask("POST", "/8_9/_search", R"({"docvalue_fields":["value"]})").status, 400u) << "a text";
  EXPECT_NE(world.ask("POST", "/3_6/_search", R"({"docvalue_fields":["value"]})").body.find("0.10000000149011612"),
            std::string::npos);
  EXPECT_NE(world.ask("POST", "/3_6/_search", R"({"fields":["value"],"_source":false})").body.find("[0.1]"),
            std::string::npos);
  EXPECT_EQ(first_hit(R"({"fields":["value"]})", "8_10").at("fields").at("value").at(0).at("coordinates").at(0),
            -71.34);
  EXPECT_EQ(fields(R"({"fields":[{"field":"value","format":"yyyy"}]})", "8_11"), R"({"value":["2018"]})");
  refuses(R"({"docvalue_fields":[{"field":"value","format":"0.00"}]})", "doesn't support formats");
  refuses(R"({"docvalue_fields":[{"field":"sensor_id","format":"yyyy"}]})", "doesn't support formats");
  refuses(R"({"fields":["_id"]})", "[_id]");
}

TEST_F(Endpoints, ShowOfAHitWhatIsAskedFor) {
  EXPECT_FALSE(first_hit(R"({"stored_fields":[]})").as_object().contains("_source"));
  EXPECT_TRUE(first_hit(R"({"stored_fields":["_source"]})").as_object().contains("_source"));
  EXPECT_TRUE(first_hit(R"({"stored_fields":["value"],"_source":true})").as_object().contains("_source"));
  const json::value none = first_hit(R"({"stored_fields":"_none_"})");
  EXPECT_FALSE(none.as_object().contains("_id"));
  EXPECT_FALSE(none.as_object().contains("_source"));
  refuses(R"({"stored_fields":"_none_","_source":true})", "cannot be disabled");
  refuses(R"({"stored_fields":["_none_","a"]})", "cannot combine _none_");
  const json::value versions = first_hit(R"({"version":true,"seq_no_primary_term":true})");
  EXPECT_EQ(versions.at("_version"), 1);
  EXPECT_EQ(versions.at("_seq_no"), 0);
  EXPECT_EQ(versions.at("_primary_term"), 1);
  const json::value grafanas =
      search(world, R"({"size":1,"script_fields":{},"docvalue_fields":[],"stats":["a"],"ext":{},"terminate_after":0})",
             "/3_4/_search");
  EXPECT_EQ(grafanas.at("hits").at("hits").as_array().size(), 1u);
  for (const char* name : {"rescore", "suggest", "highlight", "collapse", "knn", "runtime_mappings", "script_fields",
                           "slice", "post_filter", "ext"}) {
    refuses(std::string(R"({")") + name + R"(":{"a":{}}})", std::string("[") + name + "] is not supported");
  }
  refuses(R"({"min_score":1})", "[min_score]");
  refuses(R"({"profile":true})", "[profile]");
  refuses(R"({"terminate_after":5})", "[terminate_after]");
}

TEST_F(Endpoints, GiveTotalsAsOneNumber) {
  EXPECT_EQ(ask("/3_*/_search", {{"rest_total_hits_as_int", "true"}}).at("hits").at("total"), 9);
  EXPECT_EQ(
      ask("/3_*/_search", {{"rest_total_hits_as_int", "true"}, {"track_total_hits", "false"}}).at("hits").at("total"),
      -1);
  ask("/3_*/_search", {{"rest_total_hits_as_int", "true"}, {"track_total_hits", "2"}}, 400);
}

TEST_F(Endpoints, KeepPartsOfAnswers) {
  const auto kept = [&](const std::string& paths) {
    return text("/3_4/_search", {{"filter_path", paths}, {"size", "1"}, {"sort", "timestamp"}});
  };
  EXPECT_EQ(kept("hits.total.value"), R"({"hits":{"total":{"value":3}}})");
  EXPECT_EQ(kept("hits.hits._source.v*"), R"({"hits":{"hits":[{"_source":{"value":0.0}}]}})");
  EXPECT_EQ(kept("**.sensor_id,timed_out"), R"({"timed_out":false,"hits":{"hits":[{"_source":{"sensor_id":"4"}}]}})");
  EXPECT_EQ(kept("_shards"), R"({"_shards":{"total":1,"successful":1,"skipped":0,"failed":0}})");
  EXPECT_EQ(kept("-hits,-took"), R"({"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0}})");
  EXPECT_EQ(kept("hits,-hits.hits,-**.relation"), R"({"hits":{"total":{"value":3},"max_score":null}})");
  EXPECT_EQ(kept("nothing"), "{}");
  EXPECT_NE(text("/nosuch/_search", {{"filter_path", "took"}}).find("index_not_found"), std::string::npos);
  EXPECT_EQ(text("/nosuch/_search", {{"filter_path", "took"}}), text("/nosuch/_search"));
  EXPECT_EQ(AnswerFilter::parse("-a")->apply(R"({"b":[],"c":{},"a":1,"d":["x\"]}",2]})"),
            R"({"b":[],"c":{},"d":["x\"]}",2]})");
  EXPECT_FALSE(AnswerFilter::parse(std::string(200, 'a') + [] {
    std::string many;
    for (int i = 0; i < 65; ++i) many += ",a";
    return many;
  }()));
}

TEST_F(Endpoints, TellWhatFieldsCanDo) {
  const json::value one = ask("/3_4/_field_caps", {{"fields", "value,sensor_id"}});
  EXPECT_EQ(json::serialize(one.at("indices")), R"(["3_4"])");
  EXPECT_EQ(one.at("fields").as_object().size(), 2u);
  EXPECT_EQ(json::serialize(one.at("fields").at("value")),
            R"({"double":{"type":"double","metadata_field":false,"searchable":true,"aggregatable":true}})");
  const json::value two = ask("/3_4,8_9/_field_caps", {}, 200, R"({"fields":["val*"]})", "POST");
  EXPECT_EQ(json::serialize(two.at("fields").at("value").at("double").at("indices")), R"(["3_4"])");
  EXPECT_EQ(two.at("fields").at("value").at("text").at("aggregatable"), false);
  EXPECT_EQ(ask("/_field_caps", {{"fields", "*"}}).at("fields").as_object().size(), 18u);
  ask("/_field_caps", {}, 400);
  ask("/_field_caps", {{"fields", "*"}}, 400, R"({"index_filter":{"term":{"value":1}}})", "POST");
}

TEST_F(Endpoints, TellAboutIndices) {
  EXPECT_EQ(
      ask("/3_4/_mapping/field/val*,nothing").at("3_4").at("mappings").at("value").at("mapping").at("value").at("type"),
      "double");
  EXPECT_EQ(ask("/_mapping").as_object().size(), 6u);
  EXPECT_EQ(ask("/3_4/_settings").at("3_4").at("settings").at("index").at("number_of_shards"), "1");
  EXPECT_EQ(ask("/3_4/_settings/index.uuid", {{"flat_settings", "true"}}).at("3_4").at("settings").as_object().size(),
            1u);
  const json::value index = ask("/3_4");
  EXPECT_TRUE(index.at("3_4").at("aliases").as_object().empty());
  EXPECT_EQ(index.at("3_4").at("mappings").at("properties").at("timestamp").at("type"), "date_nanos");
  EXPECT_TRUE(ask("/_alias").at("8_9").at("aliases").as_object().empty());
  EXPECT_EQ(ask("/_alias/a", {}, 404).at("error"), "alias [a] missing");
  EXPECT_EQ(ask("/3_*/_stats/docs").at("_all").at("primaries").at("docs").at("count"), 9);
  EXPECT_EQ(ask("/_stats").at("indices").at("3_5").at("total").at("docs").at("count"), 5);
  ask("/_stats/segments", {}, 400);
  EXPECT_EQ(ask("/_resolve/index/3_*").at("indices").as_array().size(), 3u);
  EXPECT_EQ(ask("/3_4/_refresh", {}, 200, "", "POST").at("_shards").at("failed"), 0);
  EXPECT_EQ(world.ask("HEAD", "/3_4").status, 200u);
  EXPECT_EQ(world.ask("HEAD", "/nosuch").status, 404u);
  EXPECT_EQ(ask("/3_*/_count", {{"expand_wildcards", "none"}}).at("count"), 0);
  ask("/3_*/_count", {{"expand_wildcards", "some"}}, 400);
}

TEST_F(Endpoints, TellAboutTheCluster) {
  EXPECT_EQ(ask("/_nodes/http").at("nodes").at("iotplatform").at("version"), ask("/").at("version").at("number"));
  EXPECT_EQ(ask("/_license").at("license").at("status"), "active");
  EXPECT_TRUE(ask("/_cluster/settings").at("persistent").as_object().empty());
  EXPECT_EQ(ask("/_cluster/health/3_4", {{"wait_for_status", "yellow"}}).at("active_shards"), 1);
}

TEST_F(Endpoints, WriteTables) {
  EXPECT_EQ(text("/_cat/indices/3_*", {{"h", "index,dc"}, {"s", "docs.count:desc,index"}, {"v", ""}}),
            "index docs.count\n3_5            5\n3_4            3\n3_6            1\n");
  EXPECT_EQ(text("/_cat/indices/3_4", {{"h", "i,ss"}, {"bytes", "b"}}), "3_4 6\n");
  EXPECT_EQ(text("/_cat/count/3_*", {{"h", "count"}}), "9\n");
  EXPECT_EQ(world.ask("POST", "/_cat/count/3_*", "", {{"h", "count"}}).body, "9\n");
  EXPECT_EQ(world.ask("POST", "/_cat/count", R"({"query":{"match_none":{}}})").status, 400u);
  EXPECT_EQ(world.ask("POST", "/_cat/health").status, 405u);
  EXPECT_EQ(text("/_cat/health", {{"h", "status,shards"}}), "green 6\n");
  EXPECT_EQ(text("/_cat/nodes", {{"h", "name"}}), "iotplatform\n");
  EXPECT_EQ(text("/_cat/aliases"), "");
  EXPECT_EQ(ask("/_cat/aliases", {{"format", "json"}}).as_array().size(), 0u);
  EXPECT_EQ(ask("/_cat/shards/3_4", {{"format", "json"}}).at(0).at("state"), "STARTED");
  EXPECT_EQ(text("/_cat/count", {{"help", ""}}).substr(0, 20), "epoch | t,time | sec");
  EXPECT_NE(text("/_cat").find("/_cat/indices\n"), std::string::npos);
  ask("/_cat/indices", {{"h", "nothing"}}, 400);
  ask("/_cat/indices", {{"s", "nothing"}}, 400);
  ask("/_cat/segments", {}, 400);
}

TEST_F(Endpoints, FindDocumentsByTheirId) {
  const json::value hit = first_hit(R"({"sort":[{"timestamp":"desc"}]})");
  const std::string id(hit.at("_id").as_string());
  const json::value found = ask("/3_4/_doc/" + id);
  EXPECT_EQ(found.at("found"), true);
  EXPECT_EQ(found.at("_source"), hit.at("_source"));
  EXPECT_EQ(ask("/3_4/_source/" + id, {{"_source_includes", "value"}}).as_object().size(), 1u);
  EXPECT_FALSE(ask("/3_4/_doc/" + id, {{"_source", "false"}}).as_object().contains("_source"));
  EXPECT_EQ(world.ask("HEAD", "/3_4/_doc/" + id).status, 200u);
  EXPECT_EQ(world.ask("HEAD", "/3_4/_source/nothing").status, 404u);
  EXPECT_EQ(json::serialize(ask("/3_4/_doc/nothing", {}, 404)), R"({"_index":"3_4","_id":"nothing","found":false})");
  EXPECT_EQ(ask("/3_5/_doc/" + id, {}, 404).at("found"), false) << "the id is another sensor's";
  EXPECT_EQ(ask("/3_4/_source/nothing", {}, 404).at("error").at("type"), "resource_not_found_exception");
  EXPECT_EQ(ask("/3_*/_doc/" + id, {}, 404).at("error").at("type"), "index_not_found_exception");
  const json::value many = ask("/3_4/_mget", {}, 200,
                               R"({"docs":[{"_id":")" + id + R"(","_source":["value"]},{"_index":"3_5","_id":"x"},)" +
                                   R"({"_index":"nosuch","_id":"x"}]})",
                               "POST");
  EXPECT_EQ(json::serialize(many.at("docs").at(0).at("_source")), R"({"value":2E0})");
  EXPECT_EQ(many.at("docs").at(1).at("found"), false);
  EXPECT_EQ(many.at("docs").at(2).at("error").at("type"), "index_not_found_exception");
  EXPECT_EQ(ask("/3_4/_mget", {}, 200, R"({"ids":[")" + id + R"("]})", "POST").at("docs").at(0).at("found"), true);
  ask("/_mget", {}, 400, R"({"ids":["x"]})", "POST");
  ask("/3_4/_mget", {}, 400, "{}", "POST");
}

TEST_F(Endpoints, RefuseByNameWhatElasticsearchHasBesides) {
  for (const char* path :
       {"/_reindex", "/3_4/_update_by_query", "/3_4/_delete_by_query", "/3_4/_termvectors/a", "/_sql/async/status/a",
        "/3_4/_explain/a", "/3_4/_validate/query", "/_search/template", "/_cluster/state", "/_tasks"}) {
    const json::value answer = ask(path, {}, 400, "{}", "POST");
    const std::string reason(answer.at("error").at("reason").as_string());
    EXPECT_NE(reason.find("is not supported"), std::string::npos) << path << reason;
  }
  EXPECT_NE(text("/_nosuch").find("no handler found"), std::string::npos);
  EXPECT_NE(text("/3_4/_search/more/and/more").find("no handler found"), std::string::npos);
}

TEST_F(Endpoints, TakeTheOptionsOfSeveralSearches) {
  const std::string body = R"({"index":["3_4","3_5"],"expand_wildcards":["open"]})"
                           "\n{\"size\":0}\n"
                           R"({"index":"nosuch"})"
                           "\n{\"size\":0}\n";
  const json::value answer =
      ask("/_msearch", {{"max_concurrent_searches", "2"}, {"ignore_unavailable", "true"}, {"typed_keys", "true"}}, 200,
          body, "POST");
  EXPECT_EQ(answer.at("responses").at(0).at("hits").at("total").at("value"), 8);
  EXPECT_EQ(answer.at("responses").at(1).at("status"), 200);
}

}  // namespace
}  // namespace iot::query
