// How a date_histogram finds the bucket of a time. Times are sorted, so the answer holds for a piece of time: the
// caller looks up once where the piece ends instead of dividing for each reading.
//
// A value; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "query/calendar.h"
#include "query/es_error.h"
#include "query/time_zone.h"

namespace iot::query {

/// "30s", "1d", "500ms": a positive length, in milliseconds. Nothing for anything else.
std::optional<std::int64_t> parse_fixed_interval_ms(std::string_view text);
/// "month" or "1M", ... Nothing for anything else.
std::optional<CalendarUnit> parse_calendar_interval(std::string_view text);
/// "second" to "year".
std::string_view name_of(CalendarUnit unit) noexcept;

class Rounding {
 public:
  Rounding(std::int64_t interval_ms, TimeZone zone, std::int64_t offset_ms);
  Rounding(CalendarUnit unit, TimeZone zone, std::int64_t offset_ms);

  struct Piece {
    std::int64_t key_ms;
    std::int64_t end_ms;  ///< not included; times from the asked one up to here have the same key
  };
  Piece piece_at(std::int64_t time_ms) const;

  std::int64_t key_of(std::int64_t time_ms) const { return piece_at(time_ms).key_ms; }
  /// The key of the bucket after that of `key_ms`.
  std::int64_t next_key(std::int64_t key_ms) const;

  /// How many of `unit` the bucket of `key_ms` is long; without a key, how many every bucket is. Refused on the shard:
  /// months as a measure of buckets that are not whole months, and without a key the reverse, as lengths differ.
  EsResult<double> length_in(CalendarUnit unit, std::optional<std::int64_t> key_ms) const;

 private:
  Piece calendar_piece(std::int64_t time_ms) const;
  Piece interval_piece(std::int64_t time_ms) const;

  std::int64_t interval_ms_ = 0;  ///< 0: by calendar unit
  CalendarUnit unit_ = CalendarUnit::day;
  bool is_calendar_ = false;  ///< asked for by calendar unit
  TimeZone zone_;
  std::int64_t offset_ms_ = 0;
};

}  // namespace iot::query
