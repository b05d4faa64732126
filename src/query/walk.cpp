#include "query/walk.h"

#include <algorithm>
#include <optional>
#include <queue>

#include "query/read_ahead.h"
#include "query/rolled_up.h"
#include "store/readings_only.h"

namespace iot::query {
namespace {

constexpr std::size_t plan_bytes = 256;

/// So many are asked for their newest reading's time in one call.
constexpr std::size_t sensors_at_once = 1'024;

bool is_empty(store::TimeRange range) {
  return range.first > range.last;
}

store::TimeRange intersection(store::TimeRange a, store::TimeRange b) {
  return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

/// The score that every match has, if it is the same for all.
std::optional<float> same_score(const std::vector<ScorePart>& parts) {
  float sum = 0;
  for (const ScorePart& part : parts) {
    if (!part.where.is_all()) return {};
    sum += part.points;
  }
  return sum;
}

}  // namespace

EsError store_failed(const Error& error) {
  const Failure failure = failure_of(error);
  const unsigned status = failure == Failure::unavailable || failure == Failure::shutting_down ? 503 : 500;
  return EsError(status, "exception", error.message).on_shard();
}

EsResult<void> Walk::plan(const std::vector<Series>& series, const Query* query, bool with_scores,
                          Collectors* collectors, HitCollector* hits) {
  collectors_ = collectors;
  hits_ = hits;
  std::vector<const Series*> all;
  for (const Series& one : series) all.push_back(&one);
  if (collectors_) ES_CHECK(collectors_->prepare(all));
  for (const Series& one : series) {
    if (!execution_.go_on()) break;
    if (left_out_.contains(&one)) continue;
    auto planned = plan_one(one, query, with_scores);
    if (!planned) {
      failures_.push_back({&one, std::move(planned).error()});
      std::erase(all, &one);
    }
  }
  if (hits_) ES_CHECK(hits_->prepare(all));
  std::optional<float> first;
  for (const SeriesPlan& plan : plans_) {
    const auto score = same_score(plan.scores);
    if (!first) first = score;
    if (!score || score != first) uniform_scores_ = false;
  }
  return {};
}

EsResult<void> Walk::plan_one(const Series& series, const Query* query, bool with_scores) {
  SeriesPlan plan{&series, Filter::all(), {}, {}};
  if (query) {
    ES_TRY(plan.filter, query->compile(series, execution_.now()));
  }
  // Asked of every index, also where nothing matches: an error must not depend on the data.
  if (collectors_) ES_CHECK(collectors_->begin(series));
  if (hits_) ES_CHECK(hits_->begin(series));
  // A score is only asked for where the query matches.
  if (with_scores) {
    if (query) {
      ES_CHECK(query->add_scores(series, execution_.now(), Filter::all(), plan.scores));
    } else {
      plan.scores.push_back({Filter::all(), 1});
    }
  }
  plan.range = intersection(plan.filter.time_bounds(), series.window);
  if (is_empty(plan.range)) return {};
  plan.filter = plan.filter.within(plan.range);
  if (plan.filter.is_none()) return {};
  // Worth it where few parts may turn out to be the same for all readings.
  constexpr std::size_t parts_simplified_max = 16;
  if (plan.scores.size() <= parts_simplified_max) {
    for (ScorePart& part : plan.scores) part.where = part.where.within(plan.range);
  }
  execution_.charge(plan_bytes + plan.filter.memory_bytes() + plan.scores.size() * sizeof(ScorePart));
  plans_.push_back(std::move(plan));
  return {};
}

void Walk::offer(const store::Block& block, Selection selection, const SeriesPlan& plan) {
  if (const auto score = same_score(plan.scores)) return hits_->offer(block, selection, *score, {});
  scores_.assign(block.size(), 0);
  for (const ScorePart& part : plan.scores) {
    if (!execution_.go_on()) return;
    std::vector<std::uint8_t> matching(block.size(), 1);
    part.where.narrow(block, matching.data());
    for (std::size_t i = 0; i < block.size(); ++i) scores_[i] += matching[i] ? part.points : 0;
  }
  hits_->offer(block, selection, 0, scores_);
}

/// The first or the newest reading's time of each plan; nothing where there is none.
Result<std::vector<std::optional<Timestamp>>> Walk::end_times(bool first) const {
  std::vector<std::optional<Timestamp>> times;
  times.reserve(plans_.size());
  std::vector<SensorId> sensors;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    if (first) {
      IOT_TRY(const auto info, place_.store.info(plans_[i].series->index.sensor));
      times.push_back(info.first);
      continue;
    }
    sensors.push_back(plans_[i].series->index.sensor);
    if (sensors.size() < sensors_at_once && i + 1 < plans_.size()) continue;
    IOT_TRY(const auto newest, place_.store.newest_times(sensors));
    times.insert(times.end(), newest.begin(), newest.end());
    sensors.clear();
    if (!execution_.go_on()) break;
  }
  times.resize(plans_.size());
  return times;
}

EsResult<void> Walk::collect_by_time() {
  const bool ascending = hits_->time_ascending();
  const store::TimeRange after = hits_->after_range();
  struct Source {
    std::int64_t bound_ns;  ///< nothing of it comes before, in the order of the sort
    const SeriesPlan* plan;
    std::unique_ptr<store::Cursor> cursor;  ///< null until it is its turn
  };
  const auto later = [&](const Source& a, const Source& b) {
    // Of one time in the order of documents: where all sensors were read at once, few are opened.
    if (a.bound_ns == b.bound_ns) return a.plan->series->ordinal > b.plan->series->ordinal;
    return ascending ? a.bound_ns > b.bound_ns : a.bound_ns < b.bound_ns;
  };
  // Where there are many, the first reading of each in the order of the sort is known without opening it.
  const bool many = plans_.size() > 1;
  std::vector<std::optional<Timestamp>> ends;
  if (many) {
    auto known = end_times(ascending);
    if (!known) return store_failed(known.error());
    ends = std::move(*known);
  }
  std::vector<Source> heap;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    const SeriesPlan& plan = plans_[i];
    const store::TimeRange range = intersection(plan.range, after);
    if (is_empty(range) || (many && !ends[i])) continue;
    std::int64_t bound = ascending ? range.first.ns : range.last.ns;
    if (many) bound = ascending ? std::max(bound, ends[i]->ns) : std::min(bound, ends[i]->ns);
    heap.push_back({bound, &plan, nullptr});
  }
  std::make_heap(heap.begin(), heap.end(), later);
  while (!heap.empty() && execution_.go_on()) {
    std::pop_heap(heap.begin(), heap.end(), later);
    Source source = std::move(heap.back());
    heap.pop_back();
    if (!hits_->may_take(source.bound_ns, source.plan->series->ordinal)) break;
    const SeriesPlan& plan = *source.plan;
    if (source.cursor) {
      const Run run{source.cursor->bounds(), nullptr};
      if (plan.filter.over(run) != Truth::none) {
        auto block = source.cursor->block();
        if (!block) return store_failed(block.error());
        ES_CHECK(hits_->begin(*plan.series));
        offer(*block, select(plan.filter, *block, mask_, list_), plan);
      }
    } else {
      auto cursor = place_.store.scan(plan.series->index.sensor, intersection(plan.range, after),
                                      ascending ? store::Direction::ascending : store::Direction::descending);
      if (!cursor) return store_failed(cursor.error());
      source.cursor = store::readings_only(std::move(*cursor));
    }
    auto more = source.cursor->next();
    if (!more) return store_failed(more.error());
    if (!*more) continue;
    const store::TimeRange bounds = source.cursor->bounds();
    source.bound_ns =
        ascending ? std::max(source.bound_ns, bounds.first.ns) : std::min(source.bound_ns, bounds.last.ns);
    heap.push_back(std::move(source));
    std::push_heap(heap.begin(), heap.end(), later);
  }
  return {};
}

