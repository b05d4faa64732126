// The letters of HTTP's grammar (RFC 9110 section 5): which may stand where, and comparing names without regard to
// case. Everything here is ASCII; letters past it belong to no class but that of a field's value.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace iot::net {

namespace detail {

constexpr std::array<bool, 256> token_letters() noexcept {
  std::array<bool, 256> table{};
  for (unsigned code = '0'; code <= '9'; ++code) table[code] = true;
  for (unsigned code = 'A'; code <= 'Z'; ++code) table[code] = table[code + 0x20] = true;
  for (const char letter : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(letter)] = true;
  return table;
}

inline constexpr std::array<bool, 256> is_token = token_letters();

/// Of equal sizes.
bool same_ignoring_case(const char* left, const char* right, std::size_t size) noexcept;

}  // namespace detail

/// Whether a method or a field's name may have it (tchar, RFC 9110 section 5.6.2).
inline bool is_token_letter(char letter) noexcept {
  return detail::is_token[static_cast<unsigned char>(letter)];
}

inline bool is_blank(char letter) noexcept {
  return letter == ' ' || letter == '\t';
}

/// What a field's value may not have: controls, but HTAB (RFC 9110 section 5.5).
inline bool is_control(char letter) noexcept {
  const auto code = static_cast<unsigned char>(letter);
  return (code < 0x20 && letter != '\t') || code == 0x7F;
}

/// The first control in [begin, end), or `end`. Sixteen letters at a time where the processor can.
const char* find_control(const char* begin, const char* end) noexcept;
/// The same on any processor, eight letters at a time.
const char* find_control_portably(const char* begin, const char* end) noexcept;

inline bool has_control(std::string_view text) noexcept {
  return find_control(text.data(), text.data() + text.size()) != text.data() + text.size();
}

/// Names of fields, methods of coding and the like (A to Z and a to z are the same, nothing else is).
inline bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return left.size() == right.size() && detail::same_ignoring_case(left.data(), right.data(), left.size());
}

}  // namespace iot::net
