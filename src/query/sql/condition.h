// WHERE as a query of a search.
#pragma once

#include <string>

#include "query/sql/evaluate.h"
#include "query/sql/schema.h"

namespace iot::query::sql {

/// The query as JSON. Each comparison is of one column and constants; what else is refused by name.
EsResult<std::string> condition_json(const Expression& condition, const Schema& schema, const Evaluation& with);

}  // namespace iot::query::sql
