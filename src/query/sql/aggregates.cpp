#include "query/sql/aggregates.h"

#include <algorithm>
#include <array>

namespace iot::query::sql {
namespace {

/// Functions of one numeric column whose result is a member of an aggregation's.
struct Metric {
  std::string_view function;
  std::string_view aggregation;
  std::string_view property;
};

constexpr std::array<Metric, 10> metrics{{
    {"MIN", "min", "value"},
    {"MAX", "max", "value"},
    {"AVG", "avg", "value"},
    // Of no readings it is null, which `sum` itself is not.
    {"SUM", "stats", "sum"},
    {"STDDEV_POP", "extended_stats", "std_deviation_population"},
    {"STDDEV_SAMP", "extended_stats", "std_deviation_sampling"},
    {"VAR_POP", "extended_stats", "variance_population"},
    {"VAR_SAMP", "extended_stats", "variance_sampling"},
    {"SUM_OF_SQUARES", "extended_stats", "sum_of_squares"},
    {"MAD", "median_absolute_deviation", "value"},
}};

constexpr std::array<std::string_view, 7> others{"COUNT",       "PERCENTILE", "PERCENTILE_RANK", "FIRST",
                                                 "FIRST_VALUE", "LAST",       "LAST_VALUE"};

std::string on_field(std::string_view aggregation, const std::string& field, const std::string& more = {}) {
  return "{" + quoted(aggregation) + ":{\"field\":" + quoted(field) + more + "}}";
}

EsError wrong_type(const Expression& call, const std::string& wanted, const std::string& type) {
  return verification_fault(call.at, "argument of [" + call.text + "] must be [" + wanted + "], found value [" +
                                         call.arguments[0].text + "] type [" + type + "]");
}

EsResult<const Expression*> column_of(const Expression& call) {
  if (!call.arguments.empty() && call.arguments[0].kind == Expression::Kind::column) return &call.arguments[0];
  return verification_fault(call.at, "[" + call.text + "] is not supported: an aggregate is of one column");
}

EsResult<void> check_count(const Expression& call, std::size_t min, std::size_t max) {
  if (call.arguments.size() >= min && call.arguments.size() <= max) return {};
  return verification_fault(call.at, "[" + call.text + "] has " + std::to_string(call.arguments.size()) + " arguments");
}

EsResult<Slot> count_of(const Expression& call, const std::string& name, const Schema& schema, std::string& json) {
  ES_CHECK(check_count(call, 1, 1));
  const Expression& argument = call.arguments[0];
  const bool of_all = argument.kind == Expression::Kind::all ||
                      (argument.kind == Expression::Kind::constant && !argument.value.is_null());
  if (of_all && !call.distinct) return Slot{Slot::From::count, {}, {}, "long"};
  ES_TRY(const Expression* column, column_of(call));
  ES_TRY(const std::string type, schema.type_of(*column));
  if (!call.distinct) {
    json = "{\"filter\":{\"exists\":{\"field\":" + quoted(column->name) + "}}}";
    return Slot{Slot::From::counted, name, {}, "long"};
  }
  if (type == "text" || type == "geo_point") return wrong_type(call, "exact", type);
  json = on_field("cardinality", column->name);
  return Slot{Slot::From::metric, name, "value", "long"};
}

/// FIRST(x [, by]) and LAST: by default in the order of x itself.
EsResult<Slot> top_of(const Expression& call, const std::string& name, const Schema& schema, std::string& json) {
  ES_CHECK(check_count(call, 1, 2));
  ES_TRY(const Expression* column, column_of(call));
  ES_TRY(const std::string type, schema.type_of(*column));
  const Expression& by = call.arguments.back();
  if (by.kind != Expression::Kind::column) {
    return verification_fault(by.at, "[" + by.text + "] is not supported: [" + call.name + "] is by a column");
  }
  ES_TRY(const std::string by_type, schema.type_of(by));
  if (type == "text" || type == "geo_point") return wrong_type(call, "exact", type);
  if (!is_numeric(by_type) && by_type != "datetime" && by_type != "boolean") {
    return verification_fault(by.at,
                              "[" + call.name + "] by [" + by.name + "] of type [" + by_type + "] is not supported");
  }
  const std::string order = call.name.starts_with("FIRST") ? "asc" : "desc";
  json = "{\"top_metrics\":{\"metrics\":{\"field\":" + quoted(column->name) + "},\"sort\":{" + quoted(by.name) + ":\"" +
         order + "\"}}}";
  return Slot{Slot::From::top, name, column->name, type};
}

EsResult<Slot> percentile_of(const Expression& call, const std::string& name, const Schema& schema,
                             const Evaluation& with, std::string& json) {
  ES_CHECK(check_count(call, 2, 2));
  ES_TRY(const Expression* column, column_of(call));
  ES_TRY(const std::string type, schema.type_of(*column));
  if (!is_numeric(type)) return wrong_type(call, "numeric", type);
  ES_TRY(const Value at, evaluate(call.arguments[1], {}, with));
  if (!at.is_number()) return verification_fault(call.arguments[1].at, "[" + call.arguments[1].text + "] is no number");
  std::string number;
  append_json(number, at, with.zone);
  const bool is_rank = call.name == "PERCENTILE_RANK";
  json = on_field(is_rank ? "percentile_ranks" : "percentiles", column->name,
                  (is_rank ? ",\"values\":[" : ",\"percents\":[") + number + "],\"keyed\":false");
  return Slot{Slot::From::first_value, name, {}, "double"};
}

std::string type_of_metric(const std::string& function, const std::string& type) {
  if (function == "MIN" || function == "MAX") return type;
  if (function != "SUM") return "double";
  return type == "double" || type == "float" ? type : "long";
}

}  // namespace

bool is_aggregate(std::string_view name) noexcept {
  return std::find(others.begin(), others.end(), name) != others.end() ||
         std::any_of(metrics.begin(), metrics.end(), [&](const Metric& metric) { return metric.function == name; });
}

EsResult<Slot> aggregate_of(const Expression& call, const std::string& name, const Schema& schema,
                            const Evaluation& with, std::string& json) {
  json.clear();
  if (call.name == "COUNT") return count_of(call, name, schema, json);
  if (call.distinct) return verification_fault(call.at, "[DISTINCT] in [" + call.text + "] is not supported");
  if (call.name.starts_with("PERCENTILE")) return percentile_of(call, name, schema, with, json);
  if (call.name.starts_with("FIRST") || call.name.starts_with("LAST")) return top_of(call, name, schema, json);
  ES_CHECK(check_count(call, 1, 1));
  ES_TRY(const Expression* column, column_of(call));
  ES_TRY(const std::string type, schema.type_of(*column));
  const auto metric =
      std::find_if(metrics.begin(), metrics.end(), [&](const Metric& one) { return one.function == call.name; });
  const bool takes_dates = call.name == "MIN" || call.name == "MAX";
  if (!is_numeric(type) && !(takes_dates && type == "datetime")) {
    return wrong_type(call, takes_dates ? "datetime or numeric" : "numeric", type);
  }
  json = on_field(metric->aggregation, column->name);
  return Slot{Slot::From::metric, name, std::string(metric->property), type_of_metric(call.name, type)};
}

}  // namespace iot::query::sql
