#include "query/number_format.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace iot::query {
namespace {

constexpr std::size_t pattern_bytes_max = 128;
constexpr std::size_t digits_max = 64;
constexpr std::string_view per_mille = "\xE2\x80\xB0";
constexpr std::string_view currency = "\xC2\xA4";

bool is_digit_sign(char c) {
  return c == '#' || c == '0' || c == ',' || c == '.';
}

EsError malformed(std::string_view pattern, std::string_view why) {
  return illegal_argument("[format] [" + std::string(pattern) + "] " + std::string(why));
}

/// A prefix or suffix, its quotes taken away; ends before what is not part of it.
EsResult<std::string> read_affix(std::string_view pattern, std::size_t& at, bool is_prefix, int& percent_power) {
  std::string affix;
  while (at < pattern.size()) {
    const char c = pattern[at];
    if (c == ';' || (is_prefix && is_digit_sign(c))) break;
    if (is_digit_sign(c)) return malformed(pattern, "has digits after its suffix");
    if (c == '\'') {
      const auto end = pattern.find('\'', at + 1);
      if (end == std::string_view::npos) return malformed(pattern, "has a quote that does not end");
      affix += end == at + 1 ? "'" : pattern.substr(at + 1, end - at - 1);
      at = end + 1;
      continue;
    }
    if (pattern.substr(at).starts_with(currency))
      return malformed(pattern, "has a currency sign, which is not supported");
    if (c == 'E' && !is_prefix && affix.empty()) return malformed(pattern, "has an exponent, which is not supported");
    const bool percent = c == '%';
    if (percent || pattern.substr(at).starts_with(per_mille)) {
      if (percent_power != 0) return malformed(pattern, "has more than one percent sign");
      percent_power = percent ? 2 : 3;
    }
    affix += c;
    ++at;
  }
  return affix;
}

}  // namespace

EsResult<NumberFormat> NumberFormat::parse(std::string_view pattern) {
  if (pattern.size() > pattern_bytes_max) return malformed(pattern, "is too long");
  NumberFormat format;
  std::size_t at = 0;
  ES_TRY(format.prefix_, read_affix(pattern, at, true, format.percent_power_));
  bool in_fraction = false;
  std::size_t since_comma = 0;
  bool has_comma = false;
  std::size_t digits = 0;
  for (; at < pattern.size() && is_digit_sign(pattern[at]); ++at) {
    const char c = pattern[at];
    if (c == '.') {
      if (in_fraction) return malformed(pattern, "has more than one decimal point");
      in_fraction = true;
    } else if (c == ',') {
      if (in_fraction) return malformed(pattern, "has a comma in its fraction");
      has_comma = true;
      since_comma = 0;
    } else if (++digits > digits_max) {
      return malformed(pattern, "has too many digits");
    } else if (in_fraction) {
      if (c == '0' && format.fraction_digits_max_ > format.fraction_digits_min_) {
        return malformed(pattern, "has a 0 after a # in its fraction");
      }
      ++format.fraction_digits_max_;
      if (c == '0') ++format.fraction_digits_min_;
    } else {
      if (c == '#' && format.whole_digits_min_ > 0) return malformed(pattern, "has a # after a 0");
      if (c == '0') ++format.whole_digits_min_;
      ++since_comma;
    }
  }
  if (has_comma && since_comma == 0) return malformed(pattern, "ends in a comma");
  if (digits == 0) return malformed(pattern, "has no digits");
  if (has_comma) format.group_ = since_comma;
  // In a pattern of # alone Java takes the one before the point for a 0, or the one behind it: "#.##" is "0.##".
  if (in_fraction && format.whole_digits_min_ == 0 && format.fraction_digits_min_ == 0) {
    (digits > format.fraction_digits_max_ ? format.whole_digits_min_ : format.fraction_digits_min_) = 1;
  }
  ES_TRY(format.suffix_, read_affix(pattern, at, false, format.percent_power_));
  format.negative_prefix_ = "-" + format.prefix_;
  format.negative_suffix_ = format.suffix_;
  if (at < pattern.size()) {  // ';': only prefix and suffix of the negative part count.
    ++at;
    int ignored = 0;
    ES_TRY(format.negative_prefix_, read_affix(pattern, at, true, ignored));
    while (at < pattern.size() && is_digit_sign(pattern[at])) ++at;
    ES_TRY(format.negative_suffix_, read_affix(pattern, at, false, ignored));
    if (at < pattern.size()) return malformed(pattern, "has more than two parts");
  }
  return format;
}

std::string NumberFormat::write(double value) const {
  const double scaled = std::abs(value) * std::pow(10, percent_power_);
  // A double has up to 309 digits before the point; printf rounds its exact value half to even.
  char text[512];
  const int length = std::snprintf(text, sizeof text, "%.*f", static_cast<int>(fraction_digits_max_), scaled);
  const std::string_view digits(text, static_cast<std::size_t>(length));
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string whole(digits.substr(0, point));
  std::string fraction(point < digits.size() ? digits.substr(point + 1) : std::string_view{});
  while (fraction.size() > fraction_digits_min_ && fraction.ends_with('0')) fraction.pop_back();
  if (whole == "0" && whole_digits_min_ == 0 && !fraction.empty()) whole.clear();
  if (whole.size() < whole_digits_min_) whole.insert(0, whole_digits_min_ - whole.size(), '0');
  if (group_ > 0) {
    for (std::size_t at = whole.size(); at > group_;) whole.insert(at -= group_, 1, ',');
  }
  const bool negative = std::signbit(value);
  std::string out = negative ? negative_prefix_ : prefix_;
  out += whole;
  if (!fraction.empty()) out += '.' + fraction;
  out += negative ? negative_suffix_ : suffix_;
  return out;
}

}  // namespace iot::query
