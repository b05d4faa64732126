// The consumer proxy and port 9000: who may ask what, and in which form it is refused.
#include <gtest/gtest.h>

#include "api/elasticsearch_front.h"
#include "api/testing/world.h"

namespace iot::api {
namespace {

class FrontsTest : public testing::ApiTest {
 protected:
  testing::Reply consume(std::string_view sensor, std::string_view rest = "", std::string_view method = "GET") {
    return platform_.core(method, "/api/consumers/consume/" + std::string(sensor) + std::string(rest), "",
                          bearer(token_));
  }
  testing::Reply query(std::string_view target, std::string authorization) {
    return platform_.query("GET", target, "", {{"Authorization", std::move(authorization)}});
  }
  static testing::Headers bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

  static void expect_elasticsearch_error(const testing::Reply& reply, unsigned status) {
    EXPECT_EQ(reply.status(), status) << reply.response.body;
    EXPECT_EQ(reply.header("X-Elastic-Product"), "Elasticsearch");
    EXPECT_EQ(reply.text("/status"), std::to_string(status));
    EXPECT_FALSE(reply.text("/error/type").empty());
    EXPECT_FALSE(reply.text("/error/reason").empty());
  }

  std::string device_ = ann_.add_device();
  std::string sensor_ = ann_.add_sensor(device_);
  std::string other_ = ann_.add_sensor(device_);
  std::string consumer_ = ann_.add_consumer();
  std::string token_ = [this] {
    ann_.post("/api/consumers/" + consumer_ + "/sensors/" + sensor_);
    return ann_.get("/api/consumers/" + consumer_ + "/key").text("/token");
  }();
  std::string index_ = device_ + "_" + sensor_;
};

TEST_F(FrontsTest, AConsumerSearchesWhatWasGranted) {
  for (const char* rest : {"", "/", "/_search", "/_search/"}) {
    const auto reply = consume(sensor_, rest);
    EXPECT_EQ(reply.status(), 200u) << rest << reply.response.body;
    EXPECT_EQ(reply.text("/hits/total/value"), "0") << rest;
    EXPECT_EQ(reply.header("X-Elastic-Product"), "Elasticsearch");
  }
  EXPECT_EQ(consume(sensor_, "/_count").text("/count"), "0");
  EXPECT_EQ(consume(sensor_, "/_search", "POST").status(), 200u);
}

ApiOptions short_queries_on_the_loop() {
  ApiOptions options;
  options.query_on_loop_max = std::chrono::hours(1);
  return options;
}

TEST(ShortQueryTest, IsAnsweredOnTheLoopAsOnThePool) {
  testing::Platform platform(short_queries_on_the_loop());
  testing::Client root(platform, platform.token_of("-1"));
  const std::string device = root.add_device();
  const std::string sensor = root.add_sensor(device);
  const auto ask = [&](std::string_view body) {
    return platform.query("POST", "/" + device + "_" + sensor + "/_search", body,
                          {{"Authorization", "Bearer " + root.token()}, {"Content-Type", "application/json"}});
  };
  for (int round = 0; round < 3; ++round) {
    const auto reply = ask(R"({"size":0})");
    EXPECT_EQ(reply.status(), 200u) << reply.response.body;
    EXPECT_EQ(reply.text("/hits/total/value"), "0");
    EXPECT_EQ(ask(R"({"size":-7})").status(), 400u);
  }
}

TEST_F(FrontsTest, WhatIsNotGrantedCannotBeToldFromWhatIsNotThere) {
  const auto other = consume(other_);
  expect_elasticsearch_error(other, 403);
  for (const char* unknown : {"987654321", "me", "-1", "01", "%2e%2e"}) {
    EXPECT_EQ(consume(unknown).response.body, other.response.body) << unknown;
  }
}

TEST_F(FrontsTest, TheProxyRefusesTokensInElasticsearchsForm) {
  expect_elasticsearch_error(platform_.core("GET", "/api/consumers/consume/" + sensor_), 401);
  token_ = "nonsense";
  expect_elasticsearch_error(consume(sensor_), 403);
  token_ = ann_.token();
  expect_elasticsearch_error(consume(sensor_), 403);
  expect_elasticsearch_error(platform_.core("PUT", "/api/consumers/consume/" + sensor_, "", bearer(token_)), 405);
}

TEST_F(FrontsTest, ARotatedKeyAndAnEndedGrantTakeEffectAtOnce) {
  EXPECT_EQ(consume(sensor_).status(), 200u);
  ann_.remove("/api/consumers/" + consumer_ + "/sensors/" + sensor_);
  expect_elasticsearch_error(consume(sensor_), 403);
  ann_.post("/api/consumers/" + consumer_ + "/sensors/" + sensor_);
  EXPECT_EQ(consume(sensor_).status(), 200u);
  ann_.post("/api/consumers/" + consumer_ + "/key/rotate");
  expect_elasticsearch_error(consume(sensor_), 403);
  expect_elasticsearch_error(query("/" + index_ + "/_search", "Bearer " + token_), 401);
}

TEST_F(FrontsTest, Port9000TakesTheTokenInEachOfThreeWays) {
  const std::string target = "/" + index_ + "/_count";
  // base64 of "anybody:<token>", without line breaks.
  const auto base64 = [](const std::string& text) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string encoded;
    for (std::size_t i = 0; i < text.size(); i += 3) {
      std::uint32_t group = 0;
      for (std::size_t j = 0; j < 3; ++j)
        group = group << 8 | (i + j < text.size() ? static_cast<std::uint8_t>(text[i + j]) : 0u);
      for (std::size_t j = 0; j < 4; ++j) {
        encoded += i + j > text.size() ? '=' : digits[group >> (18 - 6 * j) & 63];
      }
    }
    return encoded;
  };
  for (const std::string& way :
       {"Bearer " + token_, "bearer  " + token_, "ApiKey " + token_, "ApiKey " + base64("id:" + token_),
        "Basic " + base64("anybody:" + token_), "basic " + base64(":" + token_)}) {
    EXPECT_EQ(query(target, way).status(), 200u) << way;
  }
  for (const std::string& way :
       std::vector<std::string>{"", "Bearer", "Bearer ", "Basic " + token_, "Basic " + base64("nobody:"), "Digest x",
                                "Basic !", "ApiKey " + base64("x"), token_}) {
    expect_elasticsearch_error(query(target, way), 401);
  }
}

TEST_F(FrontsTest, Port9000ShowsConsumersTheirGrantsUsersTheirOwnAndAdminsAll) {
  const std::string roots_device = root_.add_device();
  const std::string roots = roots_device + "_" + root_.add_sensor(roots_device);
  const std::string others = device_ + "_" + other_;
  const auto indices = [&](const std::string& token) {
    return query("/_cat/indices?format=json", "Bearer " + token).response.body;
  };
  const auto shows = [](const std::string& body, const std::string& index) {
    return body.find('"' + index + '"') != body.npos;
  };
  EXPECT_TRUE(shows(indices(token_), index_)) << indices(token_);
  EXPECT_FALSE(shows(indices(token_), others));
  EXPECT_TRUE(shows(indices(ann_.token()), index_));
  EXPECT_TRUE(shows(indices(ann_.token()), others));
  EXPECT_FALSE(shows(indices(ann_.token()), roots));
  EXPECT_TRUE(shows(indices(root_.token()), index_));
  EXPECT_TRUE(shows(indices(root_.token()), roots));
  EXPECT_EQ(query("/" + others + "/_count", "Bearer " + token_).status(), 404u);
  EXPECT_EQ(query("/" + others + "/_count", "Bearer " + ann_.token()).status(), 200u);
}

TEST_F(FrontsTest, ADevicesTokenSeesNothing) {
  const std::string key = ann_.get("/api/devices/" + device_ + "/key").text("/token");
  expect_elasticsearch_error(query("/" + index_ + "/_search", "Bearer " + key), 403);
  token_ = key;
  expect_elasticsearch_error(consume(sensor_), 403);
}

TEST_F(FrontsTest, AScrollBelongsToWhoseTokenMadeIt) {
  const auto opened = query("/" + index_ + "/_search?scroll=1m", "Bearer " + token_);
  EXPECT_EQ(opened.status(), 200u) << opened.response.body;
  const std::string scroll = "/_search/scroll?scroll_id=" + opened.text("/_scroll_id");
  EXPECT_EQ(query(scroll, "Bearer " + token_).status(), 200u);
  expect_elasticsearch_error(query(scroll, "Bearer " + ann_.token()), 404);
  expect_elasticsearch_error(query(scroll, "Bearer " + root_.token()), 404);
  EXPECT_EQ(consume(sensor_, "/_search/scroll?scroll_id=" + opened.text("/_scroll_id")).status(), 200u);
  ann_.remove("/api/consumers/" + consumer_ + "/sensors/" + sensor_);
  EXPECT_EQ(query(scroll, "Bearer " + token_).status(), 404u) << "a grant that has ended ends the scroll's view of it";
}

TEST_F(FrontsTest, AScrollEndsThroughTheProxyToo) {
  const auto opened = consume(sensor_, "/_search?scroll=1m");
  const std::string rest = "/_search/scroll/" + opened.text("/_scroll_id");
  EXPECT_EQ(consume(sensor_, rest).status(), 200u);
  EXPECT_EQ(consume(sensor_, rest, "DELETE").status(), 200u);
  expect_elasticsearch_error(consume(sensor_, rest), 404);
}

TEST_F(FrontsTest, ContentTypesAreThoseOfElasticsearch) {
  const auto send = [&](const char* content_type, const char* accept) {
    return platform_.query("POST", "/" + index_ + "/_search", "{}",
                           {{"Authorization", "Bearer " + token_}, {"Content-Type", content_type}, {"Accept", accept}});
  };
  EXPECT_EQ(send("application/json", "*/*").response.content_type, "application/json");
  const auto compatible = send("application/vnd.elasticsearch+json; compatible-with=8",
                               "application/vnd.elasticsearch+json; compatible-with=8,text/plain");
  EXPECT_EQ(compatible.status(), 200u);
  EXPECT_EQ(compatible.response.content_type, "application/vnd.elasticsearch+json;compatible-with=8");
  expect_elasticsearch_error(send("text/plain", "*/*"), 406);
  expect_elasticsearch_error(send("application/json", "application/vnd.elasticsearch+json;compatible-with=10"), 400);
  const auto newer = send("application/vnd.elasticsearch+json; compatible-with=9",
                          "application/vnd.elasticsearch+json; compatible-with=9");
  EXPECT_EQ(newer.status(), 200u);
  EXPECT_EQ(newer.response.content_type, "application/vnd.elasticsearch+json;compatible-with=9");
}

TEST_F(FrontsTest, BadPathsAndParametersAreRefusedInElasticsearchsForm) {
  expect_elasticsearch_error(query("/%zz/_search", "Bearer " + token_), 400);
  expect_elasticsearch_error(query("/" + index_ + "/_search?q=%zz", "Bearer " + token_), 400);
  const auto refused = platform_.query_handler().refuse(413, "the body is too large");
  EXPECT_EQ(refused.status, 413u);
  EXPECT_NE(refused.body.find("the body is too large"), std::string::npos);
}

TEST(QueryBound, WhatDoesNotFitIsToldToComeAgain) {
  testing::Platform platform(ApiOptions{.queries_waiting_max = 0});
  const auto refused = platform.query("GET", "/", "", {{"Authorization", "Bearer " + platform.token_of("-1")}});
  EXPECT_EQ(refused.status(), 429u);
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(refused.text("/error/type"), "es_rejected_execution_exception");
}

TEST(Gate, LetsInAsManyAsItHasRoomFor) {
  Gate gate(2);
  auto first = gate.enter();
  auto second = gate.enter();
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(gate.enter());
  second.reset();
  EXPECT_TRUE(gate.enter());
}

}  // namespace
}  // namespace iot::api
