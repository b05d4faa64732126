// The tables of _cat, as text for people or as JSON.
#pragma once

#include <string_view>
#include <vector>

#include "query/search_request.h"
#include "query/series.h"
#include "store/reading_store.h"

namespace iot::query {

/// `table`: indices, health, count, nodes, aliases, shards; empty: which there are. Parameters: `h` columns, `s` order,
/// `v` heading, `help`, `format` json or text, `bytes`.
EsAnswer cat_answer(std::string_view table, store::ReadingStore& store, const Clock& clock,
                    const std::vector<Series>& series, const Parameters& parameters);

}  // namespace iot::query
