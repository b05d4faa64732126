// Clauses that look for a text as it was typed: match, match_phrase, multi_match.
#include <memory>
#include <utility>

#include "query/field_clause.h"
#include "query/query_options.h"

namespace iot::query {
namespace {

/// Options that ask how a text is looked for.
struct MatchOptions {
  TextSearch search;
  bool has_text = false;
  bool lenient = false;
  float boost = 1;

  /// False if the member is none of them. Refused by name: what would find other documents than are found here.
  EsResult<bool> take(std::string_view query, const JsonMember& member);
};

EsResult<bool> MatchOptions::take(std::string_view query, const JsonMember& member) {
  const std::string& name = member.name;
  if (name == "query") {
    if (member.value.is_null()) return illegal_argument("[" + std::string(query) + "] requires query value");
    ES_TRY(search.text, read_text(query, member));
    has_text = true;
  } else if (name == "operator" && !search.phrase) {
    ES_TRY(const std::string word, read_text(query, member));
    ES_TRY(search.all_tokens, parse_operator(word));
  } else if (name == "lenient" && !search.phrase) {
    ES_TRY(lenient, read_flag(query, member));
  } else if (name == "zero_terms_query") {
    ES_TRY(const std::string word, read_text(query, member));
    if (word != "none" && word != "all" && word != "NONE" && word != "ALL") {
      return parsing_error(member.value.at, "Unsupported zero_terms_query value [" + word + "]");
    }
    search.zero_terms = word == "all" || word == "ALL" ? ZeroTerms::all : ZeroTerms::none;
  } else if (name == "slop") {
    ES_TRY(const std::int64_t slop, read_integer(query, member));
    if (slop != 0) return not_supported_with(query, "slop");
  } else if (name == "boost") {
    ES_TRY(boost, read_boost(query, member));
  } else if (name == "analyzer" || name == "fuzziness" || name == "minimum_should_match" ||
             name == "cutoff_frequency") {
    return not_supported_with(query, name);
  } else {
    // Options of fuzzy searches and of synonyms, neither of which there are here.
    return name == "_name" || name == "prefix_length" || name == "max_expansions" || name == "fuzzy_rewrite" ||
           name == "fuzzy_transpositions" || name == "auto_generate_synonyms_phrase_query";
  }
  return true;
}

/// {"field": "text"} or {"field": {"query": "text", ...}}.
EsResult<QueryPtr> parse_one_field(std::string_view name, const JsonNode& body, bool phrase) {
  const JsonMember* field = nullptr;
  MatchOptions options;
  options.search.phrase = phrase;
  for (const JsonMember& member : body.members) {
    if (field) {
      return parsing_error(member.value.at, "[" + std::string(name) +
                                                "] query doesn't support multiple fields, found [" + field->name +
                                                "] and [" + member.name + "]");
    }
    field = &member;
  }
  if (!field) return illegal_argument("[" + std::string(name) + "] requires fieldName");
  if (field->value.is_array()) {
    return parsing_error(field->value.at,
                         "[" + std::string(name) + "] unknown token [START_ARRAY] after [" + field->name + "]");
  }
  if (field->value.is_object()) {
    for (const JsonMember& member : field->value.members) {
      ES_TRY(const bool taken, options.take(name, member));
      if (!taken) return query_does_not_support(name, member);
    }
  } else if (!field->value.is_null()) {
    options.search.text = field->value.as_text();
    options.has_text = true;
  }
  if (!options.has_text) return illegal_argument("[" + std::string(name) + "] requires query value");
  auto query = std::make_unique<FieldClause>(std::vector<WeightedField>{{field_named(field->name)}},
                                             text_condition(std::move(options.search)));
  query->lenient = options.lenient;
  query->boost = options.boost;
  return QueryPtr(std::move(query));
}

}  // namespace

EsResult<QueryPtr> parse_match(QueryParser&, std::string_view name, const JsonNode& body) {
  return parse_one_field(name, body, false);
}

EsResult<QueryPtr> parse_match_phrase(QueryParser&, std::string_view name, const JsonNode& body) {
  return parse_one_field(name, body, true);
}

EsResult<QueryPtr> parse_multi_match(QueryParser&, std::string_view name, const JsonNode& body) {
  constexpr std::size_t fields_max = 1'024;
  MatchOptions options;
  std::vector<WeightedField> fields;
  std::optional<bool> lenient;
  bool every_field = true;
  FieldScores scores = FieldScores::best;
  for (const JsonMember& member : body.members) {
    if (member.name == "fields") {
      ES_TRY(const std::vector<std::string> names, read_texts(name, member));
      if (names.size() > fields_max) return illegal_argument("[multi_match] takes at most 1024 fields");
      every_field = names.empty();
      for (const std::string& each : names) {
        ES_TRY(const std::vector<WeightedField> meant, parse_weighted_field(each));
        every_field = every_field || each == "*";
        fields.insert(fields.end(), meant.begin(), meant.end());
      }
    } else if (member.name == "type") {
      ES_TRY(const std::string type, read_text(name, member));
      if (type == "phrase") {
        options.search.phrase = true;
      } else if (type == "most_fields") {
        scores = FieldScores::sum;
      } else if (type != "best_fields") {
        return not_supported_with(name, "type " + type);
      }
    } else if (member.name == "tie_breaker") {
      ES_TRY(const double part, read_number(name, member));
      if (part != 0) return not_supported_with(name, "tie_breaker");
    } else if (member.name == "lenient") {
      ES_TRY(lenient, read_flag(name, member));
    } else {
      ES_TRY(const bool taken, options.take(name, member));
      if (!taken) return query_does_not_support(name, member);
    }
  }
  if (!options.has_text) return parsing_error(body.at, "No text specified for multi_match query");
  if (fields.empty() && every_field) {
    ES_TRY(fields, parse_weighted_field("*"));
  }
  auto query = std::make_unique<FieldClause>(std::move(fields), text_condition(std::move(options.search)));
  // A text that is asked of every field cannot fit the types of all.
  query->lenient = lenient.value_or(every_field);
  query->scores = scores;
  query->boost = options.boost;
  return QueryPtr(std::move(query));
}

}  // namespace iot::query
