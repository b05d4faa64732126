#include "store/embedded/embedded_store.h"

#include <gtest/gtest.h>

#include "store/embedded/store_world.h"

namespace iot::store {
namespace {

constexpr SensorId real{3};
constexpr SensorId whole{4};
constexpr SensorId text{5};
constexpr std::int64_t second = 1'000'000'000;

EmbeddedStoreOptions small_chunks() {
  EmbeddedStoreOptions options;
  options.memory_bytes_max = 16u << 20;
  options.readings_per_chunk = 64;
  options.readings_per_merged_chunk = 128;
  options.maintenance_interval = {};
  return options;
}

std::size_t runs_with_summary(EmbeddedStore& store, SensorId sensor, TimeRange range = {}) {
  auto cursor = store.scan(sensor, range, Direction::ascending);
  std::size_t count = 0;
  while (*(*cursor)->next()) count += (*cursor)->summary().has_value();
  return count;
}

TEST(EmbeddedStoreTest, WhatIsCommittedIsSeenByTheNextScan) {
  StoreWorld world(small_chunks());
  for (const SensorId sensor : {real, whole, text}) {
    world.put(sensor, 5 * second, 7);
    world.check_all();
    world.put(sensor, 5 * second, 0);
    world.put(sensor, 6 * second, -1);
    world.check_all();
  }
}

TEST(EmbeddedStoreTest, AnUnknownSensorHasNoReadings) {
  StoreWorld world(small_chunks());
  world.put(real, second, 1);
  world.check({99}, {}, Direction::ascending);
  const auto info = world.store().info({99});
  ASSERT_TRUE(info);
  EXPECT_EQ(info->count_max, 0u);
  EXPECT_FALSE(info->first);
}

TEST(EmbeddedStoreTest, AReadingSentTwiceIsThereOnceWhereverItsTwinLies) {
  StoreWorld world(small_chunks());
  for (const SensorId sensor : {real, whole, text}) {
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 10; ++i) world.put(sensor, i * second, i);
      ASSERT_TRUE(world.store().flush());
    }
    for (int i = 9; i >= 0; --i) world.put(sensor, i * second, i);
  }
  world.check_all();
  ASSERT_TRUE(world.store().compact());
  world.check_all();
  world.reopen();
  world.check_all();
  EXPECT_EQ(world.store().info(real)->count_max, 10u);
}

TEST(EmbeddedStoreTest, TwoValuesAtOneTimeAreBothKeptAlsoAcrossChunks) {
  StoreWorld world(small_chunks());
  for (const SensorId sensor : {real, whole, text}) {
    for (int i = 0; i < 300; ++i) world.put(sensor, 7 * second, i);
  }
  world.check_all();
  ASSERT_TRUE(world.store().compact());
  world.check_all();
}

TEST(EmbeddedStoreTest, ACursorDoesNotSeeWhatIsCommittedLater) {
  StoreWorld world(small_chunks());
  for (int i = 0; i < 40; ++i) world.put(real, (40 - i) * second, i);
  const Readings before = world.expected(real);
  auto first = world.store().scan(real, {}, Direction::ascending);
  auto second_cursor = world.store().scan(real, {}, Direction::descending);
  for (int i = 0; i < 500; ++i) world.put(real, i * second / 4, i);
  ASSERT_TRUE(world.store().flush());
  ASSERT_TRUE(world.store().compact());
  ASSERT_TRUE(world.store().remove(real));
  EXPECT_EQ(read_all(**first, Direction::ascending), before);
  EXPECT_EQ(read_all(**second_cursor, Direction::descending), before);
}

TEST(EmbeddedStoreTest, AppliedMovesOnlyWithAFlushAndIsToldToTheServer) {
  std::vector<std::uint64_t> told;
  EmbeddedStoreOptions options = small_chunks();
  options.on_applied = [&told](log::Position position) { told.push_back(position.value); };
  StoreWorld world(options);
  EXPECT_EQ(world.store().applied().value, 0u);
  for (int i = 0; i < 5; ++i) world.put({i}, second, 1);
  EXPECT_EQ(world.store().applied().value, 0u);
  ASSERT_TRUE(world.store().flush());
  EXPECT_EQ(world.store().applied().value, 5u);
  ASSERT_TRUE(world.store().flush());
  EXPECT_EQ(told, std::vector<std::uint64_t>{5});
  world.reopen();
  EXPECT_EQ(world.store().applied().value, 5u);
  world.check_all();
}

