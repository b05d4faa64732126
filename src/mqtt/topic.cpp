#include "mqtt/topic.h"

#include <algorithm>

#include "mqtt/protocol.h"
#include "mqtt/utf8.h"

namespace iot::mqtt {
namespace {

constexpr std::string_view share_prefix = "$share/";

bool is_too_deep(std::string_view topic) noexcept {
  // Most topics are shorter than that many slashes would be.
  return topic.size() >= topic_levels_max && count_levels(topic) > topic_levels_max;
}

bool has_misplaced_wildcard(std::string_view filter) noexcept {
  for (Levels levels(filter); !levels.done();) {
    const std::string_view level = levels.next();
    if (!has_wildcard(level)) continue;
    if (level.size() != 1 || (level == "#" && !levels.done())) return true;
  }
  return false;
}

}  // namespace

std::string_view to_string(TopicFault fault) noexcept {
  switch (fault) {
    case TopicFault::empty:
      return "is empty";
    case TopicFault::too_long:
      return "is longer than 65535 bytes";
    case TopicFault::not_text:
      return "is not UTF-8 without control characters";
    case TopicFault::wildcard_in_name:
      return "has a wildcard";
    case TopicFault::misplaced_wildcard:
      return "has '+' or '#' where it is no level of its own";
    case TopicFault::share_form:
      return "is not of the form $share/<group>/<filter>";
    case TopicFault::too_many_levels:
      return "has more than 200 levels";
  }
  return "is wrong";
}

std::optional<TopicFault> check_topic_name(std::string_view name) noexcept {
  if (name.empty()) return TopicFault::empty;
  if (name.size() > string_bytes_max) return TopicFault::too_long;
  if (const unsigned traits = scan_text(name); traits != 0) {
    return (traits & ~TextTraits::wildcard) != 0 ? TopicFault::not_text : TopicFault::wildcard_in_name;
  }
  if (is_too_deep(name)) return TopicFault::too_many_levels;
  return {};
}

std::optional<TopicFault> check_topic_filter(std::string_view filter) noexcept {
  if (filter.empty()) return TopicFault::empty;
  if (filter.size() > string_bytes_max) return TopicFault::too_long;
  const unsigned traits = scan_text(filter);
  if ((traits & ~TextTraits::wildcard) != 0) return TopicFault::not_text;
  const bool is_share = filter.starts_with(share_prefix);
  if (is_share) {
    filter.remove_prefix(share_prefix.size());
    const std::size_t slash = filter.find('/');
    if (slash == 0 || slash == std::string_view::npos || slash + 1 == filter.size()) return TopicFault::share_form;
    if (has_wildcard(filter.substr(0, slash))) return TopicFault::share_form;
    filter.remove_prefix(slash + 1);
  }
  if (traits != 0 && has_misplaced_wildcard(filter)) return TopicFault::misplaced_wildcard;
  if (is_too_deep(filter)) return TopicFault::too_many_levels;
  return {};
}

std::size_t count_levels(std::string_view topic) noexcept {
  return static_cast<std::size_t>(std::count(topic.begin(), topic.end(), '/')) + 1;
}

bool has_wildcard(std::string_view filter) noexcept {
  return filter.find_first_of("+#") != std::string_view::npos;
}

FilterParts split_filter(std::string_view filter) noexcept {
  if (!filter.starts_with(share_prefix)) return {{}, filter};
  filter.remove_prefix(share_prefix.size());
  const std::size_t slash = filter.find('/');
  return {filter.substr(0, slash), filter.substr(slash + 1)};
}

bool topic_matches(std::string_view filter, std::string_view name) noexcept {
  if (name.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#'))) return false;
  Levels filters(filter);
  Levels names(name);
  while (!filters.done()) {
    const std::string_view wanted = filters.next();
    // The level before took the last one of the name: `a/#` takes `a`.
    if (wanted == "#") return true;
    if (names.done()) return false;
    const std::string_view level = names.next();
    if (wanted != "+" && wanted != level) return false;
  }
  return names.done();
}

}  // namespace iot::mqtt
