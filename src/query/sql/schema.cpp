#include "query/sql/schema.h"

#include <map>
#include <set>

#include "query/objects/inside_field.h"

namespace iot::query::sql {
namespace {

std::string sql_type(model::MappingType mapping) {
  return mapping == model::MappingType::date ? "datetime" : std::string(model::to_string(mapping));
}

constexpr std::string_view inside_prefix = "value.";

std::string ambiguity(const std::string& field, const std::map<std::string, std::string>& first_index) {
  std::string text = "Cannot use field [" + field + "] due to ambiguities being mapped as [" +
                     std::to_string(first_index.size()) + "] incompatible types:";
  for (const auto& [type, name] : first_index) {
    text += (text.ends_with(':') ? " [" : ", [") + type + "] in [" + name + "]";
  }
  return text;
}

EsError only_subfields(const Expression& column) {
  return verification_fault(column.at, "Cannot use field [" + column.name + "] type [object] only its subfields");
}

}  // namespace

Schema::Schema(const std::vector<Series>& series) : series_(series) {
  std::map<std::string, std::string> first_index;
  for (const Series& one : series) first_index.emplace(sql_type(one.mapping()), one.name);
  if (first_index.size() == 1) {
    value_type_ = first_index.begin()->first;
    value_is_object_ = value_type_ == "object";
    return;
  }
  value_conflict_ = ambiguity("value", first_index);
}

EsResult<std::string> Schema::type_of(const Expression& column) const {
  if (column.name == "timestamp") return std::string("datetime");
  if (column.name == "device_id" || column.name == "sensor_id") return std::string("keyword");
  if (column.name.starts_with(inside_prefix)) return type_inside(column);
  if (column.name != "value") return verification_fault(column.at, "Unknown column [" + column.name + "]");
  if (value_type_.empty()) return verification_fault(column.at, value_conflict_);
  if (value_is_object_) return only_subfields(column);
  return value_type_;
}

EsResult<std::string> Schema::type_inside(const Expression& column) const {
  std::map<std::string, std::string> first_index;
  for (const Series& one : series_) {
    ES_TRY(const Series inside, series_inside(one, column.name.substr(inside_prefix.size())));
    // An index without the field says nothing.
    if (inside.mapping() != model::MappingType::object) first_index.emplace(sql_type(inside.mapping()), one.name);
  }
  if (first_index.size() == 1) return first_index.begin()->first;
  if (!first_index.empty()) return verification_fault(column.at, ambiguity(column.name, first_index));
  for (const Series& one : series_) {
    if (one.mapping() != model::MappingType::object) continue;
    ES_TRY(const auto field, one.fields->find(one, column.name.substr(inside_prefix.size())));
    if (field) return only_subfields(column);
  }
  return verification_fault(column.at, "Unknown column [" + column.name + "]");
}

EsResult<std::vector<std::string>> Schema::names() const {
  std::vector<std::string> names{"device_id", "sensor_id", "timestamp"};
  if (!value_is_object_) {
    names.emplace_back("value");
    return names;
  }
  std::map<std::string, std::set<model::MappingType>> types;
  for (const Series& one : series_) {
    if (!one.fields) continue;
    ES_TRY(const auto fields, one.fields->all(one));
    for (const ObjectField& field : fields) {
      // A text's keyword is the same once more.
      if (field.type != model::MappingType::keyword) types[field.name].insert(field.type);
    }
  }
  for (const auto& [name, found] : types) {
    if (found.size() == 1) names.push_back(std::string(inside_prefix) + name);
  }
  return names;
}

bool is_numeric(std::string_view type) noexcept {
  return type == "double" || type == "float" || type == "long" || type == "integer" || type == "short" ||
         type == "byte";
}

}  // namespace iot::query::sql
