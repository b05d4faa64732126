#include "mqtt/utf8.h"

#include <cstdint>
#include <cstring>

namespace iot::mqtt {
namespace {

constexpr std::uint64_t every(std::uint8_t byte) noexcept {
  return 0x0101010101010101u * byte;
}

/// Not 0 if one of the eight bytes is 0.
constexpr std::uint64_t has_zero(std::uint64_t word) noexcept {
  return (word - every(1)) & ~word & every(0x80);
}

/// Not 0 if one of the eight letters is worth a closer look: no ASCII, a control, or a wildcard.
constexpr std::uint64_t is_special(std::uint64_t word) noexcept {
  return (word & every(0x80)) | ((word - every(0x20)) & ~word & every(0x80)) | has_zero(word ^ every(0x7F)) |
         has_zero(word ^ every('+')) | has_zero(word ^ every('#'));
}

unsigned traits_of(std::uint32_t code_point) noexcept {
  if (code_point == 0) return TextTraits::null;
  if (code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F)) return TextTraits::control;
  if (code_point == '+' || code_point == '#') return TextTraits::wildcard;
  if ((code_point & 0xFFFE) == 0xFFFE || (code_point >= 0xFDD0 && code_point <= 0xFDEF)) {
    return TextTraits::non_character;
  }
  return 0;
}

/// Takes one character off the front of [at, end), which is not empty; false if there is none (RFC 3629 section 4).
bool take_character(const char*& at, const char* end, std::uint32_t& code_point) noexcept {
  const auto byte = [&](std::size_t index) { return static_cast<std::uint8_t>(at[index]); };
  const auto left = static_cast<std::size_t>(end - at);
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) {
    code_point = lead;
    ++at;
    return true;
  }
  const std::size_t bytes = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (lead < 0xC2 || lead > 0xF4 || left < bytes) return false;
  code_point = lead & (0x7Fu >> bytes);
  for (std::size_t index = 1; index < bytes; ++index) {
    if ((byte(index) & 0xC0) != 0x80) return false;
    code_point = code_point << 6 | (byte(index) & 0x3F);
  }
  // Two bytes cannot be overlong, as C0 and C1 are no lead bytes.
  if (bytes == 3 && (code_point < 0x800 || (code_point >= 0xD800 && code_point <= 0xDFFF))) return false;
  if (bytes == 4 && (code_point < 0x10000 || code_point > 0x10FFFF)) return false;
  at += bytes;
  return true;
}

}  // namespace

unsigned scan_text(std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  unsigned traits = 0;
  while (at != end) {
    std::uint64_t word = every('a');
    const auto left = static_cast<std::size_t>(end - at);
    std::memcpy(&word, at, left < sizeof word ? left : sizeof word);
    const char* const word_end = at + (left < sizeof word ? left : sizeof word);
    if (is_special(word) == 0) {
      at = word_end;
      continue;
    }
    // A character may reach past the eight bytes: what follows it is looked at in the next round.
    while (at < word_end) {
      std::uint32_t code_point = 0;
      if (!take_character(at, end, code_point)) return traits | TextTraits::ill_formed;
      traits |= traits_of(code_point);
    }
  }
  return traits;
}

}  // namespace iot::mqtt
