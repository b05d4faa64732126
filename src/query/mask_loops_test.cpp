#include "query/mask_loops.h"

#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace iot::query {
namespace {

using Mask = std::vector<std::uint8_t>;

/// Sizes about those of vectors, and of a whole block.
constexpr std::size_t sizes[] = {0, 1, 7, 8, 9, 31, 63, 64, 65, 1000, 64 * 255, 64 * 255 + 1, 70'003};

Mask random_mask(std::size_t size, unsigned set_of_ten, std::mt19937& random) {
  Mask mask(size);
  for (auto& place : mask) place = random() % 10 < set_of_ten;
  return mask;
}

TEST(MaskLoops, CountAndListWhatIsSet) {
  std::mt19937 random(1);
  for (const std::size_t size : sizes) {
    for (const unsigned set_of_ten : {0u, 1u, 5u, 10u}) {
      const Mask mask = random_mask(size, set_of_ten, random);
      std::vector<std::uint32_t> expected;
      for (std::size_t i = 0; i < size; ++i) {
        if (mask[i]) expected.push_back(static_cast<std::uint32_t>(i));
      }
      std::vector<std::uint32_t> list(size);
      list.resize(list_set(mask.data(), size, list.data()));
      EXPECT_EQ(list, expected) << size;
      EXPECT_EQ(count_set(mask.data(), size), expected.size()) << size;
    }
  }
}

template <class Value>
void clears_what_is_outside(const std::vector<Value>& some, Value low, Value high) {
  std::mt19937 random(1);
  for (const std::size_t size : sizes) {
    std::vector<Value> values(size);
    for (Value& value : values) value = some[random() % some.size()];
    Mask mask = random_mask(size, 7, random);
    Mask expected = mask;
    for (std::size_t i = 0; i < size; ++i) expected[i] = mask[i] && values[i] >= low && values[i] <= high;
    clear_outside(values.data(), size, low, high, mask.data());
    EXPECT_EQ(mask, expected) << size;
  }
}

TEST(MaskLoops, ClearWhatIsOutside) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> reals{-infinity, -1, -0.5, 0, 0.5, 1, std::numeric_limits<double>::quiet_NaN(), infinity};
  clears_what_is_outside<double>(reals, -0.5, 0.5);
  clears_what_is_outside<double>(reals, -infinity, infinity);
  clears_what_is_outside<double>(reals, 1, -1);
  const std::vector<std::int64_t> integers{INT64_MIN, -1, 0, 1, (std::int64_t{1} << 53) + 1, INT64_MAX};
  clears_what_is_outside<std::int64_t>(integers, 0, (std::int64_t{1} << 53));
  clears_what_is_outside<std::int64_t>(integers, INT64_MIN, INT64_MAX);
}

}  // namespace
}  // namespace iot::query
