#include "query/source_filter.h"

#include <algorithm>

#include "query/json_fields.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

constexpr std::size_t patterns_max = 256;

bool any_fits(const std::vector<std::string>& patterns, std::string_view field) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return fits_wildcard(pattern, field); });
}

/// `includes` and `excludes`: a text or a list of texts.
EsResult<std::vector<std::string>> read_patterns(const JsonMember& part) {
  const auto refuse = [&](const JsonNode& node) {
    return parsing_error(node.at, "Unknown key for a " + std::string(node.token_name()) + " in [" + part.name + "].");
  };
  if (part.value.is_string()) return std::vector{part.value.text};
  if (!part.value.is_array()) return refuse(part.value);
  std::vector<std::string> patterns;
  for (const JsonNode& item : part.value.items) {
    if (!item.is_string()) return refuse(item);
    patterns.push_back(item.text);
  }
  return patterns;
}

}  // namespace

bool SourceFilter::shows(std::string_view field) const {
  if (!includes.empty() && !any_fits(includes, field)) return false;
  return !any_fits(excludes, field);
}

EsResult<SourceFilter> parse_source_filter(const JsonMember& member) {
  SourceFilter filter;
  const JsonNode& node = member.value;
  if (node.is_boolean()) {
    filter.shown = node.flag;
  } else if (node.is_string() || node.is_array()) {
    ES_TRY(filter.includes, read_texts("_source", member));
  } else if (node.is_object()) {
    for (const JsonMember& part : node.members) {
      if (part.name == "includes" || part.name == "include") {
        ES_TRY(filter.includes, read_patterns(part));
      } else if (part.name == "excludes" || part.name == "exclude") {
        ES_TRY(filter.excludes, read_patterns(part));
      } else {
        return parsing_error(part.value.at,
                             "Unknown key for a " + std::string(part.value.token_name()) + " in [" + part.name + "].");
      }
    }
  } else {
    return parsing_error(node.at,
                         "Expected one of [VALUE_BOOLEAN, VALUE_STRING, START_ARRAY, START_OBJECT] but found [" +
                             std::string(node.token_name()) + "]");
  }
  if (filter.includes.size() + filter.excludes.size() > patterns_max) {
    return illegal_argument("[_source] takes at most 256 patterns");
  }
  return filter;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (const std::string_view part = text.substr(0, comma); !part.empty()) parts.emplace_back(part);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return parts;
}

}  // namespace iot::query
