// A _search whose answer is rows (CSV, Arrow) and not Elasticsearch's JSON: what of a search's body has a meaning
// there. Everything else is refused, for there is no place to answer it. docs/export.md.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "query/query.h"
#include "query/search_request.h"
#include "rows/row_writer.h"

namespace iot::query {

struct RowRequest {
  QueryPtr query;  ///< null: all readings
  /// Besides the query.
  store::TimeRange range;
  store::Direction direction = store::Direction::ascending;
  std::uint64_t rows_max = std::numeric_limits<std::uint64_t>::max();
  rows::Columns columns;
  rows::TimeText times = rows::TimeText::rfc3339;
};

/// Parameters win over the body. `endpoint` is named where a parameter is unknown.
EsResult<RowRequest> parse_row_request(std::string_view body, const Parameters& parameters, std::string_view endpoint,
                                       rows::Form form, const QueryLimits& limits);

}  // namespace iot::query
