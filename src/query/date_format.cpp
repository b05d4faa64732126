#include "query/date_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include "query/date_pattern.h"

namespace iot::query {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 25> named_patterns{{
    {"date", "yyyy-MM-dd"},
    {"strict_date", "yyyy-MM-dd"},
    {"year_month_day", "yyyy-MM-dd"},
    {"strict_year_month_day", "yyyy-MM-dd"},
    {"year_month", "yyyy-MM"},
    {"strict_year_month", "yyyy-MM"},
    {"year", "yyyy"},
    {"strict_year", "yyyy"},
    {"basic_date", "yyyyMMdd"},
    {"basic_date_time", "yyyyMMdd'T'HHmmss.SSSXX"},
    {"basic_date_time_no_millis", "yyyyMMdd'T'HHmmssXX"},
    {"date_time", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"},
    {"strict_date_time", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"},
    {"date_time_no_millis", "yyyy-MM-dd'T'HH:mm:ssXXX"},
    {"strict_date_time_no_millis", "yyyy-MM-dd'T'HH:mm:ssXXX"},
    {"date_hour_minute_second", "yyyy-MM-dd'T'HH:mm:ss"},
    {"strict_date_hour_minute_second", "yyyy-MM-dd'T'HH:mm:ss"},
    {"date_hour_minute_second_millis", "yyyy-MM-dd'T'HH:mm:ss.SSS"},
    {"strict_date_hour_minute_second_millis", "yyyy-MM-dd'T'HH:mm:ss.SSS"},
    {"date_hour_minute_second_fraction", "yyyy-MM-dd'T'HH:mm:ss.SSS"},
    {"strict_date_hour_minute_second_fraction", "yyyy-MM-dd'T'HH:mm:ss.SSS"},
    {"date_hour_minute", "yyyy-MM-dd'T'HH:mm"},
    {"strict_date_hour_minute", "yyyy-MM-dd'T'HH:mm"},
    {"date_hour", "yyyy-MM-dd'T'HH"},
    {"strict_date_hour", "yyyy-MM-dd'T'HH"},
}};

/// Takes digits and separators off the front of an ISO 8601 text.
class IsoReader {
 public:
  explicit IsoReader(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }
  bool take(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::optional<unsigned> digits(std::size_t count) {
    if (text_.size() < count) return {};
    unsigned value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (text_[i] < '0' || text_[i] > '9') return {};
      value = value * 10 + static_cast<unsigned>(text_[i] - '0');
    }
    text_.remove_prefix(count);
    return value;
  }
  std::optional<std::int32_t> fraction() {
    std::int32_t nanos = 0;
    std::size_t count = 0;
    while (count < 9 && !text_.empty() && text_[0] >= '0' && text_[0] <= '9') {
      nanos = nanos * 10 + (text_[0] - '0');
      text_.remove_prefix(1);
      ++count;
    }
    if (count == 0) return {};
    for (; count < 9; ++count) nanos *= 10;
    return nanos;
  }
  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
};

/// strict_date_optional_time: from the right, each part may be left out; with `whole_time`, as the variant for
/// nanoseconds wants it, a time of day has its seconds.
std::optional<DateParts> read_optional_time(std::string_view text, bool whole_time) {
  IsoReader in(text);
  DateParts parts;
  const auto year = in.digits(4);
  if (!year) return {};
  parts.year = *year;
  if (in.at_end()) return parts;
  if (in.take('-')) {
    if (!(parts.month = in.digits(2))) return {};
    if (in.at_end()) return parts;
    if (in.take('-')) {
      if (!(parts.day = in.digits(2))) return {};
      if (in.at_end()) return parts;
    }
  }
  if (!in.take('T')) return {};
  if (in.at_end()) return whole_time ? std::nullopt : std::optional(parts);
  if (!(parts.hour = in.digits(2))) return {};
  if (in.take(':')) {
    if (!(parts.minute = in.digits(2))) return {};
    if (in.take(':')) {
      if (!(parts.second = in.digits(2))) return {};
      if (in.take('.') || in.take(',')) {
        if (!(parts.nanos = in.fraction())) return {};
      }
    }
  }
  if (whole_time && !parts.second) return {};
  if (in.at_end()) return parts;
  parts.zone = TimeZone::parse(in.rest());
  return parts.zone ? std::optional(parts) : std::nullopt;
}

/// Decimal seconds or milliseconds since 1970, with a fraction.
std::optional<Moment> read_epoch(std::string_view text, std::int64_t units_per_second, FillUp fill) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::int64_t units = 0;
  const auto [stop, error] = std::from_chars(whole.data(), whole.data() + whole.size(), units);
  // Longer than any moment that can be stored, and short enough for the arithmetic.
  if (error != std::errc{} || stop != whole.data() + whole.size() || whole.size() > 17 || units < 0) return {};
  const std::int64_t unit_ns = ns_per_s / units_per_second;
  std::int64_t nanos = fill == FillUp::last ? unit_ns - 1 : 0;
  if (point != std::string_view::npos) {
    const std::string_view digits = text.substr(point + 1);
    if (digits.empty() || digits.size() > 9) return {};
    nanos = 0;
    std::int64_t weight = unit_ns;
    for (const char c : digits) {
      if (c < '0' || c > '9') return {};
      weight /= 10;
      nanos += (c - '0') * weight;
    }
  }
  const std::int64_t seconds = units / units_per_second;
  const std::int64_t rest_ns = units % units_per_second * unit_ns + nanos;
  if (!negative) return Moment{seconds, static_cast<std::int32_t>(rest_ns)};
  return rest_ns == 0 ? Moment{-seconds, 0} : Moment{-seconds - 1, static_cast<std::int32_t>(ns_per_s - rest_ns)};
}

/// Three digits of fraction at least, `digits_max` at most, and no zeros at the end beyond the third.
std::string write_iso(Moment moment, const TimeZone& zone, std::size_t digits_max) {
  const std::int64_t offset_s = zone.stretch_at(moment.seconds).offset_s;
  const Civil civil = civil_of(moment.seconds + offset_s);
  std::array<char, 64> text;
  const int length = std::snprintf(text.data(), text.size(), "%s%04lld-%02u-%02uT%02u:%02u:%02u.%09d",
                                   civil.year > 9999 ? "+" : "", static_cast<long long>(civil.year), civil.month,
                                   civil.day, civil.hour, civil.minute, civil.second, moment.nanos);
  std::string iso(text.data(), static_cast<std::size_t>(length));
  const std::size_t length_min = iso.size() - 6;
  iso.resize(length_min - 3 + digits_max);
  while (iso.size() > length_min && iso.back() == '0') iso.pop_back();
  return iso + write_zone_offset(offset_s, true, true);
}

/// A count of units, and what is left of one as its fraction, which has `digits` digits.
std::string write_epoch(std::int64_t units, std::int32_t rest, std::size_t digits) {
  std::string text = std::to_string(units);
  if (rest == 0) return text;
  std::string fraction = std::to_string(rest);
  fraction.insert(0, digits - fraction.size(), '0');
  while (fraction.back() == '0') fraction.pop_back();
  return text + "." + fraction;
}

std::string write_epoch_second(Moment moment) {
  if (moment.seconds >= 0 || moment.nanos == 0) return write_epoch(moment.seconds, moment.nanos, 9);
  // Before 1970 the fraction counts downwards.
  const std::string text = write_epoch(-moment.seconds - 1, ns_per_s - moment.nanos, 9);
  return "-" + text;
}

EsResult<DateFormat::Alternative> alternative(std::string_view name) {
  using Kind = DateFormat::Kind;
  if (name == "strict_date_optional_time" || name == "date_optional_time" || name == "iso8601") {
    return DateFormat::Alternative{Kind::optional_time, nullptr};
  }
  if (name == "strict_date_optional_time_nanos") return DateFormat::Alternative{Kind::optional_time_nanos, nullptr};
  if (name == "epoch_millis") return DateFormat::Alternative{Kind::epoch_millis, nullptr};
  if (name == "epoch_second") return DateFormat::Alternative{Kind::epoch_second, nullptr};
  const Kind kind = name == "strict_date_time" ? Kind::date_time_nanos : Kind::pattern;
  for (const auto& [known, pattern] : named_patterns) {
    if (known == name) name = pattern;
  }
  ES_TRY(std::vector<DateFormat::Item> items, compile_date_pattern(name));
  return DateFormat::Alternative{kind, std::make_shared<const std::vector<DateFormat::Item>>(std::move(items))};
}

DateFormat known_format(std::string_view text) {
  auto format = DateFormat::parse(text);
  return std::move(format.value());
}

}  // namespace

EsResult<DateFormat> DateFormat::parse(std::string_view formats) {
  DateFormat format;
  format.text_ = formats;
  constexpr std::size_t alternatives_max = 16;
  while (true) {
    const auto bars = formats.find("||");
    ES_TRY(Alternative next, alternative(formats.substr(0, bars)));
    format.alternatives_.push_back(std::move(next));
    if (bars == std::string_view::npos) return format;
    if (format.alternatives_.size() == alternatives_max)
      return illegal_argument("Invalid format: too many alternatives");
    formats.remove_prefix(bars + 2);
  }
}

const DateFormat& DateFormat::date_nanos() {
  static const DateFormat format = known_format("strict_date_optional_time_nanos||epoch_millis");
  return format;
}

const DateFormat& DateFormat::date_millis() {
  static const DateFormat format = known_format("strict_date_optional_time||epoch_millis");
  return format;
}

const DateFormat& DateFormat::milliseconds() {
  static const DateFormat format = known_format("epoch_millis");
  return format;
}

std::optional<ParsedDate> DateFormat::read(std::string_view text, FillUp fill, const TimeZone& zone) const {
  for (const Alternative& next : alternatives_) {
    std::optional<DateParts> parts;
    switch (next.kind) {
      case Kind::optional_time:
        parts = read_optional_time(text, false);
        break;
      case Kind::optional_time_nanos:
        parts = read_optional_time(text, true);
        break;
      case Kind::date_time_nanos:
      case Kind::pattern:
        parts = read_date_pattern(*next.items, text);
        break;
      case Kind::epoch_millis:
        if (const auto moment = read_epoch(text, 1000, fill)) return ParsedDate{*moment, TimeZone()};
        break;
      case Kind::epoch_second:
        if (const auto moment = read_epoch(text, 1, fill)) return ParsedDate{*moment, TimeZone()};
        break;
    }
    if (!parts) continue;
    if (auto date = parts->resolve(fill, zone)) return date;
  }
  return {};
}

std::string DateFormat::write(Moment moment, const TimeZone& zone) const {
  const Alternative& first = alternatives_.front();
  switch (first.kind) {
    case Kind::optional_time:
      return write_iso(moment, zone, 3);
    case Kind::optional_time_nanos:
    case Kind::date_time_nanos:
      return write_iso(moment, zone, 9);
    case Kind::epoch_millis:
      return write_epoch(moment.to_ms(), moment.nanos % 1'000'000, 6);
    case Kind::epoch_second:
      return write_epoch_second(moment);
    case Kind::pattern:
      return write_date_pattern(*first.items, moment, zone);
  }
  return {};
}

bool DateFormat::is_epoch() const noexcept {
  return alternatives_.front().kind == Kind::epoch_millis || alternatives_.front().kind == Kind::epoch_second;
}

}  // namespace iot::query
