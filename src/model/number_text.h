// Numbers as clients write them, read exactly: 64-bit integers never pass through a double.
//
// The form is that of JSON, and what Elasticsearch's own parsers take beside it in strings: blanks around it, a plus
// sign, leading zeros, "1." and ".5". Not hexadecimal, not "NaN", not "Infinity".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace iot::model {

/// A decimal number taken apart. The views point into the text.
struct Decimal {
  bool negative = false;
  std::string_view integral;  ///< digits before the point
  std::string_view fraction;  ///< digits behind it
  std::int64_t exponent = 0;
  /// The text without blanks and plus sign.
  std::string_view text;
};

std::optional<Decimal> parse_decimal(std::string_view text) noexcept;

/// The number times 10^`scale`, cut towards zero; nothing if that does not fit 64 bits.
std::optional<std::int64_t> truncated(const Decimal& number, std::int64_t scale = 0) noexcept;

/// The nearest double or float; nothing if that would be infinite.
std::optional<double> nearest_double(const Decimal& number) noexcept;
std::optional<float> nearest_float(const Decimal& number) noexcept;

}  // namespace iot::model
