// Blocks of periods come back as they were, and damage is found.
#include "store/embedded/rollup_block.h"

#include <random>

#include <gtest/gtest.h>

namespace iot::store {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

Summary summary(std::int64_t first_ns, std::int64_t last_ns, std::uint64_t count, double value) {
  Summary made;
  made.first = {first_ns};
  made.last = {last_ns};
  made.count = count;
  made.numbers = {value - 1, value + 1, value * static_cast<double>(count), value, value + 0.5};
  return made;
}

Summary of_integers(std::int64_t first_ns, std::int64_t last_ns, std::int64_t value, std::optional<std::int64_t> sum) {
  Summary made;
  made.first = {first_ns};
  made.last = {last_ns};
  made.count = 2;
  made.integers = {value, value + 1, value, value + 1, sum};
  return made;
}

bool same(const Summary& a, const Summary& b) {
  if (a.first != b.first || a.last != b.last || a.count != b.count) return false;
  if (a.numbers.has_value() != b.numbers.has_value() || a.integers.has_value() != b.integers.has_value()) return false;
  if (a.numbers) {
    return a.numbers->min == b.numbers->min && a.numbers->max == b.numbers->max && a.numbers->sum == b.numbers->sum &&
           a.numbers->first == b.numbers->first && a.numbers->last == b.numbers->last;
  }
  return a.integers->min == b.integers->min && a.integers->max == b.integers->max &&
         a.integers->sum == b.integers->sum && a.integers->first == b.integers->first &&
         a.integers->last == b.integers->last;
}

void expect_comes_back(const Lane& lane, const std::vector<Summary>& parts) {
  const std::string key = rollup_key(lane, period_begin(parts.front().first.ns, lane.period));
  const std::string value = rollup_value(key, lane, parts);
  const auto block = parse_rollup_block(key, value);
  ASSERT_TRUE(block) << block.error().message;
  EXPECT_EQ(block->lane, lane);
  EXPECT_EQ(block->count, parts.size());
  EXPECT_EQ(block->bytes, key.size() + value.size());
  EXPECT_TRUE(same(block->total, total_of(parts)));
  const auto decoded = periods_of(*block);
  ASSERT_TRUE(decoded) << decoded.error().message;
  ASSERT_EQ(decoded->size(), parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) EXPECT_TRUE(same((*decoded)[i], parts[i])) << i;
}

TEST(RollupBlockTest, PeriodsComeBackAsTheyWere) {
  std::mt19937_64 random(7);
  for (const Period period : {Period::minute, Period::hour, Period::day}) {
    const std::int64_t length = nanoseconds(period);
    for (const std::size_t count : {std::size_t{1}, std::size_t{2}, std::size_t{100}, block_periods_max}) {
      std::vector<Summary> reals;
      std::vector<Summary> integers;
      std::int64_t begin = 1'000 * length;
      for (std::size_t i = 0; i < count; ++i, begin += length * static_cast<std::int64_t>(1 + random() % 3)) {
        const std::int64_t first = begin + static_cast<std::int64_t>(random() % 1000);
        const std::int64_t last = begin + length - 1 - static_cast<std::int64_t>(random() % 1000);
        reals.push_back(summary(first, last, 1 + random() % 60, static_cast<double>(random() % 1000) / 8));
        const auto value = static_cast<std::int64_t>(random());
        integers.push_back(of_integers(first, last, value / 2, random() % 2 ? std::optional(value) : std::nullopt));
      }
      expect_comes_back({{42}, period, model::ColumnKind::real}, reals);
      expect_comes_back({{-3}, period, model::ColumnKind::integer}, integers);
    }
  }
}

TEST(RollupBlockTest, AnyChangedByteIsFound) {
  const Lane lane{{42}, Period::minute, model::ColumnKind::real};
  const std::int64_t begin = 600 * second_ns;
  const std::string key = rollup_key(lane, begin);
  const std::string value = rollup_value(
      key, lane,
      {summary(begin + 5, begin + 9, 3, 1.5), summary(begin + 70 * second_ns, begin + 80 * second_ns, 2, 4)});
  for (std::size_t at = 0; at < value.size(); ++at) {
    std::string damaged = value;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    const auto block = parse_rollup_block(key, damaged);
    ASSERT_FALSE(block) << at;
    EXPECT_TRUE(is(block.error(), Errc::damaged));
  }
  for (std::size_t size = 0; size < value.size(); ++size) EXPECT_FALSE(parse_rollup_block(key, value.substr(0, size)));
  EXPECT_FALSE(parse_rollup_block(rollup_key(lane, 2 * begin), value)) << "under another key";
  EXPECT_FALSE(parse_rollup_block(rollup_key({{43}, lane.period, lane.kind}, begin), value)) << "of another sensor";
  EXPECT_FALSE(parse_rollup_key(key.substr(0, key.size() - 1)));
  std::string no_period = key;
  no_period[9] = 3;
  EXPECT_FALSE(parse_rollup_key(no_period));
}

TEST(RollupBlockTest, KeysAreInOrderOfSensorPeriodKindAndTime) {
  const Lane lane{{42}, Period::hour, model::ColumnKind::real};
  EXPECT_LT(rollup_key(lane, 5), rollup_key(lane, 6));
  EXPECT_LT(rollup_key(lane, INT64_MAX), rollup_key({{42}, Period::hour, model::ColumnKind::integer}, 0));
  EXPECT_LT(rollup_key({{42}, Period::hour, model::ColumnKind::integer}, 0),
            rollup_key({{42}, Period::day, model::ColumnKind::real}, 0));
  EXPECT_LT(rollup_key({{-1}, Period::day, model::ColumnKind::integer}, 0), rollup_key({{0}, {}, {}}, 0));
  const auto key = parse_rollup_key(rollup_key(lane, 77));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->lane, lane);
  EXPECT_EQ(key->begin_ns, 77);
}

