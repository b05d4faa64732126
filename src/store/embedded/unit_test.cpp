#include "store/embedded/unit.h"

#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace iot::store {
namespace {

using Numbers = std::vector<std::uint64_t>;

TEST(CommonUnit, DividesAllNumbers) {
  Numbers numbers = {0, 600, 300, 900};
  EXPECT_EQ(divide_by_common_unit(numbers), 300u);
  EXPECT_EQ(numbers, (Numbers{0, 2, 1, 3}));
}

TEST(CommonUnit, IsOneWhereThereIsNone) {
  Numbers numbers = {0, 600, 301, 900};
  EXPECT_EQ(divide_by_common_unit(numbers), 1u);
  EXPECT_EQ(numbers, (Numbers{0, 600, 301, 900}));
  Numbers zeros = {0, 0};
  EXPECT_EQ(divide_by_common_unit(zeros), 1u);
  Numbers none;
  EXPECT_EQ(divide_by_common_unit(none), 1u);
}

TEST(CommonUnit, ReachesTheLargestNumbers) {
  Numbers numbers = {1ULL << 63, 0, 1ULL << 62};
  EXPECT_EQ(divide_by_common_unit(numbers), 1ULL << 62);
  EXPECT_EQ(numbers, (Numbers{2, 0, 1}));
  Numbers one = {~0ULL};
  EXPECT_EQ(divide_by_common_unit(one), ~0ULL);
  EXPECT_EQ(one, Numbers{1});
}

TEST(CommonUnit, IsTheGreatestCommonDivisor) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 5000; ++round) {
    const std::uint64_t unit = 1 + (random() >> (random() % 40 + 24));
    Numbers numbers(1 + random() % 6);
    for (auto& number : numbers) number = unit * (random() % 1'000'000);
    const Numbers before = numbers;
    const std::uint64_t expected = std::accumulate(before.begin(), before.end(), std::uint64_t{0},
                                                   [](std::uint64_t a, std::uint64_t b) { return std::gcd(a, b); });
    const std::uint64_t found = divide_by_common_unit(numbers);
    ASSERT_EQ(found, expected == 0 ? 1 : expected);
    for (std::size_t i = 0; i < numbers.size(); ++i) ASSERT_EQ(numbers[i] * found, before[i]);
  }
}

}  // namespace
}  // namespace iot::store
