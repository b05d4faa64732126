// Devices, sensors, trees, keys, consumers and grants, as their owner meets them.
#include <set>

#include <gtest/gtest.h>

#include "api/testing/world.h"

namespace iot::api {
namespace {

class ThingsTest : public testing::ApiTest {
 protected:
  std::string device_ = ann_.add_device("Car");
  std::string at_ = "/api/devices/" + device_;
};

std::vector<std::string> ids(const testing::Reply& reply) {
  std::vector<std::string> found;
  const auto list = reply.at("/result");
  if (!list.is_array()) return {"no list: " + reply.response.body};
  for (const auto& each : list.get_array()) found.emplace_back(each.at("id").as_string());
  return found;
}

TEST_F(ThingsTest, ADeviceIsMadeShownChangedAndRemoved) {
  const auto made = ann_.post("/api/devices/", R"({"name":"Wing","description":"left","retention":"30d"})");
  ASSERT_EQ(made.status(), 200u) << made.response.body;
  EXPECT_EQ(made.text("/result/description"), "left");
  EXPECT_EQ(made.text("/result/user_id"), ann_id_);
  EXPECT_EQ(made.text("/result/retention"), "2592000");
  EXPECT_TRUE(made.at("/result/id").is_string());
  const std::string at = "/api/devices/" + made.text("/result/id");
  EXPECT_EQ(ann_.patch(at, R"({"name":"Tail","retention":null})").text("/result/retention"), "null");
  EXPECT_EQ(ann_.get(at).text("/result/name"), "Tail");
  EXPECT_EQ(ann_.get(at).text("/result/description"), "left") << "what a patch does not name stays";
  EXPECT_EQ(ann_.remove(at + "/").text("/result/id"), made.text("/result/id"));
  const auto gone = ann_.get(at);
  EXPECT_EQ(gone.status(), 404u);
  EXPECT_EQ(gone.response.body, R"({"name":"DeviceNotFound","errors":[{"message":"Device not found"}]})");
}

TEST_F(ThingsTest, ADeviceMayHaveALimitOfSilence) {
  EXPECT_EQ(ann_.get(at_).text("/result/silent_after_s"), "null");
  const auto made = ann_.post("/api/devices", R"({"name":"Wing","silent_after_s":90})");
  EXPECT_EQ(made.text("/result/silent_after_s"), "90");
  EXPECT_EQ(ann_.patch(at_, R"({"silent_after_s":"15m"})").text("/result/silent_after_s"), "900");
  EXPECT_EQ(ann_.get(at_).text("/result/silent_after_s"), "900");
  EXPECT_EQ(ann_.patch(at_, R"({"name":"Tail"})").text("/result/silent_after_s"), "900");
  EXPECT_EQ(ann_.patch(at_, R"({"silent_after_s":null})").text("/result/silent_after_s"), "null");
  for (const char* bad : {"0", "-1", "315569521", "\"11y\"", "true"}) {
    const auto refused = ann_.patch(at_, std::string(R"({"silent_after_s":)") + bad + "}");
    EXPECT_EQ(refused.status(), 422u) << bad;
    EXPECT_EQ(refused.text("/errors/0/field"), "silent_after_s") << bad;
  }
  EXPECT_EQ(ann_.patch(at_, R"({"silent_after_s":315569520})").status(), 200u);
}

TEST_F(ThingsTest, DevicesAreListedWithTheirSensors) {
  const std::string other = ann_.add_device("Boat");
  const std::string sensor = ann_.add_sensor(other);
  const auto listed = ann_.get("/api/devices");
  EXPECT_EQ(ids(listed), (std::vector{device_, other}));
  EXPECT_EQ(listed.at("/result/0/sensors").as_array().size(), 0u);
  EXPECT_EQ(listed.text("/result/1/sensors/0/id"), sensor);
  EXPECT_EQ(listed.text("/next"), "null");
}

TEST_F(ThingsTest, ListsArePagedAndNameWhatComesNext) {
  std::vector<std::string> all = {device_};
  for (int i = 0; i < 6; ++i) all.push_back(ann_.add_device("Device " + std::to_string(i)));
  std::vector<std::string> found;
  std::string target = "/api/devices?limit=3";
  for (;;) {
    const auto page = ann_.get(target);
    for (const std::string& id : ids(page)) found.push_back(id);
    EXPECT_LE(ids(page).size(), 3u);
    if (!page.at("/next").is_string()) break;
    target = "/api/devices?limit=3&after=" + page.text("/next");
  }
  EXPECT_EQ(found, all);
  EXPECT_EQ(ann_.get("/api/devices?limit=7").text("/next"), "null") << "exactly all";
  EXPECT_EQ(ids(ann_.get("/api/devices?name=device+5")), std::vector{all.back()});
  EXPECT_EQ(ids(ann_.get("/api/devices?name=%25")).size(), 0u);
  EXPECT_EQ(ids(ann_.get("/api/devices?after=" + all.back())).size(), 0u);
}

TEST_F(ThingsTest, TheLargestPageNamesWhatComesNextToo) {
  for (const int count : {500, 501}) {
    std::string sensors;
    for (int i = 0; i < count; ++i) sensors += R"({"name":"a","mapping":{"type":"long"}},)";
    sensors.back() = ']';
    ASSERT_EQ(ann_.post(at_ + "/sensors", "[" + sensors).status(), 200u);
  }
  for (const char* list : {"/sensors", "/latest"}) {
    const auto page = ann_.get(at_ + list + "?limit=1000");
    EXPECT_EQ(page.at("/result").as_array().size(), 1000u);
    const auto rest = ann_.get(at_ + list + "?limit=1000&after=" + page.text("/next"));
    EXPECT_EQ(rest.at("/result").as_array().size(), 1u);
    EXPECT_EQ(rest.text("/next"), "null");
  }
}

TEST_F(ThingsTest, LimitsAreBounded) {
  EXPECT_EQ(ann_.get("/api/devices?limit=1").status(), 200u);
  EXPECT_EQ(ann_.get("/api/devices?limit=1000").status(), 200u);
  for (const char* bad : {"limit=0", "limit=1001", "limit=-1", "limit=x", "limit=", "limit=1e3",
                          "limit=99999999999999999999", "after=x", "after=", "after=01", "nam=x", "limit=1&limit=2"}) {
    EXPECT_EQ(ann_.get(std::string("/api/devices?") + bad).status(), 422u) << bad;
  }
  EXPECT_EQ(ann_.get("/api/devices?name=%zz").status(), 400u);
}

TEST_F(ThingsTest, ASensorIsAnsweredUnwrappedAsTheOriginalDid) {
  const auto made = ann_.post(at_ + "/sensors/", R"({"name":"Lift","description":"d","unit":"N","path":"/Wing/Left/",
      "mapping":"{\"type\":\"double\"}","retention":3600})");
  ASSERT_EQ(made.status(), 200u) << made.response.body;
  EXPECT_EQ(made.text("/name"), "Lift");
  EXPECT_EQ(made.text("/device_id"), device_);
  EXPECT_EQ(made.text("/path"), "Wing/Left");
  EXPECT_EQ(made.text("/mapping/type"), "double");
  EXPECT_EQ(made.text("/retention"), "3600");
  const std::string at = at_ + "/sensors/" + made.text("/id");
  EXPECT_EQ(ann_.get(at).text("/result/unit"), "N");
  EXPECT_EQ(ann_.get(at).text("/readings/last"), "null");
  EXPECT_EQ(ann_.patch(at, R"({"unit":"kN","path":""})").text("/result/unit"), "kN");
  EXPECT_EQ(ids(ann_.get(at_ + "/sensors")), std::vector{made.text("/id")});
  EXPECT_EQ(ann_.remove(at).status(), 200u);
  EXPECT_EQ(ann_.get(at).text("/name"), "SensorNotFound");
}

TEST_F(ThingsTest, RollupsAreShownInTheFormInWhichTheyMayBeSent) {
  const auto device = ann_.patch(at_, R"({"rollups":{"minutes":"365d","days":"forever"}})");
  ASSERT_EQ(device.status(), 200u) << device.response.body;
  EXPECT_EQ(device.text("/result/rollups"), R"({"minutes":31536000,"hours":null,"days":"forever"})");
  const std::string sent_back = R"({"rollups":)" + device.text("/result/rollups") + "}";
  EXPECT_EQ(ann_.patch(at_, sent_back).text("/result/rollups"), device.text("/result/rollups"));
  EXPECT_EQ(ann_.get(at_).text("/result/rollups"), device.text("/result/rollups"));
  EXPECT_EQ(ann_.patch(at_, R"({"rollups":null})").text("/result/rollups"), "null");

  const auto made = ann_.post(at_ + "/sensors", R"({"name":"a","mapping":{"type":"long"},"rollups":{}})");
  ASSERT_EQ(made.status(), 200u) << made.response.body;
  EXPECT_EQ(made.text("/rollups"), R"({"minutes":null,"hours":null,"days":null})");
  const std::string at = at_ + "/sensors/" + made.text("/id");
  EXPECT_EQ(ann_.patch(at, R"({"rollups":{"hours":7200}})").text("/result/rollups/hours"), "7200");
  EXPECT_EQ(ann_.get(at).text("/result/rollups/hours"), "7200");
}

TEST_F(ThingsTest, RollupsThatMakeNoSenseAreRefusedByName) {
  struct Case {
    const char* body;
    const char* field;
  };
  for (const auto& [body, field] : std::vector<Case>{
           {R"({"rollups":"365d"})", "rollups"},
           {R"({"rollups":{"weeks":5}})", "rollups.weeks"},
           {R"({"rollups":{"minutes":"1y"}})", "rollups.minutes"},
           {R"({"rollups":{"minutes":0}})", "rollups.minutes"},
           {R"({"rollups":{"minutes":"2d","hours":"1d"}})", "rollups.hours"},
           {R"({"rollups":{"minutes":"forever","days":"forever"}})", "rollups.days"},
           {R"({"retention":"2d","rollups":{"minutes":"2d"}})", "rollups.minutes"},
       }) {
    const auto refused = ann_.patch(at_, body);
    EXPECT_EQ(refused.status(), 422u) << body;
    EXPECT_EQ(refused.text("/errors/0/field"), field) << body;
    EXPECT_EQ(ann_.post(at_ + "/sensors", R"({"name":"a","mapping":{"type":"long"},)" + std::string(body + 1)).status(),
              422u)
        << body;
  }
  const auto text =
      ann_.post(at_ + "/sensors", R"({"name":"a","mapping":{"type":"object"},"rollups":{"minutes":"2d"}})");
  EXPECT_EQ(text.status(), 422u);
  EXPECT_EQ(text.text("/errors/0/field"), "rollups");
}

TEST_F(ThingsTest, ManySensorsAreMadeAtOnceOrNone) {
  const auto made =
      ann_.post(at_ + "/sensors", R"([{"name":"a","mapping":{"type":"long"}},{"name":"b","mapping":{"type":"text"}}])");
  ASSERT_EQ(made.status(), 200u) << made.response.body;
  EXPECT_EQ(made.text("/1/name"), "b");
  const auto refused =
      ann_.post(at_ + "/sensors", R"([{"name":"c","mapping":{"type":"long"}},{"name":5},{"nam":"x"}])");
  EXPECT_EQ(refused.status(), 422u);
  std::set<std::string> fields;
  const auto errors = refused.at("/errors");
  for (const auto& error : errors.as_array()) fields.emplace(error.at("field").as_string());
  EXPECT_EQ(fields, (std::set<std::string>{"[1].name", "[1].mapping", "[2].name", "[2].nam", "[2].mapping"}));
  EXPECT_EQ(ids(ann_.get(at_ + "/sensors")).size(), 2u);
  EXPECT_EQ(ann_.post(at_ + "/sensors", "[]").status(), 422u);
}

TEST_F(ThingsTest, AMappingStaysForGood) {
  const std::string at = at_ + "/sensors/" + ann_.add_sensor(device_);
  const auto refused = ann_.patch(at, R"({"mapping":{"type":"long"}})");
  EXPECT_EQ(refused.status(), 422u);
  EXPECT_EQ(refused.text("/errors/0/field"), "mapping");
  EXPECT_EQ(ann_.get(at).text("/result/mapping/type"), "double");
}

TEST_F(ThingsTest, ASensorIsFoundUnderItsOwnDeviceAlone) {
  const std::string sensor = ann_.add_sensor(device_);
  const std::string other = ann_.add_device("Boat");
  EXPECT_EQ(ann_.get("/api/devices/" + other + "/sensors/" + sensor).status(), 404u);
}

TEST_F(ThingsTest, TheTreeShowsPathsWhileSensorsLieUnderThem) {
  const auto made = ann_.post(at_ + "/sensors", R"([{"name":"p","path":"Wheels/Front/Left","mapping":{"type":"double"}},
      {"name":"q","path":"Wheels/Front","mapping":{"type":"double"}},{"name":"r","mapping":{"type":"double"}}])");
  ASSERT_EQ(made.status(), 200u);
  const auto tree = ann_.get(at_ + "/tree");
  EXPECT_EQ(tree.text("/result/device_id"), device_);
  EXPECT_EQ(tree.text("/result/sensors/0/name"), "r");
  EXPECT_EQ(tree.text("/result/paths/0/name"), "Wheels");
  EXPECT_EQ(tree.text("/result/paths/0/paths/0/path"), "Wheels/Front");
  EXPECT_EQ(tree.text("/result/paths/0/paths/0/sensors/0/name"), "q");
  EXPECT_EQ(tree.text("/result/paths/0/paths/0/paths/0/sensors/0/name"), "p");
  for (const char* at : {"/0/id", "/1/id"}) EXPECT_EQ(ann_.remove(at_ + "/sensors/" + made.text(at)).status(), 200u);
  EXPECT_EQ(ann_.get(at_ + "/tree").at("/result/paths").as_array().size(), 0u);
}

