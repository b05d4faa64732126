#include "query/calendar.h"

#include <algorithm>
#include <limits>

#include "base/time_text.h"

namespace iot::query {

Moment Moment::from_ns(std::int64_t ns) noexcept {
  const std::int64_t seconds = floor_div(ns, ns_per_s);
  return {seconds, static_cast<std::int32_t>(ns - seconds * ns_per_s)};
}

Moment Moment::from_ms(std::int64_t ms) noexcept {
  const std::int64_t seconds = floor_div(ms, 1000);
  return {seconds, static_cast<std::int32_t>((ms - seconds * 1000) * ns_per_ms)};
}

std::int64_t Moment::to_ns() const noexcept {
  constexpr std::int64_t seconds_max = std::numeric_limits<std::int64_t>::max() / ns_per_s;
  if (seconds > seconds_max ||
      (seconds == seconds_max && nanos > std::numeric_limits<std::int64_t>::max() % ns_per_s)) {
    return std::numeric_limits<std::int64_t>::max();
  }
  if (seconds < -seconds_max) return std::numeric_limits<std::int64_t>::min();
  return seconds * ns_per_s + nanos;
}

Civil civil_of(std::int64_t local_seconds) noexcept {
  const std::int64_t days = floor_div(local_seconds, seconds_per_day);
  const auto rest = static_cast<unsigned>(local_seconds - days * seconds_per_day);
  // Years of March to February in eras of 400 years, so that the leap day comes last.
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = floor_div(shifted, 146'097);
  const auto day_of_era = static_cast<unsigned>(shifted - era * 146'097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  Civil civil;
  civil.day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  civil.month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  civil.year = era * 400 + year_of_era + (civil.month <= 2 ? 1 : 0);
  civil.hour = rest / 3600;
  civil.minute = rest / 60 % 60;
  civil.second = rest % 60;
  return civil;
}

std::int64_t seconds_of(const Civil& civil) noexcept {
  return days_from_civil(civil.year, civil.month, civil.day) * seconds_per_day + civil.hour * 3600 + civil.minute * 60 +
         civil.second;
}

unsigned weekday_of(std::int64_t local_seconds) noexcept {
  const std::int64_t days = floor_div(local_seconds, seconds_per_day);
  // 1970-01-01 was a Thursday.
  return static_cast<unsigned>(days + 3 - floor_div(days + 3, 7) * 7) + 1;
}

Civil plus_months(Civil civil, std::int64_t months) noexcept {
  const std::int64_t index = civil.year * 12 + (civil.month - 1) + months;
  civil.year = floor_div(index, 12);
  civil.month = static_cast<unsigned>(index - civil.year * 12) + 1;
  civil.day = std::min(civil.day, days_in_month(civil.year, civil.month));
  return civil;
}

std::int64_t floor_to(CalendarUnit unit, std::int64_t local_seconds) noexcept {
  const auto floor_seconds = [&](std::int64_t length) { return floor_div(local_seconds, length) * length; };
  switch (unit) {
    case CalendarUnit::second:
      return local_seconds;
    case CalendarUnit::minute:
      return floor_seconds(60);
    case CalendarUnit::hour:
      return floor_seconds(3600);
    case CalendarUnit::day:
      return floor_seconds(seconds_per_day);
    case CalendarUnit::week:
      return floor_seconds(seconds_per_day) - (weekday_of(local_seconds) - 1) * seconds_per_day;
    case CalendarUnit::month:
    case CalendarUnit::quarter:
    case CalendarUnit::year:
      break;
  }
  const Civil civil = civil_of(local_seconds);
  unsigned month = civil.month;
  if (unit == CalendarUnit::quarter) month = (month - 1) / 3 * 3 + 1;
  if (unit == CalendarUnit::year) month = 1;
  return seconds_of({civil.year, month, 1});
}

std::int64_t add_units(CalendarUnit unit, std::int64_t start, std::int64_t count) noexcept {
  switch (unit) {
    case CalendarUnit::second:
      return start + count;
    case CalendarUnit::minute:
      return start + count * 60;
    case CalendarUnit::hour:
      return start + count * 3600;
    case CalendarUnit::day:
      return start + count * seconds_per_day;
    case CalendarUnit::week:
      return start + count * 7 * seconds_per_day;
    case CalendarUnit::month:
      return seconds_of(plus_months(civil_of(start), count));
    case CalendarUnit::quarter:
      return seconds_of(plus_months(civil_of(start), count * 3));
    case CalendarUnit::year:
      return seconds_of(plus_months(civil_of(start), count * 12));
  }
  return start;
}

}  // namespace iot::query
