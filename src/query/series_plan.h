// One index of a search, with what is left of the query there, and how a run of its readings is decided.
#pragma once

#include <optional>
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

/// `collectors` may be null, where readings are only counted.
inline RunUse use_of(const Run& run, const Filter& filter, const Collectors* collectors) {
  const Truth truth = filter.over(run);
  if (truth == Truth::none) return RunUse::pass_over;
  const bool by_summary = truth == Truth::all && run.summary && (!collectors || collectors->takes_summary(run));
  return by_summary ? RunUse::summary : RunUse::readings;
}

}  // namespace iot::query
