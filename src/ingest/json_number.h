// The grammar of JSON's numbers.
#pragma once

#include <string_view>

namespace iot::ingest {

/// Whether `text` is a number of RFC 8259 section 6.
inline bool is_json_number(std::string_view text) noexcept {
  const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at != end && *at == '-') ++at;
  const char* const integral = at;
  while (at != end && is_digit(*at)) ++at;
  if (at == integral || (*integral == '0' && at - integral > 1)) return false;
  if (at == end) return true;
  if (*at == '.') {
    const char* const fraction = ++at;
    while (at != end && is_digit(*at)) ++at;
    if (at == fraction) return false;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '-' || *at == '+')) ++at;
    const char* const exponent = at;
    while (at != end && is_digit(*at)) ++at;
    if (at == exponent) return false;
  }
  return at == end;
}

}  // namespace iot::ingest
