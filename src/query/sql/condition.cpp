#include "query/sql/condition.h"

#include <array>
#include <utility>

namespace iot::query::sql {
namespace {

using Json = EsResult<std::string>;

std::string negated(const std::string& query) {
  return "{\"bool\":{\"must_not\":[" + query + "]}}";
}

/// The sign when its sides change places.
std::string mirrored(const std::string& sign) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> pairs{
      {{"<", ">"}, {"<=", ">="}, {">", "<"}, {">=", "<="}}};
  for (const auto& [from, to] : pairs) {
    if (sign == from) return std::string(to);
  }
  return sign;
}

std::string_view range_word(std::string_view sign) {
  if (sign == "<") return "lt";
  if (sign == "<=") return "lte";
  return sign == ">" ? "gt" : "gte";
}

class Translator {
 public:
  Translator(const Schema& schema, const Evaluation& with, std::string zone)
      : schema_(schema), with_(with), zone_(std::move(zone)) {}

  Json operator()(const Expression& condition) const;

 private:
  Json logical(const Expression& call) const;
  Json compared(const Expression& call, const Expression& column, const std::string& sign,
                const Expression& constant) const;
  Json in(const Expression& call) const;
  Json like(const Expression& call) const;
  Json words(const Expression& call) const;
  /// {"field": constant}, or one of several bounds.
  Json literal(const std::string& type, const Expression& constant, const Value& value) const;
  std::string range(const std::string& field, const std::string& type, const std::string& bounds) const;
  EsResult<std::string> exact_type(const Expression& call, const Expression& column) const;
  EsResult<Value> constant(const Expression& expression) const { return evaluate(expression, {}, with_); }

