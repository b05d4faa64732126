#include "api/metric_samples.h"

#include <gtest/gtest.h>

#include "base/metrics.h"

namespace iot::api {
namespace {

TEST(MetricSamples, AreWhatTheMetricsSay) {
  Metrics metrics;
  metrics.counter("requests_total", "Requests", {{"listener", "http"}, {"status", "2xx"}}).Increment(3);
  metrics.counter("requests_total", "Requests", {{"listener", "http"}, {"status", "4xx"}}).Increment(2);
  metrics.counter("requests_total", "Requests", {{"listener", "core"}, {"status", "2xx"}}).Increment();
  metrics.gauge("bytes", "Bytes").Set(1e15);
  metrics.counter("odd_total", "Odd", {{"what", "a \"b\"\\ }{,=\nc"}}).Increment(7);
  const MetricSamples samples(metrics.scrape());
  EXPECT_EQ(samples.count("requests_total"), 6u);
  EXPECT_EQ(samples.count("requests_total", {{"listener", "http"}}), 5u);
  EXPECT_EQ(samples.count("requests_total", {{"listener", "http"}, {"status", "4xx"}}), 2u);
  EXPECT_EQ(samples.count("requests_total", {{"listener", "mqtt"}}), 0u);
  EXPECT_EQ(samples.sum("bytes"), 1e15);
  EXPECT_EQ(samples.count("odd_total", {{"what", "a \"b\"\\ }{,=\nc"}}), 7u);
  EXPECT_EQ(samples.count("nothing"), 0u);
}

TEST(MetricSamples, OfAHistogramAreItsBucketsInOrder) {
  Metrics metrics;
  auto& first = metrics.histogram("seconds", "Seconds", {0.0005, 0.1, 2}, {{"a", "1"}});
  auto& second = metrics.histogram("seconds", "Seconds", {0.0005, 0.1, 2}, {{"a", "2"}});
  first.Observe(0.0001);
  first.Observe(5);
  second.Observe(1);
  const auto histogram = MetricSamples(metrics.scrape()).histogram("seconds");
  ASSERT_EQ(histogram.buckets.size(), 3u);
  EXPECT_EQ(histogram.buckets[0].up_to, 0.0005);
  EXPECT_EQ(histogram.buckets[0].count, 1u);
  EXPECT_EQ(histogram.buckets[1].count, 1u);
  EXPECT_EQ(histogram.buckets[2].count, 2u);
  EXPECT_EQ(histogram.count, 3u);
  EXPECT_DOUBLE_EQ(histogram.sum, 6.0001);
}

TEST(MetricSamples, PassOverLinesOfAnotherForm) {
  const MetricSamples samples("# HELP a b\n\n{} 1\na\na{b=\"c} 1\na{b=\"c\"} x\na{b=\"c\"} 2 5\na{b} 1\ngood 4\n");
  ASSERT_EQ(samples.all().size(), 1u);
  EXPECT_EQ(samples.all()[0].name, "good");
  EXPECT_TRUE(MetricSamples("").all().empty());
}

}  // namespace
}  // namespace iot::api
