// Readings past their retention become minutes, hours and days: each is counted once, whatever happens meanwhile.
#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <tuple>

#include <gtest/gtest.h>

#include "store/embedded/chunk_db.h"
#include "store/embedded/rollup_block.h"
#include "store/embedded/rollup_levels.h"
#include "store/embedded/store_world.h"

namespace iot::store {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr SensorId real_sensor{3};
constexpr SensorId integer_sensor{4};
constexpr SensorId text_sensor{5};

EmbeddedStoreOptions options() {
  EmbeddedStoreOptions options;
  options.memory_bytes_max = 16u << 20;
  options.readings_per_chunk = 64;
  options.readings_per_merged_chunk = 256;
  options.maintenance_interval = {};
  return options;
}

/// A part of a sensor's rolled-up time.
struct Rolled {
  Summary summary;
  std::chrono::nanoseconds period;
  Timestamp until;
};

/// What a cursor shows, in order of time.
struct Seen {
  std::vector<Rolled> periods;
  Readings readings;

  std::uint64_t count() const {
    std::uint64_t count = readings.size();
    for (const Rolled& one : periods) count += one.summary.count;
    return count;
  }
};

Seen look(EmbeddedStore& store, SensorId sensor, TimeRange range = {}, Direction direction = Direction::ascending) {
  Seen seen;
  auto cursor = store.scan(sensor, range, direction);
  EXPECT_TRUE(cursor) << cursor.error().message;
  std::vector<std::vector<Rolled>> runs;
  std::vector<Readings> blocks;
  bool was_rolled_up = false;
  while (cursor) {
    const auto more = (*cursor)->next();
    EXPECT_TRUE(more) << more.error().message;
    if (!more || !*more) break;
    if ((*cursor)->rolled_up()) {
      EXPECT_TRUE(direction == Direction::descending || blocks.empty()) << "periods come before readings";
      was_rolled_up = true;
      const auto parts = (*cursor)->parts();
      EXPECT_TRUE(parts) << parts.error().message;
      if (!parts) break;
      EXPECT_FALSE(parts->empty());
      const RolledUpRun run = (*cursor)->rolled_up_run();
      std::vector<Rolled>& rolled = runs.emplace_back();
      for (const Summary& part : *parts) rolled.push_back({part, run.period, run.until});
      const auto summary = (*cursor)->summary();
      EXPECT_TRUE(summary);
      const Summary total = total_of(*parts);
      EXPECT_EQ(summary->count, total.count);
      EXPECT_EQ(summary->first, total.first);
      EXPECT_EQ(summary->last, total.last);
      EXPECT_TRUE(is((*cursor)->block().error(), Errc::rolled_up));
      EXPECT_TRUE(is((*cursor)->keep_values().error(), Errc::rolled_up));
      continue;
    }
    EXPECT_TRUE(direction == Direction::ascending || !was_rolled_up) << "readings come before periods";
    const auto block = (*cursor)->block();
    EXPECT_TRUE(block) << block.error().message;
    if (!block) break;
    blocks.push_back(readings_of(*block));
  }
  if (direction == Direction::descending) {
    std::reverse(runs.begin(), runs.end());
    std::reverse(blocks.begin(), blocks.end());
  }
  for (const auto& run : runs) seen.periods.insert(seen.periods.end(), run.begin(), run.end());
  for (const auto& block : blocks) seen.readings.insert(seen.readings.end(), block.begin(), block.end());
  return seen;
}

/// A number of the model, as the store has it.
double value_of(SensorId sensor, const ModelReading& reading) {
  if (sensor != real_sensor) return static_cast<double>(reading.number);
  const auto bits =
      reading.number < 0
          ? static_cast<std::int64_t>(~(static_cast<std::uint64_t>(reading.number) ^ std::uint64_t{1} << 63))
          : reading.number;
  return std::bit_cast<double>(bits);
}

/// As StoreWorld::expected(), without looking at all of them.
Readings expected(StoreWorld& world, SensorId sensor, TimeRange range) {
  const auto& model = world.model(sensor);
  const auto from = model.lower_bound({range.first.ns, INT64_MIN, {}});
  auto to = from;
  while (to != model.end() && to->time_ns <= range.last.ns) ++to;
  return {from, to};
}

/// The period says exactly what the model's readings from its first to its last are.
void check_period(StoreWorld& world, SensorId sensor, const Rolled& rolled) {
  const Summary& summary = rolled.summary;
  const Readings readings = expected(world, sensor, {summary.first, summary.last});
  ASSERT_EQ(summary.count, readings.size()) << "from " << summary.first.ns << " to " << summary.last.ns;
  ASSERT_EQ(summary.first.ns, readings.front().time_ns);
  ASSERT_EQ(summary.last.ns, readings.back().time_ns);
  const std::int64_t length = rolled.period.count();
  ASSERT_EQ(summary.first.ns / length, summary.last.ns / length) << "in one period";
  double low = INFINITY;
  double high = -INFINITY;
  double sum = 0;
  for (const ModelReading& reading : readings) {
    const double value = value_of(sensor, reading);
    low = std::min(low, value);
    high = std::max(high, value);
    sum += value;
  }
  const double first = value_of(sensor, readings.front());
  const double last = value_of(sensor, readings.back());
  if (sensor == real_sensor) {
    ASSERT_TRUE(summary.numbers);
    const auto& n = *summary.numbers;
    ASSERT_EQ(std::tuple(n.min, n.max, n.sum, n.first, n.last), std::tuple(low, high, sum, first, last));
  } else {
    ASSERT_TRUE(summary.integers);
    const auto& n = *summary.integers;
    const auto as_double = [](std::int64_t number) { return static_cast<double>(number); };
    ASSERT_EQ(std::tuple(as_double(n.min), as_double(n.max), as_double(*n.sum), as_double(n.first), as_double(n.last)),
              std::tuple(low, high, sum, first, last));
  }
}

/// Everything of the model is there: as periods up to somewhere, as readings from there on; nothing twice.
void check(StoreWorld& world, SensorId sensor, std::int64_t from_ns = 0) {
  const Seen seen = look(world.store(), sensor);
  std::int64_t done_ns = from_ns;
  std::int64_t until_ns = 0;
  for (const Rolled& rolled : seen.periods) {
    ASSERT_GE(rolled.summary.first.ns, done_ns) << "in order, and none twice";
    done_ns = rolled.summary.last.ns + 1;
    until_ns = rolled.until.ns;
    ASSERT_LE(done_ns, until_ns);
    check_period(world, sensor, rolled);
    if (::testing::Test::HasFatalFailure()) return;
  }
  ASSERT_TRUE(seen.readings == world.expected(sensor, {{std::max(from_ns, until_ns)}, timestamp_max}));
  ASSERT_EQ(seen.count(), world.expected(sensor, {{from_ns}, timestamp_max}).size());
  ASSERT_EQ(look(world.store(), sensor, {}, Direction::descending).count(), seen.count());
}

/// Any part of time has the periods that begin in it and the readings that lie in it.
void check_range(StoreWorld& world, SensorId sensor, TimeRange range) {
  const Seen all = look(world.store(), sensor);
  const auto in_range = [&](Timestamp time) { return time >= range.first && time <= range.last; };
  for (const Direction direction : {Direction::ascending, Direction::descending}) {
    const Seen seen = look(world.store(), sensor, range, direction);
    std::vector<std::int64_t> found;
    std::vector<std::int64_t> wanted;
    for (const Rolled& one : seen.periods) found.push_back(one.summary.first.ns);
    for (const Rolled& one : all.periods) {
      if (in_range(one.summary.first)) wanted.push_back(one.summary.first.ns);
    }
    ASSERT_EQ(found, wanted);
    Readings readings;
    for (const ModelReading& one : all.readings) {
      if (in_range({one.time_ns})) readings.push_back(one);
    }
    ASSERT_TRUE(seen.readings == readings);
  }
}

std::int64_t until_of(StoreWorld& world, SensorId sensor) {
  const Seen seen = look(world.store(), sensor);
  return seen.periods.empty() ? 0 : seen.periods.front().until.ns;
}

RetentionPolicy always(model::Retention retention) {
  return [retention](SensorId) { return retention; };
}

/// One reading a second for the last `count` seconds.
void fill(StoreWorld& world, SensorId sensor, std::int64_t count) {
  const std::int64_t now_s = world.clock().now().ns / second;
  for (std::int64_t i = 0; i < count; ++i) {
    world.add(sensor, (now_s - count + i) * second, (i * 7) % 100);
    if (i % 1000 == 999) world.commit();
  }
  world.commit();
}

TEST(StoreRollupTest, ReadingsPastTheirRetentionBecomeMinutes) {
  StoreWorld world(options());
  world.store().set_retention_policy(always({hours(2), {hours(48), {}, {}}}));
  for (const SensorId sensor : {real_sensor, integer_sensor}) {
    fill(world, sensor, 6 * 3600);
    check(world, sensor);
    EXPECT_TRUE(look(world.store(), sensor).periods.empty()) << "shown as readings until maintenance comes by";
  }
  const auto totals = world.store().maintain();
  ASSERT_TRUE(totals) << totals.error().message;
  EXPECT_EQ(totals->sensors_rolled_up, 2u);
  EXPECT_EQ(totals->chunks_damaged, 0u);
  const std::int64_t until = (world.clock().now().ns - 2 * hour) / hour * hour;
  for (const SensorId sensor : {real_sensor, integer_sensor}) {
    check(world, sensor);
    const Seen seen = look(world.store(), sensor);
    ASSERT_FALSE(seen.periods.empty());
    EXPECT_EQ(seen.periods.front().until.ns, until);
    EXPECT_EQ(seen.periods.front().period, minutes(1));
    EXPECT_EQ(seen.readings.front().time_ns, until);
    EXPECT_EQ(world.store().info(sensor)->first->ns, until) << "of the readings";
    EXPECT_GT(world.store().info(sensor)->disk_bytes, 0u);
    check_range(world, sensor, {{until - 90 * minute - 7}, {until - 30 * minute + 5}});
    check_range(world, sensor, {{until - 90 * second}, {until + 90 * second}});
    check_range(world, sensor, {{until}, timestamp_max});
    check_range(world, sensor, {{until - 1}, {until - 1}});
  }
  EXPECT_GT(world.metric("iotplatform_store_periods_rolled_up_total"), 400);
  ASSERT_TRUE(world.store().flush());
  world.reopen();
  world.store().set_retention_policy(always({hours(2), {hours(48), {}, {}}}));
  for (const SensorId sensor : {real_sensor, integer_sensor}) check(world, sensor);
}

TEST(StoreRollupTest, TextsJustExpire) {
  StoreWorld world(options());
  world.store().set_retention_policy(always({hours(2), {hours(48), {}, {}}}));
  fill(world, text_sensor, 6 * 3600);
  ASSERT_TRUE(world.store().maintain());
  const Seen seen = look(world.store(), text_sensor);
  EXPECT_TRUE(seen.periods.empty());
  EXPECT_TRUE(seen.readings ==
              world.expected(text_sensor, {{(world.clock().now().ns - 2 * hour) / hour * hour}, timestamp_max}));
}

TEST(StoreRollupTest, WhatComesForATimeThatIsRolledUpIsDropped) {
  StoreWorld world(options());
  world.store().set_retention_policy(always({hours(2), {hours(48), {}, {}}}));
  fill(world, real_sensor, 6 * 3600);
  ASSERT_TRUE(world.store().maintain());
  const std::int64_t until = until_of(world, real_sensor);
  const std::uint64_t count = look(world.store(), real_sensor).count();
  world.put(real_sensor, until - 1, 5);
  world.model(real_sensor).erase({until - 1, place_of(5.0 / 8), {}});
  world.put(real_sensor, until + 1, 5);
  EXPECT_EQ(look(world.store(), real_sensor).count(), count + 1);
  check(world, real_sensor);
  ASSERT_TRUE(world.store().flush());
  check(world, real_sensor);
  ASSERT_TRUE(world.store().maintain());
  check(world, real_sensor);
  // Also when the log brings it again.
  world.put(real_sensor, until - 2, 5);
  world.model(real_sensor).erase({until - 2, place_of(5.0 / 8), {}});
  world.reopen();
  world.store().set_retention_policy(always({hours(2), {hours(48), {}, {}}}));
  ASSERT_TRUE(world.store().maintain());
  check(world, real_sensor);
  world.clock().advance(hours(3));
  ASSERT_TRUE(world.store().maintain());
  check(world, real_sensor);
}

TEST(StoreRollupTest, MinutesBecomeHoursAndHoursDaysAndDaysGo) {
  StoreWorld world(options());
  const model::Retention retention{hours(2), {hours(6), hours(48), hours(24 * 6)}};
  world.store().set_retention_policy(always(retention));
  // A reading every ten minutes for ten days, looked at every hour.
  for (int i = 0; i < 10 * 24; ++i) {
    const std::int64_t now = world.clock().now().ns;
    for (const SensorId sensor : {real_sensor, integer_sensor}) {
      for (int k = 0; k < 6; ++k) world.add(sensor, now - k * 10 * minute - 1, i * 10 + k);
    }
    world.commit();
    world.clock().advance(hours(1));
    ASSERT_TRUE(world.store().maintain());
    if (i % 20 != 0) continue;
    for (const SensorId sensor : {real_sensor, integer_sensor}) {
      const std::int64_t expired = RollupLevels(retention).expired_before_ns(world.clock().now());
      const Seen seen = look(world.store(), sensor);
      const std::int64_t first = seen.periods.empty() ? 0 : seen.periods.front().summary.first.ns;
      ASSERT_TRUE(seen.periods.empty() || first >= expired);
      check(world, sensor, first);
      if (HasFatalFailure()) return;
    }
  }
  const std::int64_t now = world.clock().now().ns;
  const Seen seen = look(world.store(), real_sensor);
  EXPECT_LT(now - seen.periods.front().summary.first.ns, 6 * day);
  EXPECT_GT(now - seen.periods.front().summary.first.ns, 5 * day - hour);
  std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> ages;  // by length, the least and the greatest
  for (const Rolled& one : seen.periods) {
    const std::int64_t age = now - one.summary.first.ns;
    auto& [least, greatest] = ages.try_emplace(one.period.count(), age, age).first->second;
    least = std::min(least, age);
    greatest = std::max(greatest, age);
  }
  ASSERT_EQ(ages.size(), 3u);
  EXPECT_GE(ages[minute].first, 2 * hour);
  EXPECT_LE(ages[minute].second, 7 * hour);
  EXPECT_GE(ages[hour].first, 6 * hour);
  EXPECT_LE(ages[hour].second, 3 * day);
  EXPECT_GE(ages[day].first, 2 * day);
}

TEST(StoreRollupTest, ALongSeriesIsRolledUpStepByStepWhenRetentionIsSwitchedOn) {
  EmbeddedStoreOptions large = options();
  large.readings_per_chunk = 4096;
  large.readings_per_merged_chunk = 16'384;
  StoreWorld world(large);
  fill(world, real_sensor, 400'000);
  ASSERT_TRUE(world.store().compact());
  world.store().set_retention_policy(always({hours(48), {model::forever, {}, {}}}));
  ASSERT_TRUE(world.store().maintain());
  check(world, real_sensor);
  EXPECT_EQ(until_of(world, real_sensor), (world.clock().now().ns - 2 * day) / day * day);
  ASSERT_TRUE(world.store().compact());
  check(world, real_sensor);
}

TEST(StoreRollupTest, SwitchingRollupsOffForgetsThemAndOnBeginsAnew) {
  StoreWorld world(options());
  const auto with = always({hours(2), {hours(48), {}, {}}});
  world.store().set_retention_policy(with);
  fill(world, real_sensor, 6 * 3600);
  ASSERT_TRUE(world.store().maintain());
  const std::int64_t until = until_of(world, real_sensor);
  world.store().set_retention_policy(always({hours(4), {}}));
  EXPECT_TRUE(look(world.store(), real_sensor).periods.empty());
  EXPECT_EQ(look(world.store(), real_sensor).readings.front().time_ns, until) << "what has gone does not come back";
  ASSERT_TRUE(world.store().maintain());
  world.store().set_retention_policy(with);
  EXPECT_TRUE(look(world.store(), real_sensor).periods.empty());
  std::erase_if(world.model(real_sensor), [&](const ModelReading& reading) { return reading.time_ns < until; });
  world.clock().advance(hours(2));
  ASSERT_TRUE(world.store().maintain());
  EXPECT_EQ(until_of(world, real_sensor), until + 2 * hour);
  check(world, real_sensor);
  // For ever: nothing moves any more, what is rolled up stays.
  world.store().set_retention_policy(always({std::nullopt, {hours(48), {}, {}}}));
  world.clock().advance(hours(10));
  ASSERT_TRUE(world.store().maintain());
  EXPECT_EQ(until_of(world, real_sensor), until + 2 * hour);
  check(world, real_sensor);
}

TEST(StoreRollupTest, TheNewestReadingIsNotRolledUp) {
  StoreWorld world(options());
  world.store().set_retention_policy(always({hours(2), {hours(48), {}, {}}}));
  fill(world, real_sensor, 4 * 3600);
  const std::int64_t last = world.clock().now().ns - second;
  ASSERT_TRUE(world.store().maintain());
  EXPECT_EQ(world.store().latest({&real_sensor, 1}).value().front()->time.ns, last);
  EXPECT_EQ(world.store().ReadingStore::latest({&real_sensor, 1}).value().front()->time.ns, last);
  world.clock().advance(hours(5));
  ASSERT_TRUE(world.store().maintain());
  // Too late to be one.
  world.put(real_sensor, last, 7);
  EXPECT_FALSE(world.store().latest({&real_sensor, 1}).value().front());
  EXPECT_FALSE(world.store().ReadingStore::latest({&real_sensor, 1}).value().front());
  EXPECT_FALSE(world.store().newest_times({&real_sensor, 1}).value().front());
}

TEST(StoreRollupTest, WithoutAPolicyAllStaysAsItIs) {
  StoreWorld world(options());
  world.store().set_retention_policy(always({hours(2), {hours(4), {}, {}}}));
  fill(world, real_sensor, 4 * 3600);
  ASSERT_TRUE(world.store().compact());
  world.reopen();
  world.clock().advance(hours(24));
  check(world, real_sensor);
  ASSERT_TRUE(world.store().compact());
  EXPECT_FALSE(look(world.store(), real_sensor).periods.empty());
  check(world, real_sensor);
}

TEST(StoreRollupTest, OtherPeriodsThanBeforeAreMadeOfThoseThatAreThere) {
  StoreWorld world(options());
  world.store().set_retention_policy(always({hours(2), {hours(48), {}, {}}}));
  fill(world, integer_sensor, 20 * 3600);
  ASSERT_TRUE(world.store().maintain());
  // Hours alone: minutes are not kept any more.
  world.store().set_retention_policy(always({hours(2), {{}, hours(48), {}}}));
  fill(world, integer_sensor, 3600);
  world.clock().advance(hours(1));
  ASSERT_TRUE(world.store().maintain());
  check(world, integer_sensor);
  for (const Rolled& one : look(world.store(), integer_sensor).periods) EXPECT_EQ(one.period, minutes(60));
  // Minutes again: hours stay what they are until they expire, and what comes is minutes.
  world.store().set_retention_policy(always({hours(2), {hours(48), {}, {}}}));
  world.clock().advance(hours(1));
  ASSERT_TRUE(world.store().maintain());
  check(world, integer_sensor);
  EXPECT_EQ(look(world.store(), integer_sensor).periods.front().period, minutes(60));
  EXPECT_EQ(look(world.store(), integer_sensor).periods.back().period, minutes(1));
}

TEST(StoreRollupTest, RemovingASensorRemovesItsPeriods) {
  StoreWorld world(options());
  const auto policy = always({hours(2), {hours(48), {}, {}}});
  world.store().set_retention_policy(policy);
  fill(world, real_sensor, 6 * 3600);
  fill(world, integer_sensor, 6 * 3600);
  ASSERT_TRUE(world.store().maintain());
  ASSERT_TRUE(world.store().remove(real_sensor));
  world.model(real_sensor).clear();
  EXPECT_EQ(look(world.store(), real_sensor).count(), 0u);
  EXPECT_EQ(world.store().info(real_sensor)->disk_bytes, 0u);
  check(world, integer_sensor);
  // What comes for the same times is new.
  world.put(real_sensor, world.clock().now().ns - 5 * hour, 1);
  check(world, real_sensor);
  world.reopen();
  world.store().set_retention_policy(policy);
  check(world, real_sensor);
  check(world, integer_sensor);
}

TEST(StoreRollupTest, PeriodsGoForTheDiskBudgetWhenNothingElseIsLeft) {
  StoreWorld world(options());
  world.store().set_retention_policy(always({hours(2), {hours(48), {}, {}}}));
  fill(world, real_sensor, 20 * 3600);
  ASSERT_TRUE(world.store().maintain());
  ASSERT_TRUE(world.store().drop_oldest(1));
  EXPECT_FALSE(look(world.store(), real_sensor).periods.empty());
  ASSERT_TRUE(world.store().drop_oldest(UINT64_MAX));
  const Seen seen = look(world.store(), real_sensor);
  EXPECT_TRUE(seen.periods.empty());
  EXPECT_FALSE(seen.readings.empty()) << "its newest chunk stays";
  EXPECT_EQ(*world.store().drop_oldest(UINT64_MAX), 0u);
}

TEST(StoreRollupTest, VerifyReadsPeriodsAndAnOlderFormatIsOnlyLeftWhenThereAreAny) {
  const TemporaryDirectory directory;
  {
    StoreWorld world(options(), directory.path() / "store");
    world.store().set_retention_policy(always({hours(2), {hours(48), {}, {}}}));
    fill(world, real_sensor, 6 * 3600);
    ASSERT_TRUE(world.store().flush());
    world.close();
    EXPECT_EQ(*(*ChunkDb::open(world.path(), 16u << 20, ChunkDb::Mode::read_only))->number(format_key), 1u);
    world.reopen();
    world.store().set_retention_policy(always({hours(2), {hours(48), {}, {}}}));
    ASSERT_TRUE(world.store().maintain());
    ASSERT_TRUE(world.store().close());
  }
  const auto totals =
      EmbeddedStore::verify(directory.path() / "store", [](std::string_view fault) { ADD_FAILURE() << fault; });
  ASSERT_TRUE(totals);
  EXPECT_GT(totals->periods, 200u);
  EXPECT_EQ(totals->damaged, 0u);
  {
    const auto db = std::move(*ChunkDb::open(directory.path() / "store", 16u << 20, ChunkDb::Mode::read_write));
    EXPECT_EQ(*db->number(format_key), 2u) << "an older program refuses it";
    // A block that is another sensor's, and a record that is none.
    const auto reader = db->reader(ChunkDb::Use::query);
    reader->seek(rollup_begin);
    ASSERT_TRUE(reader->at(rollup_begin));
    ChunkBatch batch;
    batch.put_rollup({7}, rollup_key({{7}, Period::minute, model::ColumnKind::real}, 0), reader->value());
    batch.put_rollup({7}, rolled_up_key({7}), "not a record");
    ASSERT_TRUE(db->write(std::move(batch)));
    ASSERT_TRUE(db->sync());
  }
  std::vector<std::string> faults;
  const auto damaged =
      EmbeddedStore::verify(directory.path() / "store", [&](std::string_view fault) { faults.emplace_back(fault); });
  ASSERT_TRUE(damaged);
  EXPECT_EQ(damaged->damaged, 2u);
  ASSERT_EQ(faults.size(), 2u);
  for (const std::string& fault : faults) EXPECT_EQ(fault.find("sensor 7"), 0u) << fault;
}

TEST(StoreRollupTest, DamagedPeriodsFailAQueryThatNeedsThemAndNoOther) {
  const TemporaryDirectory directory;
  const auto policy = always({hours(2), {hours(48), {}, {}}});
  StoreWorld world(options(), directory.path() / "store");
  world.store().set_retention_policy(policy);
  fill(world, real_sensor, 6 * 3600);
  fill(world, integer_sensor, 6 * 3600);
  ASSERT_TRUE(world.store().maintain());
  ASSERT_TRUE(world.store().close());
  world.close();
  {
    const auto db = std::move(*ChunkDb::open(world.path(), 16u << 20, ChunkDb::Mode::read_write));
    const auto reader = db->reader(ChunkDb::Use::query);
    reader->seek(rollup_prefix(real_sensor));
    ASSERT_TRUE(reader->at(rollup_begin));
    std::string value(reader->value());
    value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
    ChunkBatch batch;
    batch.put_rollup(real_sensor, reader->key(), value);
    ASSERT_TRUE(db->write(std::move(batch)));
    ASSERT_TRUE(db->sync());
  }
  world.reopen();
  world.store().set_retention_policy(policy);
  const auto cursor = std::move(world.store().scan(real_sensor, {}, Direction::ascending)).value();
  const auto next = cursor->next();
  ASSERT_FALSE(next);
  EXPECT_TRUE(is(next.error(), Errc::damaged));
  EXPECT_EQ(next.error().message.find("sensor 3"), 0u) << next.error().message;
  check(world, integer_sensor);
  const std::int64_t until = (world.clock().now().ns - 2 * hour) / hour * hour;
  EXPECT_TRUE(look(world.store(), real_sensor, {{until}, timestamp_max}).readings ==
              world.expected(real_sensor, {{until}, timestamp_max}));
  // It stays where it is; the others go on.
  world.clock().advance(hours(1));
  const auto totals = world.store().maintain();
  ASSERT_TRUE(totals);
  EXPECT_GT(totals->chunks_damaged, 0u);
  check(world, integer_sensor);
  // Until it would have expired.
  world.clock().advance(hours(24 * 30));
  ASSERT_TRUE(world.store().maintain());
  EXPECT_EQ(look(world.store(), real_sensor).count(), 0u);
}

TEST(StoreRollupTest, AChunkThatCannotBeReadKeepsItsSensorFromBeingRolledUpUntilItExpires) {
  const TemporaryDirectory directory;
  const auto policy = always({hours(2), {hours(48), {}, {}}});
  EmbeddedStoreOptions large = options();
  large.readings_per_chunk = 4096;
  large.readings_per_merged_chunk = 4096;
  StoreWorld world(large, directory.path() / "store");
  std::mt19937_64 random(3);
  const std::int64_t now = world.clock().now().ns;
  for (std::int64_t i = 0; i < 20'000; ++i) world.add(real_sensor, now - (20'000 - i) * second, random() % 1'000'000);
  world.commit();
  ASSERT_TRUE(world.store().close());
  world.close();
  {
    const auto db = std::move(*ChunkDb::open(world.path(), 16u << 20, ChunkDb::Mode::read_write));
    const auto reader = db->reader(ChunkDb::Use::query);
    reader->seek("c");
    ASSERT_TRUE(reader->at("c"));
    std::string value(reader->value());
    value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
    ChunkBatch batch;
    batch.put_rollup(real_sensor, reader->key(), value);
    ASSERT_TRUE(db->write(std::move(batch)));
    ASSERT_TRUE(db->sync());
  }
  world.reopen();
  world.store().set_retention_policy(policy);
  const auto totals = world.store().maintain();
  ASSERT_TRUE(totals);
  EXPECT_GT(totals->chunks_damaged, 0u);
  EXPECT_EQ(totals->sensors_rolled_up, 0u);
  EXPECT_EQ(world.store().info(real_sensor)->count_max, 20'000u) << "nothing has gone";
  world.clock().advance(hours(72));
  ASSERT_TRUE(world.store().maintain());
  EXPECT_EQ(world.store().info(real_sensor)->count_max, 0u);
}

/// Random arrivals, steps of time, changes of the retention, restarts and crashes.
class RandomRetention {
 public:
  RandomRetention(std::uint32_t seed, bool with_crashes)
      : random_(seed), with_crashes_(with_crashes), world_(options()) {
    change_policy();
  }

  void run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFatalFailure(); ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      one_step();
    }
  }

