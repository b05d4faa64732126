#include "query/top_hits_collector.h"

namespace iot::query {

TopHitsCollector::TopHitsCollector(const SearchRequest& request, Execution& execution)
    : request_(request),
      execution_(execution),
      needs_scores_(request.sort.needs_score() || request.track_scores),
      states_(execution) {}

EsResult<void> TopHitsCollector::prepare(std::span<const Series* const> series) {
  ES_TRY(checker_, HitCollector::make(request_, execution_));
  return checker_->prepare(series);
}

EsResult<void> TopHitsCollector::begin(const Series& series) {
  series_ = &series;
  if (!checker_) {
    ES_TRY(checker_, HitCollector::make(request_, execution_));
  }
  ES_CHECK(checker_->begin(series));
  return needs_scores_ ? scores_.begin(series, execution_) : EsResult<void>();
}

bool TopHitsCollector::takes_summary(const Run& run) const {
  return run.rolled_up || (run.summary && request_.size == 0);
}

std::size_t TopHitsCollector::newest_wanted() const {
  if (request_.sort.keys.empty()) return 0;
  const SortKey& first = request_.sort.keys.front();
  const bool newest_first = first.by == SortKey::By::field && first.field == Field::timestamp && !first.ascending;
  return newest_first && request_.size > 0 ? static_cast<std::size_t>(request_.from + request_.size) : 0;
}

bool TopHitsCollector::takes_older(const Run& run) const {
  return newest_wanted() > 0 ? run.summary != nullptr : takes_summary(run);
}

void TopHitsCollector::add_summary(const Run& run, Bucket bucket) {
  if (run.rolled_up) return;
  states_.at(bucket).count += run.summary->count;
}

void TopHitsCollector::add(const store::Block& block, Selection selection, Bucket bucket) {
  State& state = states_.at(bucket);
  state.count += selection.size();
  if (request_.size == 0 || selection.empty()) return;
  if (!state.hits) {
    auto made = HitCollector::make(request_, execution_);
    if (!made) return execution_.fail(std::move(made).error());
    state.hits.emplace(std::move(*made));
  }
  if (state.series != series_) {
    if (auto begun = state.hits->begin(*series_); !begun) return execution_.fail(std::move(begun).error());
    state.series = series_;
  }
  if (!needs_scores_ || scores_.same()) {
    state.hits->offer(block, selection, scores_.same().value_or(0), {});
  } else {
    state.hits->offer(block, selection, 0, scores_.of(block));
  }
}

}  // namespace iot::query
