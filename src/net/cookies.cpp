#include "net/cookies.h"

#include <algorithm>

#include "net/letters.h"

namespace iot::net {
namespace {

/// cookie-octet of RFC 6265 section 4.1.1.
bool is_cookie_letter(char letter) noexcept {
  return letter > 0x20 && letter < 0x7F && letter != '"' && letter != ',' && letter != ';' && letter != '\\';
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view unquoted(std::string_view value) noexcept {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') return value.substr(1, value.size() - 2);
  return value;
}

}  // namespace

std::optional<std::string_view> cookie(const HttpRequest& request, std::string_view name) noexcept {
  std::optional<std::string_view> found;
  std::size_t count = 0;
  for (const HeaderView& header : request.headers) {
    if (!equal_ignoring_case(header.name, "Cookie")) continue;
    std::string_view pairs = header.value;
    while (!pairs.empty()) {
      const std::size_t end = std::min(pairs.find(';'), pairs.size());
      const std::string_view pair = trimmed(pairs.substr(0, end));
      pairs.remove_prefix(std::min(end + 1, pairs.size()));
      if (++count > cookies_max) return {};
      const std::size_t equals = pair.find('=');
      // Names of cookies, unlike those of fields, differ by their capitals.
      if (equals == pair.npos || pair.substr(0, equals) != name) continue;
      const std::string_view value = unquoted(pair.substr(equals + 1));
      if (found && *found != value) return {};
      found = value;
    }
  }
  if (found && !std::ranges::all_of(*found, is_cookie_letter)) return {};
  return found;
}

}  // namespace iot::net
