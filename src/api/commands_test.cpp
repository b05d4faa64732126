#include <gmock/gmock.h>

#include "api/testing/world.h"

namespace iot::api {
namespace {

using namespace std::chrono_literals;

class DeviceApi : public testing::ApiTest {
 protected:
  std::string path(std::string_view rest) const { return "/api/devices/" + device_ + std::string(rest); }
  std::string send(std::string_view body = R"({"name":"reboot","payload":{"delay_s":2.5},"ttl_s":60})") {
    const auto made = ann_.post(path("/commands"), body);
    EXPECT_EQ(made.status(), 200u) << made.response.body;
    return made.text("/result/id");
  }

  std::string device_ = ann_.add_device();
};

TEST_F(DeviceApi, TakesACommandAndTellsItsState) {
  const auto made = ann_.post(path("/commands"), R"({"name":"reboot","payload":{"delay_s":2.5},"ttl_s":60})");
  EXPECT_EQ(made.status(), 200u);
  EXPECT_EQ(made.text("/result/state"), "queued");
  EXPECT_EQ(made.text("/result/payload/delay_s"), "2.5E0");
  EXPECT_THAT(made.response.body, ::testing::HasSubstr(R"("payload":{"delay_s":2.5})"));
  EXPECT_EQ(made.text("/result/expires"), "2018-05-19T08:20:27.000Z");
  EXPECT_EQ(made.text("/result/response"), "null");
  const auto shown = ann_.get(path("/commands/" + made.text("/result/id")));
  EXPECT_EQ(shown.status(), 200u);
  EXPECT_EQ(shown.at("/result"), made.at("/result"));
}

TEST_F(DeviceApi, ACommandNeedsNoPayloadAndLivesADay) {
  const auto id = send(R"({"name":"reboot"})");
  const auto shown = ann_.get(path("/commands/" + id));
  EXPECT_EQ(shown.text("/result/payload"), "null");
  EXPECT_EQ(shown.text("/result/expires"), "2018-05-20T08:19:27.000Z");
}

TEST_F(DeviceApi, NamesWhatIsWrongWithACommand) {
  const auto refused = [&](std::string_view body, std::string_view field) {
    const auto reply = ann_.post(path("/commands"), body);
    EXPECT_EQ(reply.status(), 422u) << body;
    EXPECT_EQ(reply.text("/errors/0/field"), field) << body;
  };
  refused(R"({})", "name");
  refused(R"({"name":"n","ttl_s":0})", "ttl_s");
  refused(R"({"name":"n","ttl_s":31536001})", "ttl_s");
  refused(R"({"name":"n","ttl_s":null})", "ttl_s");
  refused(R"({"name":"n","paylaod":1})", "paylaod");
  refused(R"({"name":"n","payload":")" + std::string(65'535, 'x') + R"("})", "payload");
  EXPECT_EQ(ann_.post(path("/commands"), R"({"name":"n","ttl_s":31536000})").status(), 200u);
  EXPECT_EQ(ann_.post(path("/commands"), R"({"name":"n","payload":")" + std::string(65'534, 'x') + R"("})").status(),
            200u);
}

TEST_F(DeviceApi, ListsCommandsInPagesTheNewestFirst) {
  const auto first = send();
  const auto second = send();
  const auto page = ann_.get(path("/commands?limit=1"));
  EXPECT_EQ(page.text("/result/0/id"), second);
  EXPECT_EQ(page.text("/next"), second);
  EXPECT_EQ(ann_.get(path("/commands?after=" + second)).text("/result/0/id"), first);
}

TEST_F(DeviceApi, AreTheOwnersAndAdministratorsAlone) {
  const auto id = send();
  testing::Client bob(platform_, platform_.token_of(platform_.add_user("bob", model::Role::user)));
  EXPECT_EQ(bob.post(path("/commands"), R"({"name":"n"})").status(), 403u);
  for (const auto& rest :
       {std::string("/commands"), "/commands/" + id, std::string("/presence"), std::string("/events")}) {
    EXPECT_EQ(bob.get(path(rest)).status(), 403u) << rest;
    EXPECT_EQ(root_.get(path(rest)).status(), 200u) << rest;
    EXPECT_EQ(root_.get("/api/users/" + ann_id_ + "/devices/" + device_ + rest).status(), 200u) << rest;
  }
  const auto other = ann_.add_device();
  EXPECT_EQ(ann_.get("/api/devices/" + other + "/commands/" + id).status(), 404u);
  EXPECT_EQ(ann_.get(path("/commands/x")).status(), 404u);
  EXPECT_EQ(ann_.get("/api/devices/99/presence").status(), 404u);
}

TEST_F(DeviceApi, ShowsHowTheDeviceStands) {
  auto presence = ann_.get(path("/presence"));
  EXPECT_EQ(presence.text("/result/connected"), "false");
  EXPECT_EQ(presence.text("/result/last_seen"), "null");
  EXPECT_EQ(presence.text("/result/protocol"), "null");
  EXPECT_EQ(presence.text("/result/sessions"), "[]");
  const DeviceId id = parse_id<DeviceId>(device_).value();
  platform_.connections->note_request(0, id, "192.0.2.5", platform_.clock.now());
  platform_.connections->note_request_error(id, "reading 0: no such sensor", platform_.clock.now());
  presence = ann_.get(path("/presence"));
  EXPECT_EQ(presence.text("/result/last_seen"), "2018-05-19T08:19:27.000Z");
  EXPECT_EQ(presence.text("/result/protocol"), "http");
  EXPECT_EQ(presence.text("/result/address"), "192.0.2.5");
  EXPECT_EQ(presence.text("/result/last_error"), "reading 0: no such sensor");
  const auto device = ann_.get(path(""));
  EXPECT_EQ(device.text("/result/connected"), "false");
  EXPECT_EQ(device.text("/result/last_seen"), "2018-05-19T08:19:27.000Z");
}

TEST_F(DeviceApi, TellsThatADeviceWasSilentAndIsBack) {
  ASSERT_EQ(ann_.patch(path(""), R"({"silent_after_s":60})").status(), 200u);
  const DeviceId id = parse_id<DeviceId>(device_).value();
  const auto pass = [&](std::chrono::seconds time) {
    platform_.clock.advance(time);
    platform_.presence->tick();
  };
  pass(5s);
  pass(60s);
  platform_.connections->note_request(0, id, "192.0.2.5", platform_.clock.now());
  pass(5s);
  platform_.presence->stop();
  const auto events = ann_.get(path("/events"));
  EXPECT_EQ(events.text("/result/0/event"), "back");
  EXPECT_EQ(events.text("/result/1/event"), "silent");
  EXPECT_EQ(events.text("/result/1/last_seen"), "null");
  EXPECT_EQ(events.text("/result/1/time"), "2018-05-19T08:20:32.000Z");
}

}  // namespace
}  // namespace iot::api
