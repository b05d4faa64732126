#include "gateway/sending_limits.h"

#include <gtest/gtest.h>

namespace iot::gateway {
namespace {

using namespace std::chrono_literals;

constexpr DeviceId one{1};
constexpr DeviceId two{2};
const Clock::Steady start{1h};

class SendingLimitsTest : public ::testing::Test {
 protected:
  /// Sends one message, unless the device has to wait; says how long.
  static std::chrono::nanoseconds send(SendingLimits& limits, DeviceId device, Clock::Steady now, double readings = 1,
                                       double bytes = 1) {
    if (const auto wait = limits.wait(device, now)) return wait->time;
    limits.charge(device, {.messages = 1, .readings = readings, .bytes = bytes}, now);
    return 0ns;
  }

  Metrics metrics_;
};

TEST_F(SendingLimitsTest, ZeroMeansNoLimit) {
  SendingLimits limits({}, {}, metrics_);
  EXPECT_TRUE(limits.is_off());
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(send(limits, one, start, 1e9, 1e9), 0ns);
  EXPECT_FALSE(limits.connect(one, start));
}

TEST_F(SendingLimitsTest, LetsASecondsWorthThroughAndThenTheRate) {
  SendingLimits limits({.messages_per_s_max = 10}, {}, metrics_);
  EXPECT_FALSE(limits.is_off());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(send(limits, one, start), 0ns) << i;
  EXPECT_NEAR(static_cast<double>(send(limits, one, start).count()), 1e8, 10);
  EXPECT_EQ(send(limits, two, start), 0ns);
  EXPECT_GT(send(limits, one, start + 99ms), 0ns);
  EXPECT_EQ(send(limits, one, start + 101ms), 0ns);
  EXPECT_GT(send(limits, one, start + 101ms), 0ns);
  // A long rest fills the bucket and no more.
  for (int i = 0; i < 10; ++i) EXPECT_EQ(send(limits, one, start + 1h), 0ns);
  EXPECT_GT(send(limits, one, start + 1h), 0ns);
}

TEST_F(SendingLimitsTest, ALargeMessageIsTakenAndWaitedOff) {
  SendingLimits limits({.readings_per_s_max = 10, .bytes_per_s_max = 1'000}, {}, metrics_);
  EXPECT_EQ(send(limits, one, start, 30, 1), 0ns);
  EXPECT_GT(send(limits, one, start + 2s), 0ns);
  EXPECT_EQ(send(limits, one, start + 2101ms, 1, 5'000), 0ns);
  EXPECT_EQ(limits.wait(one, start + 2101ms)->limit, "gateway.device_bytes_per_s_max") << "the longest wait counts";
  EXPECT_GT(send(limits, one, start + 6s), 0ns);
  EXPECT_EQ(send(limits, one, start + 6200ms), 0ns);
}

TEST_F(SendingLimitsTest, ARateBelowOneASecondLetsOneThrough) {
  SendingLimits limits({.messages_per_s_max = 0.1}, {}, metrics_);
  EXPECT_EQ(send(limits, one, start), 0ns);
  EXPECT_GT(send(limits, one, start + 9s), 0ns);
  EXPECT_EQ(send(limits, one, start + 11s), 0ns);
}

TEST_F(SendingLimitsTest, WhatAllSendTogetherHasALimitToo) {
  SendingLimits limits({.messages_per_s_max = 2}, {.messages_per_s_max = 3}, metrics_);
  EXPECT_EQ(send(limits, one, start), 0ns);
  EXPECT_EQ(send(limits, one, start), 0ns);
  EXPECT_EQ(limits.wait(one, start)->limit, "gateway.device_messages_per_s_max");
  EXPECT_EQ(send(limits, two, start), 0ns);
  EXPECT_EQ(limits.wait(two, start)->limit, "gateway.messages_per_s_max");
  EXPECT_EQ(send(limits, two, start + 400ms), 0ns);
}

TEST_F(SendingLimitsTest, ConnectingHasALimitOfItsOwn) {
  SendingLimits limits({.connects_per_s_max = 2}, {}, metrics_);
  EXPECT_FALSE(limits.connect(one, start));
  EXPECT_FALSE(limits.connect(one, start));
  EXPECT_EQ(limits.connect(one, start)->limit, "gateway.device_connects_per_s_max");
  EXPECT_EQ(send(limits, one, start), 0ns) << "who is connected may send";
  EXPECT_FALSE(limits.connect(one, start + 500ms));
}

TEST_F(SendingLimitsTest, MetricsNameTheLimit) {
  SendingLimits limits({.messages_per_s_max = 1}, {}, metrics_);
  send(limits, one, start);
  send(limits, one, start);
  EXPECT_NE(metrics_.scrape().find("iotplatform_gateway_limited_total{limit=\"gateway.device_messages_per_s_max\"} 1"),
            std::string::npos);
}

TEST_F(SendingLimitsTest, ForgetsDevicesThatRest) {
  SendingLimits limits({.messages_per_s_max = 1}, {}, metrics_);
  for (std::int64_t id = 1; id <= 100'000; ++id)
    EXPECT_EQ(send(limits, {id}, start + std::chrono::seconds(2 * id)), 0ns);
  EXPECT_LT(limits.devices(), 50'000u);
}

}  // namespace
}  // namespace iot::gateway
