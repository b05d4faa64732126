#include "query/moments.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace iot::query {
namespace {

Moments moments_of(const std::vector<double>& values, std::size_t at_once) {
  Moments moments;
  std::vector<double> scratch;
  for (std::size_t i = 0; i < values.size(); i += at_once) {
    moments.add(values.data() + i, std::min(at_once, values.size() - i), scratch);
  }
  return moments;
}

TEST(Moments, AreThoseOfTheTextbook) {
  const Moments moments = moments_of({2, 4, 4, 4, 5, 5, 7, 9}, 8);
  EXPECT_EQ(moments.statistics().sum(), 40);
  EXPECT_EQ(moments.sum_of_squares(), 232);
  EXPECT_EQ(moments.variance_population(), 4);
  EXPECT_DOUBLE_EQ(moments.variance_sampling(), 32.0 / 7);
}

TEST(Moments, OfOneNumberHaveNoSamplingVariance) {
  const Moments moments = moments_of({3}, 1);
  EXPECT_EQ(moments.variance_population(), 0);
  EXPECT_TRUE(std::isnan(moments.variance_sampling()));
}

TEST(Moments, KeepTheVarianceOfSmallSwingsFarFromZero) {
  // Squares of these have no digits left for the swing: 1e18 apart from 1.
  std::vector<double> values;
  for (int i = 0; i < 9'999; ++i) values.push_back(1e9 + (i % 3 - 1));
  for (const std::size_t at_once : {std::size_t{1}, std::size_t{7}, std::size_t{4'096}, values.size()}) {
    EXPECT_NEAR(moments_of(values, at_once).variance_population(), 2.0 / 3, 1e-9) << at_once;
  }
}

TEST(Moments, AgreeWithLongDoublesHoweverTheNumbersCome) {
  std::mt19937_64 random(20'180'519);
  std::normal_distribution<double> spread(-1'000, 3);
  std::vector<double> values(3'000);
  for (double& value : values) value = spread(random);
  long double mean = 0, squares = 0;
  for (const double value : values) mean += value;
  mean /= static_cast<long double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto variance = static_cast<double>(squares / static_cast<long double>(values.size()));
  for (const std::size_t at_once : {std::size_t{1}, std::size_t{31}, std::size_t{1'000}, values.size()}) {
    EXPECT_NEAR(moments_of(values, at_once).variance_population(), variance, variance * 1e-12) << at_once;
  }
}

}  // namespace
}  // namespace iot::query
