// A date pattern of java.time's letters, compiled: how DateFormat reads and writes "yyyy-MM-dd'T'HH:mm:ss.SSSXXX".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/date_format.h"

namespace iot::query {

struct DateFormat::Item {
  enum class Kind { literal, field, optional };
  Kind kind = Kind::literal;
  std::string literal;
  char letter = 0;
  unsigned width = 0;
  std::vector<Item> items;  ///< of an optional part
};

/// Parts of a date as far as a text gave them.
struct DateParts {
  std::optional<std::int64_t> year;
  std::optional<unsigned> month, day, hour, half_day_hour, minute, second;
  std::optional<bool> afternoon;
  std::optional<std::int32_t> nanos;
  std::optional<TimeZone> zone;

  /// Nothing if a part is out of its range (the 30th of February).
  std::optional<ParsedDate> resolve(FillUp fill, const TimeZone& default_zone) const;
};

EsResult<std::vector<DateFormat::Item>> compile_date_pattern(std::string_view pattern);
std::optional<DateParts> read_date_pattern(const std::vector<DateFormat::Item>& items, std::string_view text);
std::string write_date_pattern(const std::vector<DateFormat::Item>& items, Moment moment, const TimeZone& zone);

/// "Z" or "+01:00" (with seconds where the zone has them); without a colon where `colon` is false.
std::string write_zone_offset(std::int64_t offset_s, bool colon, bool z_for_zero);

}  // namespace iot::query
