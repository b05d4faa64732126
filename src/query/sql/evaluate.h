// Computes expressions over the slots of one row, or constant ones without a row.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "query/calendar.h"
#include "query/sql/expression.h"
#include "query/time_zone.h"

namespace iot::query::sql {

struct Evaluation {
  Timestamp now;
  TimeZone zone;
  std::string zone_name = "Z";  ///< as the request gave it
};

/// Whether there is such a function of values (not an aggregate), or such an operator.
bool is_scalar(std::string_view name) noexcept;

/// Unknown truth is null, as in SQL. Refused: kinds that do not fit, and numbers too large.
EsResult<Value> evaluate(const Expression& expression, const std::vector<Value>& row, const Evaluation& with);

/// The column type that the expression has; `slots` are the types of the slots.
std::string type_of(const Expression& expression, const std::vector<std::string>& slots);

/// "day", "months", "YEAR", ... as a unit of the calendar.
std::optional<CalendarUnit> calendar_unit(std::string_view name);

}  // namespace iot::query::sql
