// Clauses about one field: term, terms, range, ids, prefix, wildcard.
#include <memory>
#include <optional>
#include <utility>

#include "query/ids_filter.h"
#include "query/json_fields.h"
#include "query/query.h"
#include "query/query_options.h"
#include "query/value_filters.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

/// As index.max_terms_count.
constexpr std::size_t terms_max = 65'536;

class AnyValue final : public Query {
 public:
  AnyValue(std::string_view field, std::vector<std::string> values)
      : field_(field_named(field)), values_(std::move(values)) {}
  EsResult<Filter> compile(const Series& series, Timestamp now) const override {
    return equal_to_any(series, field_, values_, now);
  }

 private:
  Field field_;
  std::vector<std::string> values_;
};

class Range final : public Query {
 public:
  Range(std::string_view field, Bounds bounds) : field_(field_named(field)), bounds_(std::move(bounds)) {}
  EsResult<Filter> compile(const Series& series, Timestamp now) const override {
    // Without bounds it asks whether there is a value, also of types that have no order.
    const bool has_order = field_ != Field::id && series.mapping() != model::MappingType::geo_point;
    const bool asks_value = !bounds_.low && !bounds_.high && (field_ == Field::id || field_ == Field::value);
    if (asks_value && !has_order) return Filter::all();
    return between(series, field_, bounds_, now);
  }

 private:
  Field field_;
  Bounds bounds_;
};

class TextLike final : public Query {
 public:
  TextLike(std::string_view field, std::string_view name, std::shared_ptr<const TextMatcher> matcher)
      : field_(field_named(field)), name_(name), matcher_(std::move(matcher)) {}
  EsResult<Filter> compile(const Series& series, Timestamp) const override {
    return text_like(series, field_, name_, matcher_);
  }

 private:
  Field field_;
  std::string name_;
  std::shared_ptr<const TextMatcher> matcher_;
};

/// What may stand beside the field.
enum class Beside { nothing, name, name_and_boost };

/// {"<field>": ...}: the one member that is not an option; most clauses have theirs inside the field.
EsResult<const JsonMember*> only_field(std::string_view name, const JsonNode& body, Beside beside = Beside::nothing) {
  const JsonMember* field = nullptr;
  for (const JsonMember& member : body.members) {
    if (member.name == "_name" && beside != Beside::nothing) continue;
    if (member.name == "boost" && beside == Beside::name_and_boost) continue;
    if (field) {
      return parsing_error(member.value.at, "[" + std::string(name) +
                                                "] query doesn't support multiple fields, found [" + field->name +
                                                "] and [" + member.name + "]");
    }
    field = &member;
  }
  if (!field && (name == "match" || name == "terms")) {
    return parsing_error(body.at, "[" + std::string(name) + "] query requires a field name and a value");
  }
  if (!field) {
    return illegal_argument("[" + std::string(name) + "] query requires a field name and a value");
  }
  return field;
}

EsResult<float> boost_of(std::string_view name, const JsonNode& body) {
  for (const JsonMember& member : body.members) {
    if (member.name == "boost") return read_boost(name, member);
  }
  return 1.0f;
}

/// {"field": value} or {"field": {"value": value, ...}}: the value; other options go to `option`.
template <class Option>
EsResult<std::string> field_value(std::string_view name, const JsonMember& field, std::string_view value_name,
                                  float& boost, Option&& option) {
  if (field.value.is_array()) {
    return parsing_error(field.value.at, "[" + std::string(name) + "] query does not support array of values");
  }
  if (!field.value.is_object()) {
    if (field.value.is_null()) return illegal_argument("value cannot be null");
    return field.value.as_text();
  }
  std::optional<std::string> value;
  for (const JsonMember& member : field.value.members) {
    if (member.name == value_name) {
      if (member.value.is_null()) return illegal_argument("value cannot be null");
      if (!member.value.is_scalar()) {
        return parsing_error(member.value.at, "[" + std::string(name) + "] query does not support array of values");
      }
      value = member.value.as_text();
    } else if (member.name == "boost") {
      ES_TRY(boost, boost_of(name, field.value));
    } else if (member.name != "_name") {
      ES_TRY(const bool taken, option(member));
      if (!taken) return query_does_not_support(name, member);
    }
  }
  if (!value) return illegal_argument("value cannot be null");
  return *value;
}

template <class Made>
QueryPtr boosted(std::unique_ptr<Made> query, float boost) {
  query->boost = boost;
  return query;
}

/// case_insensitive is understood where it is false, which changes nothing.
EsResult<bool> case_option(const JsonMember& member, bool& insensitive) {
  if (member.name != "case_insensitive") return false;
  ES_TRY(insensitive, read_flag("query", member));
  return true;
}

EsError rewrite_refused() {
  return illegal_argument("case_insensitive is supported for wildcard and prefix only");
}

EsResult<void> set_bound(std::optional<std::string>& bound, bool& has_number, const JsonNode& value) {
  if (value.is_null()) return bound.reset(), EsResult<void>{};
  if (!value.is_scalar()) return parsing_error(value.at, "[range] query does not support arrays or objects as bounds");
  bound = value.as_text();
  has_number |= value.is_number();
  return {};
}