TEST(TreeBound, ALargerTreeIsRefused) {
  testing::Platform platform(ApiOptions{.tree_sensors_max = 2});
  testing::Client root(platform, platform.token_of("-1"));
  const std::string device = root.add_device();
  root.add_sensor(device, "1");
  root.add_sensor(device, "2");
  EXPECT_EQ(root.get("/api/devices/" + device + "/tree").status(), 200u);
  root.add_sensor(device, "3");
  EXPECT_EQ(root.get("/api/devices/" + device + "/tree").status(), 413u);
}

TEST_F(ThingsTest, KeysSpeakForTheirDeviceUntilTheyAreRotated) {
  for (const char* name : {"/key", "/auth_key", "/key/", "/auth_key/"}) {
    const auto key = ann_.get(at_ + name);
    ASSERT_EQ(key.status(), 200u);
    EXPECT_EQ(key.text("/device_id"), device_);
    const auto identity = platform_.tokens.verify(key.text("/token"), access::Audience::device);
    ASSERT_TRUE(identity);
    EXPECT_EQ(std::to_string(identity->subject), device_);
  }
  const auto version = [&](const testing::Reply& key) {
    return platform_.tokens.verify(key.text("/token"), access::Audience::device)->key_version;
  };
  const auto before = version(ann_.get(at_ + "/key"));
  const auto rotated = ann_.post(at_ + "/key/rotate");
  EXPECT_EQ(version(rotated), before + 1);
  EXPECT_EQ(version(ann_.get(at_ + "/key")), before + 1);
}

