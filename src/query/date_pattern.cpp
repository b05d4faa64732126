#include "query/date_pattern.h"

#include <array>
#include <cstdio>

#include "base/time_text.h"

namespace iot::query {
namespace {

using Item = DateFormat::Item;

constexpr std::array<std::string_view, 12> month_names{"January",   "February", "March",    "April",
                                                       "May",       "June",     "July",     "August",
                                                       "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> weekday_names{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                        "Friday", "Saturday", "Sunday"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// How deep brackets may be nested, and how long a pattern may be: nobody writes more, and reading backtracks.
constexpr unsigned optional_depth_max = 4;
constexpr std::size_t pattern_bytes_max = 256;

class Compiler {
 public:
  explicit Compiler(std::string_view pattern) : pattern_(pattern) {}

  EsResult<std::vector<Item>> run() {
    if (pattern_.empty()) return illegal_argument("No date pattern provided");
    if (pattern_.size() > pattern_bytes_max) return illegal_argument("Invalid format: a pattern may have 256 bytes");
    ES_TRY(std::vector<Item> items, sequence(0));
    if (at_ != pattern_.size()) return invalid("Pattern invalid as it contains ] without previous [");
    return items;
  }

 private:
  EsError invalid(const std::string& why) const {
    return illegal_argument("Invalid format: [" + std::string(pattern_) + "]: " + why);
  }

  EsResult<std::vector<Item>> sequence(unsigned depth) {
    std::vector<Item> items;
    while (at_ < pattern_.size()) {
      const char c = pattern_[at_];
      if (c == ']') return items;
      if (c == '[') {
        if (depth == optional_depth_max) return invalid("optional parts are nested too deep");
        ++at_;
        Item optional{.kind = Item::Kind::optional, .literal = {}, .items = {}};
        ES_TRY(optional.items, sequence(depth + 1));
        if (at_ == pattern_.size()) return items.push_back(std::move(optional)), std::move(items);
        ++at_;
        items.push_back(std::move(optional));
      } else if (c == '\'') {
        ES_CHECK(quoted(items));
      } else if (is_letter(c)) {
        ES_CHECK(field(items));
      } else {
        items.push_back({.kind = Item::Kind::literal, .literal = std::string(1, c), .items = {}});
        ++at_;
      }
    }
    return items;
  }

  EsResult<void> quoted(std::vector<Item>& items) {
    std::string text;
    const std::size_t start = ++at_;
    while (true) {
      if (at_ == pattern_.size()) return invalid("Pattern ends with an incomplete string literal");
      if (pattern_[at_] == '\'') {
        if (at_ + 1 < pattern_.size() && pattern_[at_ + 1] == '\'') {
          text += '\'';
          at_ += 2;
          continue;
        }
        break;
      }
      text += pattern_[at_++];
    }
    if (at_ == start) text = "'";
    ++at_;
    items.push_back({.kind = Item::Kind::literal, .literal = std::move(text), .items = {}});
    return {};
  }

  EsResult<void> field(std::vector<Item>& items) {
    const char letter = pattern_[at_];
    const std::size_t start = at_;
    while (at_ < pattern_.size() && pattern_[at_] == letter) ++at_;
    const auto width = static_cast<unsigned>(at_ - start);
    constexpr std::string_view known = "yuMLdEHkhamsSnXxZz";
    if (known.find(letter) == std::string_view::npos) {
      return invalid(std::string("Unknown pattern letter: ") + letter);
    }
    if (width > 9) return invalid(std::string("Too many pattern letters: ") + letter);
    items.push_back({.kind = Item::Kind::field, .literal = {}, .letter = letter, .width = width, .items = {}});
    return {};
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool read(const std::vector<Item>& items, DateParts& parts) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const Item& item = items[i];
      if (item.kind == Item::Kind::literal) {
        if (!text_.substr(at_).starts_with(item.literal)) return false;
        at_ += item.literal.size();
      } else if (item.kind == Item::Kind::optional) {
        const std::size_t start = at_;
        const DateParts before = parts;
        if (!read(item.items, parts)) {
          at_ = start;
          parts = before;
        }
      } else {
        // Digits of the next field may follow at once: then this one is exactly as wide as its letters.
        const bool tight = i + 1 < items.size() && items[i + 1].kind == Item::Kind::field;
        if (!field(item, tight, parts)) return false;
      }
    }
    return true;
  }

  bool at_end() const { return at_ == text_.size(); }

 private:
  std::optional<std::int64_t> number(std::size_t width_min, std::size_t width_max) {
    std::int64_t value = 0;
    std::size_t count = 0;
    while (count < width_max && at_ < text_.size() && is_digit(text_[at_])) {
      value = value * 10 + (text_[at_++] - '0');
      ++count;
    }
    if (count < width_min) return {};
    return value;
  }

  template <std::size_t N>
  std::optional<unsigned> name(const std::array<std::string_view, N>& names, bool whole) {
    for (std::size_t i = 0; i < N; ++i) {
      const std::string_view wanted = whole ? names[i] : names[i].substr(0, 3);
      if (text_.substr(at_).starts_with(wanted)) {
        at_ += wanted.size();
        return static_cast<unsigned>(i + 1);
      }
    }
    return {};
  }

  bool small(std::optional<unsigned>& part, const Item& item, bool tight) {
    const auto value = number(item.width == 1 ? 1 : item.width, tight || item.width > 1 ? item.width : 2);
    if (!value) return false;
    part = static_cast<unsigned>(*value);
    return true;
  }

  bool zone(const Item& item, DateParts& parts) {
    const std::string_view rest = text_.substr(at_);
    if (item.letter == 'z') {
      std::size_t length = 0;
      while (length < rest.size() && (is_letter(rest[length]) || is_digit(rest[length]) ||
                                      std::string_view("/_+-:").find(rest[length]) != std::string_view::npos)) {
        ++length;
      }
      parts.zone = TimeZone::parse(rest.substr(0, length));
      at_ += length;
      return parts.zone.has_value();
    }
    if (rest.starts_with('Z') && (item.letter == 'X' || item.width == 5)) {
      ++at_;
      parts.zone = TimeZone();
      return true;
    }
    const bool colon = item.letter == 'Z' ? item.width == 5 : item.width == 3 || item.width == 5;
    const std::size_t length = colon ? 6 : item.width == 1 && item.letter != 'Z' && rest.size() < 5 ? 3 : 5;
    if (rest.size() < length || (rest[0] != '+' && rest[0] != '-') || (rest[length > 3 ? 3 : 2] == ':') != colon) {
      return false;
    }
    parts.zone = TimeZone::parse(rest.substr(0, length));
    at_ += length;
    return parts.zone.has_value();
  }

  bool fraction(unsigned width, DateParts& parts) {
    std::int64_t nanos = 0;
    for (unsigned i = 0; i < 9; ++i) {
      std::int64_t digit = 0;
      if (i < width) {
        if (at_ == text_.size() || !is_digit(text_[at_])) return false;
        digit = text_[at_++] - '0';
      }
      nanos = nanos * 10 + digit;
    }
    parts.nanos = static_cast<std::int32_t>(nanos);
    return true;
  }

  bool year(const Item& item, bool tight, DateParts& parts) {
    const auto value = number(item.width, item.width == 2 ? 2 : tight ? item.width : std::max(item.width, 4u));
    if (!value) return false;
    parts.year = item.width == 2 ? 2000 + *value : *value;
    return true;
  }

  bool field(const Item& item, bool tight, DateParts& parts) {
    switch (item.letter) {
      case 'y':
      case 'u':
        return year(item, tight, parts);
      case 'M':
      case 'L':
        if (item.width < 3) return small(parts.month, item, tight);
        return (parts.month = name(month_names, item.width > 3)).has_value();
      case 'd':
        return small(parts.day, item, tight);
      case 'E':
        return name(weekday_names, item.width > 3).has_value();
      case 'H':
      case 'k':
        return small(parts.hour, item, tight);
      case 'h':
        return small(parts.half_day_hour, item, tight);
      case 'a': {
        const std::string_view half = text_.substr(at_, 2);
        if (half != "AM" && half != "PM") return false;
        parts.afternoon = half == "PM";
        at_ += 2;
        return true;
      }
      case 'm':
        return small(parts.minute, item, tight);
      case 's':
        return small(parts.second, item, tight);
      case 'S':
        return fraction(item.width, parts);
      case 'n': {
        const auto value = number(1, 9);
        if (value) parts.nanos = static_cast<std::int32_t>(*value);
        return value.has_value();
      }
      default:
        return zone(item, parts);
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string padded(std::int64_t value, unsigned width) {
  std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

std::string write_field(const Item& item, const Civil& civil, std::int64_t local, std::int32_t nanos,
                        std::int64_t offset_s) {
  switch (item.letter) {
    case 'y':
    case 'u':
      if (item.width == 2) return padded(civil.year % 100, 2);
      return (item.width == 4 && civil.year > 9999 ? "+" : "") + padded(civil.year, item.width);
    case 'M':
    case 'L':
      if (item.width < 3) return padded(civil.month, item.width);
      return std::string(item.width == 3 ? month_names[civil.month - 1].substr(0, 3) : month_names[civil.month - 1]);
    case 'd':
      return padded(civil.day, item.width);
    case 'E': {
      const std::string_view day = weekday_names[weekday_of(local) - 1];
      return std::string(item.width < 4 ? day.substr(0, 3) : day);
    }
    case 'H':
      return padded(civil.hour, item.width);
    case 'k':
      return padded(civil.hour == 0 ? 24 : civil.hour, item.width);
    case 'h':
      return padded(civil.hour % 12 == 0 ? 12 : civil.hour % 12, item.width);
    case 'a':
      return civil.hour < 12 ? "AM" : "PM";
    case 'm':
      return padded(civil.minute, item.width);
    case 's':
      return padded(civil.second, item.width);
    case 'S':
      return padded(nanos, 9).substr(0, item.width);
    case 'n':
      return padded(nanos, item.width);
    case 'X':
      return write_zone_offset(offset_s, item.width == 3 || item.width == 5, true);
    case 'x':
      return write_zone_offset(offset_s, item.width == 3 || item.width == 5, false);
    case 'Z':
      return write_zone_offset(offset_s, item.width == 5, item.width == 5);
    default:
      return write_zone_offset(offset_s, true, true);
  }
}

}  // namespace

std::string write_zone_offset(std::int64_t offset_s, bool colon, bool z_for_zero) {
  if (offset_s == 0 && z_for_zero) return "Z";
  const std::int64_t ahead = offset_s < 0 ? -offset_s : offset_s;
  std::string text(1, offset_s < 0 ? '-' : '+');
  text += padded(ahead / 3600, 2);
  if (colon) text += ':';
  text += padded(ahead / 60 % 60, 2);
  if (ahead % 60 != 0) text += (colon ? ":" : "") + padded(ahead % 60, 2);
  return text;
}

std::optional<ParsedDate> DateParts::resolve(FillUp fill, const TimeZone& default_zone) const {
  const bool last = fill == FillUp::last;
  Civil civil;
  civil.year = year.value_or(1970);
  // Only the time of day is filled up: "2018-10" as an upper bound is the end of that month's first day.
  civil.month = month.value_or(1);
  if (civil.month < 1 || civil.month > 12) return {};
  const unsigned length = days_in_month(civil.year, civil.month);
  civil.day = day.value_or(1);
  if (civil.day < 1 || civil.day > length) return {};
  if (half_day_hour) {
    if (*half_day_hour < 1 || *half_day_hour > 12) return {};
    civil.hour = *half_day_hour % 12 + (afternoon.value_or(false) ? 12 : 0);
  } else {
    civil.hour = hour.value_or(last ? 23 : 0);
  }
  civil.minute = minute.value_or(last ? 59 : 0);
  civil.second = second.value_or(last ? 59 : 0);
  std::int64_t extra_s = 0;
  if (civil.hour == 24 && civil.minute == 0 && civil.second == 0) {
    civil.hour = 0;
    extra_s = seconds_per_day;
  }
  if (civil.hour > 23 || civil.minute > 59 || civil.second > 59) return {};
  const std::int64_t local = seconds_of(civil) + extra_s;
  return ParsedDate{{zone.value_or(default_zone).to_utc(local), nanos.value_or(last ? 999'999'999 : 0)}, zone};
}

EsResult<std::vector<DateFormat::Item>> compile_date_pattern(std::string_view pattern) {
  return Compiler(pattern).run();
}

std::optional<DateParts> read_date_pattern(const std::vector<DateFormat::Item>& items, std::string_view text) {
  Reader reader(text);
  DateParts parts;
  if (!reader.read(items, parts) || !reader.at_end()) return {};
  return parts;
}

std::string write_date_pattern(const std::vector<DateFormat::Item>& items, Moment moment, const TimeZone& zone) {
  const std::int64_t offset_s = zone.stretch_at(moment.seconds).offset_s;
  const std::int64_t local = moment.seconds + offset_s;
  const Civil civil = civil_of(local);
  std::string text;
  for (const DateFormat::Item& item : items) {
    switch (item.kind) {
      case DateFormat::Item::Kind::literal:
        text += item.literal;
        break;
      case DateFormat::Item::Kind::field:
        text += write_field(item, civil, local, moment.nanos, offset_s);
        break;
      case DateFormat::Item::Kind::optional:
        text += write_date_pattern(item.items, moment, zone);
        break;
    }
  }
  return text;
}

}  // namespace iot::query
