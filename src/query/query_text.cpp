#include "query/query_text.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/json_writer.h"
#include "query/json_fields.h"
#include "query/query_text_lexer.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

using Kind = QueryTextToken::Kind;
using OwnQuery = std::unique_ptr<Query>;

class Broken final : public Query {
 public:
  Broken(std::string text, EsError cause) : text_(std::move(text)), cause_(std::move(cause)) {}
  EsResult<Filter> compile(const Series& series, Timestamp) const override {
    std::string uuid, name;
    append_json_string(uuid, index_uuid(series.name));
    append_json_string(name, series.name);
    return EsError(400, "query_shard_exception", "Failed to parse query [" + text_ + "]")
        .with("index_uuid", std::move(uuid))
        .with("index", std::move(name))
        .caused_by(cause_)
        .on_shard();
  }

 private:
  std::string text_;
  EsError cause_;
};

std::string lowered(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

enum class Conjunction { none, both, either };
enum class Modifier { none, required, prohibited };
enum class Occurs { must, should, must_not };

struct Clause {
  OwnQuery query;
  Occurs occurs;
};

bool are_all(const std::vector<std::string>& names) {
  return names.empty() || std::find(names.begin(), names.end(), "*") != names.end();
}

class Parser {
 public:
  Parser(QueryParser& queries, const std::string& text, const QueryTextOptions& options)
      : queries_(queries), options_(options), lexer_(text) {}

  EsResult<OwnQuery> parse() {
    // Two tokens behind the present one are looked at.
    for (QueryTextToken& token : ahead_) {
      ES_TRY(token, lexer_.next());
    }
    ES_TRY(OwnQuery query, clauses(nullptr, 0));
    if (peek().kind != Kind::end) return unexpected();
    if (options_.minimum) {
      auto* top = dynamic_cast<BoolQuery*>(query.get());
      if (top && !top->should.empty()) top->minimum = options_.minimum;
    }
    return query;
  }

 private:
  const QueryTextToken& peek(std::size_t place = 0) const { return ahead_[place]; }

  EsResult<QueryTextToken> take() {
    QueryTextToken token = std::move(ahead_[0]);
    ahead_[0] = std::move(ahead_[1]);
    ahead_[1] = std::move(ahead_[2]);
    ES_TRY(ahead_[2], lexer_.next());
    return token;
  }

  EsError unexpected() const {
    return lexer_.fault(peek().at,
                        peek().kind == Kind::end ? "Encountered \"<EOF>\"" : "Encountered an unexpected token");
  }

  /// A word that another word may be joined with: what follows it makes it nothing else.
  static bool ends_word(Kind kind) {
    return kind != Kind::colon && kind != Kind::star && kind != Kind::tilde && kind != Kind::caret &&
           kind != Kind::both && kind != Kind::either;
  }

  EsResult<OwnQuery> clauses(const std::string* field, std::size_t depth) {
    if (depth > QueryTextOptions::depth_max) {
      return illegal_argument("[query_string] takes parentheses at most 64 deep");
    }
    std::vector<Clause> all;
    while (peek().kind != Kind::end && peek().kind != Kind::close) {
      if (peek().kind == Kind::term && peek(1).kind == Kind::term && ends_word(peek(2).kind)) {
        ES_TRY(OwnQuery query, words(field));
        add(all, Conjunction::none, Modifier::none, std::move(query));
        continue;
      }
      Conjunction conjunction = Conjunction::none;
      if (!all.empty() && (peek().kind == Kind::both || peek().kind == Kind::either)) {
        conjunction = peek().kind == Kind::both ? Conjunction::both : Conjunction::either;
        ES_CHECK(take());
      }
      Modifier modifier = Modifier::none;
      if (peek().kind == Kind::plus || peek().kind == Kind::minus || peek().kind == Kind::negation) {
        modifier = peek().kind == Kind::plus ? Modifier::required : Modifier::prohibited;
        ES_CHECK(take());
      }
      ES_TRY(OwnQuery query, clause(field, depth));
      add(all, conjunction, modifier, std::move(query));
    }
    if (all.empty()) return unexpected();
    return joined(std::move(all));
  }

  /// Lucene's rule: AND makes both its sides needed; OR, where AND is the default, makes them optional.
  void add(std::vector<Clause>& all, Conjunction conjunction, Modifier modifier, OwnQuery query) const {
    if (!all.empty() && all.back().occurs != Occurs::must_not) {
      if (conjunction == Conjunction::both) all.back().occurs = Occurs::must;
      if (conjunction == Conjunction::either && options_.all_words) all.back().occurs = Occurs::should;
    }
    Occurs occurs = Occurs::should;
    if (modifier == Modifier::prohibited) {
      occurs = Occurs::must_not;
    } else if (modifier == Modifier::required && !options_.all_words) {
      occurs = Occurs::must;
    } else if (options_.all_words ? conjunction != Conjunction::either : conjunction == Conjunction::both) {
      occurs = Occurs::must;
    }
    all.push_back({std::move(query), occurs});
  }

  static OwnQuery joined(std::vector<Clause> all) {
    if (all.size() == 1 && all.front().occurs != Occurs::must_not) return std::move(all.front().query);
    auto query = std::make_unique<BoolQuery>();
    for (Clause& one : all) {
      auto& list = one.occurs == Occurs::must     ? query->must
                   : one.occurs == Occurs::should ? query->should
                                                  : query->must_not;
      list.push_back(std::move(one.query));
    }
    return query;
  }

  /// Words without anything between them are one text.
  EsResult<OwnQuery> words(const std::string* field) {
    std::string text;
    bool more = true;
    while (more) {
      ES_TRY(const QueryTextToken token, take());
      if (!text.empty()) text += ' ';
      text += token.text;
      more = peek().kind == Kind::term && ends_word(peek(1).kind);
    }
    return term(field, text);
  }

  EsResult<OwnQuery> clause(const std::string* field, std::size_t depth) {
    std::string own_field;
    if ((peek().kind == Kind::term || peek().kind == Kind::star) && peek(1).kind == Kind::colon) {
      ES_TRY(const QueryTextToken name, take());
      own_field = name.kind == Kind::star ? "*" : name.text;
      field = &own_field;
      ES_CHECK(take());
    }
    OwnQuery query;
    if (peek().kind == Kind::open) {
      ES_CHECK(take());
      ES_TRY(query, clauses(field, depth + 1));
      if (peek().kind != Kind::close) return unexpected();
      ES_CHECK(take());
    } else {
      ES_TRY(query, leaf(field));
    }
    ES_CHECK(suffixes(*query));
    return query;
  }

  EsResult<void> suffixes(Query& query) {
    while (peek().kind == Kind::caret || peek().kind == Kind::tilde) {
      ES_TRY(const QueryTextToken token, take());
      if (token.kind == Kind::tilde) {
        return illegal_argument("[query_string] with fuzzy words or gaps in phrases [~" + token.text +
                                "] is not supported");
      }
      const auto boost = parse_real(token.text);
      if (!boost) return not_a_number(token.text);
      query.boost = static_cast<float>(*boost);
    }
    return {};
  }

  EsResult<OwnQuery> leaf(const std::string* field) {
    const Kind kind = peek().kind;
    if (kind != Kind::term && kind != Kind::star && kind != Kind::prefix && kind != Kind::wildcard &&
        kind != Kind::quoted && kind != Kind::range && kind != Kind::regexp) {
      return unexpected();
    }
    ES_TRY(QueryTextToken token, take());
    switch (kind) {
      case Kind::regexp:
        return illegal_argument("[query_string] with regular expressions [/" + token.text + "/] is not supported");
      case Kind::star:
        if (field ? *field == "*" : are_all(options_.fields)) return everything();
        return over(field, [](const Series& series, Field each, Timestamp) { return exists(series, each); });
      case Kind::prefix:
        return over(field, prefix_condition(std::move(token.text)));
      case Kind::wildcard:
        return wildcard(field, std::move(token.text));
      case Kind::range:
        return over(field, range_condition(token.range));
      case Kind::quoted:
        if (field && *field == "_exists_") return existing(token.text);
        return over(field, text_condition({.text = std::move(token.text), .phrase = true}));
      default:
        return term(field, token.text);
    }
  }

  EsResult<OwnQuery> everything() {
    ES_CHECK(queries_.count_clause());
    return OwnQuery(std::make_unique<BoolQuery>());
  }

  EsResult<OwnQuery> existing(const std::string& name) {
    return over(&name, [](const Series& series, Field each, Timestamp) { return exists(series, each); });
  }

  EsResult<OwnQuery> term(const std::string* field, const std::string& text) {
    if (field && *field == "_exists_") return existing(text);
    // Behind a field's name: ">5", "<=now-1d".
    if (field && text.size() > 1 && (text[0] == '>' || text[0] == '<')) {
      const bool included = text[1] == '=' && text.size() > 2;
      QueryTextToken::Range range;
      const std::string value = text.substr(included ? 2 : 1);
      const bool above = text[0] == '>';
      (above ? range.low : range.high) = value;
      (above ? range.low_included : range.high_included) = included;
      (above ? range.high_open : range.low_open) = true;
      return over(field, range_condition(range));
    }
    return over(field, text_condition({.text = text, .all_tokens = options_.all_words}));
  }

  EsResult<OwnQuery> wildcard(const std::string* field, std::string pattern) {
    if (!options_.leading_wildcard && (pattern.front() == '*' || pattern.front() == '?')) {
      return lexer_.fault(0, "'*' or '?' not allowed as first character in WildcardQuery");
    }
    auto plain = wildcard_matcher(pattern, false);
    auto among_words = wildcard_matcher(lowered(std::move(pattern)), false);
    return over(field, [=](const Series& series, const Field& each, Timestamp) -> EsResult<Filter> {
      // Words of a text field are in lower case, so what is looked for among them is too.
      ES_TRY(const bool has_words, is_text(series, each));
      return text_like(series, each, "wildcard", has_words ? among_words : plain);
    });
  }

  FieldCondition range_condition(const QueryTextToken::Range& range) const {
    Bounds bounds;
    if (!range.low_open) bounds.low = range.low;
    if (!range.high_open) bounds.high = range.high;
    bounds.low_included = range.low_included;
    bounds.high_included = range.high_included;
    bounds.zone = options_.zone;
    return
        [bounds](const Series& series, const Field& each, Timestamp now) { return between(series, each, bounds, now); };
  }

  EsResult<OwnQuery> over(const std::string* field, FieldCondition condition) {
    ES_CHECK(queries_.count_clause());
    ES_TRY(SearchedFields searched, parse_searched_fields(field ? std::vector{*field} : options_.fields));
    auto query = std::make_unique<FieldClause>(std::move(searched.fields), std::move(condition));
    // Where the words may be of any field, what names one is not held to its type either.
    query->lenient = options_.lenient.value_or(searched.are_all || are_all(options_.fields));
    query->scores = options_.scores;
    return OwnQuery(std::move(query));
  }

  QueryParser& queries_;
  const QueryTextOptions& options_;
  QueryTextLexer lexer_;
  QueryTextToken ahead_[3];
};

}  // namespace

