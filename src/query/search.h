// Runs a parsed search over the indices it names.
#pragma once

#include <atomic>
#include <vector>

#include "base/clock.h"
#include "query/elasticsearch.h"
#include "query/search_request.h"
#include "query/series.h"
#include "store/reading_store.h"

namespace iot::query {

class ReadAheadThreads;

/// What a search works on; all of it must outlive the call.
struct SearchPlace {
  store::ReadingStore& store;
  const Clock& clock;
  const QueryLimits& limits;
  ReadAheadThreads& read_ahead;
  const std::atomic<bool>* cancelled;
};

EsAnswer run_search(const SearchPlace& place, const std::vector<Series>& series, const SearchRequest& request);
EsAnswer run_count(const SearchPlace& place, const std::vector<Series>& series, const Query* query);

}  // namespace iot::query
