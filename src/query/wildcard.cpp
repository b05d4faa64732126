#include "query/wildcard.h"

#include <utility>

namespace iot::query {
namespace {

/// ASCII only, as Lucene's own matching of single characters for keywords is by code point without locale.
std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// The bytes of the UTF-8 character at the front, so that `?` is a character and not a byte.
std::size_t character_bytes(std::string_view text) noexcept {
  std::size_t bytes = 1;
  while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) ++bytes;
  return bytes;
}

class Prefix final : public TextMatcher {
 public:
  Prefix(std::string prefix, bool insensitive)
      : prefix_(insensitive ? lowered(prefix) : std::move(prefix)), insensitive_(insensitive) {}
  bool matches(std::string_view text) const override {
    if (insensitive_) return lowered(text.substr(0, prefix_.size())) == prefix_;
    return text.starts_with(prefix_);
  }

 private:
  std::string prefix_;
  bool insensitive_;
};

class Wildcard final : public TextMatcher {
 public:
  Wildcard(std::string pattern, bool insensitive)
      : pattern_(insensitive ? lowered(pattern) : std::move(pattern)), insensitive_(insensitive) {}
  bool matches(std::string_view text) const override {
    return insensitive_ ? fits_wildcard(pattern_, lowered(text)) : fits_wildcard(pattern_, text);
  }

 private:
  std::string pattern_;
  bool insensitive_;
};

}  // namespace

bool fits_wildcard(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  // Where to go on if what follows the last star does not fit: the star may take one character more.
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
      continue;
    }
    if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      t += character_bytes(text.substr(t));
      continue;
    }
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    if (p < pattern.size() && pattern[escaped ? p + 1 : p] == text[t]) {
      p += escaped ? 2 : 1;
      ++t;
      continue;
    }
    if (star == std::string_view::npos) return false;
    p = star + 1;
    t = ++star_text;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::shared_ptr<const TextMatcher> prefix_matcher(std::string prefix, bool case_insensitive) {
  return std::make_shared<Prefix>(std::move(prefix), case_insensitive);
}

std::shared_ptr<const TextMatcher> wildcard_matcher(std::string pattern, bool case_insensitive) {
  return std::make_shared<Wildcard>(std::move(pattern), case_insensitive);
}

}  // namespace iot::query