EsResult<bool> range_option(const JsonMember& member, Bounds& bounds) {
  const std::string& name = member.name;
  if (name == "gt" || name == "gte" || name == "from") {
    ES_CHECK(set_bound(bounds.low, bounds.has_number, member.value));
    if (name != "from") bounds.low_included = name == "gte";
  } else if (name == "lt" || name == "lte" || name == "to") {
    ES_CHECK(set_bound(bounds.high, bounds.has_number, member.value));
    if (name != "to") bounds.high_included = name == "lte";
  } else if (name == "include_lower") {
    ES_TRY(bounds.low_included, read_flag("range", member));
  } else if (name == "include_upper") {
    ES_TRY(bounds.high_included, read_flag("range", member));
  } else if (name == "format") {
    ES_TRY(const std::string text, read_text("range", member));
    ES_TRY(bounds.format, DateFormat::parse(text));
  } else if (name == "time_zone") {
    ES_TRY(bounds.zone, read_time_zone("range", member));
  } else if (name == "relation") {
    ES_TRY(const std::string text, read_text("range", member));
    // Readings are points: intersects, contains and within are the same.
    if (text != "intersects" && text != "contains" && text != "within" && text != "INTERSECTS" && text != "CONTAINS" &&
        text != "WITHIN") {
      return illegal_argument(text + " is not a valid relation");
    }
  } else {
    return false;
  }
  return true;
}

}  // namespace

EsResult<QueryPtr> parse_term(QueryParser&, std::string_view name, const JsonNode& body) {
  ES_TRY(const JsonMember* field, only_field(name, body));
  float boost = 1;
  bool insensitive = false;
  ES_TRY(std::string value, field_value(name, *field, "value", boost,
                                        [&](const JsonMember& member) { return case_option(member, insensitive); }));
  if (insensitive) return rewrite_refused();
  return boosted(std::make_unique<AnyValue>(field->name, std::vector{std::move(value)}), boost);
}

EsResult<QueryPtr> parse_terms(QueryParser&, std::string_view name, const JsonNode& body) {
  ES_TRY(const JsonMember* field, only_field(name, body, Beside::name_and_boost));
  ES_TRY(const float boost, boost_of(name, body));
  if (field->value.is_object()) {
    return illegal_argument("[terms] lookup of terms in another document is not supported");
  }
  if (!field->value.is_array()) return query_does_not_support(name, *field);
  if (field->value.items.size() > terms_max) {
    return illegal_argument("The number of terms [" + std::to_string(field->value.items.size()) +
                            "] used in the Terms Query request has exceeded the allowed maximum of [" +
                            std::to_string(terms_max) +
                            "]. This maximum can be set by changing the [index.max_terms_count] index level setting.");
  }
  std::vector<std::string> values;
  for (const JsonNode& item : field->value.items) {
    if (item.is_null()) return illegal_argument("No value specified for terms query");
    if (!item.is_scalar()) {
      return parsing_error(item.at, "[terms] query does not support arrays or objects as values");
    }
    values.push_back(item.as_text());
  }
  return boosted(std::make_unique<AnyValue>(field->name, std::move(values)), boost);
}

EsResult<QueryPtr> parse_range(QueryParser&, std::string_view name, const JsonNode& body) {
  for (const JsonMember& member : body.members) {
    if (member.name != "_name" && !member.value.is_object()) return query_does_not_support(name, member);
  }
  ES_TRY(const JsonMember* field, only_field(name, body, Beside::name));
  Bounds bounds;
  float boost = 1;
  for (const JsonMember& member : field->value.members) {
    if (member.name == "boost") {
      ES_TRY(boost, boost_of(name, field->value));
    } else if (member.name != "_name") {
      ES_TRY(const bool taken, range_option(member, bounds));
      if (!taken) return query_does_not_support(name, member);
    }
  }
  return boosted(std::make_unique<Range>(field->name, std::move(bounds)), boost);
}

EsResult<QueryPtr> parse_ids(QueryParser&, std::string_view name, const JsonNode& body) {
  std::vector<std::string> ids;
  bool has_values = false;
  for (const JsonMember& member : body.members) {
    if (member.name == "values") {
      has_values = true;
      if (!member.value.is_array() && !member.value.is_string()) {
        return parsing_error(member.value.at,
                             "[ids] values doesn't support values of type: " + std::string(member.value.token_name()));
      }
      ES_TRY(ids, read_texts(name, member));
    } else if (member.name != "boost" && member.name != "_name") {
      return unknown_field(name, member);
    }
  }
  if (!has_values) return illegal_argument("[ids] requires at least one value");
  if (ids.size() > terms_max) return illegal_argument("[ids] takes at most " + std::to_string(terms_max) + " values");
  ES_TRY(const float boost, boost_of(name, body));
  return boosted(std::make_unique<AnyValue>("_id", std::move(ids)), boost);
}

EsResult<QueryPtr> parse_prefix(QueryParser&, std::string_view name, const JsonNode& body) {
  ES_TRY(const JsonMember* field, only_field(name, body));
  float boost = 1;
  bool insensitive = false;
  ES_TRY(const std::string prefix, field_value(name, *field, "value", boost, [&](const JsonMember& member) {
           return case_option(member, insensitive);
         }));
  return boosted(std::make_unique<TextLike>(field->name, name, prefix_matcher(prefix, insensitive)), boost);
}

EsResult<QueryPtr> parse_wildcard(QueryParser&, std::string_view name, const JsonNode& body) {
  ES_TRY(const JsonMember* field, only_field(name, body));
  float boost = 1;
  bool insensitive = false;
  // Elasticsearch takes the pattern as `value` or as `wildcard`.
  const bool older = field->value.is_object() && field->value.find("wildcard");
  ES_TRY(const std::string pattern,
         field_value(name, *field, older ? "wildcard" : "value", boost,
                     [&](const JsonMember& member) { return case_option(member, insensitive); }));
  return boosted(std::make_unique<TextLike>(field->name, name, wildcard_matcher(pattern, insensitive)), boost);
}

}  // namespace iot::query
