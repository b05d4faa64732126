// Which periods are kept and where their boundaries lie.
#include "store/embedded/rollup_levels.h"

#include <gtest/gtest.h>

namespace iot::store {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::int64_t minute_ns = 60'000'000'000;
constexpr std::int64_t hour_ns = 60 * minute_ns;
constexpr std::int64_t day_ns = 24 * hour_ns;
/// 2020-01-10T13:37:21.5Z
constexpr Timestamp now{1'578'663'441'500'000'000};

TEST(RollupLevelsTest, KeepsOnlyWhatOutlivesTheFiner) {
  EXPECT_FALSE(RollupLevels({}).any());
  EXPECT_FALSE(RollupLevels({hours(2), {}}).any());
  EXPECT_FALSE(RollupLevels({hours(2), {hours(2), hours(1), {}}}).any());
  const RollupLevels hours_only({hours(2), {hours(1), hours(3), hours(3)}});
  ASSERT_TRUE(hours_only.any());
  EXPECT_EQ(hours_only.finest(), Period::hour);
  EXPECT_FALSE(hours_only.step_of(Period::hour, now)) << "days would go with the hours";
  const RollupLevels no_days({hours(2), {hours(30), hours(30), {}}});
  EXPECT_EQ(no_days.finest(), Period::minute);
  EXPECT_FALSE(no_days.step_of(Period::minute, now));
}

TEST(RollupLevelsTest, ReadingsBecomePeriodsAtWholeMinutesHoursAndDays) {
  const auto until = [](std::chrono::seconds readings) {
    return RollupLevels({readings, {model::forever, {}, {}}}).readings_until_ns(now);
  };
  EXPECT_EQ(until(minutes(10)), (now.ns - 10 * minute_ns) / minute_ns * minute_ns);
  EXPECT_EQ(until(minutes(119)), (now.ns - 119 * minute_ns) / minute_ns * minute_ns);
  EXPECT_EQ(until(hours(2)), (now.ns - 2 * hour_ns) / hour_ns * hour_ns);
  EXPECT_EQ(until(hours(47)), (now.ns - 47 * hour_ns) / hour_ns * hour_ns);
  EXPECT_EQ(until(hours(48)), (now.ns - 48 * hour_ns) / day_ns * day_ns);
  EXPECT_EQ(until(hours(24 * 365 * 100)), 0) << "longer than there has been time";
  EXPECT_EQ(until(model::forever - std::chrono::seconds(1)), 0);
  EXPECT_EQ(RollupLevels({std::nullopt, {hours(1), {}, {}}}).readings_until_ns(now), 0) << "kept for ever";
}

TEST(RollupLevelsTest, APeriodBecomesTheNextLongerOneThatIsKept) {
  const RollupLevels all({hours(2), {hours(48), hours(24 * 30), model::forever}});
  const auto of_minutes = all.step_of(Period::minute, now);
  ASSERT_TRUE(of_minutes);
  EXPECT_EQ(of_minutes->into, Period::hour);
  EXPECT_EQ(of_minutes->until_ns, (now.ns - 2 * day_ns) / day_ns * day_ns);
  EXPECT_EQ(all.step_of(Period::hour, now)->into, Period::day);
  EXPECT_FALSE(all.step_of(Period::day, now));
  EXPECT_EQ(all.expired_before_ns(now), 0) << "kept for ever";

  const RollupLevels days({hours(2), {{}, {}, hours(24 * 10)}});
  EXPECT_EQ(days.step_of(Period::minute, now)->until_ns, INT64_MAX) << "not kept any more: all become days";
  EXPECT_EQ(days.step_of(Period::minute, now)->into, Period::day);
  EXPECT_EQ(days.expired_before_ns(now), now.ns - 10 * day_ns);
  EXPECT_EQ(RollupLevels({}).expired_before_ns(now), INT64_MAX) << "nothing is kept";
}

}  // namespace
}  // namespace iot::store
