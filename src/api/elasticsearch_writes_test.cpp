// Readings through Elasticsearch's API: who may write what, and what the answers say.
#include <gtest/gtest.h>

#include "api/testing/world.h"

namespace iot::api {
namespace {

class WritesTest : public testing::ApiTest {
 protected:
  testing::Reply send(std::string_view method, std::string_view target, std::string_view body, std::string token = {},
                      std::string_view type = "application/x-ndjson") {
    if (token.empty()) token = device_token_;
    return platform_.query(method, target, body,
                           {{"Authorization", "Bearer " + token}, {"Content-Type", std::string(type)}});
  }
  testing::Reply bulk(std::string_view body, std::string token = {}) {
    return send("POST", "/_bulk", body, std::move(token));
  }
  static std::string line(std::string_view index, std::string_view document, std::string_view action = "index") {
    return "{\"" + std::string(action) + "\":{\"_index\":\"" + std::string(index) + "\"}}\n" + std::string(document) +
           "\n";
  }
  std::string consumer_token() {
    const std::string consumer = ann_.add_consumer();
    ann_.post("/api/consumers/" + consumer + "/sensors/" + sensor_);
    return ann_.get("/api/consumers/" + consumer + "/key").text("/token");
  }
  std::size_t stored() const {
    std::size_t readings = 0;
    for (const auto& batch : platform_.log.stored) readings += batch.size();
    return readings;
  }
  static void expect_error(const testing::Reply& reply, unsigned status, std::string_view type) {
    EXPECT_EQ(reply.status(), status) << reply.response.body;
    EXPECT_EQ(reply.text("/error/type"), type) << reply.response.body;
    EXPECT_EQ(reply.text("/status"), std::to_string(status));
    EXPECT_EQ(reply.header("X-Elastic-Product"), "Elasticsearch");
  }

