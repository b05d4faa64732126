#include <algorithm>

#include "ingest/ingestor.h"

namespace iot::ingest {

namespace {

/// The decimal exponent that turns the unit of a time with so many integral digits into nanoseconds: below 1e11
/// seconds, below 1e14 milliseconds, below 1e17 microseconds, else nanoseconds.
int nanosecond_exponent(std::int64_t integral_digits) noexcept {
  if (integral_digits <= 11) return 9;
  if (integral_digits <= 14) return 6;
  if (integral_digits <= 17) return 3;
  return 0;
}

/// 2^63 - 1 has 19 digits.
constexpr std::int64_t nanosecond_digits_max = 19;
/// Exponents beyond this are out of every range, and sums with them stay far from overflow.
constexpr std::int64_t exponent_max = 100'000;

bool is_digit(char letter) noexcept {
  return letter >= '0' && letter <= '9';
}

/// Usual times are 10 to 19 digits and nothing else.
std::optional<Timestamp> integral_timestamp(std::string_view text) noexcept {
  if (text.size() < 10 || text.size() > 19 || text[0] == '0') return {};
  std::uint64_t number = 0;
  for (const char letter : text) {
    if (!is_digit(letter)) return {};
    number = number * 10 + static_cast<std::uint64_t>(letter - '0');
  }
  static constexpr std::uint64_t scales[] = {1'000'000'000, 1'000'000, 1'000, 1};
  const auto size = text.size();
  const std::uint64_t scale = scales[(size > 11) + (size > 14) + (size > 17)];
  const auto limit = static_cast<std::uint64_t>(timestamp_max.ns);
  if (number > limit / scale) return {};
  return Timestamp{static_cast<std::int64_t>(number * scale)};
}

}  // namespace

std::optional<Timestamp> detect_timestamp(std::string_view text) noexcept {
  if (const auto usual = integral_timestamp(text)) return usual;

  // RFC 8259 section 6: number = [ minus ] int [ frac ] [ exp ]
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at == end || !is_digit(*at)) return {};
  const char* const integral = at;
  while (at != end && is_digit(*at)) ++at;
  const std::string_view integral_digits(integral, static_cast<std::size_t>(at - integral));
  if (integral_digits.size() > 1 && integral_digits[0] == '0') return {};
  std::string_view fraction_digits;
  if (at != end && *at == '.') {
    const char* const fraction = ++at;
    while (at != end && is_digit(*at)) ++at;
    fraction_digits = {fraction, static_cast<std::size_t>(at - fraction)};
    if (fraction_digits.empty()) return {};
  }
  std::int64_t exponent = 0;
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    const bool negative = at != end && *at == '-';
    if (at != end && (*at == '-' || *at == '+')) ++at;
    if (at == end || !is_digit(*at)) return {};
    for (; at != end && is_digit(*at); ++at) exponent = std::min(exponent * 10 + (*at - '0'), exponent_max);
    if (negative) exponent = -exponent;
  }
  if (at != end) return {};

  // The number is 0.d1d2d3... times 10^point, without leading zeros.
  const auto digit = [&](std::size_t i) {
    return i < integral_digits.size() ? integral_digits[i] : fraction_digits[i - integral_digits.size()];
  };
  const std::size_t digits = integral_digits.size() + fraction_digits.size();
  std::size_t first = 0;
  while (first < digits && digit(first) == '0') ++first;
  if (first == digits) return Timestamp{0};
  const std::int64_t point =
      static_cast<std::int64_t>(integral_digits.size()) - static_cast<std::int64_t>(first) + exponent;
  const std::int64_t wanted = point + nanosecond_exponent(std::max<std::int64_t>(point, 0));
  if (wanted <= 0) return Timestamp{0};
  if (wanted > nanosecond_digits_max) return {};
  std::uint64_t ns = 0;
  for (std::size_t i = first; i < first + static_cast<std::size_t>(wanted); ++i) {
    ns = ns * 10 + static_cast<std::uint64_t>(i < digits ? digit(i) - '0' : 0);
  }
  if (ns > static_cast<std::uint64_t>(timestamp_max.ns)) return {};
  return Timestamp{static_cast<std::int64_t>(ns)};
}

}  // namespace iot::ingest
