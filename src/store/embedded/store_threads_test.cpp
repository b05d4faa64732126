// Readers, writers and maintenance at once; run under the thread sanitizer too.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "store/embedded/store_world.h"

namespace iot::store {
namespace {

TEST(StoreThreadsTest, ReadersSeeAPrefixOfEachSensorWhateverElseGoesOn) {
  EmbeddedStoreOptions options;
  options.memory_bytes_max = 16u << 20;
  options.readings_per_chunk = 64;
  options.readings_per_merged_chunk = 512;
  options.maintenance_interval = std::chrono::milliseconds(1);
  options.unapplied_bytes_max = 30'000;
  const TemporaryDirectory directory;
  Metrics metrics;
  ManualClock clock;
  auto store = std::move(*EmbeddedStore::open(directory.path() / "store", options, metrics, clock));

  constexpr std::int64_t sensors = 7;
  constexpr std::int64_t records = 1000;
  constexpr std::int64_t per_record = 20;
  std::atomic<std::int64_t> committed = 0;
  std::atomic<std::int64_t> scans = 0;

  // Reading n of a sensor has the value n and a time that is not always in order.
  const auto time_of = [](std::int64_t n) { return (n ^ 3) * 1000; };
  const auto reader = [&](std::uint32_t seed) {
    std::mt19937 random(seed);
    while (committed < records) {
      const std::int64_t at_least = committed * per_record;
      const SensorId sensor{static_cast<std::int64_t>(random() % sensors)};
      const Direction direction = random() % 2 == 0 ? Direction::ascending : Direction::descending;
      auto cursor = store->scan(sensor, {}, direction);
      ASSERT_TRUE(cursor);
      const Readings readings = read_all(**cursor, direction);
      ASSERT_GE(static_cast<std::int64_t>(readings.size()), at_least);
      std::int64_t sum = 0;
      for (const auto& reading : readings) {
        ASSERT_EQ(reading.time_ns, time_of(reading.number));
        sum += reading.number;
      }
      // The first n values, none missing.
      const auto n = static_cast<std::int64_t>(readings.size());
      ASSERT_EQ(sum, n * (n - 1) / 2);
      ++scans;
    }
  };
  const auto meddler = [&] {
    while (committed < records) {
      ASSERT_TRUE(store->flush());
      ASSERT_TRUE(store->maintain());
      ASSERT_TRUE(store->info({1}));
      ASSERT_TRUE(store->remove({1000}));
      std::this_thread::yield();
    }
  };

  std::thread first(reader, 1);
  std::thread second(reader, 2);
  std::thread third(meddler);
  model::ReadingBatch batch;
  for (std::int64_t record = 0; record < records; ++record) {
    batch.clear();
    for (std::int64_t sensor = 0; sensor < sensors; ++sensor) {
      for (std::int64_t i = 0; i < per_record; ++i) {
        const std::int64_t n = record * per_record + i;
        batch.add_integer({sensor}, model::MappingType::long_integer, {time_of(n)}, n);
      }
    }
    std::string payload;
    batch.encode(payload);
    const log::Record of_log{{static_cast<std::uint64_t>(record) + 1}, payload};
    store->committed({&of_log, 1});
    committed = record + 1;
    // Readers are to meet a store that grows.
    while (scans < record / 20) std::this_thread::yield();
  }
  first.join();
  second.join();
  third.join();
  ASSERT_TRUE(store->close());
}

}  // namespace
}  // namespace iot::store
