// Dates and times of day as numbers, in the proleptic Gregorian calendar, without a zone.
//
// Wider than Timestamp on purpose: date math may pass through years that nanoseconds cannot hold.
#pragma once

#include <compare>
#include <cstdint>

namespace iot::query {

inline constexpr std::int64_t ns_per_ms = 1'000'000;
inline constexpr std::int64_t ns_per_s = 1'000'000'000;
inline constexpr std::int64_t seconds_per_day = 86'400;

/// A moment (seconds since 1970 in UTC) or, where so named, a local time on the same scale.
struct Moment {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;  ///< 0 to 999,999,999
  constexpr auto operator<=>(const Moment&) const = default;

  static Moment from_ns(std::int64_t ns) noexcept;
  static Moment from_ms(std::int64_t ms) noexcept;
  /// Nanoseconds since 1970, held within 64 bits.
  std::int64_t to_ns() const noexcept;
  /// Milliseconds, rounded down.
  std::int64_t to_ms() const noexcept { return seconds * 1000 + nanos / 1'000'000; }
  Moment plus_seconds(std::int64_t more) const noexcept { return {seconds + more, nanos}; }
};

struct Civil {
  std::int64_t year = 1970;
  unsigned month = 1;
  unsigned day = 1;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
};

Civil civil_of(std::int64_t local_seconds) noexcept;
std::int64_t seconds_of(const Civil& civil) noexcept;

/// 1 is Monday, 7 is Sunday.
unsigned weekday_of(std::int64_t local_seconds) noexcept;

/// The date `months` later, its day moved back where the month is shorter.
Civil plus_months(Civil civil, std::int64_t months) noexcept;

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

enum class CalendarUnit { second, minute, hour, day, week, month, quarter, year };

/// The start of the unit that holds the local time.
std::int64_t floor_to(CalendarUnit unit, std::int64_t local_seconds) noexcept;
/// The start of the unit `count` units after the one that begins at `start`.
std::int64_t add_units(CalendarUnit unit, std::int64_t start, std::int64_t count) noexcept;

}  // namespace iot::query
