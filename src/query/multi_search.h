// _msearch: several searches in one body, a line for the indices and a line for the search each.
#pragma once

#include <string_view>

#include "query/index_names.h"
#include "query/search.h"

namespace iot::query {

/// `default_expression` names the indices of searches whose header names none.
EsAnswer run_multi_search(const SearchPlace& place, const IndexCatalog& catalog, std::string_view default_expression,
                          std::string_view body, const Parameters& parameters);

}  // namespace iot::query
