// A statement as one search: its parts as JSON, and how its answer becomes rows.
//
// Columns, keys of groups and aggregates are the slots of a row; the columns of the answer, HAVING and ORDER BY are
// expressions over them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/sql/evaluate.h"
#include "query/sql/schema.h"

namespace iot::query::sql {

struct Slot {
  enum class From {
    field,        ///< of a hit
    count,        ///< readings of the group
    key,          ///< of the group
    counted,      ///< readings that a filter aggregation found
    metric,       ///< `property` of an aggregation's result
    first_value,  ///< of an aggregation's list of values
    top           ///< `property` of an aggregation's first reading
  };
  From from = From::field;
  std::string name;  ///< of the field, the key or the aggregation
  std::string property;
  std::string type;
};

struct Column {
  std::string name;
  std::string type;
  Expression expression;
};

struct RowOrder {
  Expression expression;
  bool descending = false;
  bool nulls_first = false;
};

struct Plan {
  enum class Kind {
    constant,  ///< without FROM: one row
    hits,      ///< a row for each reading
    one_row,   ///< aggregates of all readings
    groups
  };
  Kind kind = Kind::constant;
  std::vector<Column> columns;
  std::vector<Slot> slots;
  std::string query;         ///< JSON; empty for all readings
  std::string sort;          ///< JSON list, of hits
  std::string sources;       ///< JSON list, of groups
  std::string aggregations;  ///< members of a JSON object; may be empty
  std::optional<Expression> having;
  std::vector<RowOrder> order;  ///< of groups, where it is not that of their keys
  std::optional<std::int64_t> limit;

  std::vector<std::string> slot_types() const;
};

/// `filter` is a further query as JSON, or empty.
EsResult<Plan> make_plan(Statement statement, const Schema& schema, const Evaluation& with, const std::string& filter);

/// The body of the search for `size` rows, of groups behind the key `after` (JSON; empty for the first).
std::string search_body(const Plan& plan, std::int64_t size, const std::string& after, const std::string& timeout);

}  // namespace iot::query::sql
