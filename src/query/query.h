// A parsed query clause. Each family of clauses is a file (queries_*.cpp) with a parse function; the table in
// query_parser.cpp names them.
//
// Immutable after parsing.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "query/es_error.h"
#include "query/filter.h"
#include "query/json_tree.h"
#include "query/series.h"

namespace iot::query {

/// Readings that match `where` score `points` more.
struct ScorePart {
  Filter where;
  float points;
};

class Query {
 public:
  virtual ~Query() = default;

  /// What this clause asks of an index's readings. Errors are met on the shard.
  virtual EsResult<Filter> compile(const Series& series, Timestamp now) const = 0;

  /// Adds what the clause gives to the score of readings in `where`, all of which match it. A clause that is not made
  /// of others gives its boost.
  virtual EsResult<void> add_scores(const Series& series, Timestamp now, const Filter& where,
                                    std::vector<ScorePart>& parts) const;

  float boost = 1;
};

using QueryPtr = std::unique_ptr<const Query>;

/// State of parsing one request: how many clauses it may still have.
class QueryParser {
 public:
  explicit QueryParser(std::size_t clauses_max) : clauses_left_(clauses_max), clauses_max_(clauses_max) {}

  /// {"match_all": {}}: an object with one clause. `name` is that of the clause around it, for errors.
  EsResult<QueryPtr> parse(const JsonNode& node, std::string_view name = "_na");
  /// Takes one clause from what is left; too_many_nested_clauses where nothing is.
  EsResult<void> count_clause();

 private:
  std::size_t clauses_left_;
  std::size_t clauses_max_;
};

// The families. Each gets the clause's body and its name.
using ParseQuery = EsResult<QueryPtr> (*)(QueryParser& parser, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_match_all(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_match_none(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_exists(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_bool(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_constant_score(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_term(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_terms(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_match(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_match_phrase(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_multi_match(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_query_string(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_simple_query_string(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_dis_max(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_boosting(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_nested(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_range(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_ids(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_prefix(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_wildcard(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_geo_bounding_box(QueryParser&, std::string_view name, const JsonNode& body);
EsResult<QueryPtr> parse_geo_distance(QueryParser&, std::string_view name, const JsonNode& body);

}  // namespace iot::query
