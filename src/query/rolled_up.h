// Rolled-up time in a search: periods of which count, least and greatest value, sum, first and last reading are known
// (store/reading_store.h), and no reading. Aggregations see them; hits and counts do not, as they are no documents.
//
// A period counts as a whole where its first reading lies.
#pragma once

#include "query/aggregation.h"
#include "query/series_plan.h"
#include "store/reading_store.h"

namespace iot::query {

/// Adds the periods of the run that `cursor` is at. What they do not say is refused, never guessed: the error names the
/// aggregation or the filter, and since when there are readings.
/// Returns how many readings were added.
EsResult<std::uint64_t> add_rolled_up(store::Cursor& cursor, const SeriesPlan& plan, Collectors& collectors);

}  // namespace iot::query
