#include "bench/readings.h"

#include <set>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace iot::bench {
namespace {

constexpr std::int64_t begin_ns = 1'700'000'000'000'000'000;

TEST(ReadingPayload, OneIsAnObjectAndSeveralAreAnArray) {
  ReadingPayload one("4", 1, {begin_ns, 0, 1});
  one.next();
  const auto object = boost::json::parse(one.text()).as_object();
  EXPECT_EQ(object.at("sensor_id").as_string(), "4");
  EXPECT_EQ(object.at("timestamp").as_int64(), begin_ns);
  EXPECT_GE(object.at("value").as_double(), 1000);
  EXPECT_LT(object.at("value").as_double(), 10'000);

  ReadingPayload three("123", 3, {begin_ns, 0, 1});
  three.next();
  const auto array = boost::json::parse(three.text()).as_array();
  ASSERT_EQ(array.size(), 3u);
  EXPECT_EQ(array[2].at("timestamp").as_int64(), begin_ns + 2 * ReadingPayload::spacing_ns);
}

TEST(ReadingPayload, NoTwoReadingsOfManyConnectionsOnOneSensorHaveTheSameTime) {
  constexpr std::uint64_t connections = 997;
  std::set<std::int64_t> times;
  std::size_t made = 0;
  for (std::uint64_t connection = 0; connection < connections; ++connection) {
    ReadingPayload payload("1", 2, {begin_ns, connection, connections});
    for (int i = 0; i < 5; ++i) {
      payload.next();
      const auto readings = boost::json::parse(payload.text());
      for (const auto& reading : readings.as_array()) {
        times.insert(reading.at("timestamp").as_int64());
        ++made;
      }
    }
  }
  EXPECT_EQ(times.size(), made);
}

TEST(ReadingPayload, ItsSizeAndItsPlaceNeverChange) {
  ReadingPayload payload("77", 4, {begin_ns, 3, 8});
  payload.next();
  const auto* place = payload.text().data();
  const auto size = payload.text().size();
  std::set<std::string> seen;
  for (int i = 0; i < 20'000; ++i) {
    payload.next();
    ASSERT_EQ(payload.text().data(), place);
    ASSERT_EQ(payload.text().size(), size);
    if (i % 1000 == 0) boost::json::parse(payload.text());
    seen.insert(std::string(payload.text()));
  }
  EXPECT_EQ(seen.size(), 20'000u);
}

TEST(ReadingPayload, ATimeThatWasGivenIsFoundAgain) {
  ReadingPayload payload("1234567890123456789012", 3, {begin_ns, 0, 1});
  payload.next_at(begin_ns + 1);
  EXPECT_EQ(time_in(payload.text()), begin_ns + 1);
  EXPECT_EQ(time_in(R"({"device_id":"3","timestamp":"2018-05-19T08:19:27.000000001Z"})"), 1'526'717'967'000'000'001);
  EXPECT_EQ(time_in(R"({"timestamp":"yesterday"})"), -1);
  EXPECT_EQ(time_in("1700000000000000000"), begin_ns);
  EXPECT_EQ(time_in("17000000000000000000"), -1);
  EXPECT_EQ(time_in(""), -1);
}

}  // namespace
}  // namespace iot::bench
