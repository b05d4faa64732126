// GET .../latest: what is shown of newest readings, page by page. Which reading is the newest:
// store/embedded/newest_test.
#include <gtest/gtest.h>

#include "api/testing/world.h"

namespace iot::api {
namespace {

class LatestTest : public testing::ApiTest {
 protected:
  std::string add_sensor(std::string_view members) {
    const auto made = ann_.post(at_ + "/sensors", "{" + std::string(members) + "}");
    EXPECT_EQ(made.status(), 200u) << made.response.body;
    return made.text("/id");
  }
  void newest(const std::string& sensor, std::int64_t time_ns, model::Value value) {
    platform_.store.newest[{std::stoll(sensor)}] = {{time_ns}, std::move(value)};
  }

  std::string device_ = ann_.add_device();
  std::string at_ = "/api/devices/" + device_;
};

TEST_F(LatestTest, ShowsAReadingWithItsSensorsNamePathAndUnit) {
  const std::string sensor = add_sensor(R"("name":"Lift","unit":"N","path":"Wing/Left","mapping":{"type":"double"})");
  newest(sensor, 1'526'717'967'000'000'001, 1.5);
  const std::string shown = R"({"sensor_id":")" + sensor +
                            R"(","name":"Lift","path":"Wing/Left","unit":"N",)"
                            R"("timestamp":"2018-05-19T08:19:27.000000001Z","value":1.5})";
  EXPECT_EQ(ann_.get(at_ + "/sensors/" + sensor + "/latest").response.body, R"({"result":)" + shown + "}");
  EXPECT_EQ(ann_.get(at_ + "/latest").response.body, R"({"result":[)" + shown + "]}");
  EXPECT_EQ(ann_.get("/api/users/" + ann_id_ + "/devices/" + device_ + "/latest/").response.body,
            R"({"result":[)" + shown + "]}");
}

TEST_F(LatestTest, ShowsNullsWhereNothingHasCome) {
  EXPECT_EQ(ann_.get(at_ + "/latest").response.body, R"({"result":[]})");
  const std::string sensor = ann_.add_sensor(device_);
  for (const auto& [path, pointer] :
       {std::pair<std::string, std::string>{"/latest", "/result/0"}, {"/sensors/" + sensor + "/latest", "/result"}}) {
    const auto reply = ann_.get(at_ + path);
    EXPECT_EQ(reply.status(), 200u);
    EXPECT_EQ(reply.text(pointer + "/sensor_id"), sensor);
    EXPECT_EQ(reply.text(pointer + "/timestamp"), "null");
    EXPECT_EQ(reply.text(pointer + "/value"), "null");
  }
}

TEST_F(LatestTest, ShowsValuesAsTheirMappingSays) {
  struct Case {
    const char* mapping;
    model::Value value;
    const char* shown;
  };
  for (const Case& each :
       {Case{"double", 0.1, "0.1"}, Case{"float", double{0.1f}, "0.1"},
        Case{"long", std::int64_t{9'007'199'254'740'993}, "9007199254740993"}, Case{"boolean", std::int64_t{1}, "true"},
        Case{"date", std::int64_t{1'526'717'967'000'000'000}, "\"2018-05-19T08:19:27.000Z\""},
        Case{"keyword", std::string("say \"hi\""), "\"say \\\"hi\\\"\""},
        Case{"object", std::string(R"({"a":[1]})"), R"({"a":[1]})"}}) {
    const std::string sensor = add_sensor(R"("name":"x","mapping":{"type":")" + std::string(each.mapping) + R"("})");
    newest(sensor, 1, each.value);
    const auto reply = ann_.get(at_ + "/sensors/" + sensor + "/latest");
    EXPECT_NE(reply.response.body.find(std::string(R"("value":)") + each.shown + "}"), std::string::npos)
        << reply.response.body;
  }
}

TEST_F(LatestTest, IsPagedAsTheSensorsAre) {
  std::vector<std::string> sensors;
  for (int i = 0; i < 5; ++i) {
    sensors.push_back(ann_.add_sensor(device_, "Sensor " + std::to_string(i)));
    newest(sensors.back(), 7, static_cast<double>(i));
  }
  const auto first = ann_.get(at_ + "/latest?limit=3");
  EXPECT_EQ(first.at("/result/2/value").to_number<double>(), 2);
  EXPECT_EQ(first.at("/result").as_array().size(), 3u);
  const auto second = ann_.get(at_ + "/latest?limit=3&after=" + first.text("/next"));
  EXPECT_EQ(second.at("/result").as_array().size(), 2u);
  EXPECT_EQ(second.text("/result/0/sensor_id"), sensors[3]);
  EXPECT_EQ(second.text("/next"), "null");
  EXPECT_EQ(ann_.get(at_ + "/latest?name=sensor+4").at("/result/0/value").to_number<double>(), 4);
  EXPECT_EQ(ann_.get(at_ + "/latest?limit=1001").status(), 422u);
  EXPECT_EQ(ann_.get(at_ + "/sensors/" + sensors[0] + "/latest?limit=1").status(), 422u);
}

TEST_F(LatestTest, IsForThoseWhoMayReadTheSensor) {
  const std::string sensor = ann_.add_sensor(device_);
  testing::Client bob(platform_, platform_.token_of(platform_.add_user("bob", model::Role::user)));
  EXPECT_EQ(bob.get(at_ + "/latest").status(), 403u);
  EXPECT_EQ(bob.get(at_ + "/sensors/" + sensor + "/latest").status(), 403u);
  EXPECT_EQ(root_.get(at_ + "/latest").status(), 200u);
  EXPECT_EQ(ann_.get("/api/devices/999/latest").status(), 404u);
  EXPECT_EQ(ann_.get(at_ + "/sensors/999/latest").status(), 404u);
  EXPECT_EQ(platform_.core("GET", at_ + "/latest").status(), 401u);
}

TEST_F(LatestTest, AStoreThatCannotAnswerIsNotHidden) {
  const std::string sensor = ann_.add_sensor(device_);
  platform_.store.refusal = make_error(store::Errc::damaged, "sensor 1: damaged");
  EXPECT_EQ(ann_.get(at_ + "/latest").status(), 500u);
  EXPECT_EQ(ann_.get(at_ + "/sensors/" + sensor + "/latest").status(), 500u);
  platform_.store.refusal = make_error(store::Errc::io_failed, "the disk");
  EXPECT_EQ(ann_.get(at_ + "/latest").status(), 503u);
}

}  // namespace
}  // namespace iot::api
