// match_all, match_none, exists, bool, constant_score: clauses that say which, or join others.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "query/json_fields.h"
#include "query/query.h"
#include "query/value_filters.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

class Constant final : public Query {
 public:
  explicit Constant(bool matches) : matches_(matches) {}
  EsResult<Filter> compile(const Series&, Timestamp) const override { return Filter::constant(matches_); }

 private:
  bool matches_;
};

/// `field` may be a pattern: then one of the fields that it names must exist.
class Exists final : public Query {
 public:
  explicit Exists(std::string_view field) {
    if (field.find('*') == std::string_view::npos) {
      fields_.push_back(field_named(field));
      return;
    }
    for (const std::string_view name : {"timestamp", "device_id", "sensor_id", "value"}) {
      if (fits_wildcard(field, name)) fields_.push_back(field_named(name));
    }
  }
  EsResult<Filter> compile(const Series& series, Timestamp) const override {
    std::vector<Filter> some;
    for (const Field field : fields_) {
      ES_TRY(Filter one, exists(series, field));
      some.push_back(std::move(one));
    }
    return Filter::any_of(std::move(some));
  }

 private:
  std::vector<Field> fields_;
};

class ConstantScore final : public Query {
 public:
  explicit ConstantScore(QueryPtr query) : query_(std::move(query)) {}
  EsResult<Filter> compile(const Series& series, Timestamp now) const override { return query_->compile(series, now); }

 private:
  QueryPtr query_;
};

/// minimum_should_match: 2, -1, "75%", "-25%".
struct MinimumShould {
  std::int64_t amount = 0;
  bool percent = false;

  std::size_t of(std::size_t clauses) const {
    const auto count = static_cast<std::int64_t>(clauses);
    const std::int64_t scaled = percent ? count * amount / 100 : amount;
    const std::int64_t needed = amount < 0 ? count + scaled : scaled;
    return static_cast<std::size_t>(needed < 0 ? 0 : needed);
  }
};

class Bool final : public Query {
 public:
  std::vector<QueryPtr> must, filter, should, must_not;
  std::optional<MinimumShould> minimum;

  EsResult<Filter> compile(const Series& series, Timestamp now) const override {
    std::vector<Filter> needed;
    for (const auto* clauses : {&must, &filter}) {
      for (const QueryPtr& clause : *clauses) {
        ES_TRY(Filter one, clause->compile(series, now));
        needed.push_back(std::move(one));
      }
    }
    if (const std::size_t least = minimum_should(); least > 0) {
      std::vector<Filter> some;
      for (const QueryPtr& clause : should) {
        ES_TRY(Filter one, clause->compile(series, now));
        some.push_back(std::move(one));
      }
      needed.push_back(Filter::at_least(least, std::move(some)));
    } else {
      // A clause that counts for the score alone is still checked.
      for (const QueryPtr& clause : should) ES_CHECK(clause->compile(series, now));
    }
    for (const QueryPtr& clause : must_not) {
      ES_TRY(Filter one, clause->compile(series, now));
      needed.push_back(Filter::negated(std::move(one)));
    }
    return Filter::all_of(std::move(needed));
  }

  EsResult<void> add_scores(const Series& series, Timestamp now, const Filter& where,
                            std::vector<ScorePart>& parts) const override {
    const std::size_t first = parts.size();
    for (const QueryPtr& clause : must) ES_CHECK(clause->add_scores(series, now, where, parts));
    for (const QueryPtr& clause : should) {
      ES_TRY(Filter matching, clause->compile(series, now));
      std::vector<Filter> both;
      both.push_back(where);
      both.push_back(std::move(matching));
      const Filter inside = Filter::all_of(std::move(both));
      if (!inside.is_none()) ES_CHECK(clause->add_scores(series, now, inside, parts));
    }
    // Without any clause a bool is a match_all; with filters alone it scores nothing.
    if (must.empty() && should.empty() && filter.empty()) parts.push_back({where, must_not.empty() ? 1.0f : 0.0f});
    for (std::size_t i = first; i < parts.size(); ++i) parts[i].points *= boost;
    return {};
  }

 private:
  std::size_t minimum_should() const {
    // Without any clause it is a match_all, whatever was asked for.
    if (should.empty()) return minimum && !(must.empty() && filter.empty() && must_not.empty()) ? minimum->of(0) : 0;
    // Where nothing else is demanded, at least one of the optional clauses must match, whatever was asked for.
    const std::size_t least = must.empty() && filter.empty() ? 1 : 0;
    return minimum ? std::max(least, minimum->of(should.size())) : least;
  }
};

EsResult<MinimumShould> read_minimum(const JsonMember& member) {
  ES_TRY(const std::string text, read_text("bool", member));
  MinimumShould minimum;
  std::string_view digits = text;
  if (digits.ends_with('%')) {
    minimum.percent = true;
    digits.remove_suffix(1);
  }
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const auto amount = parse_whole(digits);
  if (!amount || *amount > INT32_MAX || *amount < INT32_MIN) {
    return failed_field("bool", member, not_a_number(text));
  }
  minimum.amount = *amount;
  return minimum;
}

