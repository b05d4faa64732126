// What admins are shown of the platform's work, and everybody of its own devices' errors.
#include <gtest/gtest.h>

#include "api/testing/world.h"

namespace iot::api {
namespace {

class OperationsTest : public testing::ApiTest {
 protected:
  void note_error(const std::string& device, std::string_view text) {
    platform_.clock.advance(std::chrono::seconds(1));
    platform_.connections->note_request_error(parse_id<DeviceId>(device).value(), text, platform_.clock.now());
  }
};

TEST_F(OperationsTest, AreTheNumbersOfTheMetrics) {
  platform_.facts.data_bytes = 7;
  platform_.facts.disk_bytes = 100;
  platform_.facts.disk_free_bytes = 90;
  auto& sync = platform_.metrics.histogram("iotplatform_log_sync_seconds", "Time", {0.001, 0.1});
  sync.Observe(0.01);
  platform_.metrics.counter("iotplatform_http_gateway_bad_messages_total", "Bad").Increment(3);
  platform_.metrics.counter("iotplatform_gateway_limited_total", "Limited", {{"limit", "gateway.bytes_per_s_max"}})
      .Increment(2);
  const auto shown = root_.get("/api/operations");
  ASSERT_EQ(shown.status(), 200u) << shown.response.body;
  EXPECT_EQ(shown.text("/result/uptime_s"), "5");
  EXPECT_EQ(shown.text("/result/data_dir"), "data");
  EXPECT_EQ(shown.text("/result/memory_bytes"), "1000");
  EXPECT_EQ(shown.text("/result/readings/acknowledged"), "0");
  EXPECT_EQ(shown.text("/result/messages/mqtt"), "0");
  EXPECT_EQ(shown.text("/result/disk/used_bytes"), "7");
  EXPECT_EQ(shown.text("/result/disk/free_bytes"), "90");
  EXPECT_EQ(shown.text("/result/disk/size_bytes"), "100");
  EXPECT_EQ(shown.text("/result/disk/budget_bytes"), "null");
  EXPECT_EQ(shown.text("/result/things/users"), "2");
  EXPECT_EQ(shown.text("/result/acknowledgement/count"), "1");
  EXPECT_EQ(shown.at("/result/acknowledgement/buckets/0/count"), 0);
  EXPECT_EQ(shown.at("/result/acknowledgement/buckets/1/count"), 1);
  EXPECT_EQ(shown.at("/result/acknowledgement/buckets").as_array().size(), 2u);
  EXPECT_NE(shown.response.body.find(R"({"protocol":"http","reason":"bad_message","count":3})"), std::string::npos);
  EXPECT_NE(shown.response.body.find(R"({"protocol":"all","reason":"gateway.bytes_per_s_max","count":2})"),
            std::string::npos);
  platform_.facts.data_bytes_max = 50;
  EXPECT_EQ(root_.get("/api/operations").text("/result/disk/budget_bytes"), "50");
}

TEST_F(OperationsTest, SayWhereTheDiskCannotBeAsked) {
  platform_.facts_refusal = make_error(registry::Errc::database_failed, "no disk");
  EXPECT_EQ(root_.get("/api/operations").status(), 503u);
}

TEST_F(OperationsTest, AndSettingsAreForAdmins) {
  EXPECT_EQ(ann_.get("/api/operations").status(), 403u);
  EXPECT_EQ(ann_.get("/api/settings").status(), 403u);
  EXPECT_EQ(root_.get("/api/settings").response.body,
            R"({"result":[{"name":"core.port","value":"8081","source":"flag --core.port","default":"8080",)"
            R"("description":"REST API","allowed":"a port"}]})");
}

TEST_F(OperationsTest, RefusalsAreTheLastErrorOfEachDeviceTheNewestFirst) {
  const std::string first = ann_.add_device("first");
  const std::string second = ann_.add_device("second");
  const std::string roots = root_.add_device("of root");
  ann_.add_device("good");
  EXPECT_EQ(ann_.get("/api/operations/refusals").at("/result").as_array().size(), 0u);
  note_error(second, "an older one");
  note_error(first, "no such sensor");
  note_error(roots, "not JSON");
  note_error(second, "too large");
  const auto own = ann_.get("/api/operations/refusals");
  ASSERT_EQ(own.at("/result").as_array().size(), 2u) << own.response.body;
  EXPECT_EQ(own.text("/result/0/device_id"), second);
  EXPECT_EQ(own.text("/result/0/name"), "second");
  EXPECT_EQ(own.text("/result/0/message"), "too large");
  EXPECT_EQ(own.at("/result/0").as_object().size(), 6u);
  EXPECT_EQ(own.text("/result/1/message"), "no such sensor");
  EXPECT_EQ(root_.get("/api/operations/refusals").at("/result").as_array().size(), 3u);

  const auto page = root_.get("/api/operations/refusals?limit=2");
  EXPECT_EQ(page.text("/next"), roots);
  const auto rest = root_.get("/api/operations/refusals?limit=2&after=" + roots);
  EXPECT_EQ(rest.text("/result/0/device_id"), first);
  EXPECT_FALSE(rest.json().as_object().contains("next"));
  EXPECT_EQ(ann_.get("/api/operations/refusals?after=" + roots).status(), 404u) << "another user's";
}

}  // namespace
}  // namespace iot::api
