// Aggregate functions of SQL as aggregations of a search.
#pragma once

#include <string>
#include <string_view>

#include "query/sql/plan.h"

namespace iot::query::sql {

bool is_aggregate(std::string_view name) noexcept;

/// The slot that the call's result is, and in `json` the aggregation named `name`; empty where the group's own count
/// does. verification_exception for arguments that do not fit.
EsResult<Slot> aggregate_of(const Expression& call, const std::string& name, const Schema& schema,
                            const Evaluation& with, std::string& json);

}  // namespace iot::query::sql
