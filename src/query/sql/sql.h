// POST /_sql, /_sql/close and /_sql/translate: SQL over the indices that the caller may see, as searches.
// docs/sql.md says what of SQL there is.
#pragma once

#include <string_view>

#include "query/scroll.h"
#include "query/search.h"

namespace iot::query::sql {

EsAnswer query_answer(const SearchPlace& place, const ContextPlace& own, const IndexCatalog& catalog,
                      std::string_view body, const Parameters& parameters);
EsAnswer translate_answer(const SearchPlace& place, const IndexCatalog& catalog, std::string_view body,
                          const Parameters& parameters);
EsAnswer close_answer(const ContextPlace& own, std::string_view body, const Parameters& parameters,
                      const QueryLimits& limits);

}  // namespace iot::query::sql