bool Walk::hits_wanted(bool with_hits) const {
  if (!with_hits || !hits_ || !hits_->wants_any()) return false;
  if (next_best_ns_ && !hits_->may_take(*next_best_ns_)) return false;
  // In the order of documents, what comes after the last hit cannot get in.
  return !(hits_->is_full() && hits_->in_document_order() && uniform_scores_);
}

bool Walk::hits_may_be_in(store::TimeRange run) const {
  if (!hits_->by_time()) return true;
  if (is_empty(intersection(run, hits_->after_range()))) return false;
  return hits_->may_take(hits_->time_ascending() ? run.first.ns : run.last.ns);
}

bool Walk::has_enough(std::int64_t count_max, bool with_hits) const {
  if ((collectors_ && !collectors_->empty()) || hits_wanted(with_hits)) return false;
  return static_cast<std::int64_t>(count_) > count_max;
}

bool Walk::counts_whole_series() const {
  if (collectors_ && !collectors_->empty()) return false;
  return std::all_of(plans_.begin(), plans_.end(), [](const SeriesPlan& plan) {
    return plan.filter.is_all() && plan.range.first == timestamp_min && plan.range.last == timestamp_max;
  });
}

EsResult<void> Walk::collect_all(std::int64_t count_max, bool with_hits) {
  std::optional<ReadAhead> ahead;
  const bool many = plans_.size() > 1 && place_.read_ahead.size() > 0 && !counts_whole_series();
  if (many && !hits_wanted(with_hits)) {
    ahead.emplace(place_.store, place_.read_ahead, plans_, aggregations_, execution_);
  }
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    if (has_enough(count_max, with_hits) || !execution_.go_on()) break;
    if (!ahead) {
      ES_CHECK(walk_series(plans_[i], count_max, with_hits));
      continue;
    }
    ES_CHECK(begin(plans_[i]));
    const NewestFirst newest(collectors_);
    auto cursor = ahead->cursor(i, newest.direction());
    if (!cursor) return store_failed(cursor.error());
    ES_CHECK(walk_runs(std::move(*cursor), plans_[i], count_max, false, newest));
  }
  return {};
}