TEST_F(ThingsTest, ConsumersAndTheirGrants) {
  const std::string sensor = ann_.add_sensor(device_);
  const std::string consumer = ann_.add_consumer();
  const std::string at = "/api/consumers/" + consumer;
  EXPECT_EQ(ids(ann_.get("/api/consumers")), std::vector{consumer});
  EXPECT_EQ(ann_.patch(at, R"({"name":"Grafana"})").text("/result/name"), "Grafana");
  EXPECT_EQ(ann_.get(at).text("/result/name"), "Grafana");
  EXPECT_EQ(ann_.get(at + "/auth_key").text("/consumer_id"), consumer);
  for (const std::string& body : {"{\"sensor_id\":\"" + sensor + "\"}", "{\"sensor_id\":" + sensor + "}"}) {
    EXPECT_EQ(ann_.post(at + "/sensors", body).text("/result/sensor_id"), sensor);
    EXPECT_EQ(ids(ann_.get(at + "/sensors")), std::vector{sensor});
  }
  EXPECT_EQ(ann_.remove(at + "/sensors/" + sensor).status(), 200u);
  EXPECT_EQ(ids(ann_.get(at + "/sensors")).size(), 0u);
  EXPECT_EQ(ann_.post(at + "/sensors/" + sensor + "/").status(), 200u);
  EXPECT_EQ(ids(ann_.get(at + "/sensors")), std::vector{sensor});
  EXPECT_EQ(ann_.post(at + "/sensors", R"({"sensor_id":"987654321"})").status(), 404u);
  EXPECT_EQ(ann_.remove(at).status(), 200u);
  EXPECT_EQ(ann_.get(at + "/key").text("/name"), "ConsumerNotFound");
}

