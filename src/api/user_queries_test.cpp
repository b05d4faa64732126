// Elasticsearch's API for users on the port of the REST API.
#include <gtest/gtest.h>

#include "api/testing/world.h"

namespace iot::api {
namespace {

class UserQueriesTest : public testing::ApiTest {
 protected:
  testing::Reply ask(std::string_view rest, const std::string& token, std::string_view method = "GET",
                     std::string_view body = "", std::string_view accept = "*/*") {
    testing::Headers headers{{"Authorization", "Bearer " + token}, {"Accept", std::string(accept)}};
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    return platform_.core(method, "/api/elasticsearch" + std::string(rest), body, std::move(headers));
  }

  static void expect_elasticsearch_error(const testing::Reply& reply, unsigned status) {
    EXPECT_EQ(reply.status(), status) << reply.response.body;
    EXPECT_EQ(reply.header("X-Elastic-Product"), "Elasticsearch");
    EXPECT_EQ(reply.text("/status"), std::to_string(status));
    EXPECT_FALSE(reply.text("/error/reason").empty());
  }

  std::string device_ = ann_.add_device();
  std::string sensor_ = ann_.add_sensor(device_);
  std::string search_ = "/" + device_ + "_" + sensor_ + "/_search";
  std::string strangers_token_ = platform_.token_of(platform_.add_user("bob", model::Role::read_only));
};

TEST_F(UserQueriesTest, AreAnsweredAsOnPort9000) {
  for (const char* method : {"GET", "POST"}) {
    const auto reply = ask(search_, ann_.token(), method, R"({"size":0})");
    EXPECT_EQ(reply.status(), 200u) << reply.response.body;
    EXPECT_EQ(reply.text("/hits/total/value"), "0");
    EXPECT_EQ(reply.header("X-Elastic-Product"), "Elasticsearch");
  }
  const std::string index = device_ + "_" + sensor_;
  EXPECT_EQ(ask("/_msearch", ann_.token(), "POST", "{\"index\":\"" + index + "\"}\n{\"size\":0}\n")
                .text("/responses/0/hits/total/value"),
            "0");
  EXPECT_EQ(ask("/_sql", ann_.token(), "POST", R"({"query":"SELECT 1"})").header("X-Elastic-Product"), "Elasticsearch");
  for (const char* root : {"", "/"}) {
    EXPECT_EQ(ask(root, ann_.token()).text("/tagline"), "You Know, for Search") << root;
    EXPECT_EQ(ask(root, ann_.token(), "HEAD").status(), 200u);
  }
  EXPECT_TRUE(ask(search_, ann_.token(), "GET", "", "text/csv").response.content_type.starts_with("text/csv"));
  EXPECT_EQ(ask(search_, ann_.token(), "GET", "", "application/vnd.apache.arrow.stream").response.content_type,
            "application/vnd.apache.arrow.stream");
}

TEST_F(UserQueriesTest, ShowUsersTheirOwnAndAdminsAll) {
  EXPECT_EQ(ask(search_, root_.token()).status(), 200u);
  expect_elasticsearch_error(ask(search_, strangers_token_), 404);
  const auto indices = [&](const std::string& token) {
    return ask("/_cat/indices?format=json", token).at("").as_array().size();
  };
  EXPECT_EQ(indices(ann_.token()), 1u);
  EXPECT_EQ(indices(strangers_token_), 0u);
}

TEST_F(UserQueriesTest, AreForUsersAlone) {
  expect_elasticsearch_error(platform_.core("GET", "/api/elasticsearch"), 401);
  expect_elasticsearch_error(ask(search_, "nonsense"), 401);
  const std::string key = ann_.get("/api/devices/" + device_ + "/key").text("/token");
  EXPECT_TRUE(ask(search_, key).header("X-Elastic-Product") == "Elasticsearch" && ask(search_, key).status() >= 401);
  expect_elasticsearch_error(ask(search_, ann_.token(), "DELETE"), 405);
}

TEST_F(UserQueriesTest, WriteNothing) {
  const std::string bulk = "{\"index\":{\"_index\":\"" + device_ + "_" + sensor_ + "\"}}\n{\"value\":1}\n";
  expect_elasticsearch_error(ask("/_bulk", ann_.token(), "POST", bulk), 403);
  expect_elasticsearch_error(ask("/" + device_ + "_" + sensor_ + "/_doc", ann_.token(), "POST", R"({"value":1})"), 403);
  EXPECT_TRUE(platform_.log.stored.empty());
}

TEST_F(UserQueriesTest, TakeTheSessionFromOurOwnPagesAlone) {
  const std::string cookie = "iotplatform_session=" + ann_.token();
  const auto post = [&](testing::Headers headers) {
    headers.insert(headers.end(), {{"Cookie", cookie}, {"Content-Type", "application/json"}});
    return platform_.core("POST", "/api/elasticsearch" + search_, "{}", std::move(headers));
  };
  EXPECT_EQ(post({{"Sec-Fetch-Site", "same-origin"}}).status(), 200u);
  expect_elasticsearch_error(post({{"Sec-Fetch-Site", "cross-site"}}), 403);
  expect_elasticsearch_error(post({}), 403);
}

TEST_F(UserQueriesTest, HaveTheBoundsOfAllQueries) {
  testing::Platform full(ApiOptions{.queries_waiting_max = 0});
  const auto refused = full.core("GET", "/api/elasticsearch", "", {{"Authorization", "Bearer " + full.token_of("-1")}});
  expect_elasticsearch_error(refused, 429);
  EXPECT_EQ(refused.header("Retry-After"), "1");
}

}  // namespace
}  // namespace iot::api
