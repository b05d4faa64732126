// Time zones by name or by fixed offset, with the system's rules.
//
// A value; any thread. Local times are seconds as in calendar.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace date {
class time_zone;
}

namespace iot::query {

class TimeZone {
 public:
  /// UTC.
  TimeZone() = default;

  /// "UTC", "Z", "+01:00", "+0100", "-5", "UTC+2", "Europe/Berlin". Nothing for a name that is not known.
  static std::optional<TimeZone> parse(std::string_view name);

  bool is_fixed() const noexcept { return zone_ == nullptr; }

  /// One stretch of time without a change of the clocks.
  struct Stretch {
    std::int64_t offset_s = 0;  ///< local time minus UTC
    std::int64_t begin_s;       ///< UTC, included
    std::int64_t end_s;         ///< UTC, not included
  };
  Stretch stretch_at(std::int64_t utc_seconds) const;

  std::int64_t to_local(std::int64_t utc_seconds) const { return utc_seconds + stretch_at(utc_seconds).offset_s; }

  /// A local time that comes twice is the earlier of the two; one that is left out is moved on by what is left out.
  std::int64_t to_utc(std::int64_t local_seconds) const;

  /// All moments that have this local time: none where it is left out, two where it comes twice, in order.
  std::vector<std::int64_t> moments_of(std::int64_t local_seconds) const;

 private:
  const date::time_zone* zone_ = nullptr;
  std::int64_t fixed_offset_s_ = 0;
};

}  // namespace iot::query
