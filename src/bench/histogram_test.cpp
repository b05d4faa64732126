#include "bench/histogram.h"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace iot::bench {
namespace {

TEST(LatencyHistogram, IsEmptyAtFirst) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.quantile_ns(0.99), 0);
  EXPECT_EQ(histogram.mean_ns(), 0);
}

TEST(LatencyHistogram, OfOneValueEveryQuantileIsThatValue) {
  for (const std::int64_t ns :
       {0L, 1L, 63L, 64L, 65L, 127L, 128L, 1'000'000'007L, std::numeric_limits<std::int64_t>::max()}) {
    LatencyHistogram histogram;
    histogram.record(ns);
    for (const double quantile : {0.0, 0.5, 1.0}) EXPECT_EQ(histogram.quantile_ns(quantile), ns);
    EXPECT_EQ(histogram.max_ns(), ns);
  }
}

TEST(LatencyHistogram, ANegativeDurationIsNone) {
  LatencyHistogram histogram;
  histogram.record(-5);
  EXPECT_EQ(histogram.max_ns(), 0);
  EXPECT_EQ(histogram.count(), 1u);
}

TEST(LatencyHistogram, QuantilesAreThoseOfTheSortedValuesWithinOnePartInSixtyFour) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> durations(12, 3);
  LatencyHistogram all;
  std::vector<std::int64_t> sorted;
  for (int part = 0; part < 4; ++part) {
    LatencyHistogram histogram;
    for (int i = 0; i < 5000; ++i) {
      const auto ns = static_cast<std::int64_t>(durations(random));
      histogram.record(ns);
      sorted.push_back(ns);
    }
    all.merge(histogram);
  }
  std::sort(sorted.begin(), sorted.end());
  ASSERT_EQ(all.count(), sorted.size());
  EXPECT_EQ(all.max_ns(), sorted.back());
  for (const double quantile : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto exact =
        sorted[std::max<std::size_t>(
                   1, static_cast<std::size_t>(std::ceil(quantile * static_cast<double>(sorted.size())))) -
               1];
    EXPECT_GE(all.quantile_ns(quantile), exact) << quantile;
    EXPECT_LE(all.quantile_ns(quantile), exact + exact / 64 + 1) << quantile;
  }
  double sum = 0;
  for (const auto ns : sorted) sum += static_cast<double>(ns);
  EXPECT_NEAR(all.mean_ns(), sum / static_cast<double>(sorted.size()), sum * 1e-9);
}

}  // namespace
}  // namespace iot::bench
