// The best readings of each bucket, by the order of a search: what top_hits and top_metrics are written from.
#pragma once

#include <optional>
#include <vector>

#include "query/bucket_states.h"
#include "query/hits.h"
#include "query/query_scores.h"

namespace iot::query {

class TopHitsCollector : public Collector {
 public:
  /// `request` says order, `from` and `size`, and how hits are shown. Both must outlive the object.
  TopHitsCollector(const SearchRequest& request, Execution& execution);

  EsResult<void> prepare(std::span<const Series* const> series) override;
  EsResult<void> begin(const Series& series) override;
  /// Hits must be seen; where none are wanted, readings are counted only. What is rolled up is no hit.
  bool takes_summary(const Run& run) const override;
  void add_summary(const Run& run, Bucket bucket) override;
  /// Where hits are sorted by time, newest first.
  std::size_t newest_wanted() const override;
  bool takes_older(const Run& run) const override;
  void add(const store::Block& block, Selection selection, Bucket bucket) override;

 protected:
  struct State {
    std::uint64_t count = 0;
    std::optional<HitCollector> hits;
    const Series* series = nullptr;  ///< what `hits` was told last
  };
  /// Null for a bucket without readings; `hits` is there if any are wanted.
  State* state(Bucket bucket) noexcept { return states_.find(bucket); }
  const SearchRequest& request() const noexcept { return request_; }
  Execution& execution() noexcept { return execution_; }

 private:
  const SearchRequest& request_;
  Execution& execution_;
  /// Never offered anything: checks each index once, before any bucket is there.
  std::optional<HitCollector> checker_;
  bool needs_scores_;
  const Series* series_ = nullptr;
  QueryScores scores_;
  BucketStates<State> states_;
};

}  // namespace iot::query
