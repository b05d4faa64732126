#include "api/answer_filter.h"

#include <algorithm>

#include "query/wildcard.h"

namespace iot::api {
namespace {

/// Calls visit for each part between separators.
template <class Visit>
void split(std::string_view text, char separator, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (end != 0) visit(text.substr(0, end));
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
  }
}

/// A pattern that ends earlier than the path means all that is beneath.
bool fits(std::span<const std::string> pattern, std::span<const std::string_view> path) {
  if (pattern.empty()) return true;
  if (pattern[0] == "**") {
    for (std::size_t skipped = 0; skipped <= path.size(); ++skipped) {
      if (fits(pattern.subspan(1), path.subspan(skipped))) return true;
    }
    return false;
  }
  return !path.empty() && query::fits_wildcard(pattern[0], path[0]) && fits(pattern.subspan(1), path.subspan(1));
}

}  // namespace

AnswerFilter::AnswerFilter(std::string_view patterns) {
  split(patterns, ',', [&](std::string_view text) {
    const bool takes_away = text.starts_with('-');
    Pattern pattern;
    split(text.substr(takes_away ? 1 : 0), '.', [&](std::string_view name) { pattern.emplace_back(name); });
    if (!pattern.empty()) (takes_away ? unwanted_ : wanted_).push_back(std::move(pattern));
  });
}

bool AnswerFilter::shows(std::span<const std::string_view> path) const {
  const auto fits_path = [&](const Pattern& pattern) { return fits(pattern, path); };
  return (wanted_.empty() || std::ranges::any_of(wanted_, fits_path)) && std::ranges::none_of(unwanted_, fits_path);
}

}  // namespace iot::api
