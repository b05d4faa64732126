// The body of an _sql request, and the cursor that its next page is asked for with.
//
// A cursor is the request again, and how far its rows have got. It holds no right: what it asks for is checked as any
// request is, and a scroll belongs to whose token opened it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/search_request.h"
#include "query/sql/value.h"

namespace iot::query::sql {

struct Request {
  std::string query;
  std::vector<Value> parameters;
  std::string parameters_json;  ///< as they came, for the cursor
  std::string filter;           ///< a query as JSON; may be empty
  std::string zone_name = "Z";
  TimeZone zone;
  std::int64_t fetch_size = 1'000;
  bool columnar = false;
  std::string page_timeout = "45s", request_timeout;
  std::string cursor;  ///< as given; empty for a first page

  // Of a further page:
  std::optional<Timestamp> now;      ///< of the first one
  std::optional<std::int64_t> left;  ///< rows until LIMIT
  std::string scroll_id;
  std::string after;         ///< key of the last group, as JSON
  std::int64_t skipped = 0;  ///< groups shown before, of those in an order of their own
};

/// Of _sql and _sql/translate. A cursor stands for the rest of the request.
EsResult<Request> parse_request(std::string_view body, const QueryLimits& limits);
/// {"cursor": "..."} of _sql/close.
EsResult<Request> parse_close(std::string_view body, const QueryLimits& limits);

/// Text that parse_request takes as `cursor`.
std::string cursor_of(const Request& request, Timestamp now);

/// JSON of what was read from JSON.
void append_node(std::string& out, const JsonNode& node);

}  // namespace iot::query::sql