TEST(RollupBlockTest, UpToWhereReadingsAreRolledUpComesBack) {
  const std::string key = rolled_up_key({9});
  const RolledUp rolled_up{1'234'567, 89};
  const std::string value = rolled_up_value(key, rolled_up);
  EXPECT_EQ(parse_rolled_up(key, value).value(), rolled_up);
  EXPECT_EQ(parse_rolled_up_key(key)->value, 9);
  EXPECT_FALSE(parse_rolled_up(rolled_up_key({10}), value));
  EXPECT_FALSE(parse_rolled_up(key, value.substr(1)));
  EXPECT_FALSE(parse_rolled_up(key, ""));
}

TEST(RollupBlockTest, CombiningAddsUpWhatIsKnown) {
  Summary a = summary(10, 20, 3, 5);
  combine(a, summary(5, 15, 2, 9));
  EXPECT_EQ(a.first.ns, 5);
  EXPECT_EQ(a.last.ns, 20);
  EXPECT_EQ(a.count, 5u);
  EXPECT_EQ(a.numbers->min, 4);
  EXPECT_EQ(a.numbers->max, 10);
  EXPECT_EQ(a.numbers->sum, 33);
  EXPECT_EQ(a.numbers->first, 9) << "of the earlier one";
  EXPECT_EQ(a.numbers->last, 5.5) << "of the later one";

  Summary integers = of_integers(0, 1, 7, INT64_MAX - 1);
  combine(integers, of_integers(2, 3, 8, 1));
  EXPECT_EQ(integers.integers->sum, INT64_MAX);
  combine(integers, of_integers(4, 5, 8, 1));
  EXPECT_FALSE(integers.integers->sum) << "does not fit any more";
  combine(integers, of_integers(6, 7, 8, -5));
  EXPECT_FALSE(integers.integers->sum) << "what it was is not known";
}

}  // namespace
}  // namespace iot::store
