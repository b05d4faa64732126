// Index expressions: "3_4", "3_4,3_5", "3_*", "_all", "*,-3_4".
#pragma once

#include <string_view>
#include <vector>

#include "query/elasticsearch.h"
#include "query/es_error.h"
#include "query/series.h"

namespace iot::query {

struct IndexOptions {
  bool ignore_unavailable = false;
  bool allow_no_indices = true;
  std::size_t indices_max = 100'000;
};

/// The indices that the expression names, each once, in the catalog's order. An empty expression is all of them.
/// index_not_found_exception for a name (not a pattern) that is not there.
EsResult<std::vector<Series>> resolve_indices(const IndexCatalog& catalog, std::string_view expression,
                                              const IndexOptions& options);

}  // namespace iot::query
