#include "query/search.h"

#include <algorithm>

#include "query/global_collector.h"
#include "query/objects/field_lookup.h"
#include "query/walk.h"

namespace iot::query {
namespace {

/// Up to so many indices are walked once for everything.
constexpr std::size_t series_at_once_max = 16;

/// What an answer and one of its hits usually take, so that the text need not grow piece by piece.
constexpr std::size_t answer_bytes = 512;
constexpr std::size_t hit_bytes = 320;

void write_shards(JsonWriter& json, std::size_t total, const std::vector<ShardFailure>& failures) {
  json.key("_shards").begin_object();
  json.key("total").unsigned_integer(total);
  json.key("successful").unsigned_integer(total - failures.size());
  json.key("skipped").integer(0);
  json.key("failed").unsigned_integer(failures.size());
  if (!failures.empty()) {
    // One for each different reason would do; the first ones are shown.
    constexpr std::size_t shown_max = 10;
    json.key("failures").begin_array();
    for (std::size_t i = 0; i < std::min(shown_max, failures.size()); ++i) {
      std::string reason;
      failures[i].error.append_object(reason);
      json.begin_object();
      json.key("shard").integer(0);
      json.key("index").string(failures[i].series->name);
      json.key("node").string(node_id);
      json.key("reason").raw(reason);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
}

void write_total(JsonWriter& json, const SearchRequest& request, std::uint64_t count, bool timed_out) {
  if (request.track_total_hits == SearchRequest::track_none) {
    if (request.form.totals_are_integers) json.key("total").integer(-1);
    return;
  }
  const auto limit = static_cast<std::uint64_t>(request.track_total_hits);
  const bool more = count > limit;
  if (request.form.totals_are_integers) {
    json.key("total").unsigned_integer(more ? limit : count);
    return;
  }
  json.key("total").begin_object();
  json.key("value").unsigned_integer(more ? limit : count);
  json.key("relation").string(more || timed_out ? "gte" : "eq");
  json.end_object();
}

std::int64_t milliseconds_since(const Clock& clock, Clock::Steady start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady_now() - start).count();
}

/// Aggregations over all readings, whatever the query, walk through them on their own. What cannot be searched there
/// has failed before, and what has `failed` for another reason counts nowhere.
EsResult<void> collect_globals(const SearchPlace& place, const std::vector<Series>& series,
                               const std::vector<ShardFailure>& failed, const Collectors& collectors,
                               Execution& execution) {
  for (GlobalCollector* global : collectors.globals()) {
    Walk walk(place, &global->aggregations(), execution);
    walk.leave_out(failed);
    ES_CHECK(walk.plan(series, nullptr, false, &global->collectors(), nullptr));
    ES_CHECK(walk.collect_all(SearchRequest::track_all, false));
    global->set_count(walk.count() + walk.rolled_up_count());
  }
  return {};
}

EsResult<std::string> search(const SearchPlace& place, const std::vector<Series>& series, const SearchRequest& request,
                             SearchPage& page, const Series*& failed) {
  const Clock::Steady start = place.clock.steady_now();
  Execution execution(place.clock, place.limits, place.cancelled, request.timeout, page.now);
  execution.set_query(request.query.get());
  // What the first page told is not counted and aggregated again.
  static const Aggregations no_aggregations;
  const Aggregations& aggregations = page.total ? no_aggregations : request.aggregations;
  const std::int64_t count_max = page.total ? SearchRequest::track_none : request.track_total_hits;
  Collectors collectors(aggregations, execution);
  ES_TRY(HitCollector hits, HitCollector::make(request, execution, page.after));
  Walk walk(place, &aggregations, execution);
  const bool with_scores = hits.wants_any() && (request.sort.needs_score() || request.track_scores);
  ES_CHECK(walk.plan(series, request.query.get(), with_scores, &collectors, &hits));
  if (!series.empty() && walk.failures().size() == series.size()) {
    failed = walk.failures().front().series;
    return walk.failures().front().error;
  }
  const bool by_time = hits.wants_any() && hits.by_time();
  const bool needs_all = !collectors.empty() || !by_time || count_max != SearchRequest::track_none;
  // One walk for both, so that hits, total and aggregations are of one moment; where there are many indices, the newest
  // hits of all are found with far fewer blocks by a walk of their own.
  const bool at_once = needs_all && series.size() <= series_at_once_max;
  if (by_time && !at_once) ES_CHECK(walk.collect_by_time());
  if (needs_all) ES_CHECK(walk.collect_all(count_max, !by_time || at_once));
  ES_CHECK(collect_globals(place, series, walk.failures(), collectors, execution));
  if (execution.failure()) return *execution.failure();
  if (page.must_be_whole && execution.timed_out()) {
    return EsError(503, "timeout_exception", "the page did not end within its deadline; its hits would be lost");
  }

  std::string body;
  body.reserve(answer_bytes + hits.count() * hit_bytes);
  JsonWriter json(body);
  json.begin_object();
  if (!page.scroll_id.empty()) json.key("_scroll_id").string(page.scroll_id);
  if (!page.pit_id.empty()) json.key("pit_id").string(page.pit_id);
  json.key("took").integer(milliseconds_since(place.clock, start));
  json.key("timed_out").boolean(execution.timed_out());
  write_shards(json, page.shards.value_or(series.size()), walk.failures());
  json.key("hits").begin_object();
  page.count = page.total ? page.total->count : walk.count();
  write_total(json, request, page.count, execution.timed_out());
  json.key("max_score");
  if (const auto score = hits.max_score()) {
    json.real(*score);
  } else {
    json.null();
  }
  json.key("hits");
  hits.write(json);
  json.end_object();
  if (!collectors.empty()) {
    json.key("aggregations").begin_object();
    collectors.write_top(json, request.form);
    json.end_object();
  }
  json.end_object();
  if (execution.failure()) return *execution.failure();
  page.in_document_order = hits.in_document_order() && walk.has_uniform_scores();
  page.last.reset();
  if (const Hit* last = hits.last()) {
    page.last = *last;
    // It outlives the series, whose ordinal it has.
    page.last->series = nullptr;
  }
  return body;
}

EsResult<std::string> count(const SearchPlace& place, const std::vector<Series>& series, const Query* query,
                            const Series*& failed) {
  Execution execution(place.clock, place.limits, place.cancelled, {});
  Walk walk(place, nullptr, execution);
  ES_CHECK(walk.plan(series, query, false, nullptr, nullptr));
  if (!series.empty() && walk.failures().size() == series.size()) {
    failed = walk.failures().front().series;
    return walk.failures().front().error;
  }
  ES_CHECK(walk.collect_all(SearchRequest::track_all, false));
  if (execution.failure()) return *execution.failure();
  if (execution.timed_out()) {
    return EsError(503, "timeout_exception",
                   "the query did not end within its deadline; a count cannot be given in part");
  }
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("count").unsigned_integer(walk.count());
  write_shards(json, series.size(), walk.failures());
  json.end_object();
  return body;
}

EsAnswer to_answer(EsResult<std::string> result, const Series* failed, const std::vector<Series>& series) {
  if (result) return {200, std::move(*result), "application/json"};
  if (!failed && !series.empty()) failed = &series.front();
  return result.error().answer(failed ? failed->name : std::string_view{});
}

/// Asks once more where readings have shown that a field inside objects is of another type than was known.
template <class Ask>
EsAnswer answer_of(const SearchPlace& place, const std::vector<Series>& series, const Ask& ask) {
  // Once for all fields, as readings are looked at to the end; again where new ones come in meanwhile.
  constexpr int attempts_max = 4;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    if (place.fields) place.fields->begin();
    const Series* failed = nullptr;
    auto result = ask(failed);
    if (!place.fields || !place.fields->begin_again()) return to_answer(std::move(result), failed, series);
  }
  return EsError(503, "timeout_exception", "the types of fields inside objects change while they are read: ask again")
      .answer();
}

}  // namespace

EsAnswer run_search(const SearchPlace& place, const std::vector<Series>& series, const SearchRequest& request) {
  SearchPage page;
  return run_search(place, series, request, page);
}

EsAnswer run_search(const SearchPlace& place, const std::vector<Series>& series, const SearchRequest& request,
                    SearchPage& page) {
  return answer_of(place, series, [&](const Series*& failed) { return search(place, series, request, page, failed); });
}

EsAnswer run_count(const SearchPlace& place, const std::vector<Series>& series, const Query* query) {
  return answer_of(place, series, [&](const Series*& failed) { return count(place, series, query, failed); });
}

}  // namespace iot::query
