#include "registry/text.h"

#include <algorithm>
#include <cstdint>

namespace iot::registry {
namespace {

constexpr char32_t not_utf8 = 0xFFFF'FFFF;

struct Decoded {
  char32_t code = not_utf8;
  std::size_t bytes = 1;
};

/// The code point at the front of `text` (RFC 3629: shortest form, no surrogates, at most U+10FFFF).
Decoded decode(std::string_view text) noexcept {
  const auto byte = [&](std::size_t index) { return static_cast<std::uint8_t>(text[index]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t count = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < count) return {};
  char32_t code = lead & (0x7Fu >> count);
  for (std::size_t i = 1; i < count; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[count] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, count};
}

constexpr bool within(char32_t code, char32_t first, char32_t last) noexcept {
  return code >= first && code <= last;
}

/// In these blocks capital and small letters alternate, and the small one is next.
constexpr bool is_capital_of_pair(char32_t code) noexcept {
  const bool odd = code % 2 == 1;
  // Between these blocks the parity changes, because some letters have no partner beside them.
  if (within(code, 0x139, 0x148) || within(code, 0x179, 0x17E) || within(code, 0x1CD, 0x1DC) ||
      within(code, 0x4C1, 0x4CE) || code == 0x1AF) {
    return odd;
  }
  return !odd && (within(code, 0x100, 0x12F) || within(code, 0x132, 0x137) || within(code, 0x14A, 0x177) ||
                  within(code, 0x1A0, 0x1A5) || within(code, 0x1DE, 0x1EF) || within(code, 0x1F8, 0x21F) ||
                  within(code, 0x222, 0x233) || within(code, 0x460, 0x481) || within(code, 0x48A, 0x4BF) ||
                  within(code, 0x4D0, 0x4FF) || within(code, 0x1E00, 0x1E95) || within(code, 0x1EA0, 0x1EFF));
}

constexpr char32_t fold(char32_t code) noexcept {
  if (within(code, U'A', U'Z')) return code + 32;
  if (code < 0xC0) return code;
  if (within(code, 0xC0, 0xDE) && code != 0xD7) return code + 32;  // U+00D7 is the multiplication sign
  if (is_capital_of_pair(code)) return code + 1;
  if (code == 0x178) return 0xFF;
  if (code == 0x386) return 0x3AC;
  if (within(code, 0x388, 0x38A)) return code + 37;
  if (code == 0x38C) return 0x3CC;
  if (within(code, 0x38E, 0x38F)) return code + 63;
  if (within(code, 0x391, 0x3AB) && code != 0x3A2) return code + 32;
  if (code == 0x3C2) return 0x3C3;  // the final sigma is a sigma
  if (within(code, 0x400, 0x40F)) return code + 80;
  if (within(code, 0x410, 0x42F)) return code + 32;
  return code;
}

/// `bytes` is the length of the code point's UTF-8, 2 or 3: folding never changes it.
void append_utf8(std::string& out, char32_t code, std::size_t bytes) {
  if (bytes == 2) {
    out += static_cast<char>(0xC0 | code >> 6);
  } else {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
  }
  out += static_cast<char>(0x80 | (code & 0x3F));
}

}  // namespace

bool is_clean_text(std::string_view text, LineBreaks line_breaks) noexcept {
  while (!text.empty()) {
    const Decoded next = decode(text);
    if (next.code == not_utf8) return false;
    const bool is_break = next.code == '\n' || next.code == '\r' || next.code == '\t';
    const bool is_control = next.code < 0x20 || within(next.code, 0x7F, 0x9F);
    if (is_control && !(is_break && line_breaks == LineBreaks::allowed)) return false;
    text.remove_prefix(next.bytes);
  }
  return true;
}

std::size_t count_code_points(std::string_view text) noexcept {
  // Every byte but those that continue a code point begins one.
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

std::string fold_case(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  while (!text.empty()) {
    const Decoded next = decode(text);
    if (next.code < 0x80) {
      folded += static_cast<char>(fold(next.code));
    } else if (next.bytes == 2 || next.bytes == 3) {
      append_utf8(folded, fold(next.code), next.bytes);
    } else {
      folded += text.substr(0, next.bytes);  // four bytes, or the single byte that begins no code point
    }
    text.remove_prefix(next.bytes);
  }
  return folded;
}

std::string contains_pattern(std::string_view text) {
  std::string pattern = "%";
  if (text.empty()) return pattern;
  for (const char c : fold_case(text)) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern += '%';
}

}  // namespace iot::registry
