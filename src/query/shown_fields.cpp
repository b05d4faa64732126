#include "query/shown_fields.h"

#include <string>
#include <utility>

#include "query/json_fields.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

/// The format that the field has of itself.
constexpr std::string_view own_format = "use_field_mapping";
/// What Elasticsearch calls the reader of such an object.
constexpr std::string_view object_parser = "fetch_field_and_format";

EsResult<DocvalueField> parse_one(const JsonMember& member, const JsonNode& item) {
  DocvalueField field;
  if (item.is_string()) {
    field.pattern = item.text;
  } else if (item.is_object()) {
    for (const JsonMember& option : item.members) {
      if (option.name == "include_unmapped" && member.name == "fields") {
        // Every field that a reading has is mapped.
        ES_CHECK(read_flag(member.name, option));
        continue;
      }
      if (option.name != "field" && option.name != "format") return unknown_field(object_parser, option);
      if (option.name == "format" && option.value.is_null()) continue;
      if (!option.value.is_string()) return wrong_kind(object_parser, option);
      const std::string& text = option.value.text;
      if (option.name == "field") {
        field.pattern = text;
      } else if (text != own_format) {
        ES_TRY(field.format, DateFormat::parse(text));
      }
    }
  } else {
    return wrong_kind(member.name, member);
  }
  if (field.pattern.empty()) return illegal_argument("Required [field]");
  // Of `_id` each index says why not.
  const bool is_id = member.name == "docvalue_fields" && field.pattern == "_id";
  if (field.pattern.starts_with('_') && !is_id) {
    return illegal_argument("[" + member.name + "] of [" + field.pattern + "] is not supported");
  }
  return field;
}

}  // namespace

EsResult<void> check_shown_fields_count(std::size_t count) {
  constexpr std::size_t fields_max = 100;
  if (count <= fields_max) return {};
  return illegal_argument(
      "Trying to retrieve too many docvalue_fields. Must be less than or equal to: [100] but was [" +
      std::to_string(count) +
      "]. This limit can be set by changing the [index.max_docvalue_fields_search] index level setting.");
}

EsResult<std::vector<DocvalueField>> parse_shown_fields(const JsonMember& member) {
  if (!member.value.is_array()) return wrong_kind(member.name, member);
  ES_CHECK(check_shown_fields_count(member.value.items.size()));
  std::vector<DocvalueField> fields;
  for (const JsonNode& item : member.value.items) {
    ES_TRY(DocvalueField field, parse_one(member, item));
    fields.push_back(std::move(field));
  }
  return fields;
}

const DocvalueField* shown_as(const std::vector<DocvalueField>& fields, std::string_view name) {
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    if (fits_wildcard(field->pattern, name)) return &*field;
  }
  return nullptr;
}

EsResult<void> check_formats(const Series& series, const std::vector<DocvalueField>& fields) {
  const auto refuse = [](std::string_view name, std::string_view type) {
    return illegal_argument("Field [" + std::string(name) + "] of type [" + std::string(type) +
                            "] doesn't support formats.")
        .on_shard();
  };
  for (const std::string_view name : {"device_id", "sensor_id"}) {
    const DocvalueField* field = shown_as(fields, name);
    if (field && field->format) return refuse(name, "keyword");
  }
  const DocvalueField* value = shown_as(fields, "value");
  if (value && value->format && series.mapping() != model::MappingType::date) {
    return refuse("value", model::to_string(series.mapping()));
  }
  return {};
}

}  // namespace iot::query
