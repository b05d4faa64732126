// query_string, simple_query_string, and the parameter `q`: clauses that hold a query of their own language.
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "query/query_options.h"
#include "query/query_text.h"
#include "query/search_request.h"

namespace iot::query {
namespace {

/// A boost of the clause multiplies those inside its text.
EsResult<QueryPtr> boosted(EsResult<std::unique_ptr<Query>> query, float boost) {
  if (!query) return std::move(query).error();
  (*query)->boost *= boost;
  return QueryPtr(std::move(*query));
}

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Every option is a single value, but for the list of fields.
EsResult<void> check_kind(std::string_view query, const JsonMember& member) {
  if (member.value.is_array() && member.name != "fields") return query_does_not_support(query, member);
  if (!member.value.is_object() && !member.value.is_null()) return {};
  return parsing_error(member.value.at, "[" + std::string(query) + "] unknown token [" +
                                            std::string(member.value.token_name()) + "] after [" + member.name + "]");
}

/// Options that both languages have.
EsResult<bool> take_common(QueryTextOptions& options, std::string_view query, const JsonMember& member) {
  const std::string& name = member.name;
  if (name == "fields") {
    constexpr std::size_t fields_max = 64;
    if (!member.value.is_array()) return false;
    ES_TRY(options.fields, read_texts(query, member));
    if (options.fields.size() > fields_max) {
      return illegal_argument("[" + std::string(query) + "] takes at most 64 fields");
    }
  } else if (name == "default_operator") {
    ES_TRY(const std::string word, read_text(query, member));
    ES_TRY(options.all_words, parse_operator(word));
  } else if (name == "lenient") {
    ES_TRY(options.lenient, read_flag(query, member));
  } else if (name == "analyze_wildcard") {
    // Words of a text are in lower case whether wildcards are analyzed or not.
    ES_CHECK(read_flag(query, member));
  } else if (name == "minimum_should_match") {
    ES_TRY(options.minimum, read_minimum_should_match(query, member));
  } else if (name == "analyzer" || name == "quote_analyzer" || name == "quote_field_suffix") {
    return not_supported_with(query, name);
  } else {
    // About fuzzy words, synonyms and how patterns are compiled, none of which there are.
    constexpr std::array<std::string_view, 11> without_effect{"_name",
                                                              "auto_generate_synonyms_phrase_query",
                                                              "enable_position_increments",
                                                              "fuzziness",
                                                              "fuzzy_max_expansions",
                                                              "fuzzy_prefix_length",
                                                              "fuzzy_rewrite",
                                                              "fuzzy_transpositions",
                                                              "max_determinized_states",
                                                              "rewrite",
                                                              "auto_generate_phrase_queries"};
    return is_one_of(without_effect, name);
  }
  return true;
}

/// Every character that the language knows, as it is.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\+-!():^[]\"{}~*?|&/").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

EsResult<QueryPtr> parse_query_string(QueryParser& parser, std::string_view name, const JsonNode& body) {
  QueryTextOptions options;
  std::optional<std::string> text;
  float boost = 1;
  bool escape = false;
  for (const JsonMember& member : body.members) {
    ES_CHECK(check_kind(name, member));
    if (member.name == "query") {
      ES_TRY(text, read_text(name, member));
    } else if (member.name == "default_field") {
      if (body.find("fields"))
        return illegal_argument("cannot use [fields] parameter in conjunction with [default_field]");
      ES_TRY(std::string field, read_text(name, member));
      options.fields = {std::move(field)};
    } else if (member.name == "boost") {
      ES_TRY(boost, read_boost(name, member));
    } else if (member.name == "time_zone") {
      ES_TRY(options.zone, read_time_zone(name, member));
    } else if (member.name == "allow_leading_wildcard") {
      ES_TRY(options.leading_wildcard, read_flag(name, member));
    } else if (member.name == "escape") {
      ES_TRY(escape, read_flag(name, member));
    } else if (member.name == "phrase_slop") {
      ES_TRY(const std::int64_t slop, read_integer(name, member));
      if (slop != 0) return not_supported_with(name, "phrase_slop");
    } else if (member.name == "tie_breaker") {
      ES_TRY(const double part, read_number(name, member));
      if (part != 0) return not_supported_with(name, "tie_breaker");
    } else if (member.name == "type") {
      ES_TRY(const std::string type, read_text(name, member));
      if (type != "best_fields" && type != "most_fields") return not_supported_with(name, "type " + type);
      options.scores = type == "most_fields" ? FieldScores::sum : FieldScores::best;
    } else {
      ES_TRY(const bool taken, take_common(options, name, member));
      if (!taken) return query_does_not_support(name, member);
    }
  }
  if (!text) return parsing_error(body.at, "[query_string] must be provided with a [query]");
  return boosted(parse_query_text(parser, escape ? escaped(*text) : *text, options), boost);
}

EsResult<QueryPtr> parse_simple_query_string(QueryParser& parser, std::string_view name, const JsonNode& body) {
  QueryTextOptions options;
  std::optional<std::string> text;
  float boost = 1;
  for (const JsonMember& member : body.members) {
    ES_CHECK(check_kind(name, member));
    if (member.name == "query") {
      ES_TRY(text, read_text(name, member));
    } else if (member.name == "boost") {
      ES_TRY(boost, read_boost(name, member));
    } else if (member.name == "flags") {
      ES_TRY(const std::string flags, read_text(name, member));
      if (flags != "ALL" && flags != "-1") return not_supported_with(name, "flags");
    } else {
      ES_TRY(const bool taken, take_common(options, name, member));
      if (!taken) return query_does_not_support(name, member);
    }
  }
  if (!text) return parsing_error(body.at, "[simple_query_string] query text missing");
  return boosted(parse_simple_query_text(parser, *text, options), boost);
}

bool is_query_parameter(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 6> names{"q",       "df",      "default_operator", "analyze_wildcard",
                                                  "lenient", "analyzer"};
  return is_one_of(names, name);
}

EsResult<QueryPtr> parse_query_parameters(const Parameters& parameters, const QueryLimits& limits) {
  const std::string* text = nullptr;
  QueryTextOptions options;
  for (const auto& [name, value] : parameters) {
    if (name == "q") {
      text = &value;
    } else if (name == "df") {
      options.fields = {value};
    } else if (name == "default_operator") {
      ES_TRY(options.all_words, parse_operator(value));
    } else if (name == "lenient") {
      options.lenient = value.empty() || value == "true";
    } else if (name == "analyzer") {
      return illegal_argument("[analyzer] is not supported");
    }
  }
  if (!text) return QueryPtr();
  QueryParser parser(limits.clauses_max);
  return boosted(parse_query_text(parser, *text, options), 1);
}

}  // namespace iot::query
