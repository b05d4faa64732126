// One index of a search, with what is left of the query there, and how a run of its readings is decided.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "query/aggregation.h"
#include "query/filter.h"
#include "query/query.h"
#include "query/series.h"
#include "store/reading_store.h"

namespace iot::query {

struct SeriesPlan {
  const Series* series;
  Filter filter;
  store::TimeRange range;
  std::vector<ScorePart> scores;
};

/// A run as the filter and the collectors see it. It views `summary`.
inline Run run_of(const std::optional<store::Summary>& summary, store::TimeRange bounds) {
  return {summary ? store::TimeRange{summary->first, summary->last} : bounds, summary ? &*summary : nullptr};
}

/// What a walk without hits does with a run.
enum class RunUse {
  pass_over,  ///< nothing in it matches
  summary,    ///< all of it matches, and its summary says everything
  readings,
};

/// `collectors` may be null, where readings are only counted. `is_past`: the run is older than what decides
/// (newest_first.h).
inline RunUse use_of(const Run& run, const Filter& filter, const Collectors* collectors, bool is_past = false) {
  const Truth truth = filter.over(run);
  if (truth == Truth::none) return RunUse::pass_over;
  const auto is_taken = [&] { return is_past ? collectors->takes_older(run) : collectors->takes_summary(run); };
  const bool by_summary = truth == Truth::all && run.summary && (!collectors || is_taken());
  return by_summary ? RunUse::summary : RunUse::readings;
}

/// Whether a run's times are needed where its readings are.
inline bool needs_times(const Filter& filter, const Collectors* collectors) {
  return filter.reads_times() || (collectors && collectors->reads_times());
}

/// True if looking at the run part by part spares decoding at least half of them.
inline bool parts_decide(std::span<const store::Summary> parts, const SeriesPlan& plan, const Collectors* collectors) {
  std::size_t asked = 0;
  std::size_t decided = 0;
  for (const store::Summary& part : parts) {
    if (part.last < plan.range.first || part.first > plan.range.last) continue;
    ++asked;
    if (part.first < plan.range.first || part.last > plan.range.last) continue;
    const Run run{{part.first, part.last}, &part};
    decided += use_of(run, plan.filter, collectors) == RunUse::readings ? 0 : 1;
  }
  return decided > 0 && decided * 2 >= asked;
}

}  // namespace iot::query
