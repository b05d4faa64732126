// How many connections a listener may still accept in this second. A value; time comes in as an argument.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace iot::net {

class ConnectRate {
 public:
  /// `per_s_max` connections in a second, and as many at once after a quiet one; 0: no limit.
  ConnectRate(std::uint64_t per_s_max, Clock::Steady now) noexcept
      : per_s_max_(static_cast<double>(per_s_max)), available_(per_s_max_), counted_at_(now) {}

  /// Whether one more may be accepted now; it is counted then.
  bool take(Clock::Steady now) noexcept {
    if (per_s_max_ == 0) return true;
    const double elapsed_s = std::chrono::duration<double>(now - counted_at_).count();
    available_ = std::min(per_s_max_, available_ + elapsed_s * per_s_max_);
    counted_at_ = now;
    if (available_ < 1) return false;
    available_ -= 1;
    return true;
  }
  /// The one that was taken has not come after all.
  void give_back() noexcept { available_ = std::min(per_s_max_, available_ + 1); }

 private:
  double per_s_max_;
  double available_;
  Clock::Steady counted_at_;
};

}  // namespace iot::net
