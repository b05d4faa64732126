#include "base/time_text.h"

#include <random>

#include <gtest/gtest.h>

namespace iot {
namespace {

TEST(TimeText, WritesNineDigits) {
  EXPECT_EQ(format_timestamp({1'526'717'967'000'000'000}), "2018-05-19T08:19:27.000000000Z");
  EXPECT_EQ(format_timestamp({1}, FractionDigits::milliseconds), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_timestamp(timestamp_max), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(format_timestamp({-1}, FractionDigits::none), "1969-12-31T23:59:59Z");
}

TEST(TimeText, ReadsBackWhatItWrites) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    // All of the times there are, with all numbers of decimals.
    std::int64_t unit = 1;
    for (int decimals = i % 10; decimals < 9; ++decimals) unit *= 10;
    const Timestamp time{static_cast<std::int64_t>(random()) / unit * unit};
    ASSERT_EQ(parse_rfc3339(format_timestamp(time)), time) << format_timestamp(time);
    ASSERT_EQ(format_timestamp(time).size(), 30u);
  }
}

TEST(TimeText, ReadsRfc3339) {
  EXPECT_EQ(parse_rfc3339("2018-05-19T08:19:27Z"), Timestamp{1'526'717'967'000'000'000});
  EXPECT_EQ(parse_rfc3339("2018-05-19t10:19:27.5+02:00"), Timestamp{1'526'717'967'500'000'000});
  EXPECT_EQ(parse_rfc3339("2018-05-19 08:19:27.1234567899z"), Timestamp{1'526'717'967'123'456'789});
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), parse_rfc3339("2017-01-01T00:00:00Z"));
  EXPECT_EQ(parse_rfc3339("2262-04-11T23:47:16.854775807Z"), timestamp_max);
}

TEST(TimeText, RefusesWhatIsNotAMoment) {
  for (const auto* text :
       {"", "2018", "2018-05-19", "2018-05-19T08:19:27", "2018-13-01T00:00:00Z", "2018-02-29T00:00:00Z",
        "2018-05-19T24:00:00Z", "2018-05-19T08:60:00Z", "2018-05-19T08:19:27.Z", "2018-05-19T08:19:27+25:00",
        "2018-05-19T08:19:27Zx", "2263-01-01T00:00:00Z", "+2018-05-19T08:19:27Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace iot
