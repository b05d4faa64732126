#include "bench/options.h"

#include <functional>

#include <gtest/gtest.h>

#include "bench/errc.h"
#include "bench/in_flight.h"
#include "bench/target.h"

namespace iot::bench {
namespace {

Options good() {
  Options options;
  options.address = "127.0.0.1:1883";
  options.plain_broker = true;
  return options;
}

/// Why the options are refused; empty if they are not.
std::string fault_with(const std::function<void(Options&)>& change) {
  auto options = good();
  change(options);
  const auto checked = check(options);
  return checked ? "" : checked.error().message;
}

TEST(BenchOptions, TheDefaultsNeedAnAddressAndWhoSends) {
  EXPECT_TRUE(check(good()));
  EXPECT_NE(fault_with([](Options& o) { o.plain_broker = false; }), "");
}

TEST(BenchOptions, NumbersAreTakenAtTheirLimitsAndNotPastThem) {
  EXPECT_EQ(fault_with([](Options& o) { o.window = 65'535; }), "");
  EXPECT_NE(fault_with([](Options& o) { o.window = 65'536; }), "");
  EXPECT_NE(fault_with([](Options& o) { o.window = 0; }), "");
  EXPECT_NE(fault_with([](Options& o) { o.connections = 0; }), "");
  EXPECT_EQ(fault_with([](Options& o) { o.qos = 2; }), "");
  EXPECT_NE(fault_with([](Options& o) { o.qos = 3; }), "");
  EXPECT_NE(fault_with([](Options& o) { o.rate = -1; }), "");
  EXPECT_NE(fault_with([](Options& o) { o.duration_s = 0; }), "");
}

TEST(BenchOptions, WhatContradictsItselfIsRefusedByName) {
  EXPECT_NE(fault_with([](Options& o) { o.protocol = "http"; }).find("--plain-broker"), std::string::npos);
  EXPECT_NE(fault_with([](Options& o) { o.verify = true; }).find("--core"), std::string::npos);
  EXPECT_NE(fault_with([](Options& o) { o.idle = 10; }).find("--pid"), std::string::npos);
  EXPECT_NE(fault_with([](Options& o) { o.wants_answers = true; }).find("websocket"), std::string::npos);
  EXPECT_NE(fault_with([](Options& o) { o.token = "t", o.sensor = "1"; }), "") << "two ways of saying who sends";
  EXPECT_NE(fault_with([](Options& o) { o.live = true; }), "");
}

TEST(Target, IsAnAddressAndAPort) {
  EXPECT_TRUE(parse_target("127.0.0.1:1883"));
  EXPECT_EQ(parse_target("localhost:65535")->text, "127.0.0.1:65535");
  for (const auto* text :
       {"", "1883", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:1x", "here:1"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(Target, VeryManyConnectionsComeFromSeveralAddresses) {
  const auto target = *parse_target("127.0.0.1:1883");
  EXPECT_EQ(spread_over_sources(target, 0, connections_per_source).source, 0u);
  const auto of = [&](std::size_t n) { return spread_over_sources(target, n, 3 * connections_per_source).source; };
  EXPECT_EQ(of(0), of(connections_per_source - 1));
  EXPECT_NE(of(0), of(connections_per_source));
  EXPECT_NE(of(0), 0u);
}

TEST(InFlight, GivesANumberAgainOnlyOnceItWasAnswered) {
  InFlight in_flight(2);
  const auto first = in_flight.begin(10), second = in_flight.begin(20);
  EXPECT_TRUE(in_flight.is_full());
  EXPECT_NE(first, second);
  EXPECT_EQ(in_flight.end(second), 20);
  EXPECT_EQ(in_flight.end(second), std::nullopt);
  EXPECT_EQ(in_flight.count(), 1u);
  EXPECT_EQ(in_flight.begin(30), second);
  EXPECT_EQ(in_flight.end(0), std::nullopt);
  EXPECT_EQ(in_flight.end(3), std::nullopt);
}

TEST(InOrder, AnswersAreThoseOfTheOldest) {
  InOrder in_order(2);
  EXPECT_EQ(in_order.end(), std::nullopt);
  for (int turn = 0; turn < 5; ++turn) {
    in_order.begin(1);
    in_order.begin(2);
    EXPECT_TRUE(in_order.is_full());
    EXPECT_EQ(in_order.end(), 1);
    EXPECT_EQ(in_order.end(), 2);
    EXPECT_EQ(in_order.end(), std::nullopt);
  }
}

}  // namespace
}  // namespace iot::bench
