#include "query/bucket_states.h"

#include <cmath>

#include "query/value_source.h"

namespace iot::query {

std::string java_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return number_text(value);
}

void write_any_real(JsonWriter& json, double value) {
  std::isfinite(value) ? json.real(value) : json.string(java_number(value));
}

}  // namespace iot::query