TEST_F(ThingsTest, AGrantNeedsRightsOnBothSides) {
  const std::string roots_sensor = root_.add_sensor(root_.add_device());
  const std::string anns_sensor = ann_.add_sensor(device_);
  const std::string anns = "/api/consumers/" + ann_.add_consumer() + "/sensors/";
  const std::string roots = "/api/consumers/" + root_.add_consumer() + "/sensors/";
  EXPECT_EQ(ann_.post(anns + roots_sensor).status(), 403u);
  EXPECT_EQ(ann_.post(roots + anns_sensor).status(), 403u);
  EXPECT_EQ(root_.post(anns + roots_sensor).status(), 200u) << "an admin may";
}

TEST_F(ThingsTest, TheFormsUnderAUserAreTheSameResources) {
  const std::string mine = "/api/users/" + ann_id_;
  EXPECT_EQ(ids(ann_.get(mine + "/devices")), std::vector{device_});
  EXPECT_EQ(ann_.get(mine + "/devices/" + device_ + "/").text("/result/name"), "Car");
  EXPECT_EQ(ids(root_.get(mine + "/devices")), std::vector{device_});
  EXPECT_EQ(ann_.get("/api/users/-1/devices").status(), 403u);
  EXPECT_EQ(root_.get("/api/users/-1/devices/" + device_).status(), 404u) << "it is not that user's";
  EXPECT_EQ(root_.get("/api/users/987/devices").text("/name"), "UserNotFound");
  EXPECT_EQ(root_.post(mine + "/devices", R"({"name":"given"})").text("/result/user_id"), ann_id_);
}

TEST_F(ThingsTest, ChangesAreInTheAuditLogWithUserAndAddress) {
  const auto audit = root_.get("/api/audit?limit=1");
  EXPECT_EQ(audit.text("/result/0/action"), "device.create") << audit.response.body;
  EXPECT_EQ(audit.text("/result/0/user_id"), ann_id_);
  EXPECT_EQ(audit.text("/result/0/address"), "192.0.2.1");
  EXPECT_TRUE(audit.at("/next").is_string());
  const auto older = root_.get("/api/audit?limit=1&after=" + audit.text("/next"));
  EXPECT_NE(older.text("/result/0/id"), audit.text("/result/0/id"));
  EXPECT_EQ(root_.get("/api/audit?name=x").status(), 422u);
}

}  // namespace
}  // namespace iot::api