  const Schema& schema_;
  const Evaluation& with_;
  std::string zone_;
};

bool is_column(const Expression& expression) {
  return expression.kind == Expression::Kind::column;
}

bool has_column(const Expression& expression) {
  if (is_column(expression)) return true;
  for (const Expression& argument : expression.arguments) {
    if (has_column(argument)) return true;
  }
  return false;
}

EsError not_supported(const Expression& call) {
  return verification_fault(
      call.at, "[" + call.text + "] is not supported in WHERE: each comparison is of one column and constants");
}

EsError compares_with_null(const Expression& call) {
  return verification_fault(call.at, "[" + call.text + "] compares with NULL, which nothing equals: use IS NULL");
}

/// Functions that there are nowhere are unknown, not unsupported.
EsResult<void> check_functions(const Expression& expression) {
  for (const Expression& argument : expression.arguments) ES_CHECK(check_functions(argument));
  constexpr std::array<std::string_view, 4> own{"LIKE", "MATCH", "QUERY", "IS NULL"};
  if (expression.kind != Expression::Kind::call || is_scalar(expression.name)) return {};
  for (const std::string_view name : own) {
    if (expression.name == name) return {};
  }
  return verification_fault(expression.at, "Cannot use [" + expression.name + "] in WHERE, or unknown function");
}

Json Translator::operator()(const Expression& condition) const {
  if (is_column(condition)) {
    ES_TRY(const std::string type, exact_type(condition, condition));
    if (type != "boolean") {
      return verification_fault(condition.at, "Condition expression needs to be boolean, found [" + type + "]");
    }
    return "{\"term\":{" + quoted(condition.name) + ":true}}";
  }
  if (condition.is_call("AND") || condition.is_call("OR")) return logical(condition);
  if (condition.is_call("NOT")) {
    ES_TRY(const std::string inner, (*this)(condition.arguments[0]));
    return negated(inner);
  }
  if (condition.is_call("MATCH") || condition.is_call("QUERY")) return words(condition);
  if (!has_column(condition)) {
    ES_TRY(const Value value, constant(condition));
    if (!value.is_null() && value.kind != Value::Kind::boolean) {
      return verification_fault(condition.at,
                                "Condition expression needs to be boolean, found [" + condition.text + "]");
    }
    return std::string(value.is_true() ? "{\"match_all\":{}}" : "{\"match_none\":{}}");
  }
  if (condition.arguments.empty()) return not_supported(condition);
  const Expression& first = condition.arguments[0];
  if (condition.is_call("IS NULL") && is_column(first)) {
    ES_CHECK(schema_.type_of(first));
    return negated("{\"exists\":{\"field\":" + quoted(first.name) + "}}");
  }
  if (condition.is_call("IN")) return in(condition);
  if (condition.is_call("LIKE")) return like(condition);
  if (condition.is_call("BETWEEN") && is_column(first)) {
    ES_TRY(const std::string low, compared(condition, first, ">=", condition.arguments[1]));
    ES_TRY(const std::string high, compared(condition, first, "<=", condition.arguments[2]));
    return "{\"bool\":{\"must\":[" + low + "," + high + "]}}";
  }
  if (condition.arguments.size() == 2 && is_scalar(condition.name)) {
    const Expression& second = condition.arguments[1];
    if (is_column(first)) return compared(condition, first, condition.name, second);
    if (is_column(second)) return compared(condition, second, mirrored(condition.name), first);
  }
  return not_supported(condition);
}

Json Translator::logical(const Expression& call) const {
  std::string list;
  for (const Expression& argument : call.arguments) {
    ES_TRY(const std::string part, (*this)(argument));
    list += (list.empty() ? "" : ",") + part;
  }
  return "{\"bool\":{" + std::string(call.is_call("AND") ? "\"must\"" : "\"should\"") + ":[" + list + "]}}";
}

EsResult<std::string> Translator::exact_type(const Expression& call, const Expression& column) const {
  ES_TRY(std::string type, schema_.type_of(column));
  if (type == "text" || type == "geo_point") {
    return verification_fault(call.at, "[" + call.text + "] cannot operate on field of data type [" + type + "]");
  }
  return type;
}

Json Translator::literal(const std::string& type, const Expression& expression, const Value& value) const {
  if (type == "datetime") {
    if (value.kind == Value::Kind::datetime) return quoted(datetime_text(value.integer, TimeZone()));
    if (value.kind != Value::Kind::text) {
      return verification_fault(expression.at, "[" + expression.text + "] is no [datetime]");
    }
    std::string text = value.text;
    constexpr std::size_t date_size = 10;
    if (text.size() > date_size && text[date_size] == ' ' && text[4] == '-') text[date_size] = 'T';
    return quoted(text);
  }
  if (value.kind == Value::Kind::datetime || value.kind == Value::Kind::interval) {
    return verification_fault(expression.at, "[" + expression.text + "] is no [" + type + "]");
  }
  if (type == "keyword") return quoted(to_text(value, TimeZone()));
  std::string json;
  append_json(json, value, TimeZone());
  return json;
}

std::string Translator::range(const std::string& field, const std::string& type, const std::string& bounds) const {
  std::string json = "{\"range\":{" + quoted(field) + ":{" + bounds;
  if (type == "datetime") {
    json += ",\"time_zone\":" + quoted(zone_) + ",\"format\":\"strict_date_optional_time_nanos\"";
  }
  return json + "}}}";
}

Json Translator::compared(const Expression& call, const Expression& column, const std::string& sign,
                          const Expression& constant_of) const {
  if (has_column(constant_of)) return not_supported(call);
  ES_TRY(const std::string type, exact_type(call, column));
  ES_TRY(const Value value, constant(constant_of));
  if (value.is_null()) return compares_with_null(call);
  ES_TRY(const std::string json, literal(type, constant_of, value));
  if (sign == "=" || sign == "<>") {
    const std::string equal = type == "datetime" ? range(column.name, type, "\"gte\":" + json + ",\"lte\":" + json)
                                                 : "{\"term\":{" + quoted(column.name) + ":{\"value\":" + json + "}}}";
    return sign == "=" ? equal : negated(equal);
  }
  if (sign != "<" && sign != "<=" && sign != ">" && sign != ">=") return not_supported(call);
  return range(column.name, type, "\"" + std::string(range_word(sign)) + "\":" + json);
}

Json Translator::in(const Expression& call) const {
  const Expression& column = call.arguments[0];
  if (!is_column(column)) return not_supported(call);
  ES_TRY(const std::string type, exact_type(call, column));
  std::string list;
  for (std::size_t i = 1; i < call.arguments.size(); ++i) {
    const Expression& item = call.arguments[i];
    if (has_column(item)) return not_supported(call);
    if (type == "datetime") {
      ES_TRY(const std::string equal, compared(call, column, "=", item));
      list += (list.empty() ? "" : ",") + equal;
      continue;
    }
    ES_TRY(const Value value, constant(item));
    if (value.is_null()) return compares_with_null(call);
    ES_TRY(const std::string json, literal(type, item, value));
    list += (list.empty() ? "" : ",") + json;
  }
  if (type == "datetime") return "{\"bool\":{\"should\":[" + list + "]}}";
  return "{\"terms\":{" + quoted(column.name) + ":[" + list + "]}}";
}

/// '%' and '_' as '*' and '?'.
Json Translator::like(const Expression& call) const {
  const Expression& column = call.arguments[0];
  if (!is_column(column)) return not_supported(call);
  ES_TRY(const std::string type, exact_type(call, column));
  if (type != "keyword") {
    return verification_fault(call.at, "[LIKE] needs a [keyword], found [" + column.name + "] of type [" + type + "]");
  }
  ES_TRY(const Value pattern, constant(call.arguments[1]));
  std::string escape;
  if (call.arguments.size() == 3) {
    ES_TRY(const Value given, constant(call.arguments[2]));
    escape = given.text;
    if (escape.size() != 1 || escape == "%" || escape == "_") {
      return verification_fault(call.arguments[2].at, "[ESCAPE] needs one character other than [%] and [_]");
    }
  }
  if (pattern.kind != Value::Kind::text) return verification_fault(call.at, "[LIKE] needs a text as its pattern");
  std::string wildcard;
  for (std::size_t i = 0; i < pattern.text.size(); ++i) {
    char c = pattern.text[i];
    bool as_it_is = false;
    if (!escape.empty() && c == escape[0]) {
      if (++i == pattern.text.size()) return verification_fault(call.at, "Pattern ends with its escape character");
      c = pattern.text[i];
      as_it_is = true;
    }
    if (!as_it_is && c == '%') {
      wildcard += '*';
    } else if (!as_it_is && c == '_') {
      wildcard += '?';
    } else {
      if (c == '*' || c == '?' || c == '\\') wildcard += '\\';
      wildcard += c;
    }
  }
  return "{\"wildcard\":{" + quoted(column.name) + ":{\"wildcard\":" + quoted(wildcard) + "}}}";
}

/// MATCH(value, 'words') and QUERY('value:words').
Json Translator::words(const Expression& call) const {
  const bool is_match = call.is_call("MATCH");
  if (call.arguments.size() != (is_match ? 2u : 1u)) {
    return verification_fault(call.at, "options of [" + call.name + "] are not supported");
  }
  const Expression& last = call.arguments.back();
  if (has_column(last)) return not_supported(call);
  ES_TRY(const Value text, constant(last));
  if (text.kind != Value::Kind::text) return verification_fault(last.at, "[" + last.text + "] is no text");
  if (!is_match) return "{\"query_string\":{\"query\":" + quoted(text.text) + "}}";
  const Expression& column = call.arguments[0];
  if (!is_column(column)) return not_supported(call);
  ES_CHECK(schema_.type_of(column));
  return "{\"match\":{" + quoted(column.name) + ":{\"query\":" + quoted(text.text) + "}}}";
}

}  // namespace

EsResult<std::string> condition_json(const Expression& condition, const Schema& schema, const Evaluation& with) {
  ES_CHECK(check_functions(condition));
  return Translator(schema, with, with.zone_name)(condition);
}

}  // namespace iot::query::sql
