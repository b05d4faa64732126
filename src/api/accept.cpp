#include "api/accept.h"

#include <algorithm>

namespace iot::api {
namespace {

constexpr std::string_view csv = "text/csv";
constexpr std::string_view arrow = "application/vnd.apache.arrow.stream";
constexpr unsigned quality_max = 1000;

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// What stands before `separator`, which is taken off `text` with it.
std::string_view take_until(std::string_view& text, char separator) noexcept {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trimmed(part);
}

char lower(char letter) noexcept {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(left, right, {}, lower, lower);
}

/// "0.5" as 500; nothing if it is no quality.
std::optional<unsigned> parse_quality(std::string_view text) noexcept {
  if (text.empty() || (text[0] != '0' && text[0] != '1') || text.size() > 5) return {};
  unsigned quality = text[0] == '1' ? quality_max : 0;
  if (text.size() > 1 && text[1] != '.') return {};
  unsigned unit = 100;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') return {};
    quality += unit * static_cast<unsigned>(digit - '0');
    unit /= 10;
  }
  if (quality > quality_max) return {};
  return quality;
}

/// 3: the range is the type itself, 2: "text/*", 1: "*/*", 0: it does not fit.
int fit(std::string_view range, std::string_view media_type) noexcept {
  if (same(range, media_type)) return 3;
  if (range == "*/*") return 1;
  const std::size_t slash = range.find('/');
  if (slash == range.npos || range.substr(slash) != "/*") return 0;
  return same(range.substr(0, slash + 1), media_type.substr(0, media_type.find('/') + 1)) ? 2 : 0;
}

}  // namespace

unsigned accepted_quality(std::string_view accept, std::string_view media_type) noexcept {
  if (trimmed(accept).empty()) return quality_max;
  int best_fit = 0;
  unsigned best = 0;
  while (!accept.empty()) {
    std::string_view element = take_until(accept, ',');
    const int how = fit(take_until(element, ';'), media_type);
    std::optional<unsigned> quality = quality_max;
    while (!element.empty()) {
      const std::string_view parameter = take_until(element, ';');
      if (parameter.size() >= 2 && same(parameter.substr(0, 2), "q=")) quality = parse_quality(parameter.substr(2));
    }
    if (!quality || how == 0 || how < best_fit) continue;
    best = how == best_fit ? std::max(best, *quality) : *quality;
    best_fit = how;
  }
  return best;
}

std::optional<rows::Form> rows_wanted_of_search(std::string_view accept) noexcept {
  const unsigned json = std::max(accepted_quality(accept, "application/json"),
                                 accepted_quality(accept, "application/vnd.elasticsearch+json"));
  const unsigned as_csv = accepted_quality(accept, csv);
  const unsigned as_arrow = accepted_quality(accept, arrow);
  if (std::max(as_csv, as_arrow) <= json) return {};
  return as_arrow >= as_csv ? rows::Form::arrow : rows::Form::csv;
}

std::optional<rows::Form> rows_wanted(std::string_view accept) noexcept {
  const unsigned as_lines = accepted_quality(accept, "application/x-ndjson");
  const unsigned as_csv = accepted_quality(accept, csv);
  const unsigned as_arrow = accepted_quality(accept, arrow);
  const unsigned best = std::max({as_lines, as_csv, as_arrow});
  if (best == 0) return {};
  if (as_lines == best) return rows::Form::json_lines;
  return as_arrow == best ? rows::Form::arrow : rows::Form::csv;
}

}  // namespace iot::api