EsResult<void> read_boost(std::string_view parser, const JsonMember& member, Query& query) {
  ES_TRY(const double boost, read_number(parser, member));
  if (boost < 0)
    return illegal_argument("negative [boost] are not allowed in query, use a value between 0 and 1 to deboost");
  query.boost = static_cast<float>(boost);
  return {};
}

template <class Made>
EsResult<QueryPtr> only_boost(std::string_view name, const JsonNode& body, std::unique_ptr<Made> query) {
  for (const JsonMember& member : body.members) {
    if (member.name == "boost") {
      ES_CHECK(read_boost(name, member, *query));
    } else if (member.name != "_name") {
      return unknown_field(name, member);
    }
  }
  return QueryPtr(std::move(query));
}

EsResult<void> read_clause(QueryParser& parser, const JsonMember& member, const JsonNode& node,
                           std::vector<QueryPtr>& clauses) {
  auto clause = parser.parse(node, "bool");
  // The number of clauses is a limit of the whole request, and told as that.
  if (!clause && clause.error().type() == "too_many_nested_clauses") return clause.error();
  if (!clause) return failed_field("bool", member, std::move(clause).error());
  clauses.push_back(std::move(*clause));
  return {};
}

EsResult<void> read_clauses(QueryParser& parser, const JsonMember& member, std::vector<QueryPtr>& clauses) {
  if (!member.value.is_array()) return read_clause(parser, member, member.value, clauses);
  for (const JsonNode& item : member.value.items) ES_CHECK(read_clause(parser, member, item, clauses));
  return {};
}

}  // namespace

EsResult<QueryPtr> parse_match_all(QueryParser&, std::string_view name, const JsonNode& body) {
  return only_boost(name, body, std::make_unique<Constant>(true));
}

EsResult<QueryPtr> parse_match_none(QueryParser&, std::string_view name, const JsonNode& body) {
  return only_boost(name, body, std::make_unique<Constant>(false));
}

EsResult<QueryPtr> parse_exists(QueryParser&, std::string_view name, const JsonNode& body) {
  std::unique_ptr<Exists> query;
  for (const JsonMember& member : body.members) {
    if (member.name != "field") continue;
    ES_TRY(const std::string field, read_text(name, member));
    query = std::make_unique<Exists>(field);
  }
  if (!query) return parsing_error(body.at, "[exists] must be provided with a [field]");
  for (const JsonMember& member : body.members) {
    if (member.name == "boost") {
      ES_CHECK(read_boost(name, member, *query));
    } else if (member.name != "field" && member.name != "_name") {
      return parsing_error(member.value.at, "[exists] query does not support [" + member.name + "]");
    }
  }
  return QueryPtr(std::move(query));
}

EsResult<QueryPtr> parse_constant_score(QueryParser& parser, std::string_view name, const JsonNode& body) {
  QueryPtr inner;
  for (const JsonMember& member : body.members) {
    if (member.name != "filter") continue;
    if (member.value.is_array()) {
      return parsing_error(member.value.at, "unexpected token [START_ARRAY]");
    }
    ES_TRY(inner, parser.parse(member.value, name));
  }
  if (!inner) return parsing_error(body.at, "[constant_score] requires a 'filter' element");
  auto query = std::make_unique<ConstantScore>(std::move(inner));
  for (const JsonMember& member : body.members) {
    if (member.name == "boost") {
      ES_CHECK(read_boost(name, member, *query));
    } else if (member.name != "filter" && member.name != "_name") {
      return parsing_error(member.value.at, "[constant_score] query does not support [" + member.name + "]");
    }
  }
  return QueryPtr(std::move(query));
}

EsResult<QueryPtr> parse_bool(QueryParser& parser, std::string_view name, const JsonNode& body) {
  auto query = std::make_unique<Bool>();
  for (const JsonMember& member : body.members) {
    if (member.name == "must") {
      ES_CHECK(read_clauses(parser, member, query->must));
    } else if (member.name == "filter") {
      ES_CHECK(read_clauses(parser, member, query->filter));
    } else if (member.name == "should") {
      ES_CHECK(read_clauses(parser, member, query->should));
    } else if (member.name == "must_not") {
      ES_CHECK(read_clauses(parser, member, query->must_not));
    } else if (member.name == "minimum_should_match") {
      ES_TRY(query->minimum, read_minimum(member));
    } else if (member.name == "boost") {
      ES_CHECK(read_boost(name, member, *query));
    } else if (member.name != "_name" && member.name != "adjust_pure_negative") {
      return unknown_field(name, member);
    }
  }
  return QueryPtr(std::move(query));
}

}  // namespace iot::query
