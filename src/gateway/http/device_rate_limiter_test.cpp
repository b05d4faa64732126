#include "gateway/http/device_rate_limiter.h"

#include <gtest/gtest.h>

namespace iot::gateway {
namespace {

using namespace std::chrono_literals;

constexpr DeviceId one{1};
constexpr DeviceId two{2};
const Clock::Steady start{1h};

TEST(DeviceRateLimiter, ZeroMeansNoLimit) {
  DeviceRateLimiter limiter(0);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(limiter.take(one, 1e9, start), 0ns);
}

TEST(DeviceRateLimiter, LetsASecondsWorthThroughAndThenTheRate) {
  DeviceRateLimiter limiter(10);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(limiter.take(one, 1, start), 0ns) << i;
  EXPECT_NEAR(static_cast<double>(limiter.take(one, 1, start).count()), 1e8, 10);
  EXPECT_EQ(limiter.take(two, 1, start), 0ns);
  EXPECT_GT(limiter.take(one, 1, start + 99ms), 0ns);
  EXPECT_EQ(limiter.take(one, 1, start + 101ms), 0ns);
  EXPECT_GT(limiter.take(one, 1, start + 101ms), 0ns);
  // A long rest fills the bucket and no more.
  for (int i = 0; i < 10; ++i) EXPECT_EQ(limiter.take(one, 1, start + 1h), 0ns);
  EXPECT_GT(limiter.take(one, 1, start + 1h), 0ns);
}

TEST(DeviceRateLimiter, ALargeAmountWaitsForAFullBucketAndIsPaidOff) {
  DeviceRateLimiter limiter(10);
  EXPECT_EQ(limiter.take(one, 30, start), 0ns);
  EXPECT_GT(limiter.take(one, 1, start + 2s), 0ns);
  EXPECT_EQ(limiter.take(one, 1, start + 2101ms), 0ns);
}

TEST(DeviceRateLimiter, ARateBelowOneASecondLetsOneThrough) {
  DeviceRateLimiter limiter(0.1);
  EXPECT_EQ(limiter.take(one, 1, start), 0ns);
  EXPECT_GT(limiter.take(one, 1, start + 9s), 0ns);
  EXPECT_EQ(limiter.take(one, 1, start + 11s), 0ns);
}

TEST(DeviceRateLimiter, ForgetsDevicesThatRest) {
  DeviceRateLimiter limiter(1);
  for (std::int64_t id = 1; id <= 100'000; ++id)
    EXPECT_EQ(limiter.take({id}, 1, start + std::chrono::seconds(2 * id)), 0ns);
  EXPECT_LT(limiter.devices(), 50'000u);
}

}  // namespace
}  // namespace iot::gateway
