#include "query/date_interval.h"

#include <string>

#include "query/query_options.h"

namespace iot::query {
namespace {

/// "+6h", "-1d", "90m", or milliseconds.
EsResult<std::int64_t> read_offset(std::string_view type, const JsonMember& member) {
  ES_TRY(const std::string text, read_text(type, member));
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  auto ms = parse_fixed_interval_ms(rest);
  // Here, where it moves nothing, nothing is an amount of time.
  if (!ms && (rest == "0ms" || rest == "0s" || rest == "0m" || rest == "0h" || rest == "0d")) ms = 0;
  // As text, an amount of time has a unit.
  if (!ms && (member.value.is_number() || rest == "0")) ms = parse_whole(rest);
  constexpr std::int64_t offset_ms_max = 100'000'000'000'000;
  if (!ms || *ms > offset_ms_max || *ms < 0) {
    return failed_field(type, member,
                        illegal_argument("failed to parse setting [offset] with value [" + text + "] as a time value"));
  }
  return negative ? -*ms : *ms;
}

}  // namespace

EsResult<bool> DateInterval::take(std::string_view type, const JsonMember& member) {
  if (member.name == "fixed_interval" || member.name == "calendar_interval") {
    ES_CHECK(read_interval(type, member));
  } else if (member.name == "offset") {
    ES_TRY(offset_ms_, read_offset(type, member));
  } else if (member.name == "time_zone") {
    ES_TRY(zone_, read_time_zone(type, member));
    has_zone_ = true;
  } else {
    return false;
  }
  return true;
}

EsResult<Rounding> DateInterval::rounding(std::int64_t offset_ms) const {
  if (calendar_) return Rounding(*calendar_, zone_, offset_ms);
  if (fixed_ms_) return Rounding(*fixed_ms_, zone_, offset_ms);
  return illegal_argument("Invalid interval specified, must be non-null and non-empty").on_shard();
}

EsResult<void> DateInterval::read_interval(std::string_view type, const JsonMember& member) {
  ES_TRY(const std::string text, read_text(type, member));
  if (fixed_ms_ || calendar_) {
    return failed_field(type, member,
                        illegal_argument("Cannot use [fixed_interval] with [calendar_interval] configuration option."));
  }
  if (member.name == "calendar_interval") {
    calendar_ = parse_calendar_interval(text);
    if (calendar_) return {};
    return failed_field(
        type, member,
        illegal_argument("The supplied interval [" + text + "] could not be parsed as a calendar interval."));
  }
  fixed_ms_ = parse_fixed_interval_ms(text);
  if (fixed_ms_) return {};
  // Elasticsearch takes what stands before the last letter for a number, and says so.
  const bool ends_in_unit = text.ends_with('s') || text.ends_with('m') || text.ends_with('h') || text.ends_with('d');
  if (!ends_in_unit) {
    return failed_field(type, member,
                        illegal_argument("failed to parse setting [date_histogram.fixedInterval] with value [" + text +
                                         "] as a time value: unit is missing or unrecognized"));
  }
  const std::string number = text.substr(0, text.size() - (text.ends_with("ms") ? 2 : 1));
  return failed_field(type, member, illegal_argument("failed to parse [" + text + "]").caused_by(not_a_number(number)));
}

}  // namespace iot::query
