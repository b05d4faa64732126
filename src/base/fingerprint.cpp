#include "base/fingerprint.h"

namespace iot {
namespace {

std::optional<unsigned> digit(char letter) noexcept {
  if (letter >= '0' && letter <= '9') return static_cast<unsigned>(letter - '0');
  if (letter >= 'a' && letter <= 'f') return static_cast<unsigned>(letter - 'a' + 10);
  if (letter >= 'A' && letter <= 'F') return static_cast<unsigned>(letter - 'A' + 10);
  return {};
}

}  // namespace

std::string Fingerprint::to_string() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::optional<Fingerprint> parse_fingerprint(std::string_view text) noexcept {
  Fingerprint parsed;
  const bool has_colons = text.size() > 2 && text[2] == ':';
  const std::size_t stride = has_colons ? 3 : 2;
  if (text.size() != parsed.bytes.size() * stride - (has_colons ? 1 : 0)) return {};
  for (std::size_t i = 0; i < parsed.bytes.size(); ++i) {
    const auto high = digit(text[i * stride]);
    const auto low = digit(text[i * stride + 1]);
    if (!high || !low || (has_colons && i > 0 && text[i * stride - 1] != ':')) return {};
    parsed.bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return parsed;
}

}  // namespace iot
