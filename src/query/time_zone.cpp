#include "query/time_zone.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

#include <date/tz.h>

#include "query/calendar.h"

namespace iot::query {
namespace {

/// Rules are asked for within years that every library can count in; outside, the zone stays as at the edge.
constexpr std::int64_t rules_from_s = -62'135'596'800;  // year 1
constexpr std::int64_t rules_until_s = 32'503'680'000;  // year 3000
/// The files of the system list changes up to 2037; later years repeat those of an earlier year that has the same
/// calendar.
constexpr std::int64_t last_listed_year = 2036;
constexpr std::int64_t calendar_years = 28;

std::int64_t year_start_s(std::int64_t year) {
  Civil civil;
  civil.year = year;
  civil.month = civil.day = 1;
  return seconds_of(civil);
}

/// A listed year with the same weekdays and as many days: every combination comes within 28 years.
std::int64_t listed_year_like(std::int64_t year) {
  for (std::int64_t listed = last_listed_year; listed > last_listed_year - calendar_years; --listed) {
    const bool same_days =
        year_start_s(listed + 1) - year_start_s(listed) == year_start_s(year + 1) - year_start_s(year);
    if (same_days && weekday_of(year_start_s(listed)) == weekday_of(year_start_s(year))) {
      return listed;
    }
  }
  return last_listed_year;
}

std::optional<unsigned> two_digits(std::string_view text) {
  if (text.empty() || text.size() > 2) return {};
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return {};
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

/// "+01:00", "+0100", "+01", "+1"; seconds ahead of UTC.
std::optional<std::int64_t> parse_offset(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return {};
  const std::int64_t sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  std::string_view hours = text;
  std::string_view minutes = "00";
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    hours = text.substr(0, colon);
    minutes = text.substr(colon + 1);
    if (hours.size() != 2 || minutes.size() != 2) return {};
  } else if (text.size() == 4) {
    hours = text.substr(0, 2);
    minutes = text.substr(2);
  }
  const auto h = two_digits(hours);
  const auto m = two_digits(minutes);
  if (!h || !m || *h > 18 || *m > 59 || (*h == 18 && *m > 0)) return {};
  return sign * (std::int64_t{*h} * 3600 + *m * 60);
}

}  // namespace

std::optional<TimeZone> TimeZone::parse(std::string_view name) {
  TimeZone zone;
  if (name == "Z" || name == "z" || name == "UTC" || name == "GMT" || name == "UT") return zone;
  std::string_view offset = name;
  for (const std::string_view prefix : {"UTC", "GMT", "UT"}) {
    if (name.size() > prefix.size() && name.starts_with(prefix)) {
      offset.remove_prefix(prefix.size());
      break;
    }
  }
  if (const auto seconds = parse_offset(offset)) {
    zone.fixed_offset_s_ = *seconds;
    return zone;
  }
  // A name is looked up as a file by the library: nothing that could be a way out of its folder goes there.
  if (name.empty() || name.size() > 64 || name[0] == '/' || name.find("..") != std::string_view::npos) return {};
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                       c == '_' || c == '-' || c == '+';
    if (!plain) return {};
  }
  try {
    zone.zone_ = date::locate_zone(std::string(name));
  } catch (const std::exception&) {
    return {};
  }
  return zone;
}

TimeZone::Stretch TimeZone::stretch_at(std::int64_t utc_seconds) const {
  constexpr std::int64_t forever = std::numeric_limits<std::int64_t>::max();
  if (!zone_) return {fixed_offset_s_, -forever, forever};
  const std::int64_t asked = std::min(std::max(utc_seconds, rules_from_s), rules_until_s);
  const std::int64_t year = civil_of(asked).year;
  if (year > last_listed_year) {
    const std::int64_t begin = year_start_s(year);
    const std::int64_t moved = begin - year_start_s(listed_year_like(year));
    const std::int64_t end = asked == rules_until_s ? forever : year_start_s(year + 1);
    const date::sys_info info = zone_->get_info(date::sys_seconds(std::chrono::seconds(asked - moved)));
    return {info.offset.count(), std::max(info.begin.time_since_epoch().count() + moved, begin),
            std::min(info.end.time_since_epoch().count() + moved, end)};
  }
  const date::sys_info info = zone_->get_info(date::sys_seconds(std::chrono::seconds(asked)));
  Stretch stretch{info.offset.count(), info.begin.time_since_epoch().count(), info.end.time_since_epoch().count()};
  if (stretch.begin_s <= rules_from_s) stretch.begin_s = -forever;
  stretch.end_s = std::min(stretch.end_s, year_start_s(last_listed_year + 1));
  return stretch;
}

std::vector<std::int64_t> TimeZone::moments_of(std::int64_t local_seconds) const {
  if (!zone_) return {local_seconds - fixed_offset_s_};
  std::vector<std::int64_t> moments;
  // No zone is more than 18 hours from UTC, so the stretches at both ends of that window hold all candidates.
  constexpr std::int64_t window_s = 18 * 3600;
  Stretch stretch = stretch_at(local_seconds - window_s);
  while (true) {
    const std::int64_t moment = local_seconds - stretch.offset_s;
    if (moment >= stretch.begin_s && moment < stretch.end_s) moments.push_back(moment);
    if (stretch.end_s > local_seconds + window_s) return moments;
    stretch = stretch_at(stretch.end_s);
  }
}

std::int64_t TimeZone::to_utc(std::int64_t local_seconds) const {
  const auto moments = moments_of(local_seconds);
  if (!moments.empty()) return moments.front();
  // Left out: read on the clock as it stood before the change.
  Stretch stretch = stretch_at(local_seconds - 18 * 3600);
  while (local_seconds - stretch.offset_s >= stretch.end_s) {
    const Stretch next = stretch_at(stretch.end_s);
    if (local_seconds - next.offset_s < next.begin_s) return local_seconds - stretch.offset_s;
    stretch = next;
  }
  return local_seconds - stretch.offset_s;
}

}  // namespace iot::query
