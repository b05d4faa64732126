// Lucene's query language as query_string and the parameter `q` take it, made into clauses.
//
// "value:[50 TO 60} AND NOT sensor_id:(3 OR 4*) timestamp:>now-1h". Fuzzy words, phrases with gaps and regular
// expressions are refused by name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/bool_query.h"
#include "query/field_clause.h"
#include "query/time_zone.h"

namespace iot::query {

struct QueryTextOptions {
  /// As Elasticsearch's indices.query.query_string.max_query_string_length.
  static constexpr std::size_t bytes_max = 32'000;
  /// Of parentheses.
  static constexpr std::size_t depth_max = 64;

  std::vector<std::string> fields;  ///< of words that name none; empty: all
  bool all_words = false;           ///< default_operator AND
  bool leading_wildcard = true;
  std::optional<bool> lenient;  ///< unless given, where all fields are meant
  FieldScores scores = FieldScores::best;
  std::optional<MinimumShould> minimum;
  TimeZone zone;
};

/// A text that cannot be parsed gives a query that each index refuses, as in Elasticsearch.
EsResult<std::unique_ptr<Query>> parse_query_text(QueryParser& parser, const std::string& text,
                                                  const QueryTextOptions& options);

/// The simpler language of simple_query_string: `+`, `|`, `-`, quotes, `*` at the end of a word, parentheses. No text
/// is an error in it; fuzzy words and gaps in phrases are refused by name.
EsResult<std::unique_ptr<Query>> parse_simple_query_text(QueryParser& parser, const std::string& text,
                                                         const QueryTextOptions& options);

/// The fields that the words of a text are looked for in.
struct SearchedFields {
  std::vector<WeightedField> fields;
  bool are_all = false;
};
/// `names` empty: all.
EsResult<SearchedFields> parse_searched_fields(const std::vector<std::string>& names);

/// Words of a text field begin as `prefix` does, in lower case; other fields as it is written.
FieldCondition prefix_condition(std::string prefix);

}  // namespace iot::query
