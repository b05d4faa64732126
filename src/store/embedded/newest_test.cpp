// The newest reading of each sensor is the one that a cursor would give last, whatever lies where, and costs no
// decoding of numbers. StoreWorld::check_all() compares it with the model in the other tests of the store too.
#include <cmath>

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "store/embedded/chunk_entry.h"
#include "store/embedded/store_world.h"

namespace iot::store {
namespace {

constexpr SensorId real{3};
constexpr SensorId integer{4};
constexpr SensorId text{5};

EmbeddedStoreOptions options() {
  EmbeddedStoreOptions options;
  options.memory_bytes_max = 16u << 20;
  options.readings_per_chunk = 64;
  options.maintenance_interval = {};
  return options;
}

class NewestTest : public testing::Test {
 protected:
  std::optional<Reading> latest(SensorId sensor) { return world_.store().latest({&sensor, 1}).value().front(); }
  void put_everywhere(std::int64_t time_ns, std::int64_t value) {
    for (const SensorId sensor : {real, integer, text}) world_.put(sensor, time_ns, value);
  }
  void flush() { ASSERT_TRUE(world_.store().flush()); }

  StoreWorld world_{options()};
};

TEST_F(NewestTest, IsNothingWhereNothingCame) {
  EXPECT_FALSE(latest(real));
  EXPECT_TRUE(world_.store().latest({}).value().empty());
  world_.put(integer, 5, 1);
  EXPECT_FALSE(latest(real));
  EXPECT_EQ(latest(integer), (Reading{{5}, std::int64_t{1}}));
  ASSERT_TRUE(world_.store().remove(integer));
  EXPECT_FALSE(latest(integer));
}

TEST_F(NewestTest, LiesInMemoryOrOnDisk) {
  put_everywhere(10, 1);
  world_.check_latest();
  flush();
  world_.check_latest();
  put_everywhere(5, 2);  // late
  world_.check_latest();
  EXPECT_EQ(latest(real), (Reading{{10}, 0.125}));
  put_everywhere(20, 3);
  world_.check_latest();
  flush();
  put_everywhere(15, 4);
  flush();
  world_.check_latest();
  EXPECT_EQ(latest(text), (Reading{{20}, std::string("value 3")}));
}

TEST_F(NewestTest, OfSeveralAtOneTimeIsTheOneThatComesLast) {
  // In one head, in a chunk and a head, and in two chunks.
  for (const std::int64_t value : {5, -7, 3}) put_everywhere(100, value);
  world_.check_latest();
  flush();
  put_everywhere(100, 4);
  world_.check_latest();
  EXPECT_EQ(latest(integer), (Reading{{100}, std::int64_t{5}}));
  put_everywhere(100, 6);
  flush();
  world_.check_latest();
  EXPECT_EQ(latest(integer), (Reading{{100}, std::int64_t{6}}));
}

TEST_F(NewestTest, NegativeZeroComesBeforeZero) {
  model::ReadingBatch batch;
  std::string payload;
  for (const double value : {0.0, -0.0}) {
    batch.clear();
    batch.add_real(real, model::MappingType::double_precision, {1}, value);
    payload.clear();
    batch.encode(payload);
    world_.commit_payload(payload);
    flush();
  }
  EXPECT_FALSE(std::signbit(std::get<double>(latest(real)->value)));
}

TEST_F(NewestTest, IsFoundAmongManyChunksOfAnyLength) {
  std::mt19937_64 random(7);
  // Long chunks that end last, between short ones; more of them than are looked at in turn, and than are listed.
  for (std::int64_t chunk = 0; chunk < 1'200; ++chunk) {
    const std::int64_t start = chunk * 1'000;
    const std::int64_t span = chunk % 100 == 7 ? 50'000'000 : 64;
    for (std::int64_t i = 0; i <= 64; ++i) {
      world_.add(real, start + i * span / 64, static_cast<std::int64_t>(random() % 1000));
    }
    world_.commit();
    if (chunk % 40 == 0) flush();
    if (chunk % 150 == 0) world_.check_latest();
  }
  flush();
  world_.check_latest();
  put_everywhere(51'107'000, 9);
  world_.check_latest();
  put_everywhere(60'000'000, 9);
  world_.check_latest();
}

TEST_F(NewestTest, AtTheEndsOfTime) {
  put_everywhere(0, 1);
  flush();
  world_.check_latest();
  put_everywhere(timestamp_max.ns, 2);
  flush();
  world_.check_latest();
}

TEST_F(NewestTest, OfASensorWhoseTypeWasChangedIsWhatACursorGivesLast) {
  for (int round = 0; round < 2; ++round) {
    model::ReadingBatch batch;
    std::string payload;
    batch.add_real(real, model::MappingType::double_precision, {50}, 9.5);
    batch.add_text(real, model::MappingType::keyword, {50}, "text");
    batch.add_integer(real, model::MappingType::long_integer, {50}, 77);
    batch.encode(payload);
    world_.commit_payload(payload);
    EXPECT_EQ(latest(real), (Reading{{50}, std::string("text")}));
    EXPECT_EQ(world_.store().ReadingStore::latest({&real, 1}).value().front(), latest(real));
    flush();
  }
}

TEST_F(NewestTest, OlderThanTheRetentionIsNotShown) {
  const std::int64_t now_ns = world_.clock().now().ns;
  for (const SensorId sensor : {real, integer}) world_.put(sensor, now_ns - 100'000'000'000, 1);
  flush();
  world_.store().set_retention_policy([](SensorId sensor) -> model::Retention {
    return {std::chrono::seconds(sensor == real ? 99 : 100), {}};
  });
  EXPECT_FALSE(latest(real));
  EXPECT_TRUE(latest(integer));
}

class NewestDamageTest : public NewestTest {
 protected:
  /// Three chunks of each, on disk, too large to lie in their entries; the store is closed.
  NewestDamageTest() {
    std::mt19937_64 random(3);
    world_.close();
    world_.options().readings_per_chunk = 4096;
    world_.reopen();
    for (std::int64_t i = 0; i < 3 * 4096; ++i) {
      for (const SensorId sensor : {real, text}) world_.add(sensor, i, static_cast<std::int64_t>(random() % 1'000'000));
    }
    world_.commit();
    flush();
    EXPECT_TRUE(world_.store().close());
    world_.close();
  }

  /// Turns a byte of each value whose key begins with `prefix`; returns how many there are.
  std::size_t damage(char prefix, SensorId sensor) {
    rocksdb::DB* opened = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open({}, world_.path().string(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    std::string start = index_prefix(sensor);
    start[0] = prefix;
    std::size_t count = 0;
    const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator({}));
    for (at->Seek(start); at->Valid() && at->key().starts_with(start); at->Next(), ++count) {
      std::string value = at->value().ToString();
      value[value.size() / 2] ^= 1;
      EXPECT_TRUE(db->Put({}, at->key(), value).ok());
    }
    return count;
  }
};

TEST_F(NewestDamageTest, NumbersComeWithoutTheirChunks) {
  EXPECT_EQ(damage('c', real), 3u);
  world_.reopen();
  const Reading newest = latest(real).value();
  EXPECT_EQ(newest.time.ns, 3 * 4096 - 1);
  EXPECT_EQ(place_of(std::get<double>(newest.value)), world_.expected(real).back().number);
  EXPECT_EQ(world_.metric("iotplatform_store_damaged_chunks_total"), 0);
}

TEST_F(NewestDamageTest, ADamagedTextIsNamedAndCounted) {
  EXPECT_EQ(damage('c', text), 3u);
  world_.reopen();
  EXPECT_TRUE(latest(real));
  const auto refused = world_.store().latest({&text, 1});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(is(refused.error(), Errc::damaged));
  EXPECT_NE(refused.error().message.find("sensor 5"), std::string::npos) << refused.error().message;
  EXPECT_EQ(world_.metric("iotplatform_store_damaged_chunks_total"), 1);
}

TEST_F(NewestDamageTest, ADamagedEntryIsNamedAndCounted) {
  EXPECT_EQ(damage('i', real), 3u);
  world_.reopen();
  const auto refused = world_.store().latest({&real, 1});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(is(refused.error(), Errc::damaged));
  EXPECT_NE(refused.error().message.find("sensor 3"), std::string::npos) << refused.error().message;
  EXPECT_EQ(world_.metric("iotplatform_store_damaged_chunks_total"), 1);
}

}  // namespace
}  // namespace iot::store
