// A value of an SQL expression or of a cell of its answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "query/json_tree.h"
#include "query/time_zone.h"

namespace iot::query::sql {

struct Value {
  enum class Kind { null, boolean, integer, real, text, datetime, interval };

  Kind kind = Kind::null;
  std::int64_t integer = 0;  ///< 0 or 1 of a boolean; nanoseconds since 1970 of a datetime; nanoseconds of an interval
  std::int64_t months = 0;   ///< of an interval: months have no fixed length
  double real = 0;
  std::string text;

  static Value of_boolean(bool flag);
  static Value of_integer(std::int64_t number);
  static Value of_real(double number);
  static Value of_text(std::string text);
  static Value of_datetime(std::int64_t ns);

  bool is_null() const noexcept { return kind == Kind::null; }
  bool is_true() const noexcept { return kind == Kind::boolean && integer != 0; }
  bool is_number() const noexcept { return kind == Kind::integer || kind == Kind::real; }
  double as_real() const noexcept { return kind == Kind::real ? real : static_cast<double>(integer); }
  bool operator==(const Value&) const = default;
};

/// Below 0, 0, above 0; nothing for two kinds that have no order among each other, or where one is null.
std::optional<int> compare(const Value& a, const Value& b);

/// "2018-01-01T00:00:00.000Z" in the zone, with as many digits of the fraction as there are, at least three.
std::string datetime_text(std::int64_t ns, const TimeZone& zone);

/// As text formats show it; empty for null.
std::string to_text(const Value& value, const TimeZone& zone);
void append_json(std::string& out, const Value& value, const TimeZone& zone);
/// A text as JSON.
std::string quoted(std::string_view text);

/// A field, a key or a result in a search's answer as a value of the column type `type` ("double", "datetime", ...).
Value value_of(const JsonNode& node, std::string_view type);

}  // namespace iot::query::sql
