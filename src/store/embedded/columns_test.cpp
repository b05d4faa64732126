#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "store/embedded/chunk.h"
#include "store/embedded/summarize.h"

namespace iot::store {
namespace {

TEST(Columns, AreSortedByTimeAndThenByValue) {
  Columns columns;
  columns.times_ns = {3, 1, 2, 2};
  columns.reals = {30, 10, 21, 20};
  sort_and_merge(columns);
  EXPECT_EQ(columns.times_ns, (std::vector<std::int64_t>{1, 2, 2, 3}));
  EXPECT_EQ(columns.reals, (std::vector<double>{10, 20, 21, 30}));
}

TEST(Columns, KeepWhatIsTheSameInBothOnlyOnce) {
  Columns columns;
  columns.mapping = model::MappingType::keyword;
  columns.times_ns = {2, 1, 2, 2, 1};
  columns.texts = {"b", "a", "b", "a", "a"};
  sort_and_merge(columns);
  EXPECT_EQ(columns.times_ns, (std::vector<std::int64_t>{1, 2, 2}));
  EXPECT_EQ(columns.texts, (std::vector<std::string_view>{"a", "a", "b"}));
}

TEST(Columns, TellBothZerosApart) {
  Columns columns;
  columns.times_ns = {1, 1, 1, 1};
  columns.reals = {0.0, -0.0, 0.0, -1.0};
  sort_and_merge(columns);
  ASSERT_EQ(columns.reals.size(), 3u);
  EXPECT_EQ(columns.reals[0], -1.0);
  EXPECT_TRUE(std::signbit(columns.reals[1]));
  EXPECT_FALSE(std::signbit(columns.reals[2]));
}

TEST(Columns, AreWhatASetWouldHold) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    Columns columns;
    columns.mapping = model::MappingType::long_integer;
    std::set<std::pair<std::int64_t, std::int64_t>> expected;
    const std::size_t count = random() % 200;
    const std::uint64_t times = 1 + random() % 300;
    for (std::size_t i = 0; i < count; ++i) {
      columns.times_ns.push_back(static_cast<std::int64_t>(random() % 8 == 0 ? random() % times : i));
      columns.integers.push_back(static_cast<std::int64_t>(random() % 3) - 1);
      expected.emplace(columns.times_ns.back(), columns.integers.back());
    }
    sort_and_merge(columns);
    ASSERT_EQ(columns.size(), expected.size());
    ASSERT_EQ(columns.integers.size(), expected.size());
    std::size_t i = 0;
    for (const auto& [time, value] : expected) {
      ASSERT_EQ(columns.times_ns[i], time);
      ASSERT_EQ(columns.integers[i++], value);
    }
  }
}

TEST(Columns, SumIntegersExactlyOrNotAtAll) {
  Columns columns;
  columns.mapping = model::MappingType::long_integer;
  columns.times_ns = {1, 2, 3};
  columns.integers = {INT64_MAX, INT64_MAX, INT64_MIN};
  EXPECT_EQ(summarize(slice_of(columns)).integers->sum, INT64_MAX - 1) << "also where it goes past 64 bits on the way";
  columns.integers = {INT64_MAX, 1, 0};
  EXPECT_EQ(summarize(slice_of(columns)).integers->sum, std::nullopt);
  columns.integers = {INT64_MIN, 0, 0};
  EXPECT_EQ(summarize(slice_of(columns)).integers->sum, INT64_MIN);
  columns.integers = {INT64_MIN, -1, 0};
  EXPECT_EQ(summarize(slice_of(columns)).integers->sum, std::nullopt);
}

}  // namespace
}  // namespace iot::store