EsResult<void> Walk::begin(const SeriesPlan& plan) {
  if (collectors_) ES_CHECK(collectors_->begin(*plan.series));
  if (hits_) ES_CHECK(hits_->begin(*plan.series));
  return {};
}

EsResult<void> Walk::walk_series(const SeriesPlan& plan, std::int64_t count_max, bool with_hits) {
  ES_CHECK(begin(plan));
  const bool backwards = with_hits && hits_ && hits_->by_time() && !hits_->time_ascending();
  // Hits in another order than the newest first are found in theirs.
  const NewestFirst newest(backwards || !hits_wanted(with_hits) ? collectors_ : nullptr);
  auto cursor = place_.store.scan(plan.series->index.sensor, plan.range,
                                  backwards ? store::Direction::descending : newest.direction());
  if (!cursor) return store_failed(cursor.error());
  return walk_runs(std::move(*cursor), plan, count_max, with_hits, newest);
}

/// Where the walk sees all runs whatever it finds in them, others decode them before it.
std::unique_ptr<store::Cursor> Walk::decoded_ahead(std::unique_ptr<store::Cursor> cursor, const SeriesPlan& plan,
                                                   bool with_hits, const NewestFirst& newest) {
  // So many blocks of a long series: some megabytes.
  constexpr std::size_t numbers_max = 16;
  constexpr std::size_t texts_max = 4;
  const bool may_end_early =
      newest.wants_any() || (hits_wanted(with_hits) && (hits_->by_time() || hits_->in_document_order()));
  const bool only_counts = (!collectors_ || collectors_->empty()) && !hits_wanted(with_hits) && plan.filter.is_all();
  if (place_.read_ahead.size() == 0 || may_end_early || only_counts) return cursor;
  const bool is_text = plan.series->kind() == model::ColumnKind::text;
  return std::make_unique<DecodeAhead>(std::move(cursor), place_.read_ahead, place_.limits.readings_alone,
                                       is_text ? texts_max : numbers_max,
                                       [this, &plan, with_hits, &newest](store::Cursor& at) -> Result<RunNeed> {
                                         const auto summary = at.summary();
                                         const Run run = run_of(summary, at.bounds());
                                         return need_of(at, look_at(run, plan, with_hits, newest), plan);
                                       });
}

