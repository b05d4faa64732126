#include <limits>

#include "base/time_text.h"
#include "model/geo_point.h"
#include "model/number_text.h"
#include "model/value.h"

namespace iot::model {
namespace {

using Kind = RawValue::Kind;

/// What a person is told that the mapping takes.
std::string_view expectation(MappingType mapping) noexcept {
  switch (mapping) {
    case MappingType::double_precision:
      return "a finite number";
    case MappingType::single_precision:
      return "a number from -3.4028235e38 to 3.4028235e38";
    case MappingType::long_integer:
      return "a number from -9223372036854775808 to 9223372036854775807";
    case MappingType::integer:
      return "a number from -2147483648 to 2147483647";
    case MappingType::short_integer:
      return "a number from -32768 to 32767";
    case MappingType::byte_integer:
      return "a number from -128 to 127";
    case MappingType::boolean:
      return "true, false, \"true\", \"false\" or \"\"";
    case MappingType::keyword:
    case MappingType::text:
      return "a string, a number or a boolean";
    case MappingType::date:
      return "an RFC 3339 time or milliseconds since 1970, from the year 1677 to 2262";
    case MappingType::geo_point:
      return "{\"lat\",\"lon\"}, [lon,lat] or \"lat,lon\" in degrees";
    case MappingType::object:
      return "a JSON object";
  }
  return "a value";
}

std::string shown(const RawValue& raw) {
  // Long enough to recognise the value, short enough for a thousand of these in one answer.
  constexpr std::size_t shown_bytes_max = 48;
  switch (raw.kind) {
    case Kind::boolean_true:
      return "true";
    case Kind::boolean_false:
      return "false";
    default:
      break;
  }
  std::string text(raw.text.substr(0, shown_bytes_max));
  if (raw.text.size() > shown_bytes_max) text += "...";
  return raw.kind == Kind::string ? '"' + text + '"' : text;
}

Error does_not_fit(MappingType mapping, const RawValue& raw) {
  return make_error(Errc::value_does_not_fit,
                    "value " + shown(raw) + " does not fit the mapping " + std::string(to_string(mapping)) +
                        ", which takes " + std::string(expectation(mapping)),
                    "value");
}

std::optional<Decimal> decimal_of(const RawValue& raw) noexcept {
  if (raw.kind != Kind::number && raw.kind != Kind::string) return {};
  return parse_decimal(raw.text);
}

std::optional<Value> real_value(const RawValue& raw) noexcept {
  const auto decimal = decimal_of(raw);
  if (!decimal) return {};
  return nearest_double(*decimal);
}

std::optional<Value> float_value(const RawValue& raw) noexcept {
  const auto decimal = decimal_of(raw);
  if (!decimal) return {};
  // Read as a float, not as a double that is then rounded again.
  const auto nearest = nearest_float(*decimal);
  if (!nearest) return {};
  return static_cast<double>(*nearest);
}

template <class Integer>
std::optional<Value> integer_value(const RawValue& raw) noexcept {
  const auto decimal = decimal_of(raw);
  if (!decimal) return {};
  const auto value = truncated(*decimal);
  if (!value || *value < std::numeric_limits<Integer>::min() || *value > std::numeric_limits<Integer>::max()) return {};
  return *value;
}

std::optional<Value> boolean_value(const RawValue& raw) noexcept {
  if (raw.kind == Kind::boolean_true) return std::int64_t{1};
  if (raw.kind == Kind::boolean_false) return std::int64_t{0};
  if (raw.kind != Kind::string) return {};
  if (raw.text == "true") return std::int64_t{1};
  if (raw.text == "false" || raw.text.empty()) return std::int64_t{0};
  return {};
}

std::optional<Value> text_value(const RawValue& raw) {
  switch (raw.kind) {
    case Kind::number:
    case Kind::string:
      return std::string(raw.text);
    case Kind::boolean_true:
      return std::string("true");
    case Kind::boolean_false:
      return std::string("false");
    case Kind::json:
      return {};
  }
  return {};
}

std::optional<Value> date_value(const RawValue& raw) noexcept {
  if (raw.kind == Kind::string) {
    if (const auto time = parse_rfc3339(raw.text)) return time->ns;
  }
  const auto decimal = decimal_of(raw);
  if (!decimal) return {};
  // Milliseconds to nanoseconds: six digits further.
  return truncated(*decimal, 6);
}

std::optional<Value> geo_point_value(const RawValue& raw) {
  auto point = normalise_geo_point(raw);
  if (!point) return {};
  return std::move(*point);
}

std::optional<Value> object_value(const RawValue& raw) {
  if (raw.kind != Kind::json || raw.text.empty() || raw.text[0] != '{') return {};
  return std::string(raw.text);
}

std::optional<Value> coerced(MappingType mapping, const RawValue& raw) {
  switch (mapping) {
    case MappingType::double_precision:
      return real_value(raw);
    case MappingType::single_precision:
      return float_value(raw);
    case MappingType::long_integer:
      return integer_value<std::int64_t>(raw);
    case MappingType::integer:
      return integer_value<std::int32_t>(raw);
    case MappingType::short_integer:
      return integer_value<std::int16_t>(raw);
    case MappingType::byte_integer:
      return integer_value<std::int8_t>(raw);
    case MappingType::boolean:
      return boolean_value(raw);
    case MappingType::keyword:
    case MappingType::text:
      return text_value(raw);
    case MappingType::date:
      return date_value(raw);
    case MappingType::geo_point:
      return geo_point_value(raw);
    case MappingType::object:
      return object_value(raw);
  }
  return {};
}

}  // namespace

Result<Value> coerce(MappingType mapping, const RawValue& raw) {
  auto value = coerced(mapping, raw);
  if (!value) return does_not_fit(mapping, raw);
  return std::move(*value);
}

}  // namespace iot::model
