#include <gmock/gmock.h>

#include "registry/pruner.h"
#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class RegistryAudit : public OpenRegistryTest {
 protected:
  /// "action subject details", newest first.
  std::vector<std::string> log(const Page& page = {}) {
    std::vector<std::string> lines;
    for (const auto& entry : registry_->audit(page).value()) {
      lines.push_back(entry.action + " " + entry.subject + " " + entry.details);
    }
    return lines;
  }
  std::string newest() { return log().front(); }
};

TEST_F(RegistryAudit, SaysWhoWhenAndFromWhere) {
  const auto ada = client_->user("ada");
  clock_.advance(std::chrono::seconds(7));
  RegistryClient other(*registry_, {ada, "2001:db8::7"});
  other.device("machine", ada);
  const auto entry = registry_->audit({}).value().front();
  EXPECT_EQ(entry.user, ada);
  EXPECT_EQ(entry.address, "2001:db8::7");
  EXPECT_EQ(entry.time, clock_.now());
  EXPECT_EQ(entry.action, "device.create");
  EXPECT_EQ(entry.subject, "device/1");
  EXPECT_EQ(entry.details, R"({"name":"machine","owner":"1"})");
}

TEST_F(RegistryAudit, TellsEveryKindOfChange) {
  const auto ada = client_->user("ada");
  EXPECT_EQ(newest(), R"(user.create user/1 {"name":"ada","username":"ada","role":"user"})");
  ASSERT_TRUE(client_->update_user(
      ada, {.name = "Ada", .username = {}, .password_hash = "secret", .role = model::Role::admin}));
  EXPECT_EQ(
      newest(),
      R"(user.update user/1 {"name":{"old":"ada","new":"Ada"},"role":{"old":"user","new":"admin"},"password":"changed"})");
  const auto device = client_->device("machine", ada);
  ASSERT_TRUE(
      client_->update_device(device, {.name = "mill", .description = {}, .retention = std::chrono::seconds(60)}));
  EXPECT_EQ(newest(),
            R"(device.update device/1 {"name":{"old":"machine","new":"mill"},"retention_s":{"old":0,"new":60}})");
  ASSERT_TRUE(client_->update_device(
      device,
      {.name = {}, .description = {}, .rollups = model::Rollups{std::chrono::seconds(61), {}, model::forever}}));
  EXPECT_EQ(newest(), R"(device.update device/1 {"rollups":{"old":"","new":"61 0 forever"}})");
  ASSERT_TRUE(client_->rotate_device_key(device));
  EXPECT_EQ(newest(), R"(device.rotate_key device/1 {"key_version":{"old":1,"new":2}})");
  const auto sensor = client_->sensor(device);
  EXPECT_EQ(newest(), R"(sensor.create sensor/1 {"device":"1","name":"temperature","path":"","mapping":"double"})");
  ASSERT_TRUE(client_->create_sensors(RegistryClient::new_sensors(device, 3)));
  EXPECT_EQ(newest(), R"(sensor.create device/1 {"sensors":3,"first":"2","last":"4"})");
  SensorPatch patch;
  patch.unit = "K";
  ASSERT_TRUE(client_->update_sensor(sensor, patch));
  EXPECT_EQ(newest(), R"(sensor.update sensor/1 {"unit":{"old":"","new":"K"}})");
  SensorPatch rolled_up;
  rolled_up.rollups = model::Rollups{};
  ASSERT_TRUE(client_->update_sensor(sensor, rolled_up));
  EXPECT_EQ(newest(), R"(sensor.update sensor/1 {"rollups":{"old":"","new":"0 0 0"}})");
  const auto consumer = client_->consumer("dashboard", ada);
  EXPECT_EQ(newest(), R"(consumer.create consumer/1 {"name":"dashboard","owner":"1"})");
  ASSERT_TRUE(client_->update_consumer(consumer, {.name = "wall", .description = {}}));
  EXPECT_EQ(newest(), R"(consumer.update consumer/1 {"name":{"old":"dashboard","new":"wall"}})");
  ASSERT_TRUE(client_->rotate_consumer_key(consumer));
  EXPECT_EQ(newest(), R"(consumer.rotate_key consumer/1 {"key_version":{"old":1,"new":2}})");
  ASSERT_TRUE(client_->grant(consumer, sensor));
  EXPECT_EQ(newest(), R"(consumer.grant consumer/1 {"sensor":"1"})");
  ASSERT_TRUE(client_->revoke(consumer, sensor));
  EXPECT_EQ(newest(), R"(consumer.revoke consumer/1 {"sensor":"1"})");
  ASSERT_TRUE(client_->delete_sensor(sensor));
  EXPECT_EQ(newest(), R"(sensor.delete sensor/1 {"device":"1","name":"temperature","path":""})");
  ASSERT_TRUE(client_->delete_user(ada));
  EXPECT_THAT(log({.limit = 3, .after = {}, .name = {}}),
              ElementsAre(R"(user.delete user/1 {"username":"ada","devices":1,"consumers":1,"dashboards":0})",
                          R"(consumer.delete consumer/1 {"name":"wall","owner":"1","grants":0})",
                          R"(device.delete device/1 {"name":"mill","owner":"1","sensors":3})"));
  for (const auto& line : log()) {
    EXPECT_THAT(line, Not(HasSubstr("secret")));
    EXPECT_THAT(line, Not(HasSubstr("hash")));
  }
}

