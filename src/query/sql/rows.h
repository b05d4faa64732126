// The rows of one page of a statement, by the searches that find them.
#pragma once

#include <string>
#include <vector>

#include "query/scroll.h"
#include "query/sql/plan.h"
#include "query/sql/request.h"

namespace iot::query::sql {

struct Page {
  std::vector<std::vector<Value>> rows;
  bool has_more = false;  ///< `request` then says where to go on
};

/// What rows are made from; all of it must outlive the call.
struct RowSource {
  const SearchPlace& place;
  const ContextPlace& own;
  const IndexCatalog& catalog;
  const std::vector<Series>& series;
  const Plan& plan;
  const Evaluation& with;
};

/// The next rows, at most as many as the request fetches at once, and moves it on. What is cut short by time, or what
/// one index cannot answer, is an error: rows would be missing.
EsResult<Page> next_page(const RowSource& source, Request& request);

}  // namespace iot::query::sql
