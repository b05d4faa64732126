#include "query/date_math.h"

#include <algorithm>
#include <string>

namespace iot::query {
namespace {

/// Moments are held within this many seconds of 1970, far beyond what can be stored, so that sums cannot overflow.
constexpr std::int64_t seconds_max = 400'000'000'000;
constexpr std::int64_t amount_max = 2'147'483'647;

EsError math_error(std::string reason) {
  return EsError(400, "parse_exception", std::move(reason)).on_shard();
}

EsError unreadable(std::string_view text, const DateFormat& format) {
  const std::string inner =
      "failed to parse date field [" + std::string(text) + "] with format [" + format.text() + "]";
  const bool several = format.text().find("||") != std::string::npos;
  return math_error(inner + ": [" + inner + "]")
      .caused_by(illegal_argument(inner).caused_by(
          {400, "date_time_parse_exception",
           several ? "Failed to parse with all enclosed parsers"
                   : "Text '" + std::string(text) + "' could not be parsed at index 0"}));
}

std::optional<CalendarUnit> unit_of(char letter) {
  switch (letter) {
    case 'y':
      return CalendarUnit::year;
    case 'M':
      return CalendarUnit::month;
    case 'w':
      return CalendarUnit::week;
    case 'd':
      return CalendarUnit::day;
    case 'h':
    case 'H':
      return CalendarUnit::hour;
    case 'm':
      return CalendarUnit::minute;
    case 's':
      return CalendarUnit::second;
    default:
      return {};
  }
}

Moment held(Moment moment) {
  moment.seconds = std::clamp(moment.seconds, -seconds_max, seconds_max);
  return moment;
}

/// Adds in local time for days and longer, so that a day later is the same time of day.
Moment add(Moment moment, CalendarUnit unit, std::int64_t amount, const TimeZone& zone) {
  // Longer amounts all end at the same bound.
  const std::int64_t bounded = std::clamp<std::int64_t>(amount, -amount_max, amount_max);
  if (unit == CalendarUnit::second || unit == CalendarUnit::minute || unit == CalendarUnit::hour) {
    return held({add_units(unit, moment.seconds, bounded), moment.nanos});
  }
  const std::int64_t local = add_units(unit, zone.to_local(moment.seconds), bounded);
  return held({zone.to_utc(std::clamp(local, -seconds_max, seconds_max)), moment.nanos});
}

Moment round(Moment moment, CalendarUnit unit, FillUp fill, const TimeZone& zone) {
  const std::int64_t start = floor_to(unit, zone.to_local(moment.seconds));
  if (fill == FillUp::first) return held({zone.to_utc(start), 0});
  return held({zone.to_utc(add_units(unit, start, 1)) - 1, 999'000'000});
}

EsResult<Moment> apply_math(Moment moment, std::string_view math, const DateMathOptions& options) {
  const std::string all(math);
  constexpr std::size_t math_bytes_max = 256;
  if (math.size() > math_bytes_max) return math_error("date math [" + all.substr(0, 32) + "...] is too long");
  while (!math.empty()) {
    const char operation = math.front();
    math.remove_prefix(1);
    if (operation != '/' && operation != '+' && operation != '-') {
      return math_error("operator not supported for date math [" + all + "]");
    }
    if (math.empty()) return math_error("truncated date math [" + all + "]");
    std::int64_t amount = 1;
    if (math.front() >= '0' && math.front() <= '9') {
      amount = 0;
      while (!math.empty() && math.front() >= '0' && math.front() <= '9') {
        amount = std::min(amount * 10 + (math.front() - '0'), amount_max);
        math.remove_prefix(1);
      }
      if (math.empty()) return math_error("truncated date math [" + all + "]");
    }
    if (operation == '/' && amount != 1)
      return math_error("rounding `/` can only be used on single unit types [" + all + "]");
    const char letter = math.front();
    math.remove_prefix(1);
    const auto unit = unit_of(letter);
    if (!unit) return math_error(std::string("unit [") + letter + "] not supported for date math [" + all + "]");
    moment = operation == '/' ? round(moment, *unit, options.fill, options.zone)
                              : add(moment, *unit, operation == '+' ? amount : -amount, options.zone);
  }
  return moment;
}

}  // namespace

EsResult<Moment> evaluate_date(std::string_view text, const DateFormat& format, const DateMathOptions& options) {
  if (text.starts_with("now")) {
    // Elasticsearch's now is a count of milliseconds.
    return apply_math(Moment::from_ms(floor_div(options.now.ns, ns_per_ms)), text.substr(3), options);
  }
  const auto bars = text.find("||");
  const std::string_view date = text.substr(0, bars);
  const std::string_view math = bars == std::string_view::npos ? std::string_view{} : text.substr(bars + 2);
  // With math behind it, even none, the date itself is a point; only the rounding fills up.
  const FillUp fill = bars == std::string_view::npos ? options.fill : FillUp::first;
  const auto parsed = format.read(date, fill, options.zone);
  if (!parsed) return unreadable(text, format);
  return apply_math(held(parsed->moment), math, options);
}

}  // namespace iot::query