TEST_F(RegistryAudit, SaysNothingOfWhatChangedNothing) {
  const auto device = client_->device();
  const auto before = log();
  ASSERT_TRUE(client_->update_device(device, {.name = "machine", .description = {}, .retention = {}}));
  ASSERT_FALSE(client_->update_device({99}, {.name = "x", .description = {}, .retention = {}}));
  EXPECT_EQ(log(), before);
}

TEST_F(RegistryAudit, IsPagedNewestFirst) {
  for (int i = 0; i < 5; ++i) client_->device("d" + std::to_string(i));
  const auto first = registry_->audit({.limit = 2, .after = {}, .name = {}}).value();
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].subject, "device/5");
  const auto second = registry_->audit({.limit = 2, .after = first[1].id, .name = {}}).value();
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(second[0].subject, "device/3");
  const auto found = registry_->audit({.limit = 10, .after = {}, .name = "device/4"}).value();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(registry_->audit({.limit = 10, .after = {}, .name = "USER.CREATE"}).value().size(), 1u);
}

TEST_F(RegistryAudit, KeepsTheNewestUpToItsLimit) {
  options_.limits.audit_entries_max = 10;
  open();
  for (int i = 0; i < 35; ++i) {
    client_->device("d" + std::to_string(i));
    EXPECT_LE(log().size(), 10u);
    EXPECT_EQ(registry_->audit({}).value().front().subject, "device/" + std::to_string(i + 1));
    if (i == 20) open();
  }
  EXPECT_EQ(log().size(), 10u);
}

TEST(Pruner, AsksOnlyWhenThereIsTooMuch) {
  Pruner pruner(1, 160);
  EXPECT_EQ(pruner.due(0), std::nullopt);
  EXPECT_EQ(pruner.due(160), std::nullopt);
  EXPECT_EQ(pruner.due(161), 11);  // one is too many, ten more make room for the next ones
  EXPECT_EQ(pruner.due(171), std::nullopt);
  EXPECT_EQ(pruner.due(172), 22);
  EXPECT_EQ(pruner.due(10'000), 9'850);
}

TEST(Pruner, KeepsOneRow) {
  Pruner pruner(1, 1);
  EXPECT_EQ(pruner.due(1), std::nullopt);
  EXPECT_EQ(pruner.due(2), 1);
  EXPECT_EQ(pruner.due(3), 2);
}

}  // namespace
}  // namespace iot::registry
