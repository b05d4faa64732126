// SQL's text to its syntax tree: one SELECT.
#pragma once

#include <string_view>
#include <vector>

#include "query/sql/expression.h"

namespace iot::query::sql {

inline constexpr std::size_t text_bytes_max = 32u << 10;
inline constexpr std::size_t columns_max = 128;  ///< and keys of ORDER BY

/// `parameters` stand for the question marks, in order.
EsResult<Statement> parse_statement(std::string_view text, const std::vector<Value>& parameters);

}  // namespace iot::query::sql
