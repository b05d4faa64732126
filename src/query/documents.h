// Single documents by index and id: _doc, _source, _mget. The id holds the time, so that a reading is found at once.
#pragma once

#include <string_view>

#include "query/search.h"
#include "query/search_request.h"

namespace iot::query {

/// GET /<index>/_doc/<id>: 404 with "found": false where there is none.
EsAnswer document_answer(const SearchPlace& place, const IndexCatalog& catalog, std::string_view index,
                         std::string_view id, const Parameters& parameters);
/// GET /<index>/_source/<id>: the document alone.
EsAnswer source_answer(const SearchPlace& place, const IndexCatalog& catalog, std::string_view index,
                       std::string_view id, const Parameters& parameters);
/// _mget: {"docs": [{"_index", "_id", "_source"}]} or {"ids": [...]}. One that has no index tells its own error.
EsAnswer multi_get_answer(const SearchPlace& place, const IndexCatalog& catalog, std::string_view default_index,
                          std::string_view body, const Parameters& parameters);

}  // namespace iot::query
