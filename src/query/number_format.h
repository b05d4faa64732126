// Numbers in the decimal patterns of Java's DecimalFormat: "0.00", "#,##0.###", "00.0%", "0.0 'V'".
//
// A value, parsed once per request; any thread.
#pragma once

#include <string>
#include <string_view>

#include "query/es_error.h"

namespace iot::query {

class NumberFormat {
 public:
  /// Refused: exponents (E) and currency signs, which are rare, and patterns past 128 bytes or 64 digits.
  static EsResult<NumberFormat> parse(std::string_view pattern);

  /// `value` must be finite. Rounded half to even, as Java does.
  std::string write(double value) const;

 private:
  std::string prefix_, suffix_;
  std::string negative_prefix_, negative_suffix_;
  std::size_t whole_digits_min_ = 0;
  std::size_t fraction_digits_min_ = 0;
  std::size_t fraction_digits_max_ = 0;
  std::size_t group_ = 0;  ///< digits between commas; 0 without
  int percent_power_ = 0;  ///< 2 for %, 3 for ‰
};

}  // namespace iot::query
