#include "base/time_text.h"

#include <array>
#include <chrono>

namespace iot {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t seconds_per_day = 86'400;

/// "00", "01" and so on to "99".
constexpr auto pairs_of_digits = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

void put_pair(char* to, std::size_t value) noexcept {
  to[0] = pairs_of_digits[2 * value];
  to[1] = pairs_of_digits[2 * value + 1];
}

/// Takes digits and separators off the front of a text; after the first that does not fit, ok() is false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) noexcept : text_(text) {}

  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return text_.empty(); }

  unsigned digits(std::size_t count) noexcept {
    unsigned value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (text_.empty() || text_[0] < '0' || text_[0] > '9') {
        ok_ = false;
        return 0;
      }
      value = value * 10 + static_cast<unsigned>(text_[0] - '0');
      text_.remove_prefix(1);
    }
    return value;
  }

  bool take(std::string_view any_of) noexcept {
    if (text_.empty() || any_of.find(text_[0]) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }

  void need(std::string_view any_of) noexcept {
    if (!take(any_of)) ok_ = false;
  }

  bool next_is(char c) const noexcept { return !text_.empty() && text_[0] == c; }
  bool next_is_digit() const noexcept { return !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; }

 private:
  std::string_view text_;
  bool ok_ = true;
};

std::int64_t fraction_ns(Scanner& scan) noexcept {
  std::int64_t fraction = 0;
  std::int64_t unit = ns_per_second / 10;
  if (!scan.next_is_digit()) scan.need("0");
  while (scan.next_is_digit()) {
    fraction += scan.digits(1) * unit;
    unit /= 10;
  }
  return fraction;
}

/// Seconds that the zone is ahead of UTC.
std::int64_t zone_offset_s(Scanner& scan) noexcept {
  if (scan.take("Zz")) return 0;
  const std::int64_t sign = scan.next_is('-') ? -1 : 1;
  scan.need("+-");
  const unsigned hours = scan.digits(2);
  scan.need(":");
  const unsigned minutes = scan.digits(2);
  if (hours > 23 || minutes > 59) scan.need("");
  return sign * (std::int64_t{hours} * 3600 + minutes * 60);
}

}  // namespace

std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) noexcept {
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day));
  return std::chrono::sys_days(date).time_since_epoch().count();
}

unsigned days_in_month(std::int64_t year, unsigned month) noexcept {
  const auto last = std::chrono::year(static_cast<int>(year)) / std::chrono::month(month) / std::chrono::last;
  return static_cast<unsigned>(std::chrono::year_month_day_last(last).day());
}

void append_timestamp(std::string& out, Timestamp time, FractionDigits digits) {
  std::int64_t seconds = time.ns / ns_per_second;
  std::int64_t fraction = time.ns % ns_per_second;
  if (fraction < 0) {
    fraction += ns_per_second;
    --seconds;
  }
  std::int64_t days = seconds / seconds_per_day;
  std::int64_t second_of_day = seconds % seconds_per_day;
  if (second_of_day < 0) {
    second_of_day += seconds_per_day;
    --days;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  const auto second = static_cast<std::uint32_t>(second_of_day);
  const auto year = static_cast<std::uint32_t>(static_cast<int>(date.year()));
  char text[] = "0000-00-00T00:00:00.000000000Z";
  put_pair(text, year / 100);
  put_pair(text + 2, year % 100);
  put_pair(text + 5, static_cast<unsigned>(date.month()));
  put_pair(text + 8, static_cast<unsigned>(date.day()));
  put_pair(text + 11, second / 3600);
  put_pair(text + 14, second / 60 % 60);
  put_pair(text + 17, second % 60);
  if (auto rest = static_cast<std::uint32_t>(fraction); rest != 0) {
    text[28] = static_cast<char>('0' + rest % 10);
    rest /= 10;
    for (int at = 26; at >= 20; at -= 2, rest /= 100) put_pair(text + at, rest % 100);
  }
  out.append(text, digits == FractionDigits::none ? 19 : 20 + static_cast<std::size_t>(digits));
  out += 'Z';
}

std::string format_timestamp(Timestamp time, FractionDigits digits) {
  std::string text;
  append_timestamp(text, time, digits);
  return text;
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) noexcept {
  Scanner scan(text);
  const unsigned year = scan.digits(4);
  scan.need("-");
  const unsigned month = scan.digits(2);
  scan.need("-");
  const unsigned day = scan.digits(2);
  scan.need("Tt ");
  const unsigned hour = scan.digits(2);
  scan.need(":");
  const unsigned minute = scan.digits(2);
  scan.need(":");
  const unsigned second = scan.digits(2);
  const std::int64_t fraction = scan.take(".") ? fraction_ns(scan) : 0;
  const std::int64_t offset_s = zone_offset_s(scan);
  if (!scan.ok() || !scan.at_end()) return {};
  if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return {};
  if (hour > 23 || minute > 59 || second > 60) return {};
  const std::int64_t seconds = days_from_civil(year, month, day) * seconds_per_day + std::int64_t{hour} * 3600 +
                               std::int64_t{minute} * 60 + second - offset_s;
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(seconds, ns_per_second, &ns) || __builtin_add_overflow(ns, fraction, &ns)) return {};
  return Timestamp{ns};
}

}  // namespace iot
