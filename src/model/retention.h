// How long a sensor's readings are kept, and what is known of their minutes, hours and days after that.
#pragma once

#include <chrono>
#include <optional>

namespace iot::model {

inline constexpr std::chrono::seconds forever = std::chrono::seconds::max();

/// Until which age the summaries of minutes, hours and days are kept once the readings themselves have gone: by the
/// readings' times, as the retention of the readings. 0: none are kept.
struct Rollups {
  std::chrono::seconds minutes{0};
  std::chrono::seconds hours{0};
  std::chrono::seconds days{0};

  bool any() const noexcept { return minutes.count() != 0 || hours.count() != 0 || days.count() != 0; }
  bool operator==(const Rollups&) const = default;
};

struct Retention {
  std::optional<std::chrono::seconds> readings;  ///< nothing: for ever
  Rollups rollups;                               ///< of no use where readings are kept for ever

  bool operator==(const Retention&) const = default;
};

}  // namespace iot::model