EsResult<SearchedFields> parse_searched_fields(const std::vector<std::string>& names) {
  SearchedFields searched;
  for (const std::string& name : names.empty() ? std::vector<std::string>{"*"} : names) {
    ES_TRY(const std::vector<WeightedField> meant, parse_weighted_field(name));
    searched.fields.insert(searched.fields.end(), meant.begin(), meant.end());
  }
  searched.are_all = are_all(names);
  return searched;
}

FieldCondition prefix_condition(std::string prefix) {
  auto plain = prefix_matcher(prefix, false);
  auto among_words = prefix_matcher(lowered(std::move(prefix)), false);
  return [=](const Series& series, const Field& field, Timestamp) -> EsResult<Filter> {
    ES_TRY(const bool has_words, is_text(series, field));
    return text_like(series, field, "prefix", has_words ? among_words : plain);
  };
}

EsResult<std::unique_ptr<Query>> parse_query_text(QueryParser& parser, const std::string& text,
                                                  const QueryTextOptions& options) {
  if (text.size() > QueryTextOptions::bytes_max) {
    return illegal_argument(
        "Query string length exceeds max allowed length " + std::to_string(QueryTextOptions::bytes_max) +
        " (indices.query.query_string.max_query_string_length); actual length: " + std::to_string(text.size()));
  }
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return OwnQuery(std::make_unique<FieldClause>(std::vector<WeightedField>{}, FieldCondition()));
  }
  auto parsed = Parser(parser, text, options).parse();
  if (parsed || parsed.error().type() != "parse_exception") return parsed;
  return OwnQuery(std::make_unique<Broken>(text, std::move(parsed).error()));
}

}  // namespace iot::query
