// Which form of an answer a client wants: the request's Accept (RFC 9110 section 12.5.1).
#pragma once

#include <optional>
#include <string_view>

#include "rows/row_writer.h"

namespace iot::api {

/// How much `media_type` ("text/csv") is wanted, in thousandths: the quality of the most specific range that fits it, 0
/// where none does. Parameters of ranges other than q are not looked at, and what is not of the form of a range is
/// passed over. Without an Accept everything is wanted.
unsigned accepted_quality(std::string_view accept, std::string_view media_type) noexcept;

/// The rows that a search is to be answered in: CSV or Arrow, if they are wanted more than JSON; else nothing.
std::optional<rows::Form> rows_wanted_of_search(std::string_view accept) noexcept;

/// The form of readings where all come as rows: JSON lines where as much is said for another; nothing if no form that
/// there is will do.
std::optional<rows::Form> rows_wanted(std::string_view accept) noexcept;

}  // namespace iot::api
