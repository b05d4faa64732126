// The body and the parameters of a _search, parsed.
#pragma once

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "query/aggregation.h"
#include "query/elasticsearch.h"
#include "query/json_tree.h"
#include "query/query.h"
#include "query/sort_spec.h"
#include "query/source_filter.h"

namespace iot::query {

struct DocvalueField {
  std::string pattern;
  std::optional<DateFormat> format;
};

/// A search over a point in time that was opened before.
struct PointInTime {
  std::string id;
  std::optional<std::chrono::milliseconds> keep_alive;
};

struct SearchRequest {
  /// No limit: count all.
  static constexpr std::int64_t track_all = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t track_none = -1;

  QueryPtr query;  ///< null: all documents
  Aggregations aggregations;
  SortSpec sort;
  std::vector<JsonNode> search_after;
  std::int64_t from = 0;
  std::int64_t size = 10;
  std::int64_t track_total_hits = 10'000;
  bool tracks_given = false;  ///< track_total_hits was asked for
  bool track_scores = false;
  SourceFilter source;
  std::vector<DocvalueField> docvalue_fields;
  std::vector<DocvalueField> fields;  ///< as docvalue_fields, but of what was sent: texts too
  bool shows_id = true;
  bool shows_version = false;
  bool shows_sequence = false;
  std::optional<PointInTime> point_in_time;
  std::optional<std::chrono::milliseconds> scroll;  ///< how long the next page may take to be asked for
  std::optional<std::chrono::milliseconds> timeout;
  std::size_t text_bytes = 0;  ///< of the body that it came from
  AnswerForm form;
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// Parameters win over the body. `endpoint` is named where a parameter is unknown.
EsResult<SearchRequest> parse_search(std::string_view body, const Parameters& parameters, std::string_view endpoint,
                                     const QueryLimits& limits, Timestamp now);
/// The body of a _count: a query and nothing else; without a body, that of the parameters. Null for all documents.
EsResult<QueryPtr> parse_count(std::string_view body, const Parameters& parameters, const QueryLimits& limits);

/// The query of `q` and the parameters that belong to it; null without `q`.
EsResult<QueryPtr> parse_query_parameters(const Parameters& parameters, const QueryLimits& limits);
bool is_query_parameter(std::string_view name) noexcept;
/// "30s" as `parameter` of a request.
EsResult<std::chrono::milliseconds> parse_time_value(std::string_view parameter, const std::string& text);

/// "request [/x/_search] contains unrecognized parameter: [name]".
EsError unknown_parameter(std::string_view endpoint, std::string_view name);
/// Parameters that say how an answer is printed or sent, or choose among indices: elsewhere seen to, or without effect
/// here.
bool is_common_parameter(std::string_view name) noexcept;

}  // namespace iot::query
