#include "query/sql/group_key.h"

#include "query/calendar.h"

namespace iot::query::sql {
namespace {

std::string zone_option(const Evaluation& with) {
  return ",\"time_zone\":" + quoted(with.zone_name);
}

/// Of exactly one day, month or year by the calendar; else of a fixed length, as in Elasticsearch.
EsResult<std::string> date_interval(const Expression& call, const Value& value) {
  const Expression& written = call.arguments[1];
  if (value.kind != Value::Kind::interval) {
    return verification_fault(written.at,
                              "second argument of [" + call.text + "] must be [interval], as INTERVAL 1 HOUR");
  }
  if (value.months != 0) {
    if (value.months == 1) return std::string("\"calendar_interval\":\"1M\"");
    if (value.months == 12) return std::string("\"calendar_interval\":\"1y\"");
    return verification_fault(written.at, "[" + written.text + "] is not supported: of months and years only one");
  }
  if (value.integer <= 0 || value.integer % ns_per_ms != 0) {
    return verification_fault(written.at, "[" + written.text + "] is no length of a bucket");
  }
  if (value.integer == seconds_per_day * ns_per_s) return std::string("\"calendar_interval\":\"1d\"");
  return "\"fixed_interval\":\"" + std::to_string(value.integer / ns_per_ms) + "ms\"";
}

EsResult<GroupKey> histogram_key(const Expression& call, const Schema& schema, const Evaluation& with) {
  if (call.arguments.size() != 2 || call.arguments[0].kind != Expression::Kind::column) {
    return verification_fault(call.at, "[HISTOGRAM] needs a column and an interval");
  }
  const Expression& column = call.arguments[0];
  ES_TRY(const std::string type, schema.type_of(column));
  ES_TRY(const Value interval, evaluate(call.arguments[1], {}, with));
  const std::string field = "\"field\":" + quoted(column.name);
  if (type == "datetime") {
    ES_TRY(const std::string option, date_interval(call, interval));
    return GroupKey{call, "date_histogram", field + "," + option + zone_option(with), type};
  }
  if (!is_numeric(type) || !interval.is_number()) {
    return verification_fault(call.at, "[" + call.text + "] needs a number or a datetime, and an interval of its kind");
  }
  std::string number;
  append_json(number, interval, TimeZone());
  return GroupKey{call, "histogram", field + ",\"interval\":" + number, type};
}

}  // namespace

EsResult<GroupKey> group_key(const Expression& expression, const Schema& schema, const Evaluation& with) {
  if (expression.kind == Expression::Kind::column) {
    ES_TRY(std::string type, schema.type_of(expression));
    if (type == "text" || type == "geo_point") {
      return verification_fault(
          expression.at, "Field [" + expression.name + "] of data type [" + type + "] cannot be used for grouping");
    }
    return GroupKey{expression, "terms", "\"field\":" + quoted(expression.name), type};
  }
  const bool is_year = expression.is_call("YEAR") && expression.arguments.size() == 1;
  const bool is_trunc = expression.is_call("DATE_TRUNC") && expression.arguments.size() == 2;
  if (expression.is_call("HISTOGRAM")) return histogram_key(expression, schema, with);
  if (!is_year && !is_trunc) {
    return verification_fault(expression.at, "[" + expression.text + "] is not supported in GROUP BY");
  }
  const Expression& column = expression.arguments.back();
  if (column.kind != Expression::Kind::column) {
    return verification_fault(expression.at, "[" + expression.text + "] is not supported in GROUP BY");
  }
  ES_TRY(const std::string type, schema.type_of(column));
  if (type != "datetime") {
    return verification_fault(expression.at, "argument of [" + expression.text + "] must be [datetime], found value [" +
                                                 column.text + "] type [" + type + "]");
  }
  std::string unit = "year";
  if (is_trunc) {
    ES_TRY(const Value given, evaluate(expression.arguments[0], {}, with));
    if (given.kind != Value::Kind::text || !calendar_unit(given.text)) {
      return verification_fault(expression.at, "the unit of [" + expression.text + "] is not supported");
    }
    unit = given.text;
    for (char& c : unit) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (unit.back() == 's') unit.pop_back();
  }
  return GroupKey{expression, "date_histogram",
                  "\"field\":" + quoted(column.name) + ",\"calendar_interval\":" + quoted(unit) + zone_option(with),
                  "datetime"};
}

}  // namespace iot::query::sql