TEST(EmbeddedStoreTest, RecordsThatAreAppliedAreIgnored) {
  StoreWorld world(small_chunks());
  world.put(real, second, 1);
  ASSERT_TRUE(world.store().flush());
  world.reopen();
  model::ReadingBatch other;
  other.add_real(real, mapping_of(real), {9 * second}, 9);
  std::string payload;
  other.encode(payload);
  const log::Record again{{1}, payload};
  world.store().committed({&again, 1});
  world.check_all();
}

TEST(EmbeddedStoreTest, ARecordThatIsNoBatchIsCountedAndSkipped) {
  StoreWorld world(small_chunks());
  world.put(real, second, 1);
  world.commit_payload("this is not a batch");
  world.put(real, 2 * second, 2);
  world.check_all();
  EXPECT_EQ(world.metric("iotplatform_store_undecodable_records_total"), 1);
  ASSERT_TRUE(world.store().flush());
  EXPECT_EQ(world.store().applied().value, 3u);
}

TEST(EmbeddedStoreTest, ASummaryIsOfferedExactlyWhereNothingOverlapsAndTheRangeCoversIt) {
  StoreWorld world(small_chunks());
  for (int i = 0; i < 64; ++i) world.put(real, i * second, i);
  ASSERT_TRUE(world.store().flush());
  for (int i = 64; i < 128; ++i) world.put(real, i * second, i);
  ASSERT_TRUE(world.store().flush());
  EXPECT_EQ(runs_with_summary(world.store(), real), 2u);
  EXPECT_EQ(runs_with_summary(world.store(), real, {{0}, {127 * second}}), 2u);
  EXPECT_EQ(runs_with_summary(world.store(), real, {{0}, {127 * second - 1}}), 1u);
  EXPECT_EQ(runs_with_summary(world.store(), real, {{1}, {127 * second - 1}}), 0u);
  world.put(real, 63 * second, 1000);
  EXPECT_EQ(runs_with_summary(world.store(), real), 1u);
  world.put(real, 100 * second, 1000);
  EXPECT_EQ(runs_with_summary(world.store(), real), 0u);
  world.check_all();
}

TEST(EmbeddedStoreTest, SmallChunksAreMergedAndNothingChanges) {
  StoreWorld world(small_chunks());
  for (int i = 0; i < 60; ++i) {
    for (const SensorId sensor : {real, whole, text}) world.put(sensor, (i * 37 % 60) * second, i);
    ASSERT_TRUE(world.store().flush());
  }
  const auto totals = world.store().maintain();
  ASSERT_TRUE(totals);
  EXPECT_GT(totals->chunks_merged, 100u);
  world.check_all();
  EXPECT_EQ(runs_with_summary(world.store(), real), 1u);
  world.reopen();
  world.check_all();
  // What is merged is not merged again.
  EXPECT_EQ(world.store().maintain()->chunks_merged, 0u);
}

TEST(EmbeddedStoreTest, ADetachedRunIsAsItWasWhateverHappensToTheSensor) {
  constexpr TimeRange range{{5'500}, {280'000}};
  for (const SensorId sensor : {real, whole, text}) {
    for (const Direction direction : {Direction::ascending, Direction::descending}) {
      StoreWorld world(small_chunks());
      const auto put = [&](int from, int to, int later) {
        for (int i = from; i < to; ++i) world.put(sensor, i * 1000 + later, i);
      };
      put(0, 200, 0);
      ASSERT_TRUE(world.store().flush());
      // In parts and a head.
      put(200, 300, 0);
      const Readings wanted = world.expected(sensor, range);
      const auto change = [&] {
        ASSERT_TRUE(world.store().compact());
        put(0, 300, 1);
        ASSERT_TRUE(world.store().flush());
        ASSERT_TRUE(world.store().maintain());
      };
      std::size_t detached = 0;
      EXPECT_TRUE(world.read_detached(sensor, range, direction, 3, change, &detached) == wanted);
      EXPECT_GT(detached, 3u);
      EXPECT_EQ(world.metric("iotplatform_store_damaged_chunks_total"), 0);
    }
  }
}

