// The declared type of a sensor's values, named after Elasticsearch's field types, and how its values are kept.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/failure.h"

namespace iot::model {

enum class Errc {
  unknown_mapping = 1,  ///< Not one of the mapping types. Correct the request.
  value_does_not_fit,   ///< The value cannot be coerced to the mapping. Correct the reading.
  damaged_batch,        ///< Bytes that are not an encoded batch.
  invalid_path,         ///< Not a path in a device's tree. Correct the request.
};
ErrcInfo describe(Errc code) noexcept;
constexpr const char* errc_module(Errc) {
  return "model";
}

/// Numbers are part of stored formats: never change one.
enum class MappingType : std::uint8_t {
  double_precision = 0,  ///< "double"
  single_precision = 1,  ///< "float"
  long_integer = 2,      ///< "long": 64 bits
  integer = 3,           ///< "integer": 32 bits
  short_integer = 4,     ///< "short": 16 bits
  byte_integer = 5,      ///< "byte": 8 bits
  boolean = 6,
  keyword = 7,
  text = 8,
  date = 9,
  geo_point = 10,
  object = 11,
};
inline constexpr std::size_t mapping_type_count = 12;

/// How values of a mapping lie in memory, in the log and in chunks.
enum class ColumnKind : std::uint8_t {
  real = 0,     ///< 64-bit IEEE 754: double, and float (rounded to it)
  integer = 1,  ///< 64-bit signed: long, integer, short, byte, boolean (0 or 1), date (ns since 1970)
  text = 2,     ///< bytes: keyword and text (UTF-8 as sent), geo_point and object (compact JSON)
};

constexpr ColumnKind column_kind(MappingType type) noexcept {
  switch (type) {
    case MappingType::double_precision:
    case MappingType::single_precision:
      return ColumnKind::real;
    case MappingType::long_integer:
    case MappingType::integer:
    case MappingType::short_integer:
    case MappingType::byte_integer:
    case MappingType::boolean:
    case MappingType::date:
      return ColumnKind::integer;
    case MappingType::keyword:
    case MappingType::text:
    case MappingType::geo_point:
    case MappingType::object:
      return ColumnKind::text;
  }
  return ColumnKind::text;
}

/// "double", "float", "long", ...
std::string_view to_string(MappingType type) noexcept;
std::optional<MappingType> parse_mapping_type(std::string_view name) noexcept;

}  // namespace iot::model
