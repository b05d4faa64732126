// Moments as text: RFC 3339 in, Elasticsearch's strict_date_optional_time_nanos out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace iot {

enum class FractionDigits { none = 0, milliseconds = 3, microseconds = 6, nanoseconds = 9 };

/// "2018-05-19T08:19:27.000000000Z".
std::string format_timestamp(Timestamp time, FractionDigits digits = FractionDigits::nanoseconds);
void append_timestamp(std::string& out, Timestamp time, FractionDigits digits = FractionDigits::nanoseconds);

/// RFC 3339 section 5.6 "date-time": the zone is required, 'T' and 'Z' may be small, a blank may stand for 'T', up to
/// nine digits of fraction count and further ones are cut off, a leap second (:60) reads as the second after it.
/// Nothing where the text is anything else, or the moment does not fit 64 bits of nanoseconds.
std::optional<Timestamp> parse_rfc3339(std::string_view text) noexcept;

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar. Month 1 to 12, day 1 to 31.
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) noexcept;

/// 28 to 31.
unsigned days_in_month(std::int64_t year, unsigned month) noexcept;

}  // namespace iot
