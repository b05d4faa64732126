// Which summaries of gone readings are kept, and until when: a retention as the store carries it out. Pure.
//
// Boundaries lie at whole days, hours or minutes, so that a sensor is looked at once a step and not all the time: days
// for ages of two days and more, hours for two hours and more, else minutes. So what has reached its age stays for up
// to a step longer.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "model/retention.h"
#include "store/embedded/rollup.h"

namespace iot::store {

class RollupLevels {
 public:
  /// Of the periods those that outlive what is finer: an age that is not above the readings' is of no use.
  explicit RollupLevels(const model::Retention& retention);

  bool any() const noexcept { return !levels_.empty(); }
  /// What readings become. Only if any().
  Period finest() const noexcept { return levels_.front().period; }
  /// Readings before it become periods; 0: none do.
  std::int64_t readings_until_ns(Timestamp now) const noexcept;

  struct Step {
    Period into;
    std::int64_t until_ns;  ///< periods that begin before it; INT64_MAX: all
  };
  /// What becomes of periods of this length; nothing if they stay until they expire.
  std::optional<Step> step_of(Period period, Timestamp now) const noexcept;

  /// Periods before it are kept no longer; 0: all are kept. INT64_MAX without any levels.
  std::int64_t expired_before_ns(Timestamp now) const noexcept;

 private:
  struct Level {
    Period period;
    std::chrono::seconds age;
  };
  std::optional<std::chrono::seconds> readings_;
  std::vector<Level> levels_;  ///< the finest first
};

/// Now less the age; 0 for an age that reaches to 1970 and further.
std::int64_t before_age_ns(Timestamp now, std::chrono::seconds age) noexcept;

}  // namespace iot::store
