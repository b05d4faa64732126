// What GROUP BY may name, as sources of a composite aggregation: columns, HISTOGRAM, DATE_TRUNC and YEAR.
#pragma once

#include <string>

#include "query/sql/evaluate.h"
#include "query/sql/schema.h"

namespace iot::query::sql {

/// One key of GROUP BY as a source of a composite aggregation, without its name and order.
struct GroupKey {
  Expression expression;
  std::string kind;     ///< "terms", ...
  std::string options;  ///< members of its object
  std::string type;
};

EsResult<GroupKey> group_key(const Expression& expression, const Schema& schema, const Evaluation& with);

}  // namespace iot::query::sql
