// What is too old is not shown and goes; under a disk budget the oldest goes first; the room really comes back.
#include <gtest/gtest.h>

#include "store/embedded/store_world.h"

namespace iot::store {
namespace {

constexpr std::int64_t second = 1'000'000'000;

EmbeddedStoreOptions options() {
  EmbeddedStoreOptions options;
  options.memory_bytes_max = 16u << 20;
  options.readings_per_chunk = 1024;
  options.readings_per_merged_chunk = 1024;
  options.maintenance_interval = {};
  return options;
}

/// Readings that do not compress, one a second from `from_s` on.
void fill(StoreWorld& world, SensorId sensor, std::int64_t from_s, std::int64_t count) {
  static std::mt19937_64 random(1);
  for (std::int64_t i = 0; i < count; ++i) {
    world.add(sensor, (from_s + i) * second, static_cast<std::int64_t>(random()) >> 12);
    if (i % 1000 == 999) world.commit();
  }
  world.commit();
}

TEST(StoreRetentionTest, WhatIsOlderThanTheRetentionIsNotShown) {
  StoreWorld world(options());
  const std::int64_t now_s = world.clock().now().ns / second;
  for (const SensorId sensor : {SensorId{3}, SensorId{4}, SensorId{5}}) fill(world, sensor, now_s - 5000, 5000);
  world.store().set_retention_policy([](SensorId sensor) -> model::Retention {
    if (sensor.value == 3) return {std::chrono::seconds(100), {}};
    if (sensor.value == 4) return {std::chrono::hours(1'000'000'000), {}};
    return {};
  });
  std::erase_if(world.model({3}), [&](const auto& reading) { return reading.time_ns < (now_s - 100) * second; });
  ASSERT_EQ(world.model({3}).size(), 100u);
  world.check_all();
  ASSERT_TRUE(world.store().flush());
  world.check_all();
  const auto totals = world.store().maintain();
  ASSERT_TRUE(totals);
  EXPECT_EQ(totals->chunks_expired, 4u);
  world.check_all();
  EXPECT_EQ(world.store().info({3})->first->ns, (now_s - 100) * second);
  world.clock().advance(std::chrono::seconds(100'000));
  world.model({3}).clear();
  world.check_all();
  EXPECT_FALSE(world.store().info({3})->first);
}

TEST(StoreRetentionTest, ExpiredReadingsGiveTheirRoomBack) {
  StoreWorld world(options());
  const std::int64_t now_s = world.clock().now().ns / second;
  fill(world, {3}, now_s - 200'000, 200'000);
  fill(world, {6}, now_s - 1000, 1000);
  ASSERT_TRUE(world.store().flush());
  const std::uint64_t before = world.store().disk_bytes();
  ASSERT_GT(before, 1u << 20);
  world.store().set_retention_policy([](SensorId) { return model::Retention{std::chrono::seconds(2000), {}}; });
  ASSERT_TRUE(world.store().maintain());
  // Too little for the store to rewrite files on its own account.
  ASSERT_TRUE(world.store().compact());
  EXPECT_LT(world.store().disk_bytes(), before / 10);
  std::erase_if(world.model({3}), [&](const auto& reading) { return reading.time_ns < (now_s - 2000) * second; });
  world.check_all();
}

TEST(StoreRetentionTest, TheOldestChunksOfAllSensorsGoFirstAndNeverANewestOne) {
  StoreWorld world(options());
  // Sensor 3 is the oldest, 6 in the middle, 9 the newest; 12 has one old chunk alone.
  fill(world, {3}, 1'000'000, 100 * 1024);
  fill(world, {6}, 2'000'000, 100 * 1024);
  fill(world, {9}, 3'000'000, 100 * 1024);
  fill(world, {12}, 10, 100);
  ASSERT_TRUE(world.store().flush());
  fill(world, {15}, 20, 100);
  const std::uint64_t before = world.store().disk_bytes();
  const std::uint64_t wanted = before / 2;
  const auto dropped = world.store().drop_oldest(wanted);
  ASSERT_TRUE(dropped);
  EXPECT_GE(*dropped, wanted);
  EXPECT_LT(*dropped, wanted + (before / 50));
  EXPECT_LT(world.store().disk_bytes(), before - wanted + (before / 50));

  EXPECT_EQ(world.store().info({3})->count_max, 1024u) << "its newest chunk stays";
  const std::uint64_t of_middle = world.store().info({6})->count_max;
  EXPECT_GT(of_middle, 1024u);
  EXPECT_LT(of_middle, 90u * 1024);
  // What is left of the middle one is its newest part.
  EXPECT_EQ(world.store().info({6})->last->ns, (2'000'000 + 100 * 1024 - 1) * second);
  EXPECT_EQ(world.store().info({6})->first->ns,
            (2'000'000 + 100 * 1024 - static_cast<std::int64_t>(of_middle)) * second);
  EXPECT_EQ(world.store().info({9})->count_max, 100u * 1024);
  EXPECT_EQ(world.store().info({12})->count_max, 100u);
  EXPECT_EQ(world.store().info({15})->count_max, 100u);

  // More than there is: the newest chunk of each sensor is left.
  ASSERT_TRUE(world.store().drop_oldest(UINT64_MAX));
  for (const SensorId sensor : {SensorId{3}, SensorId{6}, SensorId{9}}) {
    EXPECT_EQ(world.store().info(sensor)->count_max, 1024u);
  }
  EXPECT_EQ(*world.store().drop_oldest(UINT64_MAX), 0u);
}

}  // namespace
}  // namespace iot::store
