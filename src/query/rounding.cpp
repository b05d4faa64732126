#include "query/rounding.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace iot::query {
namespace {

constexpr std::int64_t forever_ms = std::numeric_limits<std::int64_t>::max();
/// Longer intervals have one bucket anyway, and the arithmetic stays within 64 bits.
constexpr std::int64_t interval_ms_max = 100'000'000'000'000;

std::int64_t to_ms(std::int64_t seconds) {
  constexpr std::int64_t seconds_max = forever_ms / 1000;
  if (seconds > seconds_max) return forever_ms;
  if (seconds < -seconds_max) return -forever_ms;
  return seconds * 1000;
}

/// Months are of different lengths, and so is what is made of them: those are measured in months, the others in
/// milliseconds.
bool is_of_months(CalendarUnit unit) {
  return unit == CalendarUnit::month || unit == CalendarUnit::quarter || unit == CalendarUnit::year;
}

double measure(CalendarUnit unit) {
  switch (unit) {
    case CalendarUnit::second:
      return 1'000;
    case CalendarUnit::minute:
      return 60'000;
    case CalendarUnit::hour:
      return 3'600'000;
    case CalendarUnit::day:
      return 86'400'000;
    case CalendarUnit::week:
      return 7 * 86'400'000.0;
    case CalendarUnit::month:
      return 1;
    case CalendarUnit::quarter:
      return 3;
    case CalendarUnit::year:
      return 12;
  }
  return 1;
}

}  // namespace

std::string_view name_of(CalendarUnit unit) noexcept {
  constexpr std::array<std::string_view, 8> names{"second", "minute", "hour",    "day",
                                                  "week",   "month",  "quarter", "year"};
  return names[static_cast<std::size_t>(unit)];
}

std::optional<std::int64_t> parse_fixed_interval_ms(std::string_view text) {
  std::int64_t count = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count <= 0) return {};
  const std::string_view unit = text.substr(static_cast<std::size_t>(stop - text.data()));
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  for (const auto& [name, ms] : units) {
    if (name == unit) return count > interval_ms_max / ms ? interval_ms_max : count * ms;
  }
  return {};
}

std::optional<CalendarUnit> parse_calendar_interval(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, CalendarUnit>, 16> names{{{"second", CalendarUnit::second},
                                                                             {"1s", CalendarUnit::second},
                                                                             {"minute", CalendarUnit::minute},
                                                                             {"1m", CalendarUnit::minute},
                                                                             {"hour", CalendarUnit::hour},
                                                                             {"1h", CalendarUnit::hour},
                                                                             {"day", CalendarUnit::day},
                                                                             {"1d", CalendarUnit::day},
                                                                             {"week", CalendarUnit::week},
                                                                             {"1w", CalendarUnit::week},
                                                                             {"month", CalendarUnit::month},
                                                                             {"1M", CalendarUnit::month},
                                                                             {"quarter", CalendarUnit::quarter},
                                                                             {"1q", CalendarUnit::quarter},
                                                                             {"year", CalendarUnit::year},
                                                                             {"1y", CalendarUnit::year}}};
  for (const auto& [name, unit] : names) {
    if (name == text) return unit;
  }
  return {};
}

Rounding::Rounding(std::int64_t interval_ms, TimeZone zone, std::int64_t offset_ms)
    : interval_ms_(interval_ms), zone_(zone), offset_ms_(offset_ms) {}

Rounding::Rounding(CalendarUnit unit, TimeZone zone, std::int64_t offset_ms)
    : unit_(unit), is_calendar_(true), zone_(zone), offset_ms_(offset_ms) {
  // Units below a day repeat themselves when clocks are set back; as plain intervals both passes keep their own bucket.
  if (unit == CalendarUnit::second) interval_ms_ = 1000;
  if (unit == CalendarUnit::minute) interval_ms_ = 60'000;
  if (unit == CalendarUnit::hour) interval_ms_ = 3'600'000;
}

Rounding::Piece Rounding::interval_piece(std::int64_t time_ms) const {
  if (zone_.is_fixed()) {
    const std::int64_t shift = to_ms(zone_.stretch_at(0).offset_s);
    const std::int64_t key = floor_div(time_ms + shift, interval_ms_) * interval_ms_ - shift;
    return {key, key + interval_ms_};
  }
  const TimeZone::Stretch stretch = zone_.stretch_at(floor_div(time_ms, 1000));
  const std::int64_t shift = stretch.offset_s * 1000;
  const std::int64_t local = floor_div(time_ms + shift, interval_ms_) * interval_ms_;
  const std::int64_t end = std::min(local + interval_ms_ - shift, to_ms(stretch.end_s));
  // The bucket may have begun before the clocks were last changed: then it began at the latest moment with that local
  // time.
  if (local - shift >= to_ms(stretch.begin_s)) return {local - shift, end};
  const std::int64_t local_s = floor_div(local, 1000);
  std::int64_t key = to_ms(stretch.begin_s);
  for (const std::int64_t moment : zone_.moments_of(local_s)) {
    if (const std::int64_t moment_ms = moment * 1000 + (local - local_s * 1000); moment_ms <= time_ms) key = moment_ms;
  }
  return {key, end};
}

Rounding::Piece Rounding::calendar_piece(std::int64_t time_ms) const {
  const std::int64_t local = zone_.to_local(floor_div(time_ms, 1000));
  const std::int64_t start = floor_to(unit_, local);
  return {zone_.to_utc(start) * 1000, zone_.to_utc(add_units(unit_, start, 1)) * 1000};
}

Rounding::Piece Rounding::piece_at(std::int64_t time_ms) const {
  const std::int64_t shifted = time_ms - offset_ms_;
  const Piece piece = interval_ms_ > 0 ? interval_piece(shifted) : calendar_piece(shifted);
  return {piece.key_ms + offset_ms_, piece.end_ms >= forever_ms ? forever_ms : piece.end_ms + offset_ms_};
}

std::int64_t Rounding::next_key(std::int64_t key_ms) const {
  Piece piece = piece_at(key_ms);
  // A change of the clocks may end a piece in the middle of its bucket.
  while (true) {
    const Piece next = piece_at(piece.end_ms);
    if (next.key_ms > key_ms) return next.key_ms;
    piece = next;
  }
}

EsResult<double> Rounding::length_in(CalendarUnit unit, std::optional<std::int64_t> key_ms) const {
  const std::string asked(name_of(unit));
  if (!is_calendar_) {
    if (!is_of_months(unit)) return static_cast<double>(interval_ms_) / measure(unit);
    return illegal_argument("Cannot use month-based rate unit [" + asked +
                            "] with fixed interval based histogram, only week, day, hour, minute and second are "
                            "supported for this histogram")
        .on_shard();
  }
  const std::string own(name_of(unit_));
  if (is_of_months(unit_) == is_of_months(unit)) return measure(unit_) / measure(unit);
  if (is_of_months(unit)) {
    return illegal_argument("Cannot use month-based rate unit [" + asked +
                            "] with non-month based calendar interval histogram [" + own +
                            "] only week, day, hour, minute and second are supported for this histogram")
        .on_shard();
  }
  if (key_ms) return static_cast<double>(next_key(*key_ms) - *key_ms) / measure(unit);
  return illegal_argument("Cannot use non month-based rate unit [" + asked + "] with calendar interval histogram [" +
                          own + "] only month, quarter and year are supported for this histogram")
      .on_shard();
}

}  // namespace iot::query
