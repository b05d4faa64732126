#include "registry/change.h"

#include <gmock/gmock.h>

#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class ChangeFeed : public testing::Test {
 protected:
  void apply(Change change) {
    change.sequence = snapshot_.version + 1;
    registry::apply(snapshot_, change, &removed_);
  }
  void sensor(std::int64_t id, std::int64_t device) {
    apply(sensor_set({id}, {.device = {device}, .mapping = model::MappingType::text, .retention = {}}));
  }

  Snapshot snapshot_;
  Removals removed_;
};

TEST_F(ChangeFeed, CarriesWhatAnEntryHolds) {
  apply(user_set({5}, {model::Role::read_only, 7}));
  EXPECT_EQ(snapshot_.users.find({5})->role, model::Role::read_only);
  EXPECT_EQ(snapshot_.users.find({5})->key_version, 7u);
  apply(device_set({6}, {.owner = {5},
                         .key_version = 8,
                         .retention = std::chrono::seconds(9),
                         .silent_after = std::chrono::seconds(11),
                         .rollups = model::Rollups{std::chrono::seconds(12), {}, model::forever}}));
  EXPECT_EQ(snapshot_.devices.find({6})->owner, UserId{5});
  EXPECT_EQ(snapshot_.devices.find({6})->key_version, 8u);
  EXPECT_EQ(snapshot_.devices.find({6})->retention, std::chrono::seconds(9));
  EXPECT_EQ(snapshot_.devices.find({6})->silent_after, std::chrono::seconds(11));
  EXPECT_EQ(snapshot_.devices.find({6})->rollups, (model::Rollups{std::chrono::seconds(12), {}, model::forever}));
  apply(sensor_set({7}, {.device = {6},
                         .mapping = model::MappingType::date,
                         .retention = std::chrono::seconds(3),
                         .rollups = model::Rollups{}}));
  EXPECT_EQ(snapshot_.sensors.find({7})->device, DeviceId{6});
  EXPECT_EQ(snapshot_.sensors.find({7})->mapping, model::MappingType::date);
  EXPECT_EQ(snapshot_.sensors.find({7})->retention, std::chrono::seconds(3));
  EXPECT_EQ(snapshot_.sensors.find({7})->rollups, model::Rollups{});
  apply(consumer_set({8}, {5}, 2));
  EXPECT_EQ(snapshot_.consumers.find({8})->owner, UserId{5});
  EXPECT_EQ(snapshot_.consumers.find({8})->key_version, 2u);
  EXPECT_EQ(snapshot_.version, 4u);
}

TEST_F(ChangeFeed, ASetThingKeepsWhatHangsOnIt) {
  apply(device_set({1}, {.owner = {5}, .key_version = 1}));
  sensor(10, 1);
  apply(device_set({1}, {.owner = {5}, .key_version = 2}));
  EXPECT_TRUE(snapshot_.devices.find({1})->sensors.contains({10}));
  apply(consumer_set({2}, {5}, 1));
  apply(granted({2}, {10}));
  apply(consumer_set({2}, {5}, 2));
  EXPECT_TRUE(snapshot_.consumers.find({2})->grants.contains({10}));
  apply(revoked({2}, {10}));
  EXPECT_TRUE(snapshot_.consumers.find({2})->grants.empty());
}

TEST_F(ChangeFeed, ARemovedDeviceTakesItsSensors) {
  apply(device_set({1}, {.owner = {5}, .key_version = 1}));
  apply(device_set({2}, {.owner = {5}, .key_version = 1}));
  sensor(10, 1);
  sensor(11, 2);
  sensor(12, 1);
  apply(device_removed({1}));
  EXPECT_THAT(removed_.sensors, UnorderedElementsAre(SensorId{10}, SensorId{12}));
  EXPECT_EQ(snapshot_.sensors.size(), 1u);
  apply(sensor_removed({11}));
  EXPECT_THAT(removed_.sensors, UnorderedElementsAre(SensorId{10}, SensorId{12}, SensorId{11}));
  EXPECT_TRUE(snapshot_.devices.find({2})->sensors.empty());
}

TEST_F(ChangeFeed, WhatIsNotThereIsPassedOver) {
  for (const auto& change : {user_removed({1}), device_removed({1}), sensor_removed({1}), consumer_removed({1}),
                             granted({1}, {1}), revoked({1}, {1})}) {
    apply(change);
  }
  sensor(1, 99);
  EXPECT_TRUE(snapshot_.sensors.empty());
  EXPECT_TRUE(removed_.sensors.empty());
  EXPECT_TRUE(removed_.withdrawal.empty());
  EXPECT_EQ(snapshot_.version, 7u);
}

TEST_F(ChangeFeed, MayOverlap) {
  std::vector<Change> feed = {user_set({1}, {}), user_removed({1}), user_set({2}, {})};
  for (std::size_t i = 0; i < feed.size(); ++i) feed[i].sequence = i + 1;
  apply_all(snapshot_, feed);
  apply_all(snapshot_, feed);
  apply_all(snapshot_, std::span(feed).first(1));
  EXPECT_EQ(snapshot_.users.size(), 1u);
  EXPECT_EQ(snapshot_.version, 3u);
}

TEST_F(ChangeFeed, LeavesCopiesAlone) {
  apply(device_set({1}, {.owner = {5}, .key_version = 1}));
  std::vector<Snapshot> copies;
  for (int i = 0; i < 200; ++i) {
    copies.push_back(snapshot_);
    sensor(100 + i, 1);
  }
  for (std::size_t i = 0; i < copies.size(); ++i) {
    EXPECT_EQ(copies[i].sensors.size(), i);
    EXPECT_EQ(copies[i].devices.find({1})->sensors.size(), i);
  }
}

TEST(StoredSeconds, HaveNoneAsZero) {
  EXPECT_EQ(stored_seconds({}), 0);
  EXPECT_EQ(seconds_from(0), std::nullopt);
  EXPECT_EQ(seconds_from(stored_seconds(std::chrono::seconds(5))), std::chrono::seconds(5));
}

}  // namespace
}  // namespace iot::registry