 private:
  std::uint32_t up_to(std::uint32_t bound) { return static_cast<std::uint32_t>(random_()) % bound; }

  void change_policy() {
    const auto far = model::forever;
    const model::Retention choices[] = {
        {hours(2), {hours(8), hours(48), far}}, {hours(5), {hours(30), far, {}}}, {hours(48), {far, {}, {}}},
        {minutes(30), {hours(3), {}, far}},     {hours(3), {{}, far, {}}},        {hours(3), {{}, {}, far}},
        {hours(1), {hours(2), hours(5), far}}};
    policy_ = choices[up_to(std::size(choices))];
    world_.store().set_retention_policy(always(policy_));
  }

  std::int64_t until(SensorId sensor) { return until_of(world_, sensor); }

  void write() {
    const SensorId sensor = up_to(2) == 0 ? real_sensor : integer_sensor;
    const std::int64_t now = world_.clock().now().ns;
    const std::int64_t gone = until(sensor);
    const std::int64_t may_go = RollupLevels(policy_).readings_until_ns(world_.clock().now());
    // After a crash what was rolled up may be readings again, and late ones come back with them: none then.
    const std::int64_t oldest = with_crashes_ ? std::max(gone, may_go) : 0;
    for (std::uint32_t i = 1 + up_to(200); i > 0; --i) {
      std::int64_t time = now - up_to(up_to(4) == 0 ? 20'000 : 600) * second - up_to(3) * (second / 3);
      time = std::max(time, oldest);
      const auto value = static_cast<std::int64_t>(up_to(1000)) - 500;
      world_.add(sensor, time, value);
      if (time < gone) {
        const double real = static_cast<double>(value) / 8;
        world_.model(sensor).erase({time, sensor == real_sensor ? place_of(real) : value, {}});
      }
    }
    world_.commit();
  }

  void one_step() {
    const std::uint32_t what = up_to(100);
    if (what < 55) {
      write();
      world_.clock().advance(std::chrono::seconds(up_to(900)));
    } else if (what < 65) {
      world_.clock().advance(minutes(up_to(300)));
    } else if (what < 80) {
      const auto done = up_to(4) == 0 ? world_.store().compact().has_value() : world_.store().maintain().has_value();
      ASSERT_TRUE(done);
      check_both();
    } else if (what < 86) {
      ASSERT_TRUE(world_.store().flush());
    } else if (what < 92) {
      const std::int64_t now = world_.clock().now().ns;
      const std::int64_t a = now - up_to(100'000) * second;
      const std::int64_t b = now - up_to(100'000) * second;
      check_range(world_, real_sensor, {{std::min(a, b)}, {std::max(a, b)}});
    } else if (what < 95) {
      change_policy();
    } else {
      if (!with_crashes_) {
        ASSERT_TRUE(world_.store().flush());
      }
      world_.reopen();
      world_.store().set_retention_policy(always(policy_));
      check_both();
    }
  }

  void check_both() {
    check(world_, real_sensor);
    if (!::testing::Test::HasFatalFailure()) check(world_, integer_sensor);
  }

  std::mt19937 random_;
  bool with_crashes_;
  StoreWorld world_;
  model::Retention policy_;
};

TEST(StoreRollupTest, EachReadingIsCountedOnceWhateverHappens) {
  const std::uint32_t first_seed = std::random_device{}();
  for (std::uint32_t seed = first_seed; seed != first_seed + 2; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomRetention(seed, false).run(200);
    if (HasFailure()) return;
  }
}

TEST(StoreRollupTest, EachReadingIsCountedOnceAfterCrashes) {
  const std::uint32_t first_seed = std::random_device{}();
  for (std::uint32_t seed = first_seed; seed != first_seed + 2; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomRetention(seed, true).run(200);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace iot::store
