#include "query/date_math.h"

#include <string>

#include <gtest/gtest.h>

#include "query/rounding.h"

namespace iot::query {
namespace {

// 2018-05-19T08:19:27.123Z
constexpr Timestamp now{1'526'717'967'123'456'789};

std::string moment(std::string_view text, FillUp fill = FillUp::first, std::string_view zone = "UTC",
                   std::string_view format = "") {
  const DateFormat wanted = format.empty() ? DateFormat::date_nanos() : DateFormat::parse(format).value();
  const auto result = evaluate_date(text, wanted, {now, fill, TimeZone::parse(zone).value()});
  return result ? DateFormat::date_nanos().write(*result, TimeZone()) : "error: " + result.error().reason();
}

/// 2018-12-25T07:23:15.297108400Z in the format.
std::string written(std::string_view format, std::int64_t ns = 1'545'722'595'297'108'400) {
  return DateFormat::parse(format).value().write(Moment::from_ns(ns), TimeZone());
}

TEST(DateFormat, WritesAsManyDigitsOfTheFractionAsElasticsearch) {
  EXPECT_EQ(written("strict_date_optional_time"), "2018-12-25T07:23:15.297Z");
  EXPECT_EQ(written("date_optional_time"), "2018-12-25T07:23:15.297Z");
  EXPECT_EQ(written("iso8601"), "2018-12-25T07:23:15.297Z");
  EXPECT_EQ(written("strict_date_optional_time_nanos"), "2018-12-25T07:23:15.2971084Z");
  EXPECT_EQ(written("strict_date_time"), "2018-12-25T07:23:15.2971084Z");
  EXPECT_EQ(written("date_time"), "2018-12-25T07:23:15.297Z");
  EXPECT_EQ(written("strict_date_hour_minute_second_fraction"), "2018-12-25T07:23:15.297");
  EXPECT_EQ(written("epoch_millis"), "1545722595297.1084");
  EXPECT_EQ(written("epoch_second"), "1545722595.2971084");
  EXPECT_EQ(written("strict_date_optional_time_nanos", 1'545'722'595'000'000'000), "2018-12-25T07:23:15.000Z");
  EXPECT_EQ(written("epoch_second", 1'545'722'595'000'000'000), "1545722595");
  EXPECT_EQ(written("epoch_second", -500'000'000), "-0.5");
  EXPECT_EQ(written("epoch_second", -1'000'000'000), "-1");
}

TEST(DateMath, AddsAndRoundsFromNow) {
  EXPECT_EQ(moment("now"), "2018-05-19T08:19:27.123Z");
  EXPECT_EQ(moment("now-1h/d"), "2018-05-19T00:00:00.000Z");
  EXPECT_EQ(moment("now-1h/d", FillUp::last), "2018-05-19T23:59:59.999Z");
  EXPECT_EQ(moment("now/w"), "2018-05-14T00:00:00.000Z");
  EXPECT_EQ(moment("now/M-1d"), "2018-04-30T00:00:00.000Z");
  EXPECT_EQ(moment("now+2y+1M-3w+4d-5h+6m-7s"), "2020-06-02T03:25:20.123Z");
}

TEST(DateMath, StartsFromADate) {
  EXPECT_EQ(moment("2018-01-01||+1M/d"), "2018-02-01T00:00:00.000Z");
  EXPECT_EQ(moment("2016-01-31||+1M"), "2016-02-29T00:00:00.000Z");
  EXPECT_EQ(moment("1514764800000||/M", FillUp::last), "2018-01-31T23:59:59.999Z");
}

TEST(DateMath, FillsUpWhatIsLeftOut) {
  EXPECT_EQ(moment("2018", FillUp::last), "2018-01-01T23:59:59.999999999Z");
  EXPECT_EQ(moment("2016-02", FillUp::last), "2016-02-01T23:59:59.999999999Z");
  EXPECT_EQ(moment("2018-05-19T08:19:27Z", FillUp::last), "2018-05-19T08:19:27.999999999Z");
  EXPECT_EQ(moment("1526717967123", FillUp::last), "2018-05-19T08:19:27.123999999Z");
}

TEST(DateMath, ReadsInTheZoneGivenUnlessTheTextNamesOne) {
  EXPECT_EQ(moment("2018-05-19", FillUp::first, "Europe/Berlin"), "2018-05-18T22:00:00.000Z");
  EXPECT_EQ(moment("2018-05-19T00:00:00Z", FillUp::first, "Europe/Berlin"), "2018-05-19T00:00:00.000Z");
  EXPECT_EQ(moment("now/d", FillUp::first, "+05:30"), "2018-05-18T18:30:00.000Z");
  EXPECT_EQ(moment("1526717967123", FillUp::first, "Europe/Berlin"), "2018-05-19T08:19:27.123Z");
}

TEST(DateMath, ReadsPatterns) {
  EXPECT_EQ(moment("19.05.2018 08:19", FillUp::first, "UTC", "dd.MM.yyyy HH:mm"), "2018-05-19T08:19:00.000Z");
  EXPECT_EQ(moment("1526717967", FillUp::first, "UTC", "epoch_second"), "2018-05-19T08:19:27.000Z");
  EXPECT_EQ(moment("2018/05/19", FillUp::first, "UTC", "yyyy-MM-dd||yyyy/MM/dd"), "2018-05-19T00:00:00.000Z");
  EXPECT_EQ(moment("20180519T081927.500+0200", FillUp::first, "UTC", "basic_date_time"), "2018-05-19T06:19:27.500Z");
  EXPECT_EQ(moment("May 3, 2018 7 PM", FillUp::first, "UTC", "MMM d, yyyy h a"), "2018-05-03T19:00:00.000Z");
}

TEST(DateMath, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(moment("now-1"), "error: truncated date math [-1]");
  EXPECT_EQ(moment("now*1d"), "error: operator not supported for date math [*1d]");
  EXPECT_EQ(moment("now-1x"), "error: unit [x] not supported for date math [-1x]");
  EXPECT_EQ(moment("now/2d"), "error: rounding `/` can only be used on single unit types [/2d]");
  EXPECT_TRUE(moment("2018-02-30").starts_with("error"));
  EXPECT_TRUE(moment("2018-01-01T05:03").starts_with("error")) << "the format for nanoseconds wants seconds";
  EXPECT_FALSE(DateFormat::parse("foo"));
  EXPECT_FALSE(DateFormat::parse("yyyy-'T"));
  EXPECT_FALSE(TimeZone::parse("../../etc/passwd"));
  EXPECT_FALSE(TimeZone::parse("Nowhere/Atlantis"));
}

TEST(DateMath, StaysBoundedWithHugeAmounts) {
  EXPECT_FALSE(moment("now+99999999999999999999y+99999999y-9999999999999d").starts_with("error"));
}

std::int64_t ms(std::string_view text) {
  return evaluate_date(text, DateFormat::date_millis(), {now, FillUp::first, {}}).value().to_ms();
}

TEST(Rounding, FollowsTheClocksOfAZone) {
  const TimeZone berlin = TimeZone::parse("Europe/Berlin").value();
  const Rounding day(CalendarUnit::day, berlin, 0);
  // The 25th of March 2018 had 23 hours, the 28th of October 25.
  EXPECT_EQ(day.next_key(ms("2018-03-24T23:00:00Z")) - ms("2018-03-24T23:00:00Z"), 23 * 3'600'000);
  EXPECT_EQ(day.next_key(ms("2018-10-27T22:00:00Z")) - ms("2018-10-27T22:00:00Z"), 25 * 3'600'000);
  const Rounding month(CalendarUnit::month, berlin, 0);
  EXPECT_EQ(month.key_of(ms("2013-12-31T23:30:00Z")), ms("2013-12-31T23:00:00Z"));
}

TEST(Rounding, KeepsBothPassesOfAnHourThatComesTwice) {
  const TimeZone berlin = TimeZone::parse("Europe/Berlin").value();
  const Rounding hour(CalendarUnit::hour, berlin, 0);
  EXPECT_EQ(hour.key_of(ms("2018-10-28T00:30:00Z")), ms("2018-10-28T00:00:00Z"));
  EXPECT_EQ(hour.key_of(ms("2018-10-28T01:30:00Z")), ms("2018-10-28T01:00:00Z"));
}

TEST(Rounding, PiecesCoverTimeWithoutGaps) {
  for (const char* name : {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "+05:45"}) {
    const TimeZone zone = TimeZone::parse(name).value();
    for (const Rounding& rounding :
         {Rounding(CalendarUnit::day, zone, 0), Rounding(CalendarUnit::week, zone, 3'600'000),
          Rounding(5'400'000, zone, 0), Rounding(7 * 3'600'000, zone, -1'800'000)}) {
      for (std::int64_t at = ms("2018-01-01"); at < ms("2019-01-01");) {
        const Rounding::Piece piece = rounding.piece_at(at);
        ASSERT_LE(piece.key_ms, at) << name;
        ASSERT_GT(piece.end_ms, at) << name;
        ASSERT_EQ(rounding.key_of(piece.end_ms - 1), piece.key_ms) << name;
        ASSERT_GT(rounding.next_key(piece.key_ms), piece.key_ms) << name;
        at = piece.end_ms;
      }
    }
  }
}

TEST(Rounding, ReadsIntervals) {
  EXPECT_EQ(parse_fixed_interval_ms("90m"), 5'400'000);
  EXPECT_EQ(parse_fixed_interval_ms("1ms"), 1);
  for (const char* bad : {"", "0s", "-1s", "1", "1month", "1M", "1.5h", "s"})
    EXPECT_FALSE(parse_fixed_interval_ms(bad)) << bad;
  EXPECT_TRUE(parse_calendar_interval("1M"));
  EXPECT_FALSE(parse_calendar_interval("2d"));
}

}  // namespace
}  // namespace iot::query
