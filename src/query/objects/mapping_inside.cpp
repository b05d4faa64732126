#include "query/objects/mapping_inside.h"

#include <algorithm>
#include <map>

#include "query/objects/inside_field.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

constexpr std::string_view inside_prefix = "value.";

struct Node {
  const ObjectField* field = nullptr;  ///< null for an object
  std::map<std::string_view, Node> below;
};

void write_node(JsonWriter& json, const Node& node) {
  if (node.field) return write_field_mapping(json, *node.field);
  json.begin_object();
  json.key("properties").begin_object();
  for (const auto& [name, below] : node.below) {
    json.key(name);
    write_node(json, below);
  }
  json.end_object().end_object();
}

}  // namespace

EsResult<std::vector<ObjectField>> fields_inside(const Series& series, const std::vector<std::string>& patterns) {
  std::vector<ObjectField> fields;
  if (series.mapping() != model::MappingType::object || !series.fields) return fields;
  const auto is_wide = [](const std::string& pattern) {
    return pattern == "_all" || (pattern.find('*') != std::string::npos && may_name_inside(pattern));
  };
  if (std::any_of(patterns.begin(), patterns.end(), is_wide)) {
    ES_TRY(fields, series.fields->all(series));
    std::erase_if(fields, [&](const ObjectField& field) {
      const std::string name = std::string(inside_prefix) + field.name;
      return std::none_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
        return pattern == "_all" || fits_wildcard(pattern, name);
      });
    });
    return fields;
  }
  for (const std::string& name : patterns) {
    if (!name.starts_with(inside_prefix)) continue;
    ES_TRY(auto field, series.fields->find(series, name.substr(inside_prefix.size())));
    if (field) fields.push_back(std::move(*field));
  }
  std::sort(fields.begin(), fields.end(), [](const ObjectField& a, const ObjectField& b) { return a.name < b.name; });
  return fields;
}

void write_object_mapping(JsonWriter& json, const std::vector<ObjectField>& fields) {
  Node root;
  for (const ObjectField& field : fields) {
    // A text says itself that it has one.
    if (field.type == model::MappingType::keyword) continue;
    Node* node = &root;
    std::string_view rest = field.path;
    for (std::size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
      node = &node->below[rest.substr(0, dot)];
      rest = rest.substr(dot + 1);
    }
    node->below[rest].field = &field;
  }
  if (!root.below.empty()) return write_node(json, root);
  json.begin_object();
  json.key("type").string("object");
  json.end_object();
}

void write_field_mapping(JsonWriter& json, const ObjectField& field) {
  json.begin_object();
  json.key("type").string(model::to_string(field.type));
  if (field.type == model::MappingType::keyword) json.key("ignore_above").integer(256);
  if (field.type == model::MappingType::text) {
    json.key("fields").begin_object();
    json.key("keyword");
    write_field_mapping(json, {field.name, model::MappingType::keyword, field.path});
    json.end_object();
  }
  json.end_object();
}

}  // namespace iot::query
