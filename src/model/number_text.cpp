#include "model/number_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace iot::model {
namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_blank(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string_view take_digits(std::string_view& text) noexcept {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

/// True if the sign was a minus.
bool take_sign(std::string_view& text) noexcept {
  if (text.empty() || (text[0] != '-' && text[0] != '+')) return false;
  const bool negative = text[0] == '-';
  text.remove_prefix(1);
  return negative;
}

/// Exponents past this are all the same: no text is long enough to bring them back to a number that fits.
constexpr std::int64_t exponent_max = 1'000'000'000'000;

/// Nothing if there is an 'e' without digits.
std::optional<std::int64_t> take_exponent(std::string_view& text) noexcept {
  if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return 0;
  text.remove_prefix(1);
  const bool negative = take_sign(text);
  const std::string_view digits = take_digits(text);
  if (digits.empty()) return {};
  std::int64_t exponent = 0;
  for (const char digit : digits) exponent = std::min(exponent * 10 + (digit - '0'), exponent_max);
  return negative ? -exponent : exponent;
}

/// True if the first digit that is not zero stands before the decimal point: then "out of range" means too large.
bool is_at_least_one(const Decimal& number) noexcept {
  const std::size_t before = number.integral.find_first_not_of('0');
  const std::size_t behind = number.fraction.find_first_not_of('0');
  if (before != std::string_view::npos) {
    return static_cast<std::int64_t>(number.integral.size() - before) + number.exponent > 0;
  }
  return behind != std::string_view::npos && number.exponent > static_cast<std::int64_t>(behind);
}

template <class Real>
std::optional<Real> nearest(const Decimal& number) noexcept {
  Real value{};
  const char* end = number.text.data() + number.text.size();
  const auto [stop, error] = std::from_chars(number.text.data(), end, value);
  if (error == std::errc::result_out_of_range) {
    // from_chars says the same of numbers that are too small; those are zero.
    if (is_at_least_one(number)) return {};
    return number.negative ? -Real{} : Real{};
  }
  if (error != std::errc{} || stop != end || !std::isfinite(value)) return {};
  return value;
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  Decimal number;
  if (!text.empty() && text[0] == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text[0] == '-') return {};
  }
  number.text = text;
  number.negative = take_sign(text);
  number.integral = take_digits(text);
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    number.fraction = take_digits(text);
  }
  if (number.integral.empty() && number.fraction.empty()) return {};
  const auto exponent = take_exponent(text);
  if (!exponent || !text.empty()) return {};
  number.exponent = *exponent;
  return number;
}

std::optional<std::int64_t> truncated(const Decimal& number, std::int64_t scale) noexcept {
  const auto integral_count = static_cast<std::int64_t>(number.integral.size());
  const auto given = integral_count + static_cast<std::int64_t>(number.fraction.size());
  const std::int64_t wanted = integral_count + number.exponent + scale;
  // Counted downwards, since the range reaches one further there.
  std::int64_t value = 0;
  for (std::int64_t index = 0; index < wanted; ++index) {
    if (index >= given && value == 0) return 0;
    int digit = 0;
    if (index < integral_count) {
      digit = number.integral[static_cast<std::size_t>(index)] - '0';
    } else if (index < given) {
      digit = number.fraction[static_cast<std::size_t>(index - integral_count)] - '0';
    }
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, digit, &value)) return {};
  }
  if (number.negative) return value;
  if (value == std::numeric_limits<std::int64_t>::min()) return {};
  return -value;
}

std::optional<double> nearest_double(const Decimal& number) noexcept {
  return nearest<double>(number);
}
std::optional<float> nearest_float(const Decimal& number) noexcept {
  return nearest<float>(number);
}

}  // namespace iot::model
