// Searches that go on: scrolls, page after page, and searches over a point in time.
#pragma once

#include <string_view>

#include "query/index_names.h"
#include "query/search.h"
#include "query/search_contexts.h"

namespace iot::query {

/// Whose contexts are opened, used and closed.
struct ContextPlace {
  SearchContexts& contexts;
  std::string_view owner;
};

/// The first page of a search with `scroll`, which request.scroll is.
EsAnswer open_scroll(const SearchPlace& place, const ContextPlace& own, const std::vector<Series>& series,
                     SearchRequest request);
/// The next page: POST or GET /_search/scroll, with the id in the body, the path or a parameter.
EsAnswer next_scroll_page(const SearchPlace& place, const ContextPlace& own, const IndexCatalog& catalog,
                          std::string_view id_in_path, std::string_view body, const Parameters& parameters);
/// DELETE /_search/scroll: of ids, or of `_all`.
EsAnswer close_scrolls(const ContextPlace& own, std::string_view id_in_path, std::string_view body,
                       const QueryLimits& limits);

/// POST /<index>/_pit?keep_alive=1m
EsAnswer open_point_in_time(const SearchPlace& place, const ContextPlace& own, const std::vector<Series>& series,
                            const Parameters& parameters);
/// DELETE /_pit with {"id": "..."}
EsAnswer close_point_in_time(const ContextPlace& own, std::string_view body, const QueryLimits& limits);
/// A search whose request names a point in time; `expression` of its path must be empty.
EsAnswer search_point_in_time(const SearchPlace& place, const ContextPlace& own, const IndexCatalog& catalog,
                              std::string_view expression, SearchRequest request);

}  // namespace iot::query
