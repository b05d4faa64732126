#include "base/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/bytes.h"

namespace iot {
namespace {

/// The length of the well-formed UTF-8 sequence at the front of `text` (Unicode 15, table 3-7), 0 if it is malformed.
std::size_t utf8_sequence(std::string_view text) noexcept {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const auto continues = [&](std::size_t index, unsigned char low = 0x80, unsigned char high = 0xBF) {
    return index < text.size() && byte(index) >= low && byte(index) <= high;
  };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned char low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned char high = first == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned char low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = first == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

bool is_plain(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

/// How many letters at the front are plain. Eight at a time: nearly all text is plain from end to end.
std::size_t plain_length(std::string_view text) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101;
  constexpr std::uint64_t high = each * 0x80;
  // The high bit of a byte that is zero, and maybe of those behind it in the word.
  const auto zero_bytes = [](std::uint64_t word) { return (word - each) & ~word; };
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    const auto word = load_little<std::uint64_t>(text.data() + at);
    const std::uint64_t control = (word - each * 0x20) & ~word;
    const std::uint64_t special = zero_bytes(word ^ each * '"') | zero_bytes(word ^ each * '\\');
    if (((word | control | special) & high) != 0) break;
  }
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

void append_escaped(std::string& out, unsigned char byte) {
  static constexpr std::string_view hex = "0123456789abcdef";
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
  }
}

/// Most readings have few decimals, and are written several times as fast as the shortest text of any double is found.
/// False where `number` is not one of those. Nine digits name one double only, and between these bounds the exponent's
/// form is not shorter: so this is the text that std::to_chars gives.
bool append_short_decimal(std::string& out, double number) {
  constexpr double least = 0.001, bound = 100'000, scale = 10'000;
  const double size = std::fabs(number);
  if (!(size >= least && size < bound)) return false;
  const double nearest = size * scale + 0.5;
  const auto digits = static_cast<std::uint32_t>(nearest);
  if (static_cast<double>(digits) / scale != size) return false;
  char text[16];
  char* to = text;
  if (number < 0) *to++ = '-';
  to = std::to_chars(to, text + sizeof text, digits / 10'000).ptr;
  *to++ = '.';
  std::uint32_t rest = digits % 10'000;
  // At least one decimal, so that it does not look like an integer.
  do {
    *to++ = static_cast<char>('0' + rest / 1'000);
    rest = rest % 1'000 * 10;
  } while (rest != 0);
  out.append(text, to);
  return true;
}

template <class Number>
void append_real(std::string& out, Number number) {
  if constexpr (std::is_same_v<Number, double>) {
    if (append_short_decimal(out, number)) return;
  }
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  std::array<char, 40> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  const std::string_view digits(text.data(), static_cast<std::size_t>(end - text.data()));
  out += digits;
  if (digits.find_first_of(".e") == std::string_view::npos) out += ".0";
}

template <class Integer>
void append_integer(std::string& out, Integer number) {
  char digits[24];
  out.append(digits, static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, number).ptr - digits));
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  // Most are short and plain: then one append does.
  char quoted[64];
  if (text.size() + 2 <= sizeof quoted && plain_length(text) == text.size()) {
    quoted[0] = '"';
    text.copy(quoted + 1, text.size());
    quoted[text.size() + 1] = '"';
    out.append(quoted, text.size() + 2);
    return;
  }
  out += '"';
  while (!text.empty()) {
    const std::size_t plain = plain_length(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto byte = static_cast<unsigned char>(text[0]);
    if (byte < 0x80) {
      append_escaped(out, byte);
      text.remove_prefix(1);
    } else if (const std::size_t length = utf8_sequence(text); length > 0) {
      out += text.substr(0, length);
      text.remove_prefix(length);
    } else {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    }
  }
  out += '"';
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_json_real(std::string& out, double number) {
  append_real(out, number);
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  needs_comma_ = true;
  return *this;
}

void JsonWriter::separate() {
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
}

JsonWriter& JsonWriter::any_key(std::string_view name) {
  string(name);
  out_ += ':';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t number) {
  separate();
  append_integer(out_, number);
  return *this;
}

JsonWriter& JsonWriter::unsigned_integer(std::uint64_t number) {
  separate();
  append_integer(out_, number);
  return *this;
}

JsonWriter& JsonWriter::real(double number) {
  separate();
  append_real(out_, number);
  return *this;
}

JsonWriter& JsonWriter::real(float number) {
  separate();
  append_real(out_, number);
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

}  // namespace iot