/// Rolled-up time goes to the collectors alone; what they cannot be told of it fails the search.
std::unique_ptr<store::Cursor> Walk::rolled_up_aside(std::unique_ptr<store::Cursor> cursor, const SeriesPlan& plan) {
  return store::readings_only(std::move(cursor), [this, &plan](store::Cursor& rolled_up) {
    // Nobody to tell of it; `global`, which is walked without hits, counts also by itself.
    if (!collectors_ || (hits_ && collectors_->empty())) return execution_.go_on();
    auto added = add_rolled_up(rolled_up, plan, *collectors_);
    if (added) {
      rolled_up_count_ += *added;
    } else {
      execution_.fail(std::move(added).error());
    }
    return execution_.go_on();
  });
}

EsResult<void> Walk::walk_runs(std::unique_ptr<store::Cursor> from, const SeriesPlan& plan, std::int64_t count_max,
                               bool with_hits, NewestFirst newest) {
  const bool by_time = with_hits && hits_ && hits_->by_time();
  next_best_ns_.reset();
  const auto cursor = decoded_ahead(rolled_up_aside(std::move(from), plan), plan, with_hits, newest);
  while (!has_enough(count_max, with_hits) && execution_.go_on()) {
    auto more = cursor->next();
    if (!more) return store_failed(more.error());
    if (!*more) break;
    ES_CHECK(take_run(*cursor, plan, with_hits, newest));
    const store::TimeRange run = cursor->bounds();
    if (by_time) next_best_ns_ = hits_->time_ascending() ? run.last.ns : run.first.ns;
  }
  next_best_ns_.reset();
  return {};
}

Walk::Look Walk::look_at(const Run& run, const SeriesPlan& plan, bool with_hits, const NewestFirst& newest) const {
  const RunUse use = use_of(run, plan.filter, collectors_, newest.is_past(run));
  const bool offers = use != RunUse::pass_over && hits_wanted(with_hits) && hits_may_be_in(run.bounds);
  return {offers ? RunUse::readings : use, offers};
}

/// Divides the run where its parts decide it.
Result<RunNeed> Walk::need_of(store::Cursor& cursor, const Look& look, const SeriesPlan& plan) const {
  if (look.use != RunUse::readings) return RunNeed::nothing;
  if (!look.offers) {
    IOT_TRY(const auto parts, cursor.parts());
    if (parts_decide(parts, plan, collectors_)) {
      cursor.divide();
      return RunNeed::parts;
    }
  }
  return look.offers || needs_times(plan.filter, collectors_) ? RunNeed::times_and_values : RunNeed::values;
}

Selection Walk::selection_of(const Run& run, const store::Block& block, const SeriesPlan& plan, bool offers) {
  if (plan.filter.over(run) == Truth::all) return Selection::dense(0, block.size());
  const bool reads_places = offers || (collectors_ && collectors_->reads_places());
  if (!reads_places) return Selection::dense(0, count_matching(plan.filter, block, mask_));
  return select(plan.filter, block, mask_, list_);
}

EsResult<void> Walk::take_run(store::Cursor& cursor, const SeriesPlan& plan, bool with_hits, NewestFirst& newest) {
  const std::optional<store::Summary> summary = cursor.summary();
  const Run run = run_of(summary, cursor.bounds());
  const Look look = look_at(run, plan, with_hits, newest);
  if (look.use == RunUse::pass_over) return {};
  if (look.use == RunUse::summary) {
    count_ += summary->count;
    if (collectors_) collectors_->add_summary(run, 0);
    return {};
  }
  const auto need = need_of(cursor, look, plan);
  if (!need) return store_failed(need.error());
  if (*need == RunNeed::parts) return {};
  auto block = *need == RunNeed::values ? cursor.values() : cursor.block();
  if (!block) return store_failed(block.error());
  const Selection selection = selection_of(run, *block, plan, look.offers);
  count_ += selection.size();
  if (selection.empty()) return {};
  if (collectors_) collectors_->add(*block, selection, 0);
  newest.given(run.bounds, selection.size());
  if (look.offers) offer(*block, selection, plan);
  return {};
}

}  // namespace iot::query
