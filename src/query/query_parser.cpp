#include <algorithm>
#include <array>
#include <utility>

#include "query/query.h"

namespace iot::query {
namespace {

constexpr std::array<std::pair<std::string_view, ParseQuery>, 21> families{{
    {"match_all", parse_match_all},
    {"match_none", parse_match_none},
    {"exists", parse_exists},
    {"bool", parse_bool},
    {"constant_score", parse_constant_score},
    {"term", parse_term},
    {"terms", parse_terms},
    {"match", parse_match},
    {"range", parse_range},
    {"ids", parse_ids},
    {"prefix", parse_prefix},
    {"wildcard", parse_wildcard},
    {"geo_bounding_box", parse_geo_bounding_box},
    {"geo_distance", parse_geo_distance},
    {"match_phrase", parse_match_phrase},
    {"multi_match", parse_multi_match},
    {"query_string", parse_query_string},
    {"simple_query_string", parse_simple_query_string},
    {"dis_max", parse_dis_max},
    {"boosting", parse_boosting},
    {"nested", parse_nested},
}};

/// Elasticsearch's other clauses: known, and refused by name.
constexpr std::array<std::string_view, 42> refused{
    "fuzzy",
    "regexp",
    "match_phrase_prefix",
    "match_bool_prefix",
    "combined_fields",
    "common",
    "intervals",
    "terms_set",
    "type",
    "has_child",
    "has_parent",
    "parent_id",
    "geo_grid",
    "geo_polygon",
    "geo_shape",
    "shape",
    "distance_feature",
    "rank_feature",
    "more_like_this",
    "percolate",
    "pinned",
    "rule",
    "rule_query",
    "semantic",
    "knn",
    "sparse_vector",
    "text_expansion",
    "weighted_tokens",
    "exact_knn",
    "script",
    "script_score",
    "function_score",
    "wrapper",
    "span_term",
    "span_near",
    "span_or",
    "span_not",
    "span_first",
    "span_containing",
    "span_within",
    "span_multi",
    "field_masking_span",
};

}  // namespace

EsResult<void> Query::add_scores(const Series&, Timestamp, const Filter& where, std::vector<ScorePart>& parts) const {
  parts.push_back({where, boost});
  return {};
}

EsResult<void> QueryParser::count_clause() {
  if (clauses_left_ == 0) {
    return EsError(400, "too_many_nested_clauses",
                   "Query contains too many nested clauses; maxClauseCount is set to " + std::to_string(clauses_max_));
  }
  --clauses_left_;
  return {};
}

EsResult<QueryPtr> QueryParser::parse(const JsonNode& node, std::string_view name) {
  if (!node.is_object()) {
    return parsing_error(node.at, "[" + std::string(name) + "] query malformed, must start with start_object");
  }
  if (node.members.empty()) return illegal_argument("query malformed, empty clause found");
  const JsonMember& clause = node.members[0];
  if (!clause.value.is_object()) {
    return parsing_error(clause.value.at, "[" + clause.name + "] query malformed, no start_object after query name");
  }
  ES_CHECK(count_clause());
  for (const auto& [family, parse_family] : families) {
    if (family != clause.name) continue;
    ES_TRY(QueryPtr query, parse_family(*this, clause.name, clause.value));
    if (node.members.size() > 1) {
      return parsing_error(node.members[1].at,
                           "[" + clause.name + "] malformed query, expected [END_OBJECT] but found [FIELD_NAME]");
    }
    return query;
  }
  const Position at = clause.value.at;
  if (std::find(refused.begin(), refused.end(), clause.name) != refused.end()) {
    return parsing_error(at, "[" + clause.name + "] query is not supported");
  }
  return parsing_error(at, "unknown query [" + clause.name + "]")
      .caused_by(
          {400, "named_object_not_found_exception",
           "[" + std::to_string(at.line) + ":" + std::to_string(at.column) + "] unknown field [" + clause.name + "]"});
}

}  // namespace iot::query