  std::string device_ = ann_.add_device();
  std::string sensor_ = ann_.add_sensor(device_);
  std::string index_ = device_ + "_" + sensor_;
  std::string device_token_ = ann_.get("/api/devices/" + device_ + "/key").text("/token");
  std::string roots_device_ = root_.add_device();
  std::string roots_index_ = roots_device_ + "_" + root_.add_sensor(roots_device_);
};

TEST_F(WritesTest, ADeviceWritesItsReadings) {
  const auto reply = bulk(line(index_, R"({"timestamp":1526717967,"value":1.5})") +
                          line(index_, R"({"@timestamp":"2018-05-19T08:19:28Z","value":2})", "create"));
  EXPECT_EQ(reply.status(), 200u) << reply.response.body;
  EXPECT_EQ(reply.header("X-Elastic-Product"), "Elasticsearch");
  EXPECT_EQ(reply.text("/errors"), "false");
  EXPECT_EQ(reply.text("/items/0/index/status"), "201");
  EXPECT_EQ(reply.text("/items/0/index/result"), "created");
  EXPECT_EQ(reply.text("/items/0/index/_index"), index_);
  EXPECT_EQ(reply.text("/items/0/index/_shards/successful"), "1");
  EXPECT_EQ(reply.text("/items/1/create/status"), "201");
  const SensorId sensor = *parse_id<SensorId>(sensor_);
  EXPECT_EQ(reply.text("/items/0/index/_id"), model::reading_id(sensor, {1'526'717'967'000'000'000}, "1.5"));
  ASSERT_EQ(platform_.log.stored.size(), 1u);
  EXPECT_EQ(platform_.log.stored[0].size(), 2u);
  EXPECT_EQ(platform_.connections->presence(*parse_id<DeviceId>(device_))->protocol, gateway::Protocol::http);
}

TEST_F(WritesTest, EachItemIsAnsweredAloneAndTheGoodAreStored) {
  const auto reply =
      bulk(line(index_, R"({"value":1})") + line(index_, R"({"value":"warm"})") + line(roots_index_, R"({"value":1})") +
           "{\"delete\":{\"_index\":\"" + index_ + "\",\"_id\":\"x\"}}\n" + line(index_, R"({"value":2})"));
  EXPECT_EQ(reply.status(), 200u);
  EXPECT_EQ(reply.text("/errors"), "true");
  EXPECT_EQ(reply.text("/items/0/index/status"), "201");
  EXPECT_EQ(reply.text("/items/1/index/status"), "400");
  EXPECT_EQ(reply.text("/items/1/index/error/type"), "document_parsing_exception");
  EXPECT_EQ(reply.text("/items/2/index/status"), "404");
  EXPECT_EQ(reply.text("/items/2/index/error/type"), "index_not_found_exception");
  EXPECT_EQ(reply.text("/items/2/index/error/index"), roots_index_);
  EXPECT_EQ(reply.text("/items/3/delete/status"), "400");
  EXPECT_EQ(reply.text("/items/3/delete/_id"), "x");
  EXPECT_EQ(reply.text("/items/4/index/status"), "201");
  EXPECT_EQ(stored(), 2u);
  EXPECT_NE(platform_.connections->presence(*parse_id<DeviceId>(device_))->last_error.find("[value]"),
            std::string::npos);
}

TEST_F(WritesTest, UsersWriteToTheirDevicesAndAdminsToAll) {
  const std::string both = line(index_, R"({"value":1})") + line(roots_index_, R"({"value":2})");
  const auto anns = bulk(both, ann_.token());
  EXPECT_EQ(anns.text("/items/0/index/status"), "201");
  EXPECT_EQ(anns.text("/items/1/index/status"), "404");
  const auto roots = bulk(both, root_.token());
  EXPECT_EQ(roots.text("/errors"), "false");
  EXPECT_EQ(stored(), 3u);
}

TEST_F(WritesTest, WhoMayOnlyReadWritesNothing) {
  const std::string reader = platform_.token_of(platform_.add_user("rea", model::Role::read_only));
  for (const std::string& token : {reader, consumer_token()}) {
    const auto reply = bulk(line(index_, R"({"value":1})"), token);
    EXPECT_EQ(reply.status(), 200u);
    EXPECT_EQ(reply.text("/items/0/index/status"), "403");
    EXPECT_EQ(reply.text("/items/0/index/error/type"), "security_exception");
    expect_error(send("POST", "/" + index_ + "/_doc", R"({"value":1})", token, "application/json"), 403,
                 "security_exception");
  }
  EXPECT_EQ(stored(), 0u);
  EXPECT_EQ(platform_.query("POST", "/_bulk", line(index_, "{}")).status(), 401u);
}

TEST_F(WritesTest, ADevicesTokenReadsNothing) {
  expect_error(send("GET", "/" + index_ + "/_search", ""), 403, "security_exception");
  expect_error(send("GET", "/_cat/indices", ""), 403, "security_exception");
  EXPECT_EQ(send("GET", "/", "").text("/tagline"), "You Know, for Search");
  EXPECT_EQ(send("HEAD", "/", "").status(), 200u);
  EXPECT_EQ(send("GET", "/_license", "").text("/license/status"), "active");
}

TEST_F(WritesTest, TakesSingleDocuments) {
  const std::string document = R"({"timestamp":"2018-05-19T08:19:27Z","value":1.5})";
  const auto post = [&](std::string_view method, const std::string& rest) {
    return send(method, "/" + index_ + rest, document, {}, "application/json");
  };
  for (const auto& [method, rest] :
       std::vector<std::pair<std::string, std::string>>{{"POST", "/_doc"},
                                                        {"POST", "/_doc/"},
                                                        {"POST", "/_doc/mine"},
                                                        {"PUT", "/_doc/mine"},
                                                        {"PUT", "/_create/mine"},
                                                        {"POST", "/_create/mine"},
                                                        {"POST", "/_doc?op_type=create"}}) {
    const auto reply = post(method, rest);
    EXPECT_EQ(reply.status(), 201u) << method << rest << reply.response.body;
    EXPECT_EQ(reply.text("/result"), "created");
    EXPECT_EQ(reply.text("/_index"), index_);
    EXPECT_EQ(reply.text("/_id").size(), 20u);
    EXPECT_EQ(reply.header("Location"), "/" + index_ + "/_doc/" + reply.text("/_id"));
  }
  expect_error(send("POST", "/" + index_ + "/_doc", R"({"value":[]})", {}, "application/json"), 400,
               "document_parsing_exception");
  expect_error(send("POST", "/987_654/_doc", document, {}, "application/json"), 404, "index_not_found_exception");
  expect_error(send("POST", "/" + index_ + "/_doc", "", {}, "application/json"), 400, "document_parsing_exception");
  expect_error(send("DELETE", "/" + index_ + "/_doc/x", ""), 400, "illegal_argument_exception");
  expect_error(send("POST", "/" + index_ + "/_update/x", "{}"), 400, "illegal_argument_exception");
}

TEST_F(WritesTest, ParametersAreKnownOrRefusedByName) {
  const std::string one = line(index_, R"({"value":1})");
  for (const char* good : {"refresh", "refresh=true", "refresh=wait_for", "wait_for_active_shards=all", "timeout=1m",
                           "require_alias=false", "pipeline=_none", "pretty", "routing=r", "error_trace=true"}) {
    EXPECT_EQ(send("PUT", "/_bulk/?" + std::string(good), one).status(), 200u) << good;
  }
  for (const char* bad : {"refresh=yes", "wait_for_active_shards=2", "require_alias=true", "pipeline=geo", "version=1",
                          "color=red", "op_type=index", "refresh=%zz"}) {
    const auto reply = send("POST", "/_bulk?" + std::string(bad), one);
    expect_error(reply, 400, "illegal_argument_exception");
  }
  EXPECT_EQ(stored(), 10u);
}

TEST_F(WritesTest, FilterPathShowsWhatIsWanted) {
  const std::string good = line(index_, R"({"value":1})");
  const auto ask = [&](const std::string& lines, std::string_view filter) {
    return send("POST", "/_bulk?filter_path=" + std::string(filter), lines).response.body;
  };
  EXPECT_EQ(ask(good, "errors,items.*.error"), R"({"errors":false})");
  EXPECT_EQ(ask(good, "errors%2Citems.%2A.error%2Citems.%2A.status"),
            R"({"errors":false,"items":[{"index":{"status":201}}]})");
  EXPECT_EQ(ask(good + line("9_9", "{}"), "items.*.error.type"),
            R"({"items":[{"index":{"error":{"type":"index_not_found_exception"}}}]})");
  EXPECT_EQ(ask(good, "items.index._shards.failed"), R"({"items":[{"index":{"_shards":{"failed":0}}}]})");
}

TEST_F(WritesTest, TheIndexOfThePathIsTheDefault) {
  EXPECT_EQ(send("POST", "/" + index_ + "/_bulk", "{\"index\":{}}\n{\"value\":1}\n").text("/errors"), "false");
  expect_error(bulk("{\"index\":{}}\n{\"value\":1}\n"), 400, "action_request_validation_exception");
}

TEST_F(WritesTest, ARequestThatIsNoneIsRefusedWhole) {
  expect_error(bulk(""), 400, "parse_exception");
  expect_error(bulk("{\"value\":1}\n"), 400, "illegal_argument_exception");
  std::string many;
  for (int i = 0; i < 3'001; ++i) many += line(index_, "{\"value\":1}");
  expect_error(bulk(many), 413, "content_too_long_exception");
  EXPECT_EQ(stored(), 0u);
}

TEST_F(WritesTest, ManyItemsAreAnsweredFromThePoolAlike) {
  std::string lines;
  for (int i = 0; i < 3'000; ++i)
    lines += line(index_, "{\"timestamp\":" + std::to_string(1526717967 + i) + ",\"value\":1}");
  const auto reply = bulk(lines);
  EXPECT_EQ(reply.status(), 200u);
  EXPECT_EQ(reply.text("/errors"), "false");
  EXPECT_EQ(reply.text("/items/2999/index/status"), "201");
  EXPECT_EQ(stored(), 3'000u);
}

TEST_F(WritesTest, WhatTheLogRefusesMayBeSentAgain) {
  platform_.log.refusal = make_error(log::Errc::overloaded, "the event log is full");
  const std::string both = line(index_, R"({"value":1})") + line(roots_index_, R"({"value":2})");
  const auto none = bulk(both, root_.token());
  expect_error(none, 429, "es_rejected_execution_exception");
  EXPECT_EQ(none.header("Retry-After"), "1");
  expect_error(send("POST", "/" + index_ + "/_doc", R"({"value":1})"), 429, "es_rejected_execution_exception");

  platform_.log.refused_device = *parse_id<DeviceId>(device_);
  const auto half = bulk(both, root_.token());
  EXPECT_EQ(half.status(), 200u);
  EXPECT_EQ(half.text("/items/0/index/status"), "429");
  EXPECT_EQ(half.text("/items/0/index/error/type"), "es_rejected_execution_exception");
  EXPECT_EQ(half.text("/items/1/index/status"), "201");

  platform_.log.refusal = make_error(log::Errc::too_large, "the record is too large");
  EXPECT_EQ(bulk(both, root_.token()).text("/items/0/index/status"), "413");
}

TEST_F(WritesTest, AnIndexComesWithItsSensor) {
  expect_error(send("PUT", "/" + index_, "{}", {}, "application/json"), 400, "resource_already_exists_exception");
  expect_error(send("PUT", "/" + index_, "{}", ann_.token(), "application/json"), 400,
               "resource_already_exists_exception");
  expect_error(send("PUT", "/" + roots_index_, "{}", ann_.token(), "application/json"), 400,
               "illegal_argument_exception");
  expect_error(send("PUT", "/logs", "{}", {}, "application/json"), 400, "illegal_argument_exception");
  for (const char* path : {"/_index_template/x", "/_template/x", "/_ilm/policy/x", "/_ingest/pipeline/x"}) {
    expect_error(send("PUT", path, "{}", ann_.token(), "application/json"), 400, "illegal_argument_exception");
  }
}

TEST_F(WritesTest, ContentTypesAreThoseOfElasticsearch) {
  const std::string one = line(index_, R"({"value":1})");
  for (const char* good : {"application/json", "application/x-ndjson; charset=utf-8",
                           "application/vnd.elasticsearch+x-ndjson; compatible-with=8",
                           "application/vnd.elasticsearch+x-ndjson;compatible-with=9"}) {
    EXPECT_EQ(send("POST", "/_bulk", one, {}, good).status(), 200u) << good;
  }
  EXPECT_EQ(send("POST", "/_bulk", one, {}, "text/plain").status(), 406u);
  EXPECT_EQ(send("POST", "/_bulk", one, {}, "application/vnd.elasticsearch+x-ndjson;compatible-with=10").status(),
            400u);
  const auto named = platform_.query("POST", "/_bulk", one,
                                     {{"Authorization", "Bearer " + device_token_},
                                      {"Accept", "application/vnd.elasticsearch+json; compatible-with=9"}});
  EXPECT_EQ(named.response.content_type, "application/vnd.elasticsearch+json;compatible-with=9");
}

TEST(WriteLimits, ADeviceThatSendsTooMuchIsToldToWait) {
  testing::Platform platform({}, {.readings_per_s_max = 2});
  testing::Client root(platform, platform.token_of("-1"));
  const std::string device = root.add_device();
  const std::string index = device + "_" + root.add_sensor(device);
  const std::string other_device = root.add_device();
  const std::string other = other_device + "_" + root.add_sensor(other_device);
  const auto send = [&](const std::string& token, const std::string& lines) {
    return platform.query("POST", "/_bulk", lines, {{"Authorization", "Bearer " + token}});
  };
  const auto one = [](const std::string& to) { return "{\"index\":{\"_index\":\"" + to + "\"}}\n{\"value\":1}\n"; };
  const std::string key = root.get("/api/devices/" + device + "/key").text("/token");
  EXPECT_EQ(send(key, one(index) + one(index) + one(index) + one(index)).status(), 200u);
  const auto refused = send(key, one(index));
  EXPECT_EQ(refused.status(), 429u);
  EXPECT_EQ(refused.text("/error/type"), "es_rejected_execution_exception");
  EXPECT_EQ(refused.header("Retry-After"), "2");
  // Through its owner it sends no more, and others are not held up.
  const auto owners = send(root.token(), one(index) + one(other));
  EXPECT_EQ(owners.text("/items/0/index/status"), "429") << owners.response.body;
  EXPECT_EQ(owners.text("/items/1/index/status"), "201");
}

}  // namespace
}  // namespace iot::api
