#include "query/sql/schema.h"

#include <map>

namespace iot::query::sql {
namespace {

std::string sql_type(model::MappingType mapping) {
  return mapping == model::MappingType::date ? "datetime" : std::string(model::to_string(mapping));
}

}  // namespace

Schema::Schema(const std::vector<Series>& series) {
  std::map<std::string, std::string> first_index;
  for (const Series& one : series) first_index.emplace(sql_type(one.mapping()), one.name);
  if (first_index.size() == 1) {
    value_type_ = first_index.begin()->first;
    value_is_object_ = value_type_ == "object";
    return;
  }
  value_conflict_ = "Cannot use field [value] due to ambiguities being mapped as [" +
                    std::to_string(first_index.size()) + "] incompatible types:";
  for (const auto& [type, name] : first_index) {
    value_conflict_ += (value_conflict_.ends_with(':') ? " [" : ", [") + type + "] in [" + name + "]";
  }
}

EsResult<std::string> Schema::type_of(const Expression& column) const {
  if (column.name == "timestamp") return std::string("datetime");
  if (column.name == "device_id" || column.name == "sensor_id") return std::string("keyword");
  if (column.name != "value") return verification_fault(column.at, "Unknown column [" + column.name + "]");
  if (value_type_.empty()) return verification_fault(column.at, value_conflict_);
  if (value_is_object_) {
    return verification_fault(column.at, "Cannot use field [value] type [object] only its subfields");
  }
  return value_type_;
}

std::vector<std::string> Schema::names() const {
  if (value_is_object_) return {"device_id", "sensor_id", "timestamp"};
  return {"device_id", "sensor_id", "timestamp", "value"};
}

bool is_numeric(std::string_view type) noexcept {
  return type == "double" || type == "float" || type == "long" || type == "integer" || type == "short" ||
         type == "byte";
}

}  // namespace iot::query::sql
