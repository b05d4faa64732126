#include "query/distinct_sketch.h"

#include <cmath>

#include <gtest/gtest.h>

namespace iot::query {
namespace {

std::uint64_t spread(std::uint64_t bits) {
  bits += 0x9E3779B97F4A7C15u;
  bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9u;
  bits = (bits ^ bits >> 27) * 0x94D049BB133111EBu;
  return bits ^ bits >> 31;
}

TEST(DistinctSketch, IsExactUpToItsBoundAndNotBeyond) {
  DistinctSketch sketch;
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t i = 0; i < 5'000; ++i) sketch.add(spread(i), 5'000);
  }
  EXPECT_TRUE(sketch.is_exact());
  EXPECT_EQ(sketch.count(), 5'000u);
  sketch.add(spread(5'000), 5'000);
  EXPECT_FALSE(sketch.is_exact());
  EXPECT_NEAR(static_cast<double>(sketch.count()), 5'001, 5'001 * 0.02);
}

TEST(DistinctSketch, CountsTheHashZero) {
  DistinctSketch sketch;
  EXPECT_EQ(sketch.count(), 0u);
  sketch.add(0, 2);
  sketch.add(0, 2);
  EXPECT_EQ(sketch.count(), 1u);
  sketch.add(1, 2);
  sketch.add(2, 2);
  sketch.add(3, 2);
  EXPECT_FALSE(sketch.is_exact());
  EXPECT_LE(sketch.count(), 4u) << "three of these hashes fall into one register";
}

TEST(DistinctSketch, StaysWithinItsErrorFromThousandsToMillions) {
  // The standard error of 30 independent sketches, against what the header states.
  for (const std::uint64_t count : {5'000u, 50'000u, 200'000u}) {
    double squares = 0;
    constexpr int sketches = 30;
    for (int one = 0; one < sketches; ++one) {
      DistinctSketch sketch;
      const std::uint64_t from = spread(static_cast<std::uint64_t>(one) + 1);
      for (std::uint64_t i = 0; i < count; ++i) sketch.add(spread(from + i), 16);
      const double error = static_cast<double>(sketch.count()) / static_cast<double>(count) - 1;
      squares += error * error;
    }
    EXPECT_LT(std::sqrt(squares / sketches), 0.0041 * 1.5) << count;
  }
}

TEST(DistinctSketch, EstimatesAgainWhenValuesHaveCome) {
  DistinctSketch sketch;
  for (std::uint64_t i = 0; i < 10'000; ++i) sketch.add(spread(i), 16);
  EXPECT_NEAR(static_cast<double>(sketch.count()), 10'000, 200);
  for (std::uint64_t i = 0; i < 20'000; ++i) sketch.add(spread(i), 16);
  EXPECT_NEAR(static_cast<double>(sketch.count()), 20'000, 400);
}

TEST(DistinctSketch, HoldsNoMoreThanItsRegistersOnceItEstimates) {
  DistinctSketch sketch;
  for (std::uint64_t i = 0; i < 100'000; ++i) sketch.add(spread(i), 4'096);
  EXPECT_EQ(sketch.memory_bytes(), std::size_t{1} << DistinctSketch::index_bits);
}

}  // namespace
}  // namespace iot::query
