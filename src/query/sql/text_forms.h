// Rows as JSON, CSV (RFC 4180), TSV or a table to be read.
#pragma once

#include <string>
#include <vector>

#include "query/sql/plan.h"

namespace iot::query::sql {

enum class Form { json, csv, tsv, txt };

struct Rows {
  const std::vector<Column>& columns;
  const std::vector<std::vector<Value>>& rows;
  const TimeZone& zone;
};

/// `with_columns` on a first page; `cursor` may be empty.
std::string json_form(const Rows& rows, bool with_columns, bool columnar, const std::string& cursor);
/// Of csv, tsv and txt; `delimiter` is of csv.
std::string text_form(Form form, const Rows& rows, bool with_columns, char delimiter);
std::string_view content_type(Form form) noexcept;

}  // namespace iot::query::sql
