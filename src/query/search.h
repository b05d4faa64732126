// Runs a parsed search over the indices it names.
#pragma once

#include <atomic>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "query/elasticsearch.h"
#include "query/hits.h"
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
  /// For fields inside objects; null where they cannot be asked for.
  FieldLookup* fields = nullptr;

  /// Lets the indices be asked for fields inside their objects.
  void open_objects(std::vector<Series>& series) const {
    for (Series& one : series) one.fields = fields;
  }
};

/// How many documents there are in all, where that is known already.
struct KnownTotal {
  std::uint64_t count = 0;
};

/// One page of a search that goes on, or of one over a point in time: what it begins with, and what it leaves behind.
struct SearchPage {
  std::string_view scroll_id, pit_id;  ///< shown where they are not empty
  std::optional<Timestamp> now;
  const Hit* after = nullptr;         ///< the hits behind it
  std::optional<KnownTotal> total;    ///< not the first page: nothing is counted or aggregated
  std::optional<std::size_t> shards;  ///< as many as are told; else those searched
  bool must_be_whole = false;         ///< what is cut short by time is an error: hits would be lost

  // Left behind:
  std::optional<Hit> last;
  std::uint64_t count = 0;
  bool in_document_order = false;
};

EsAnswer run_search(const SearchPlace& place, const std::vector<Series>& series, const SearchRequest& request);
EsAnswer run_search(const SearchPlace& place, const std::vector<Series>& series, const SearchRequest& request,
                    SearchPage& page);
EsAnswer run_count(const SearchPlace& place, const std::vector<Series>& series, const Query* query);

}  // namespace iot::query
