#include <algorithm>

#include <gmock/gmock.h>

#include "registry/list_sql.h"
#include "registry/sqlite.h"
#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class RegistryLists : public OpenRegistryTest {
 protected:
  std::vector<std::string> device_names(const Page& page, std::optional<UserId> owner = {}) {
    std::vector<std::string> names;
    for (const auto& device : registry_->devices(owner, page).value()) names.push_back(device.name);
    return names;
  }
};

TEST_F(RegistryLists, ArePagedByIdWithoutGapOrOverlap) {
  const auto device = client_->device();
  ASSERT_TRUE(client_->create_sensors(RegistryClient::new_sensors(device, 25)));
  std::vector<std::int64_t> seen;
  Page page{.limit = 10, .after = {}, .name = {}};
  for (auto sensors = registry_->sensors(device, page).value(); !sensors.empty();
       sensors = registry_->sensors(device, page).value()) {
    EXPECT_LE(sensors.size(), 10u);
    for (const auto& sensor : sensors) seen.push_back(sensor.id.value);
    page.after = seen.back();
  }
  EXPECT_EQ(seen.size(), 25u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

TEST_F(RegistryLists, HoldAtMostAThousandAndOneMore) {
  const auto device = client_->device();
  ASSERT_TRUE(client_->create_sensors(RegistryClient::new_sensors(device, 1'002)));
  const auto count = [&](std::size_t limit) {
    return registry_->sensors(device, {.limit = limit, .after = {}, .name = {}}).value().size();
  };
  EXPECT_EQ(count(0), 0u);
  EXPECT_EQ(count(999), 999u);
  EXPECT_EQ(count(1'000), 1'000u);
  EXPECT_EQ(count(1'001), 1'001u) << "who asks for a thousand sees whether there is more";
  EXPECT_EQ(count(1'002), 1'001u);
  EXPECT_EQ(count(SIZE_MAX), 1'001u);
}

TEST_F(RegistryLists, RootIsTheFirstUser) {
  const auto ada = client_->user("ada");
  const auto users = registry_->users({}).value();
  ASSERT_EQ(users.size(), 2u);
  EXPECT_EQ(users[0].id, root_user);
  const auto rest = registry_->users({.limit = 10, .after = -1, .name = {}}).value();
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].id, ada);
}

TEST_F(RegistryLists, FindNamesInAnyCase) {
  for (const auto* name : {"Pump", "Druckpumpe Ölkühler", "50% valve", "50_valve", "500 valve", "wow!"})
    client_->device(name);
  const auto found = [&](std::string name) {
    return device_names({.limit = 10, .after = {}, .name = std::move(name)});
  };
  EXPECT_THAT(found("PUMP"), ElementsAre("Pump", "Druckpumpe Ölkühler"));
  EXPECT_THAT(found("öLKÜ"), ElementsAre("Druckpumpe Ölkühler"));
  EXPECT_THAT(found("0%"), ElementsAre("50% valve"));
  EXPECT_THAT(found("0_v"), ElementsAre("50_valve"));
  EXPECT_THAT(found("!"), ElementsAre("wow!"));
  EXPECT_THAT(found("\\"), ElementsAre());
  EXPECT_THAT(found("' OR 1=1 --"), ElementsAre());
}

TEST_F(RegistryLists, FindTheNewNameAfterAChange) {
  const auto device = client_->device("Pump");
  ASSERT_TRUE(client_->update_device(device, {.name = "Fan", .description = {}, .retention = {}}));
  EXPECT_THAT(device_names({.limit = 10, .after = {}, .name = "fan"}), ElementsAre("Fan"));
  EXPECT_THAT(device_names({.limit = 10, .after = {}, .name = "pump"}), ElementsAre());
}

TEST_F(RegistryLists, KeepOwnersApart) {
  const auto ada = client_->user("ada");
  client_->device("hers", ada);
  client_->device("roots");
  EXPECT_THAT(device_names({}, ada), ElementsAre("hers"));
  EXPECT_THAT(device_names({}), ElementsAre("hers", "roots"));
  client_->consumer("hers", ada);
  client_->consumer("roots");
  EXPECT_EQ(registry_->consumers(ada, {}).value().size(), 1u);
  EXPECT_EQ(registry_->consumers({}, {}).value().size(), 2u);
}

TEST_F(RegistryLists, ShowGrantedSensorsInPages) {
  const auto device = client_->device();
  const auto consumer = client_->consumer();
  std::vector<SensorId> sensors;
  for (const auto& sensor : client_->create_sensors(RegistryClient::new_sensors(device, 5)).value()) {
    sensors.push_back(sensor.id);
    ASSERT_TRUE(client_->grant(consumer, sensor.id));
  }
  const auto page = registry_->granted_sensors(consumer, {.limit = 2, .after = sensors[1].value, .name = {}}).value();
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].id, sensors[2]);
  EXPECT_EQ(page[1].id, sensors[3]);
  EXPECT_EQ(registry_->granted_sensors(consumer, {.limit = 9, .after = {}, .name = "SENSOR 4"}).value().size(), 1u);
}

/// How SQLite would run a list.
std::string plan_of(soci::session& session, std::string sql) {
  std::string plan;
  // EXPLAIN needs no values: an unbound parameter is NULL.
  for (auto colon = sql.find(" :"); colon != std::string::npos; colon = sql.find(" :")) {
    auto end = sql.find_first_of(" )", colon + 1);
    sql.replace(colon + 1, std::min(end, sql.size()) - colon - 1, "?");
  }
  Query<std::tuple<Integer, Integer, Integer, std::string>> explain(session, "EXPLAIN QUERY PLAN " + sql);
  explain.for_each([&](const auto& row) { plan += std::get<3>(row) + "\n"; });
  return plan;
}

TEST_F(RegistryLists, WalkAnIndexAndSortNothing) {
  const auto session = open_sqlite(options_.database, SqliteUse::reader);
  for (const auto& sql : {list_sql::users, list_sql::devices, list_sql::devices_of_owner, list_sql::sensors_of_device,
                          list_sql::consumers, list_sql::consumers_of_owner, list_sql::granted_sensors, list_sql::audit,
                          list_sql::changes}) {
    const auto plan = plan_of(*session, sql);
    EXPECT_THAT(plan, HasSubstr("SEARCH")) << sql;
    EXPECT_THAT(plan, Not(HasSubstr("SCAN"))) << sql;
    EXPECT_THAT(plan, Not(HasSubstr("TEMP B-TREE"))) << sql;
  }
  EXPECT_THAT(plan_of(*session, list_sql::sensors_of_device), HasSubstr("sensors_by_device"));
  EXPECT_THAT(plan_of(*session, list_sql::devices_of_owner), HasSubstr("devices_by_owner"));
}

}  // namespace
}  // namespace iot::registry
