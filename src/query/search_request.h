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
  bool track_scores = false;
  SourceFilter source;
  std::vector<DocvalueField> docvalue_fields;
  std::optional<std::chrono::milliseconds> timeout;
  bool total_hits_as_integer = false;
  AnswerForm form;
};

/// [{"field": pattern, "format": ...}, "pattern"]: the array under "docvalue_fields".
EsResult<std::vector<DocvalueField>> parse_docvalue_fields(const JsonMember& member);

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// Parameters win over the body. `endpoint` is named where a parameter is unknown.
EsResult<SearchRequest> parse_search(std::string_view body, const Parameters& parameters, std::string_view endpoint,
                                     const QueryLimits& limits, Timestamp now);
/// The body of a _count: a query and nothing else. Null for all documents.
EsResult<QueryPtr> parse_count(std::string_view body, const QueryLimits& limits);

/// "request [/x/_search] contains unrecognized parameter: [name]".
EsError unknown_parameter(std::string_view endpoint, std::string_view name);
/// Parameters that say how an answer is printed or sent, or choose among indices: elsewhere seen to, or without effect
/// here.
bool is_common_parameter(std::string_view name) noexcept;

}  // namespace iot::query
