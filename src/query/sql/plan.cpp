#include "query/sql/plan.h"

#include <algorithm>
#include <utility>

#include "query/sql/aggregates.h"
#include "query/sql/condition.h"
#include "query/sql/group_key.h"

namespace iot::query::sql {
namespace {

/// As composite has sources.
constexpr std::size_t keys_max = 32;

bool has_aggregate(const Expression& expression) {
  if (expression.kind != Expression::Kind::call) return false;
  return is_aggregate(expression.name) ||
         std::any_of(expression.arguments.begin(), expression.arguments.end(), has_aggregate);
}

class Planner {
 public:
  Planner(Statement statement, const Schema& schema, const Evaluation& with)
      : statement_(std::move(statement)), schema_(schema), with_(with) {}

  EsResult<Plan> plan(const std::string& filter);

 private:
  EsResult<void> choose_kind();
  EsResult<void> expand_all();
  EsResult<void> read_keys();
  EsResult<Expression> meant_by(const Expression& expression) const;
  EsResult<Expression> resolved(const Expression& expression);
  EsResult<Expression> aggregate_slot(const Expression& call);
  Expression slot_of(Slot slot, const Expression& from);
  EsResult<void> order_hits();
  EsResult<void> order_groups();

  Statement statement_;
  const Schema& schema_;
  const Evaluation& with_;
  std::vector<GroupKey> keys_;
  std::vector<std::pair<Expression, Expression>> known_;  ///< what is a slot already
  Plan plan_;
};

EsResult<Plan> Planner::plan(const std::string& filter) {
  if (statement_.limit && *statement_.limit < 0) return EsError(400, "parsing_exception", "LIMIT is negative");
  plan_.limit = statement_.limit;
  ES_CHECK(expand_all());
  ES_CHECK(choose_kind());
  if (statement_.where) {
    if (plan_.kind == Plan::Kind::constant) {
      return verification_fault(statement_.where->at, "[WHERE] without [FROM] is not supported");
    }
    if (has_aggregate(*statement_.where)) {
      return verification_fault(statement_.where->at, "Cannot use WHERE filtering on aggregate functions, use HAVING");
    }
    ES_TRY(plan_.query, condition_json(*statement_.where, schema_, with_));
  }
  if (!filter.empty()) {
    plan_.query = "{\"bool\":{\"filter\":[" + filter + (plan_.query.empty() ? "" : ",") + plan_.query + "]}}";
  }
  ES_CHECK(read_keys());
  for (const SelectItem& item : statement_.items) {
    ES_TRY(Expression expression, resolved(item.expression));
    plan_.columns.push_back({item.name, type_of(expression, plan_.slot_types()), std::move(expression)});
  }
  if (statement_.having) {
    if (plan_.kind != Plan::Kind::groups && plan_.kind != Plan::Kind::one_row) {
      return verification_fault(statement_.having->at, "[HAVING] needs groups or aggregates");
    }
    ES_TRY(const Expression having, meant_by(*statement_.having));
    ES_TRY(plan_.having, resolved(having));
  }
  if (plan_.kind == Plan::Kind::groups) {
    ES_CHECK(order_groups());
  } else if (plan_.kind == Plan::Kind::hits) {
    ES_CHECK(order_hits());
  } else {
    // One row is in order; what it would be ordered by must be there all the same.
    for (const OrderItem& item : statement_.order_by) {
      ES_TRY(const Expression expression, meant_by(item.expression));
      ES_CHECK(resolved(expression));
    }
  }
  return std::move(plan_);
}

EsResult<void> Planner::expand_all() {
  std::vector<SelectItem> items;
  for (SelectItem& item : statement_.items) {
    if (item.expression.kind != Expression::Kind::all) {
      items.push_back(std::move(item));
      continue;
    }
    if (!statement_.indices) return verification_fault(item.expression.at, "Cannot determine columns for [*]");
    ES_TRY(const std::vector<std::string> names, schema_.names());
    for (const std::string& name : names) {
      SelectItem& one = items.emplace_back();
      one.expression.kind = Expression::Kind::column;
      one.expression.at = item.expression.at;
      one.expression.name = one.expression.text = one.name = name;
    }
  }
  statement_.items = std::move(items);
  return {};
}

EsResult<void> Planner::choose_kind() {
  const auto is_total = [](const SelectItem& item) { return has_aggregate(item.expression); };
  const bool aggregates = std::any_of(statement_.items.begin(), statement_.items.end(), is_total) ||
                          (statement_.having && has_aggregate(*statement_.having));
  if (!statement_.indices) {
    if (aggregates || !statement_.group_by.empty()) {
      return EsError(400, "verification_exception", "Found 1 problem\nline 1:1: aggregates and groups need [FROM]");
    }
    plan_.kind = Plan::Kind::constant;
    return {};
  }
  if (statement_.distinct) {
    if (!statement_.group_by.empty() || aggregates) {
      return verification_fault(statement_.indices_at, "[DISTINCT] beside aggregates or groups is not supported");
    }
    // The different rows are the groups by all columns.
    for (const SelectItem& item : statement_.items) {
      const bool is_there = std::any_of(statement_.group_by.begin(), statement_.group_by.end(),
                                        [&](const Expression& key) { return same(key, item.expression); });
      if (!is_there) statement_.group_by.push_back(item.expression);
    }
  }
  plan_.kind = !statement_.group_by.empty() ? Plan::Kind::groups : aggregates ? Plan::Kind::one_row : Plan::Kind::hits;
  return {};
}

/// An alias or the number of a column as what it stands for, anywhere in the expression.
EsResult<Expression> Planner::meant_by(const Expression& expression) const {
  if (expression.kind == Expression::Kind::column) {
    for (const SelectItem& item : statement_.items) {
      if (item.has_alias && item.name == expression.name) return item.expression;
    }
    return expression;
  }
  if (is_aggregate(expression.name)) return expression;
  Expression meant = expression;
  for (Expression& argument : meant.arguments) {
    ES_TRY(argument, meant_by(argument));
  }
  return meant;
}

EsResult<void> Planner::read_keys() {
  if (statement_.group_by.size() > keys_max) {
    return verification_fault(statement_.group_by[keys_max].at,
                              "more than " + std::to_string(keys_max) + " keys in GROUP BY");
  }
  for (const Expression& item : statement_.group_by) {
    ES_TRY(Expression expression, meant_by(item));
    if (item.kind == Expression::Kind::constant && item.value.kind == Value::Kind::integer) {
      const auto count = static_cast<std::int64_t>(statement_.items.size());
      if (item.value.integer < 1 || item.value.integer > count) {
        return verification_fault(item.at, "Invalid ordinal [" + item.text + "] specified in [GROUP BY]");
      }
      expression = statement_.items[static_cast<std::size_t>(item.value.integer - 1)].expression;
    }
    if (has_aggregate(expression)) {
      return verification_fault(item.at, "Cannot use an aggregate [" + expression.text + "] for grouping");
    }
    ES_TRY(GroupKey key, group_key(expression, schema_, with_));
    const std::string name = "k" + std::to_string(keys_.size());
    Expression slot = slot_of({Slot::From::key, name, {}, key.type}, expression);
    if (expression.is_call("YEAR")) {
      // Its key is the year's first moment.
      Expression year = expression;
      year.arguments[0] = std::move(slot);
      slot = std::move(year);
    }
    known_.emplace_back(key.expression, std::move(slot));
    keys_.push_back(std::move(key));
  }
  return {};
}

Expression Planner::slot_of(Slot slot, const Expression& from) {
  Expression made;
  made.kind = Expression::Kind::slot;
  made.at = from.at;
  made.text = from.text;
  made.slot = plan_.slots.size();
  plan_.slots.push_back(std::move(slot));
  return made;
}

EsResult<Expression> Planner::aggregate_slot(const Expression& call) {
  if (plan_.kind == Plan::Kind::hits) {
    return verification_fault(call.at, "[" + call.text + "] needs aggregates in SELECT or groups");
  }
  std::string json;
  const std::string name = "a" + std::to_string(plan_.slots.size());
  ES_TRY(Slot slot, aggregate_of(call, name, schema_, with_, json));
  if (!json.empty()) {
    plan_.aggregations += (plan_.aggregations.empty() ? "" : ",") + quoted(name) + ":" + json;
  }
  Expression made = slot_of(std::move(slot), call);
  known_.emplace_back(call, made);
  return made;
}

/// The expression with slots in place of columns, keys and aggregates.
EsResult<Expression> Planner::resolved(const Expression& expression) {
  for (const auto& [meant, slot] : known_) {
    if (same(meant, expression)) return slot;
  }
  if (expression.kind == Expression::Kind::column) {
    if (!statement_.indices) return verification_fault(expression.at, "Unknown column [" + expression.name + "]");
    ES_TRY(const std::string type, schema_.type_of(expression));
    if (plan_.kind != Plan::Kind::hits) {
      return verification_fault(expression.at, "Cannot use non-grouped column [" + expression.name + "]");
    }
    Expression made = slot_of({Slot::From::field, expression.name, {}, type}, expression);
    known_.emplace_back(expression, made);
    return made;
  }
  if (expression.kind != Expression::Kind::call) return expression;
  if (is_aggregate(expression.name)) return aggregate_slot(expression);
  if (expression.name == "HISTOGRAM") {
    return verification_fault(expression.at, "[" + expression.text + "] needs to be part of the grouping");
  }
  if (!is_scalar(expression.name)) {
    const bool is_condition = expression.name == "LIKE" || expression.name == "MATCH" || expression.name == "QUERY";
    return verification_fault(expression.at, is_condition ? "[" + expression.name + "] is supported in WHERE only"
                                                          : "Unknown function [" + expression.name + "]");
  }
  Expression made = expression;
  for (Expression& argument : made.arguments) {
    ES_TRY(argument, resolved(argument));
  }
  return made;
}

/// What an item of ORDER BY stands for: also the number of a column.
EsResult<Expression> ordered_by(const OrderItem& item, const std::vector<SelectItem>& items, Expression meant) {
  if (meant.kind != Expression::Kind::constant) return meant;
  const auto count = static_cast<std::int64_t>(items.size());
  if (meant.value.kind != Value::Kind::integer || meant.value.integer < 1 || meant.value.integer > count) {
    return verification_fault(item.expression.at,
                              "Invalid ordinal [" + item.expression.text + "] specified in [ORDER BY]");
  }
  return items[static_cast<std::size_t>(meant.value.integer - 1)].expression;
}

EsResult<void> Planner::order_hits() {
  for (const OrderItem& item : statement_.order_by) {
    ES_TRY(Expression meant, meant_by(item.expression));
    ES_TRY(meant, ordered_by(item, statement_.items, std::move(meant)));
    if (meant.kind != Expression::Kind::column) {
      return verification_fault(
          item.expression.at,
          "[" + item.expression.text + "] is not supported in ORDER BY: readings are ordered by columns");
    }
    ES_TRY(const std::string type, schema_.type_of(meant));
    if (type == "text" || type == "geo_point") {
      return verification_fault(item.expression.at, "ORDER BY cannot be applied to field of data type [" + type + "]");
    }
    plan_.sort += (plan_.sort.empty() ? "{" : ",{") + quoted(meant.name) + ":{\"order\":\"" +
                  (item.descending ? "desc" : "asc") + "\",\"missing\":\"" + (item.nulls_first ? "_first" : "_last") +
                  "\"}}";
  }
  plan_.sort = plan_.sort.empty() ? "[\"_doc\"]" : "[" + plan_.sort + "]";
  return {};
}

EsResult<void> Planner::order_groups() {
  struct Place {
    std::size_t key;
    bool descending, nulls_first;
  };
  std::vector<Place> places;
  bool by_keys = true;
  for (const OrderItem& item : statement_.order_by) {
    ES_TRY(Expression meant, meant_by(item.expression));
    ES_TRY(meant, ordered_by(item, statement_.items, std::move(meant)));
    const auto key =
        std::find_if(keys_.begin(), keys_.end(), [&](const GroupKey& one) { return same(one.expression, meant); });
    by_keys = by_keys && key != keys_.end();
    if (by_keys) places.push_back({static_cast<std::size_t>(key - keys_.begin()), item.descending, item.nulls_first});
    ES_TRY(Expression expression, resolved(meant));
    plan_.order.push_back({std::move(expression), item.descending, item.nulls_first});
  }
  // The search's own order does then.
  if (by_keys) {
    plan_.order.clear();
  } else {
    places.clear();
  }
  for (std::size_t i = 0; i < keys_.size(); ++i) places.push_back({i, false, false});
  std::vector<bool> written(keys_.size());
  for (const Place& place : places) {
    if (written[place.key]) continue;
    written[place.key] = true;
    const GroupKey& key = keys_[place.key];
    plan_.sources += (plan_.sources.empty() ? "{\"k" : ",{\"k") + std::to_string(place.key) + "\":{" +
                     quoted(key.kind) + ":{" + key.options + ",\"missing_bucket\":true,\"missing_order\":\"" +
                     (place.nulls_first ? "first" : "last") + "\",\"order\":\"" + (place.descending ? "desc" : "asc") +
                     "\"}}}";
  }
  plan_.sources = "[" + plan_.sources + "]";
  return {};
}

}  // namespace

std::vector<std::string> Plan::slot_types() const {
  std::vector<std::string> types;
  for (const Slot& slot : slots) types.push_back(slot.type);
  return types;
}

EsResult<Plan> make_plan(Statement statement, const Schema& schema, const Evaluation& with, const std::string& filter) {
  return Planner(std::move(statement), schema, with).plan(filter);
}

std::string search_body(const Plan& plan, std::int64_t size, const std::string& after, const std::string& timeout) {
  const bool of_hits = plan.kind == Plan::Kind::hits;
  std::string body = "{\"size\":" + std::to_string(of_hits ? size : 0);
  if (!plan.query.empty()) body += ",\"query\":" + plan.query;
  if (!timeout.empty()) body += ",\"timeout\":" + quoted(timeout);
  if (of_hits) {
    std::string fields;
    for (const Slot& slot : plan.slots) {
      fields += (fields.empty() ? "{\"field\":" : ",{\"field\":") + quoted(slot.name);
      if (slot.type == "datetime") fields += ",\"format\":\"strict_date_optional_time_nanos\"";
      fields += "}";
    }
    return body + ",\"_source\":false,\"fields\":[" + fields + "],\"sort\":" + plan.sort + "}";
  }
  if (plan.kind == Plan::Kind::one_row) {
    // Not the total of hits, which does not count what is rolled up.
    body += ",\"track_total_hits\":false,\"aggregations\":{\"_count\":{\"value_count\":{\"field\":\"timestamp\"}}";
    return body + (plan.aggregations.empty() ? "}}" : "," + plan.aggregations + "}}");
  }
  body += ",\"track_total_hits\":false,\"aggregations\":{\"groups\":{\"composite\":{\"size\":" + std::to_string(size) +
          ",\"sources\":" + plan.sources + (after.empty() ? "" : ",\"after\":" + after) + "}";
  if (!plan.aggregations.empty()) body += ",\"aggregations\":{" + plan.aggregations + "}";
  return body + "}}}";
}

}  // namespace iot::query::sql
