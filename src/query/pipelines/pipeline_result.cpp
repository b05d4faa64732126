#include "query/pipelines/pipeline_result.h"

#include <cmath>

namespace iot::query {

std::optional<double> finite(double value) noexcept {
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

void write_value(JsonWriter& json, std::string_view name, double value) {
  json.key(name).real(value);
}

void write_formatted(JsonWriter& json, std::string_view name, double value, const NumberFormat* format) {
  write_value(json, name, value);
  if (format && std::isfinite(value)) json.key(std::string(name) + "_as_string").string(format->write(value));
}

void SimpleValue::write(JsonWriter& json) const {
  write_formatted(json, "value", value_, format_);
}

std::optional<double> SimpleValue::number(std::string_view) const {
  return finite(value_);
}

void DerivativeValue::write(JsonWriter& json) const {
  SimpleValue::write(json);
  if (distance_ > 0) write_formatted(json, "normalized_value", normalized(), format_);
}

bool DerivativeValue::has_number(std::string_view property) const {
  return property == "normalized_value" || SimpleValue::has_number(property);
}

std::optional<double> DerivativeValue::number(std::string_view property) const {
  return finite(property == "normalized_value" ? normalized() : value_);
}

void BucketMetricValue::write(JsonWriter& json) const {
  write_formatted(json, "value", value_, format_);
  json.key("keys").begin_array();
  for (const std::string& key : keys_) json.string(key);
  json.end_array();
}

std::optional<double> BucketMetricValue::number(std::string_view) const {
  return finite(value_);
}

std::size_t BucketMetricValue::memory_bytes() const {
  std::size_t bytes = sizeof *this;
  for (const std::string& key : keys_) bytes += sizeof key + key.size();
  return bytes;
}

}  // namespace iot::query
