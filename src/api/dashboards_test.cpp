// Dashboards: who sees and changes them, and what a viewer's queries show.
#include <gtest/gtest.h>

#include "api/testing/world.h"

namespace iot::api {
namespace {

std::string body(std::string_view name, std::string_view visibility, std::string_view document) {
  return "{\"name\":\"" + std::string(name) + "\",\"visibility\":\"" + std::string(visibility) +
         "\",\"document\":" + std::string(document) + "}";
}

class DashboardsTest : public testing::ApiTest {
 protected:
  std::string add(testing::Client& client, std::string_view visibility, std::string_view document = "{}",
                  std::string_view name = "Hall") {
    const auto made = client.post("/api/dashboards", body(name, visibility, document));
    EXPECT_EQ(made.status(), 200u) << made.response.body;
    return made.text("/result/id");
  }
  static std::string at(const std::string& id) { return "/api/dashboards/" + id; }

  testing::Client bob_{platform_, platform_.token_of(platform_.add_user("bob", model::Role::user))};
  testing::Client reader_{platform_, platform_.token_of(platform_.add_user("reader", model::Role::read_only))};
};

TEST_F(DashboardsTest, AreMadeShownChangedAndRemoved) {
  const auto made = ann_.post(
      "/api/dashboards",
      R"({"name":"Hall","description":"all of it","visibility":"users","document":{"version":1,"big":1.5,"panels":[]}})");
  ASSERT_EQ(made.status(), 200u) << made.response.body;
  const std::string id = made.text("/result/id");
  const auto shown = ann_.get(at(id));
  EXPECT_EQ(shown.response.body, made.response.body);
  EXPECT_EQ(shown.at("/result").as_object().size(), 11u);
  EXPECT_EQ(shown.text("/result/user_id"), ann_id_);
  EXPECT_EQ(shown.text("/result/owner"), "ann");
  EXPECT_EQ(shown.text("/result/name"), "Hall");
  EXPECT_EQ(shown.text("/result/description"), "all of it");
  EXPECT_EQ(shown.text("/result/visibility"), "users");
  EXPECT_EQ(shown.at("/result/version"), 1);
  EXPECT_EQ(shown.at("/result/may_change"), true);
  EXPECT_NE(shown.response.body.find(R"("document":{"version":1,"big":1.5,"panels":[]})"), std::string::npos);

  platform_.clock.advance(std::chrono::seconds(1));
  const auto changed = ann_.patch(at(id), R"({"name":"Yard","version":1})");
  EXPECT_EQ(changed.at("/result/version"), 2);
  EXPECT_EQ(changed.text("/result/name"), "Yard");
  EXPECT_NE(changed.text("/result/updated"), changed.text("/result/created"));
  EXPECT_EQ(changed.text("/result/document/version"), "1");

  EXPECT_EQ(ann_.remove(at(id)).text("/result/id"), id);
  EXPECT_EQ(ann_.get(at(id)).text("/name"), "DashboardNotFound");
  EXPECT_EQ(ann_.get(at("x")).status(), 404u);
}

TEST_F(DashboardsTest, RefuseAChangeThatOverlooksAnother) {
  const std::string id = add(ann_, "private");
  EXPECT_EQ(ann_.patch(at(id), R"({"name":"a","version":1})").status(), 200u);
  const auto late = ann_.patch(at(id), R"({"name":"b","version":1})");
  EXPECT_EQ(late.status(), 409u);
  EXPECT_EQ(late.text("/name"), "VersionConflict");
  EXPECT_EQ(late.text("/errors/0/field"), "version");
  EXPECT_EQ(ann_.patch(at(id), R"({"name":"c"})").at("/result/version"), 3);
}

TEST_F(DashboardsTest, ArePrivateOrShownToAllUsers) {
  const std::string own = add(ann_, "private");
  const std::string shared = add(ann_, "users");
  EXPECT_EQ(bob_.get(at(own)).status(), 403u);
  for (testing::Client* client : {&bob_, &reader_}) {
    const auto shown = client->get(at(shared));
    EXPECT_EQ(shown.status(), 200u);
    EXPECT_EQ(shown.at("/result/may_change"), false);
    EXPECT_EQ(client->patch(at(shared), R"({"name":"mine"})").status(), 403u);
    EXPECT_EQ(client->remove(at(shared)).status(), 403u);
  }
  EXPECT_EQ(reader_.post("/api/dashboards", body("a", "private", "{}")).status(), 403u);
  EXPECT_EQ(platform_.core("GET", at(shared)).status(), 401u);
  EXPECT_EQ(root_.get(at(own)).at("/result/may_change"), true);
  EXPECT_EQ(root_.patch(at(own), R"({"name":"by root"})").status(), 200u);
  ann_.patch(at(shared), R"({"visibility":"private"})");
  EXPECT_EQ(bob_.get(at(shared)).status(), 403u);
}

TEST_F(DashboardsTest, AreListedInPagesWithoutDocuments) {
  add(ann_, "private", "{}", "of ann");
  const std::string shared = add(ann_, "users", "{}", "of ann for all");
  add(bob_, "private", "{}", "of bob");
  const auto list = bob_.get("/api/dashboards");
  ASSERT_EQ(list.at("/result").as_array().size(), 2u);
  EXPECT_EQ(list.text("/result/0/name"), "of ann for all");
  EXPECT_EQ(list.text("/result/0/owner"), "ann");
  EXPECT_EQ(list.at("/result/0/may_change"), false);
  EXPECT_EQ(list.at("/result/1/may_change"), true);
  EXPECT_FALSE(list.at("/result/0").as_object().contains("document"));
  EXPECT_EQ(bob_.get("/api/dashboards?limit=1").text("/next"), shared);
  EXPECT_EQ(bob_.get("/api/dashboards?limit=1&after=" + shared).text("/result/0/name"), "of bob");
  EXPECT_EQ(root_.get("/api/dashboards").at("/result").as_array().size(), 3u);
  EXPECT_EQ(root_.get("/api/dashboards?name=FOR").at("/result").as_array().size(), 1u);
  EXPECT_EQ(root_.get("/api/users/" + ann_id_ + "/dashboards").at("/result").as_array().size(), 2u);
  EXPECT_EQ(bob_.get("/api/users/" + ann_id_ + "/dashboards").status(), 403u);
}

TEST_F(DashboardsTest, HaveDocumentsThatAreObjectsWithinBounds) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_EQ(ann_.post("/api/dashboards", body("a", "private", nested(16))).status(), 200u);
  EXPECT_EQ(ann_.post("/api/dashboards", body("a", "private", nested(17))).status(), 400u);
  for (const char* document : {"[]", "\"{}\"", "null", "1"}) {
    const auto refused = ann_.post("/api/dashboards", body("a", "private", document));
    EXPECT_EQ(refused.status(), 422u) << document;
    EXPECT_EQ(refused.text("/errors/0/field"), "document");
  }
  EXPECT_EQ(ann_.post("/api/dashboards", R"({"name":"a"})").text("/errors/0/field"), "document");
  EXPECT_EQ(ann_.post("/api/dashboards", body("a", "public", "{}")).text("/errors/0/field"), "visibility");
  EXPECT_EQ(ann_.patch(at(add(ann_, "private")), R"({"version":"1"})").text("/errors/0/field"), "version");
  const auto sized = [](std::size_t bytes) { return "{\"a\":\"" + std::string(bytes - 8, 'x') + "\"}"; };
  EXPECT_EQ(ann_.post("/api/dashboards", body("a", "private", sized(256 << 10))).status(), 200u);
  EXPECT_EQ(ann_.post("/api/dashboards", body("a", "private", sized((256 << 10) + 1))).status(), 422u);
}

TEST_F(DashboardsTest, NameABoundedNumberOfSensors) {
  const auto document = [](std::size_t count) {
    std::string sensors;
    for (std::size_t i = 1; i <= count; ++i) sensors += (i > 1 ? ",\"1_" : "\"1_") + std::to_string(i) + '"';
    return "{\"sensors\":[" + sensors + "]}";
  };
  EXPECT_EQ(ann_.post("/api/dashboards", body("a", "private", document(1'000))).status(), 200u);
  EXPECT_EQ(ann_.post("/api/dashboards", body("a", "private", document(1'001))).status(), 422u);
}

/// Ann's dashboard over one of her two sensors, and over one that is not hers.
class SharedDashboardTest : public DashboardsTest {
 protected:
  testing::Reply ask(testing::Client& client, std::string_view rest, std::string_view method = "GET",
                     std::string_view text = "") {
    return client.call(method, at(dashboard_) + "/elasticsearch" + std::string(rest), text);
  }
  static std::string search(const std::string& index) { return "/" + index + "/_search"; }
  static void expect_elasticsearch_error(const testing::Reply& reply, unsigned status) {
    EXPECT_EQ(reply.status(), status) << reply.response.body;
    EXPECT_EQ(reply.header("X-Elastic-Product"), "Elasticsearch");
    EXPECT_EQ(reply.text("/status"), std::to_string(status));
  }
  std::size_t indices(testing::Client& client) {
    return ask(client, "/_cat/indices?format=json").at("").as_array().size();
  }

  std::string device_ = ann_.add_device();
  std::string shown_sensor_ = ann_.add_sensor(device_);
  std::string shown_ = device_ + "_" + shown_sensor_;
  std::string hidden_ = device_ + "_" + ann_.add_sensor(device_);
  std::string roots_device_ = root_.add_device();
  std::string roots_ = roots_device_ + "_" + root_.add_sensor(roots_device_);
  std::string dashboard_ = add(ann_, "users",
                               R"({"panels":[{"sensors":[")" + shown_ + R"(","99_99",")" + roots_ + R"(",")" + device_ +
                                   "_99\"]}],\"title\":\"" + hidden_ + "\"}");
};

TEST_F(SharedDashboardTest, ShowsItsSensorsToWhoDoesNotOwnThem) {
  for (testing::Client* client : {&ann_, &bob_, &reader_, &root_}) {
    for (const char* method : {"GET", "POST"}) {
      const auto reply = ask(*client, search(shown_), method, R"({"size":0})");
      EXPECT_EQ(reply.status(), 200u) << reply.response.body;
      EXPECT_EQ(reply.text("/hits/total/value"), "0");
    }
    EXPECT_EQ(ask(*client, "/_msearch", "POST", "{\"index\":\"" + shown_ + "\"}\n{\"size\":0}\n").status(), 200u);
    EXPECT_EQ(ask(*client, "").text("/tagline"), "You Know, for Search");
    EXPECT_EQ(indices(*client), 1u);
  }
  expect_elasticsearch_error(bob_.get("/api/elasticsearch" + search(shown_)), 404);
}

TEST_F(SharedDashboardTest, ShowsNothingElse) {
  for (testing::Client* client : {&ann_, &bob_, &root_}) {
    expect_elasticsearch_error(ask(*client, search(hidden_)), 404);
    expect_elasticsearch_error(ask(*client, search(roots_)), 404);
    expect_elasticsearch_error(ask(*client, search("99_99")), 404);
  }
}

TEST_F(SharedDashboardTest, FollowsItsDocumentItsVisibilityAndItsOwnersSensors) {
  ann_.patch(at(dashboard_), R"({"document":{"sensors":[")" + hidden_ + "\"]}}");
  expect_elasticsearch_error(ask(bob_, search(shown_)), 404);
  EXPECT_EQ(ask(bob_, search(hidden_)).status(), 200u);
  ann_.patch(at(dashboard_), R"({"document":{"sensors":[")" + shown_ + "\"]}}");
  ann_.remove("/api/devices/" + device_ + "/sensors/" + shown_sensor_);
  expect_elasticsearch_error(ask(bob_, search(shown_)), 404);
  ann_.patch(at(dashboard_), R"({"visibility":"private"})");
  expect_elasticsearch_error(ask(bob_, search(shown_)), 403);
  ann_.remove(at(dashboard_));
  expect_elasticsearch_error(ask(bob_, search(shown_)), 404);
}

TEST_F(SharedDashboardTest, OfAnAdminShowsEverybodysNamedSensors) {
  dashboard_ = add(root_, "users", R"({"sensors":[")" + shown_ + R"(",")" + roots_ + "\"]}");
  EXPECT_EQ(indices(bob_), 2u);
  expect_elasticsearch_error(ask(bob_, search(hidden_)), 404);
}

TEST_F(SharedDashboardTest, IsReadOnlyAndForUsers) {
  expect_elasticsearch_error(platform_.core("GET", at(dashboard_) + "/elasticsearch" + search(shown_)), 401);
  expect_elasticsearch_error(
      ask(ann_, "/_bulk", "POST", "{\"index\":{\"_index\":\"" + shown_ + "\"}}\n{\"value\":1}\n"), 403);
  expect_elasticsearch_error(ask(ann_, search(shown_), "DELETE"), 405);
  EXPECT_TRUE(platform_.log.stored.empty());
}

TEST_F(SharedDashboardTest, AScrollStaysWithItsDashboard) {
  const auto opened = ask(bob_, search(shown_) + "?scroll=1m");
  ASSERT_EQ(opened.status(), 200u) << opened.response.body;
  const std::string scroll = "/_search/scroll?scroll_id=" + opened.text("/_scroll_id");
  EXPECT_EQ(ask(bob_, scroll).status(), 200u);
  expect_elasticsearch_error(ask(reader_, scroll), 404);
  expect_elasticsearch_error(bob_.get("/api/elasticsearch" + scroll), 404);
}

}  // namespace
}  // namespace iot::api
