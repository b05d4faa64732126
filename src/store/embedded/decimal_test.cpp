#include "store/embedded/decimal.h"

#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "store/embedded/test_values.h"

namespace iot::store {
namespace {

using Reals = std::vector<double>;
constexpr auto infinity = std::numeric_limits<double>::infinity();

TEST(Decimal, FindsTheNumberOfDecimals) {
  EXPECT_EQ(find_decimal_scale(Reals{1, 2, 300}, RealWidth::float64), 0u);
  EXPECT_EQ(find_decimal_scale(Reals{0.1, 2, 3.25}, RealWidth::float64), 2u);
  EXPECT_EQ(find_decimal_scale(Reals{-69.88083514, 70}, RealWidth::float64), 8u);
  EXPECT_EQ(find_decimal_scale(Reals{0.0}, RealWidth::float64), 0u);
  EXPECT_EQ(find_decimal_scale(Reals{3.14f, 2.5f}, RealWidth::float32), 2u);
}

TEST(Decimal, SeesThroughSumsThatMissByALittle) {
  EXPECT_EQ(find_decimal_scale(Reals{0.1 + 0.2, 51.846000000000004}, RealWidth::float64), 3u);
}

TEST(Decimal, FindsNoneWhereThereIsNone) {
  EXPECT_EQ(find_decimal_scale(Reals{infinity, -infinity}, RealWidth::float64), std::nullopt);
  EXPECT_EQ(find_decimal_scale(Reals{std::sqrt(2e30), 1e300}, RealWidth::float64), std::nullopt);
}

TEST(Decimal, CorrectsWhatIsNotQuiteOne) {
  const Reals values = {0.3, 0.1 + 0.2, -0.0, infinity};
  std::vector<std::int64_t> integers(4), corrections(4);
  EXPECT_TRUE(to_decimals(values, RealWidth::float64, 1, integers, corrections));
  EXPECT_EQ(integers, (std::vector<std::int64_t>{3, 3, 0, 0}));
  EXPECT_EQ(corrections[0], 0);
  EXPECT_EQ(corrections[1], 1);
  EXPECT_EQ(corrections[2], std::numeric_limits<std::int64_t>::min());
}

TEST(Decimal, GivesBackAllBitsAtEveryScale) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (const auto& [name, make] : real_kinds()) {
    for (unsigned scale = 0; scale <= decimal_scale_max; ++scale) {
      Reals values(300), back(300);
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = make(random, i);
      std::vector<std::int64_t> integers(300), corrections(300);
      for (const RealWidth width : {RealWidth::float64, RealWidth::float32}) {
        if (width == RealWidth::float32 && !all_float32(values)) continue;
        const bool corrected = to_decimals(values, width, scale, integers, corrections);
        from_decimals(integers, width, scale, back);
        if (corrected) correct_decimals(corrections, width, back);
        for (std::size_t i = 0; i < values.size(); ++i) {
          ASSERT_EQ(std::bit_cast<std::uint64_t>(back[i]), std::bit_cast<std::uint64_t>(values[i])) << name << scale;
        }
      }
    }
  }
}

TEST(Decimal, OrdersBitsAsNumbers) {
  const Reals ascending = {-infinity, -1.5, -1e-310, -0.0, 0.0, 1e-310, 1.5, infinity};
  std::vector<std::int64_t> bits(ascending.size());
  Reals back(ascending.size());
  for (const RealWidth width : {RealWidth::float64, RealWidth::float32}) {
    Reals values = ascending;
    if (width == RealWidth::float32) values = {-infinity, -1.5, -1.0, -0.0, 0.0, 1.0, 1.5, infinity};
    to_ordered_bits(values, width, bits);
    for (std::size_t i = 1; i < bits.size(); ++i) EXPECT_LT(bits[i - 1], bits[i]);
    from_ordered_bits(bits, width, back);
    for (std::size_t i = 0; i < back.size(); ++i) {
      EXPECT_EQ(std::bit_cast<std::uint64_t>(back[i]), std::bit_cast<std::uint64_t>(values[i]));
    }
  }
}

TEST(Decimal, TellsFloatsFromDoubles) {
  EXPECT_TRUE(all_float32(Reals{3.14f, -0.0, 1e-45f}));
  EXPECT_FALSE(all_float32(Reals{3.14f, 3.14}));
  EXPECT_FALSE(all_float32(Reals{1e39}));
}

}  // namespace
}  // namespace iot::store
