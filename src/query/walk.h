// The walk through the readings that a search needs: which indices and times, what decides a run without decoding it,
// and when to stop.
//
// One thread; others may read ahead for it (read_ahead.h, decode_ahead.h).
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_set>
#include <utility>
#include <vector>

#include "query/aggregation.h"
#include "query/decode_ahead.h"
#include "query/execution.h"
#include "query/hits.h"
#include "query/newest_first.h"
#include "query/search.h"
#include "query/series_plan.h"

namespace iot::query {

/// An index whose part of the search failed.
struct ShardFailure {
  const Series* series;
  EsError error;
};

class Walk {
 public:
  /// `aggregations` are those of the collectors that plan() will be given; null without any.
  Walk(const SearchPlace& place, const Aggregations* aggregations, Execution& execution)
      : place_(place), aggregations_(aggregations), execution_(execution) {}

  /// These indices are no part of it: what failed in another walk of the same request. Called before plan().
  void leave_out(const std::vector<ShardFailure>& failures) {
    for (const ShardFailure& one : failures) left_out_.insert(one.series);
  }
  /// Plans each index; those that cannot be searched are in failures(). `collectors` and `hits` may be null.
  EsResult<void> plan(const std::vector<Series>& series, const Query* query, bool with_scores, Collectors* collectors,
                      HitCollector* hits);

  /// The best hits by time, with as few blocks as can be.
  EsResult<void> collect_by_time();
  /// All readings (or as many as are needed) in the order of documents: counts them, aggregates, and collects hits
  /// unless collect_by_time() did. Counting may stop when more than `count_max` are counted.
  EsResult<void> collect_all(std::int64_t count_max, bool with_hits);

  std::uint64_t count() const noexcept { return count_; }
  /// Readings that the collectors were told of as periods.
  std::uint64_t rolled_up_count() const noexcept { return rolled_up_count_; }
  const std::vector<ShardFailure>& failures() const noexcept { return failures_; }
  /// Every match has the same score.
  bool has_uniform_scores() const noexcept { return uniform_scores_; }

 private:
  EsResult<void> plan_one(const Series& series, const Query* query, bool with_scores);
  EsResult<void> walk_series(const SeriesPlan& plan, std::int64_t count_max, bool with_hits);
  EsResult<void> walk_runs(std::unique_ptr<store::Cursor> from, const SeriesPlan& plan, std::int64_t count_max,
                           bool with_hits, NewestFirst newest);
  std::unique_ptr<store::Cursor> decoded_ahead(std::unique_ptr<store::Cursor> cursor, const SeriesPlan& plan,
                                               bool with_hits, const NewestFirst& newest);
  std::unique_ptr<store::Cursor> rolled_up_aside(std::unique_ptr<store::Cursor> cursor, const SeriesPlan& plan);
  Result<std::vector<std::optional<Timestamp>>> end_times(bool first) const;
  EsResult<void> begin(const SeriesPlan& plan);
  /// What the walk does with a run, and whether hits may be in it.
  struct Look {
    RunUse use;
    bool offers;
  };
  Look look_at(const Run& run, const SeriesPlan& plan, bool with_hits, const NewestFirst& newest) const;
  Result<RunNeed> need_of(store::Cursor& cursor, const Look& look, const SeriesPlan& plan) const;
  EsResult<void> take_run(store::Cursor& cursor, const SeriesPlan& plan, bool with_hits, NewestFirst& newest);
  /// Summaries are all that is asked for: handing series to other threads would cost more than they do.
  bool counts_whole_series() const;
  /// What matches; where neither hits nor collectors look at places, only its size is right.
  Selection selection_of(const Run& run, const store::Block& block, const SeriesPlan& plan, bool offers);
  void offer(const store::Block& block, Selection selection, const SeriesPlan& plan);
  bool has_enough(std::int64_t count_max, bool with_hits) const;
  bool hits_wanted(bool with_hits) const;
  bool hits_may_be_in(store::TimeRange run) const;

  const SearchPlace& place_;
  const Aggregations* aggregations_;
  Execution& execution_;
  Collectors* collectors_ = nullptr;
  HitCollector* hits_ = nullptr;
  std::vector<SeriesPlan> plans_;
  std::vector<ShardFailure> failures_;
  std::unordered_set<const Series*> left_out_;
  bool uniform_scores_ = true;
  /// In a walk in the order of the hits' times: the best time that what comes next in the series can have.
  std::optional<std::int64_t> next_best_ns_;
  std::uint64_t count_ = 0;
  std::uint64_t rolled_up_count_ = 0;
  std::vector<std::uint8_t> mask_;
  std::vector<std::uint32_t> list_;
  std::vector<float> scores_;
};

/// An error of the store as Elasticsearch would tell a failed shard.
EsError store_failed(const Error& error);

}  // namespace iot::query
