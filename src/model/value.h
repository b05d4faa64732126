// One typed value of a reading, its coercion to a mapping, and its JSON form.
//
// Many values at once: model/reading_batch.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/ids.h"
#include "model/mapping.h"

namespace iot::model {

/// A value as it is kept: the alternative is that of column_kind(mapping).
using Value = std::variant<double, std::int64_t, std::string>;

/// A value as a client sent it. A number keeps its text, so that a long stays exact and a keyword keeps its digits.
struct RawValue {
  enum class Kind : std::uint8_t { number, string, boolean_true, boolean_false, json };
  Kind kind;
  /// number: its JSON text; string: the unescaped UTF-8; json: an object's or array's compact JSON text.
  std::string_view text;
};

/// `raw` as a value of `mapping`, by Elasticsearch's rules (a numeric string is a number; a number for an integer type
/// is truncated towards zero; boolean takes true, false, "true", "false", ""; date takes RFC 3339 or milliseconds since
/// 1970; geo_point takes {"lat","lon"}, [lon,lat] or "lat,lon"). Refused with Errc::value_does_not_fit: out of range,
/// not finite, another kind. The message says what was expected.
Result<Value> coerce(MappingType mapping, const RawValue& raw);

/// Appends the value's JSON form: what queries and exports show. `value` holds the alternative of the mapping.
void append_value_json(std::string& out, MappingType mapping, double value);
void append_value_json(std::string& out, MappingType mapping, std::int64_t value);
void append_value_json(std::string& out, MappingType mapping, std::string_view value);
void append_value_json(std::string& out, MappingType mapping, const Value& value);

/// A document's `_id`: base64url of the time (8 bytes, big-endian nanoseconds) and the first 7 bytes of SHA-256 over
/// "<sensor id>\n<value as JSON>": 20 characters. The same on every engine, so that what is delivered twice is stored
/// once.
std::string reading_id(SensorId sensor, Timestamp time, std::string_view value_json);

/// The time inside a reading's id; nothing if `id` is not of the form.
std::optional<Timestamp> time_of_reading_id(std::string_view id) noexcept;

}  // namespace iot::model