TEST(EmbeddedStoreTest, ASensorWhoseMappingChangedShowsBothKinds) {
  StoreWorld world(small_chunks());
  for (int i = 0; i < 10; ++i) world.put(real, i * second, i);
  model::ReadingBatch batch;
  for (int i = 5; i < 15; ++i) batch.add_integer(real, model::MappingType::long_integer, {i * second}, i);
  std::string payload;
  batch.encode(payload);
  world.commit_payload(payload);
  for (int pass = 0; pass < 2; ++pass) {
    for (const Direction direction : {Direction::ascending, Direction::descending}) {
      auto cursor = world.store().scan(real, {}, direction);
      std::size_t reals = 0;
      std::size_t integers = 0;
      std::int64_t at_ns = direction == Direction::ascending ? -1 : INT64_MAX;
      while (*(*cursor)->next()) {
        const Block block = *(*cursor)->block();
        (block.kind == model::ColumnKind::real ? reals : integers) += block.size();
        if (direction == Direction::ascending) {
          EXPECT_GE(block.times_ns.front(), at_ns);
          at_ns = block.times_ns.back();
        } else {
          EXPECT_LE(block.times_ns.back(), at_ns);
          at_ns = block.times_ns.front();
        }
      }
      EXPECT_EQ(reals, 10u);
      EXPECT_EQ(integers, 10u);
    }
    ASSERT_TRUE(world.store().compact());
  }
}

TEST(EmbeddedStoreTest, ARemovedSensorDoesNotComeBackFromTheLog) {
  StoreWorld world(small_chunks());
  for (int i = 0; i < 200; ++i) {
    world.put(real, i * second, i);
    world.put(whole, i * second, i);
  }
  ASSERT_TRUE(world.store().flush());
  for (int i = 200; i < 300; ++i) world.put(real, i * second, i);
  ASSERT_TRUE(world.store().remove(real));
  world.model(real).clear();
  world.check_all();
  world.reopen();
  world.check_all();
  // Readings that come after the removal are kept.
  world.put(real, second, 1);
  world.reopen();
  world.check_all();
  ASSERT_TRUE(world.store().flush());
  world.reopen();
  world.check_all();
}

TEST(EmbeddedStoreTest, InfoTellsCountBoundsAndBytes) {
  StoreWorld world(small_chunks());
  for (int i = 1; i <= 150; ++i) world.put(real, i * second, i);
  auto info = world.store().info(real);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->count_max, 150u);
  EXPECT_EQ(info->first->ns, second);
  EXPECT_EQ(info->last->ns, 150 * second);
  EXPECT_EQ(info->disk_bytes, 0u);
  ASSERT_TRUE(world.store().flush());
  info = world.store().info(real);
  EXPECT_EQ(info->count_max, 150u);
  EXPECT_GT(info->disk_bytes, 0u);
}

TEST(EmbeddedStoreTest, ASecondProcessIsRefused) {
  StoreWorld world(small_chunks());
  Metrics metrics;
  const auto second_store = EmbeddedStore::open(world.path(), {}, metrics, world.clock());
  ASSERT_FALSE(second_store);
  EXPECT_TRUE(is(second_store.error(), Errc::io_failed));
}

TEST(EmbeddedStoreTest, CloseLeavesNothingToReplay) {
  StoreWorld world(small_chunks());
  for (int i = 0; i < 100; ++i) world.put(real, i * second, i);
  ASSERT_TRUE(world.store().close());
  world.reopen();
  EXPECT_EQ(world.store().applied().value, 100u);
  world.check_all();
}

TEST(EmbeddedStoreTest, HeadsAreWrittenWhenTheLogGrowsTooLong) {
  EmbeddedStoreOptions options = small_chunks();
  options.unapplied_bytes_max = 100;
  std::atomic<std::uint64_t> told = 0;
  options.on_applied = [&told](log::Position position) {
    told = position.value;
    told.notify_all();
  };
  StoreWorld world(options);
  for (int i = 0; i < 50; ++i) world.put(real, i * second, i);
  told.wait(0);
  EXPECT_GT(told.load(), 0u);
}

TEST(EmbeddedStoreTest, MemoryStaysWithinItsBound) {
  EmbeddedStoreOptions options = small_chunks();
  options.readings_per_chunk = 8192;
  StoreWorld world(options);
  std::size_t largest = 0;
  model::ReadingBatch batch;
  for (std::int64_t round = 0; round < 100; ++round) {
    for (std::int64_t i = 0; i < 20'000; ++i) {
      batch.add_real({i % 2000}, model::MappingType::double_precision, {round * second + i}, static_cast<double>(i));
    }
    std::string payload;
    batch.encode(payload);
    batch.clear();
    world.commit_payload(std::move(payload));
    largest = std::max<std::size_t>(largest, world.store().memory_bytes());
  }
  EXPECT_LE(largest, options.memory_bytes_max);
  EXPECT_EQ(world.store().info({7})->count_max, 1000u);
}

}  // namespace
}  // namespace iot::store
