#include "query/sort_spec.h"

#include <algorithm>
#include <array>
#include <utility>

#include "query/json_fields.h"

namespace iot::query {
namespace {

constexpr std::size_t keys_max = 32;

using Mode = SortKey::Mode;
constexpr std::array<std::pair<std::string_view, Mode>, 5> modes{{{"min", Mode::least},
                                                                  {"max", Mode::greatest},
                                                                  {"avg", Mode::average},
                                                                  {"sum", Mode::sum},
                                                                  {"median", Mode::median}}};

SortKey key_named(const std::string& name) {
  SortKey key;
  key.name = name;
  key.field = field_named(name);
  if (key.field == Field::inside_value) {
    key.path = key.field.path();
    key.field = Field::value;
  }
  if (name == "_score") {
    key.by = SortKey::By::score;
    key.ascending = false;
  } else if (name == "_doc") {
    key.by = SortKey::By::document;
  } else if (name == shard_document_name) {
    key.by = SortKey::By::shard_document;
  }
  return key;
}

EsResult<void> set_order(SortKey& key, std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (text != "asc" && text != "desc") return illegal_argument("Unknown SortOrder [" + text + "]");
  key.ascending = text == "asc";
  return {};
}

EsResult<void> read_option(SortKey& key, const JsonMember& option) {
  const std::string& name = option.name;
  if (name == "order") {
    ES_TRY(std::string text, read_text("field_sort", option));
    auto order = set_order(key, std::move(text));
    if (!order) return failed_field("field_sort", option, std::move(order).error());
    return {};
  }
  if (key.by != SortKey::By::field) return unknown_field(key.name, option);
  ES_TRY(const std::string text, read_text("field_sort", option));
  if (name == "missing") {
    key.missing_first = text == "_first";
    if (text != "_first" && text != "_last") key.missing_value = text;
  } else if (name == "unmapped_type") {
    key.unmapped_type = text;
  } else if (name == "mode") {
    const auto found = std::find_if(modes.begin(), modes.end(), [&](const auto& mode) { return mode.first == text; });
    if (found == modes.end()) {
      return failed_field("field_sort", option, illegal_argument("Unknown SortMode [" + text + "]"));
    }
    key.mode = found->second;
  } else if (name == "numeric_type") {
    if (text != "date_nanos" || key.field != Field::timestamp) {
      return illegal_argument("[numeric_type] of sort is supported as [date_nanos] on [timestamp] only");
    }
  } else if (name == "format") {
    ES_TRY(key.format, DateFormat::parse(text));
    if (key.field != Field::timestamp) return illegal_argument("[format] of sort is supported on [timestamp] only");
  } else {
    return unknown_field("field_sort", option);
  }
  return {};
}

EsResult<void> add_keys(SortSpec& spec, const JsonNode& node) {
  if (node.is_string()) {
    spec.keys.push_back(key_named(node.text));
  } else if (node.is_object()) {
    for (const JsonMember& member : node.members) {
      SortKey key = key_named(member.name);
      if (member.name == "_script" || member.name == "_geo_distance") {
        return illegal_argument("[" + member.name + "] sort is not supported");
      }
      if (member.value.is_object()) {
        for (const JsonMember& option : member.value.members) ES_CHECK(read_option(key, option));
      } else {
        ES_TRY(std::string order, read_text("sort", member));
        ES_CHECK(set_order(key, std::move(order)));
      }
      spec.keys.push_back(std::move(key));
    }
  } else {
    return illegal_argument("malformed sort format, within the sort array, an object, or an actual string are allowed");
  }
  if (spec.keys.size() > keys_max) return illegal_argument("[sort] takes at most 32 keys");
  return {};
}

/// Only _score, downwards, is what happens without a sort.
SortSpec simplified(SortSpec spec) {
  if (spec.keys.size() == 1 && spec.keys[0].by == SortKey::By::score && !spec.keys[0].ascending) spec.keys.clear();
  return spec;
}

}  // namespace

bool SortSpec::needs_score() const noexcept {
  if (keys.empty()) return true;
  return std::any_of(keys.begin(), keys.end(), [](const SortKey& key) { return key.by == SortKey::By::score; });
}

EsResult<SortSpec> parse_sort(const JsonNode& node) {
  SortSpec spec;
  if (!node.is_array()) {
    if (!node.is_string() && !node.is_object()) {
      return illegal_argument("malformed sort format, either start with array, object, or an actual string");
    }
    ES_CHECK(add_keys(spec, node));
    return simplified(std::move(spec));
  }
  for (const JsonNode& item : node.items) ES_CHECK(add_keys(spec, item));
  return simplified(std::move(spec));
}

EsResult<SortSpec> parse_sort_parameter(std::string_view text) {
  SortSpec spec;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const auto colon = part.rfind(':');
    SortKey key = key_named(std::string(part.substr(0, colon)));
    if (colon != std::string_view::npos) ES_CHECK(set_order(key, std::string(part.substr(colon + 1))));
    spec.keys.push_back(std::move(key));
    if (spec.keys.size() > keys_max) return illegal_argument("[sort] takes at most 32 keys");
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return simplified(std::move(spec));
}

}  // namespace iot::query
