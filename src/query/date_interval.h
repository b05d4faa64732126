// How long buckets of time are and where they begin, as requests say it: what date_histogram and composite share.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "query/json_fields.h"
#include "query/rounding.h"

namespace iot::query {

class DateInterval {
 public:
  /// Takes `fixed_interval`, `calendar_interval`, `offset` and `time_zone`; false if the member is another option.
  EsResult<bool> take(std::string_view type, const JsonMember& member);
  /// "Invalid interval specified, must be non-null and non-empty" if there is no interval.
  EsResult<Rounding> rounding() const { return rounding(offset_ms_); }
  EsResult<Rounding> rounding(std::int64_t offset_ms) const;
  std::int64_t offset_ms() const noexcept { return offset_ms_; }
  const TimeZone& zone() const noexcept { return zone_; }
  bool has_zone() const noexcept { return has_zone_; }

 private:
  EsResult<void> read_interval(std::string_view type, const JsonMember& member);

  std::optional<std::int64_t> fixed_ms_;
  std::optional<CalendarUnit> calendar_;
  std::int64_t offset_ms_ = 0;
  TimeZone zone_;
  bool has_zone_ = false;
};

}  // namespace iot::query
