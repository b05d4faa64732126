// Index expressions: "3_4", "3_4,3_5", "3_*", "_all", "*,-3_4".
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "query/elasticsearch.h"
#include "query/es_error.h"
#include "query/series.h"

namespace iot::query {

struct IndexOptions {
  bool ignore_unavailable = false;
  bool allow_no_indices = true;
  bool expands_wildcards = true;  ///< to indices that are open, as all are
  std::size_t indices_max = 100'000;
};

/// Takes a parameter that says which indices are meant; false if it is another.
EsResult<bool> take_index_option(IndexOptions& options, std::string_view name, std::string_view text);

/// The index of this very name; nothing where the caller sees none.
std::optional<Index> find_index(const IndexCatalog& catalog, std::string_view name);
EsError index_not_found(std::string_view name);

/// The indices that the expression names, each once, in the catalog's order. An empty expression is all of them.
/// index_not_found_exception for a name (not a pattern) that is not there.
EsResult<std::vector<Series>> resolve_indices(const IndexCatalog& catalog, std::string_view expression,
                                              const IndexOptions& options);

}  // namespace iot::query
