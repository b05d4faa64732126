// SQL's syntax tree. Operators are calls: "+", "AND", "IN", "IS NULL", "CAST"; NOT IN and the like are NOT of those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "query/es_error.h"
#include "query/sql/value.h"

namespace iot::query::sql {

struct Expression {
  enum class Kind {
    constant,
    column,
    all,   ///< "*"
    call,  ///< `name` in capitals with `arguments`
    slot   ///< a number of a row that a search gave: what columns, keys and aggregates become in a plan
  };

  Kind kind = Kind::constant;
  Position at;
  std::string name;
  Value value;
  bool distinct = false;  ///< COUNT(DISTINCT x)
  std::vector<Expression> arguments;
  std::size_t slot = 0;
  std::size_t height = 1;  ///< of the tree
  std::string text;        ///< as it was written

  bool is_call(std::string_view of) const noexcept { return kind == Kind::call && name == of; }
};

/// Whether both mean the same, wherever they stand.
bool same(const Expression& a, const Expression& b);

struct SelectItem {
  Expression expression;
  std::string name;  ///< the alias, or the text
  bool has_alias = false;
};

struct OrderItem {
  Expression expression;
  bool descending = false;
  bool nulls_first = false;
};

struct Statement {
  bool distinct = false;
  std::vector<SelectItem> items;
  std::optional<std::string> indices;  ///< nothing without FROM
  Position indices_at;
  std::optional<Expression> where, having;
  std::vector<Expression> group_by;
  std::vector<OrderItem> order_by;
  std::optional<std::int64_t> limit;
};

/// parsing_exception "line 1:8: reason".
EsError parsing_fault(Position at, const std::string& reason);
/// verification_exception "Found 1 problem\nline 1:8: reason".
EsError verification_fault(Position at, const std::string& reason);

}  // namespace iot::query::sql
