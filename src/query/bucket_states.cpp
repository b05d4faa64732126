#include "query/bucket_states.h"

#include <charconv>
#include <cmath>

namespace iot::query {

std::string java_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  const double size = std::abs(value);
  // Java's bounds of plain notation.
  const bool plain = value == 0 || (size >= 1e-3 && size < 1e7);
  char buffer[40];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, value,
                                     plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(buffer, written.ptr);
  if (plain) return text.find('.') == std::string::npos ? text + ".0" : text;
  // "1e+07" becomes "1.0E7".
  const auto e = text.find('e');
  std::string digits = text.substr(0, e);
  if (digits.find('.') == std::string::npos) digits += ".0";
  const bool negative = text[e + 1] == '-';
  const auto exponent = text.find_first_not_of('0', e + 2);
  return digits + (negative ? "E-" : "E") + text.substr(exponent);
}

void write_any_real(JsonWriter& json, double value) {
  std::isfinite(value) ? json.real(value) : json.string(java_number(value));
}

}  // namespace iot::query
