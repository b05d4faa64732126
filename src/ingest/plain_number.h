// Shortcuts for the numbers that readings usually hold: few digits, no exponent. What they do not take is not wrong,
// but for model::coerce() to judge; what they take, they read as it does.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace iot::ingest {

/// An optional minus sign and 1 to 15 digits without a needless zero in front, maybe with a point among them.
struct PlainNumber {
  std::uint64_t digits = 0;  ///< as an integer
  unsigned fraction_digits = 0;
  bool negative = false;
};

inline std::optional<PlainNumber> parse_plain_number(std::string_view text) noexcept {
  PlainNumber number;
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at != end && *at == '-') {
    number.negative = true;
    ++at;
  }
  // 15 digits fit a double's 53 bits.
  if (end - at < 1 || end - at > 16) return {};
  if (*at == '0' && end - at > 1 && at[1] != '.') return {};
  const char* const first = at;
  const char* point = nullptr;
  for (; at != end; ++at) {
    const auto digit = static_cast<unsigned>(*at - '0');
    if (digit <= 9) {
      number.digits = number.digits * 10 + digit;
    } else if (*at == '.' && !point && at != first && at + 1 != end) {
      point = at;
    } else {
      return {};
    }
  }
  if (point) {
    number.fraction_digits = static_cast<unsigned>(end - point - 1);
  } else if (end - first > 15) {
    return {};
  }
  return number;
}

/// The nearest double: both operands are exact, so one rounding is left (Clinger, "How to Read Floating Point Numbers
/// Accurately", 1990).
inline double to_double(const PlainNumber& number) noexcept {
  static constexpr std::array<double, 16> powers{1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const double magnitude = static_cast<double>(number.digits) / powers[number.fraction_digits];
  return number.negative ? -magnitude : magnitude;
}

}  // namespace iot::ingest
