#include "store/embedded/rollup_levels.h"

#include <algorithm>
#include <utility>

namespace iot::store {
namespace {

/// The boundary of what is older than `age`.
std::int64_t boundary_ns(Timestamp now, std::chrono::seconds age) noexcept {
  const Period step = age >= std::chrono::hours(48)  ? Period::day
                      : age >= std::chrono::hours(2) ? Period::hour
                                                     : Period::minute;
  return period_begin(before_age_ns(now, age), step);
}

}  // namespace

std::int64_t before_age_ns(Timestamp now, std::chrono::seconds age) noexcept {
  constexpr std::int64_t second = 1'000'000'000;
  if (age.count() >= now.ns / second) return 0;
  return now.ns - std::max<std::int64_t>(age.count(), 0) * second;
}

RollupLevels::RollupLevels(const model::Retention& retention) : readings_(retention.readings) {
  std::chrono::seconds finer = std::max(readings_.value_or(std::chrono::seconds(0)), std::chrono::seconds(0));
  for (const auto& [period, age] :
       {std::pair(Period::minute, retention.rollups.minutes), std::pair(Period::hour, retention.rollups.hours),
        std::pair(Period::day, retention.rollups.days)}) {
    if (age <= finer) continue;
    levels_.push_back({period, age});
    finer = age;
  }
}

std::int64_t RollupLevels::readings_until_ns(Timestamp now) const noexcept {
  return readings_ && any() ? boundary_ns(now, *readings_) : 0;
}

std::optional<RollupLevels::Step> RollupLevels::step_of(Period period, Timestamp now) const noexcept {
  const auto longer = std::find_if(levels_.begin(), levels_.end(), [&](const Level& l) { return l.period > period; });
  if (longer == levels_.end()) return {};
  const auto own = std::find_if(levels_.begin(), levels_.end(), [&](const Level& l) { return l.period == period; });
  return Step{longer->period, own == levels_.end() ? INT64_MAX : boundary_ns(now, own->age)};
}

std::int64_t RollupLevels::expired_before_ns(Timestamp now) const noexcept {
  return any() ? before_age_ns(now, levels_.back().age) : INT64_MAX;
}

}  // namespace iot::store
