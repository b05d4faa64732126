#include "query/quantile_sketch.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace iot::query {
namespace {

QuantileSketch sketch_of(const std::vector<double>& values) {
  QuantileSketch sketch;
  sketch.add(values.data(), values.size());
  return sketch;
}

TEST(QuantileSketch, CountsBelowAsElasticsearchsDigestDoesWhileExact) {
  QuantileSketch sketch = sketch_of({4, 1, 2, 2, 3});
  EXPECT_EQ(sketch.fraction_below(0.5), 0);
  EXPECT_EQ(sketch.fraction_below(1), 0.1) << "the first number, by half";
  EXPECT_EQ(sketch.fraction_below(1.5), 0.2);
  EXPECT_EQ(sketch.fraction_below(2), 0.4);
  EXPECT_EQ(sketch.fraction_below(2.5), 0.6);
  EXPECT_EQ(sketch.fraction_below(4), 0.9);
  EXPECT_EQ(sketch.fraction_below(5), 1);
  EXPECT_EQ(sketch_of({7}).fraction_below(7), 0.5);
  EXPECT_EQ(sketch_of({7}).fraction_below(6.9), 0);
  EXPECT_EQ(sketch_of({7}).fraction_below(7.1), 1);
  EXPECT_EQ(sketch_of({7, 7, 7}).fraction_below(7), 0.5);
  EXPECT_DOUBLE_EQ(sketch_of({-251, -251, -96}).fraction_below(-251), 1.0 / 3);
  EXPECT_DOUBLE_EQ(sketch_of({-251, -251, -96}).fraction_below(-228), 0.4322580645161291);
  EXPECT_DOUBLE_EQ(sketch_of({-251, -251, -96}).fraction_below(-150), 0.7172043010752688);
  QuantileSketch bursts = sketch_of({-259, -259, -259, -257, -245, -245, -245, -245, -240, -240});
  EXPECT_DOUBLE_EQ(bursts.fraction_below(-259), 0.15);
  EXPECT_DOUBLE_EQ(bursts.fraction_below(-258.5), 0.25);
  EXPECT_DOUBLE_EQ(bursts.fraction_below(-257), 0.31428571428571428);
  EXPECT_DOUBLE_EQ(bursts.fraction_below(-245), 0.7);
}

TEST(QuantileSketch, FindsTheMedianAbsoluteDeviation) {
  EXPECT_EQ(sketch_of({1, 1, 2, 2, 4, 6, 9}).median_absolute_deviation(), 1);
  EXPECT_EQ(sketch_of({1, 2, 4, 8}).median_absolute_deviation(), 1.5) << "1, 1, 2 and 5 away from 3";
  EXPECT_EQ(sketch_of({5}).median_absolute_deviation(), 0);
}

TEST(QuantileSketch, FindsTheDeviationAgainWhenNumbersHaveCome) {
  QuantileSketch sketch = sketch_of({1, 2, 4, 8});
  EXPECT_EQ(sketch.median_absolute_deviation(), 1.5);
  const double more[] = {4, 4, 4};
  sketch.add(more, 3);
  EXPECT_EQ(sketch.median_absolute_deviation(), 0);
}

TEST(QuantileSketch, FindsTheNumbersNextToABound) {
  QuantileSketch sketch = sketch_of({1, 2, 4, 8});
  EXPECT_EQ(sketch.smallest(), 1);
  EXPECT_EQ(sketch.largest(), 8);
  EXPECT_EQ(sketch.first_from(0), 1);
  EXPECT_EQ(sketch.first_from(2), 2);
  EXPECT_EQ(sketch.first_from(2.5), 4);
  EXPECT_EQ(sketch.last_up_to(3), 2);
  EXPECT_EQ(sketch.last_up_to(4), 4);
  EXPECT_EQ(sketch.last_up_to(9), 8);
}

TEST(QuantileSketch, OfManyNumbersStaysCloseToSortingThem) {
  std::mt19937_64 random(20'180'519);
  std::lognormal_distribution<double> spread(0, 1);
  std::vector<double> values(200'000);
  for (double& value : values) value = spread(random);
  QuantileSketch sketch = sketch_of(values);
  EXPECT_FALSE(sketch.is_exact());
  std::sort(values.begin(), values.end());
  const auto total = static_cast<double>(values.size());
  for (const double value : {0.05, 0.2, 0.7, 1.0, 1.8, 5.0, 20.0}) {
    const auto below = static_cast<double>(std::lower_bound(values.begin(), values.end(), value) - values.begin());
    EXPECT_NEAR(sketch.fraction_below(value), below / total, 0.001) << value;
    EXPECT_NEAR(sketch.fraction_below(sketch.quantile(below / total)), below / total, 0.001) << value;
  }
  EXPECT_EQ(sketch.smallest(), values.front());
  EXPECT_EQ(sketch.largest(), values.back());
  EXPECT_EQ(sketch.fraction_below(values.front() - 1), 0);
  EXPECT_EQ(sketch.fraction_below(values.back() + 1), 1);
  EXPECT_NEAR(sketch.first_from(1), 1, 0.01);
  EXPECT_NEAR(sketch.last_up_to(1), 1, 0.01);

  const double median = values[values.size() / 2];
  std::vector<double> away;
  for (const double value : values) away.push_back(std::abs(value - median));
  std::sort(away.begin(), away.end());
  EXPECT_NEAR(sketch.median_absolute_deviation(), away[away.size() / 2], 0.005);
}

TEST(QuantileSketch, CountsAMultitudeOfEqualNumbersByHalf) {
  std::vector<double> values(30'000, 5.0);
  values.insert(values.end(), 10'000, 1.0);
  QuantileSketch sketch = sketch_of(values);
  EXPECT_FALSE(sketch.is_exact());
  EXPECT_NEAR(sketch.fraction_below(5), 0.625, 0.001);
  EXPECT_NEAR(sketch.fraction_below(1), 0.125, 0.001);
}

}  // namespace
}  // namespace iot::query
