// Scrolls and points in time that callers have open: which indices, up to which readings, and how far a scroll has got.
//
// A context holds no part of the store: docs/decisions/0015-scroll-and-point-in-time.md says why, and what that means
// for readings that come late. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "query/hits.h"
#include "query/search.h"
#include "query/search_request.h"
#include "query/series.h"

namespace iot::query {

struct SearchContext {
  /// An index, and the time of the last reading that belongs to the view.
  struct Part {
    Index index;
    Timestamp last;
  };

  std::string owner;  ///< whose token made it
  std::vector<Part> parts;
  Timestamp created;
  std::chrono::milliseconds keep_alive{0};
  // Of a scroll alone:
  std::shared_ptr<const SearchRequest> request;
  std::optional<Hit> after;
  KnownTotal total;
  bool in_document_order = false;  ///< hits come as documents lie: what lies before `after` need not be looked at

  /// Held while a page is made: a context serves one request at a time.
  std::mutex busy;
};

class SearchContexts {
 public:
  struct Limits {
    std::size_t contexts_max = 500;  ///< as search.max_open_scroll_context
    std::size_t contexts_of_one_max = 50;
    std::size_t bytes_max = 64u << 20;
    std::chrono::milliseconds keep_alive_max = std::chrono::hours(24);  ///< as search.max_keep_alive
  };

  /// `clock` must outlive the object.
  SearchContexts(const Clock& clock, Limits limits) : clock_(clock), limits_(limits) {}

  EsResult<void> check_keep_alive(std::chrono::milliseconds keep_alive) const;

  /// Keeps `context`, which holds about `bytes`, and gives its id, which nobody can guess. 429 where there are too
  /// many.
  EsResult<std::string> open(std::shared_ptr<SearchContext> context, std::size_t bytes);
  /// The owner's context of this id, alive for its keep_alive from now on (another one, if given); null for others.
  std::shared_ptr<SearchContext> find(std::string_view id, std::string_view owner,
                                      std::optional<std::chrono::milliseconds> keep_alive);
  /// False if there is none of this id and owner.
  bool close(std::string_view id, std::string_view owner);
  std::size_t close_all(std::string_view owner);

 private:
  struct Entry {
    std::shared_ptr<SearchContext> context;
    std::size_t bytes = 0;
    Clock::Steady expires;
  };

  void drop_expired();
  void erase(std::map<std::string, Entry, std::less<>>::iterator entry);

  const Clock& clock_;
  const Limits limits_;
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::size_t bytes_ = 0;
};

/// search_context_missing_exception
EsError context_missing(std::string_view id);

}  // namespace iot::query
