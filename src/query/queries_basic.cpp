// match_all, match_none, exists, bool, constant_score: clauses that say which, or join others.
#include <memory>
#include <utility>

#include "query/bool_query.h"
#include "query/objects/inside_field.h"
#include "query/query_options.h"
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
    if (may_name_inside(field)) fields_.push_back(Field::inside(field));
  }
  EsResult<Filter> compile(const Series& series, Timestamp) const override {
    std::vector<Filter> some;
    for (const Field& field : fields_) {
      ES_TRY(Filter one, field.is_pattern() ? any_exists(series, field.path()) : exists(series, field));
      some.push_back(std::move(one));
    }
    return Filter::any_of(std::move(some));
  }

 private:
  /// One of the fields inside objects that the pattern names.
  static EsResult<Filter> any_exists(const Series& series, const std::string& pattern) {
    if (series.mapping() != model::MappingType::object) return Filter::none();
    if (!series.fields) return inside_not_supported(series);
    ES_TRY(const auto fields, series.fields->all(series));
    std::vector<Filter> some;
    for (const ObjectField& one : fields) {
      if (!fits_wildcard(pattern, "value." + one.name)) continue;
      ES_TRY(Filter filter, exists_inside(series, one.name));
      some.push_back(std::move(filter));
    }
    return Filter::any_of(std::move(some));
  }

  std::vector<Field> fields_;
};

class ConstantScore final : public Query {
 public:
  explicit ConstantScore(QueryPtr query) : query_(std::move(query)) {}
  EsResult<Filter> compile(const Series& series, Timestamp now) const override { return query_->compile(series, now); }

 private:
  QueryPtr query_;
};

template <class Made>
EsResult<QueryPtr> only_boost(std::string_view name, const JsonNode& body, std::unique_ptr<Made> query) {
  for (const JsonMember& member : body.members) {
    if (member.name == "boost") {
      ES_TRY(query->boost, read_boost(name, member));
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
      ES_TRY(query->boost, read_boost(name, member));
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
      ES_TRY(query->boost, read_boost(name, member));
    } else if (member.name != "filter" && member.name != "_name") {
      return parsing_error(member.value.at, "[constant_score] query does not support [" + member.name + "]");
    }
  }
  return QueryPtr(std::move(query));
}

EsResult<QueryPtr> parse_bool(QueryParser& parser, std::string_view name, const JsonNode& body) {
  auto query = std::make_unique<BoolQuery>();
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
      ES_TRY(query->minimum, read_minimum_should_match(name, member));
    } else if (member.name == "boost") {
      ES_TRY(query->boost, read_boost(name, member));
    } else if (member.name != "_name" && member.name != "adjust_pure_negative") {
      return unknown_field(name, member);
    }
  }
  return QueryPtr(std::move(query));
}

}  // namespace iot::query
