#include "query/elasticsearch.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "query/answer_filter.h"
#include "query/cat_answers.h"
#include "query/cluster_answers.h"
#include "query/documents.h"
#include "query/index_answers.h"
#include "query/index_names.h"
#include "query/multi_search.h"
#include "query/objects/field_lookup.h"
#include "query/read_ahead.h"
#include "query/routes.h"
#include "query/row_export.h"
#include "query/row_request.h"
#include "query/scroll.h"
#include "query/search.h"
#include "query/search_request.h"
#include "query/sql/sql.h"

namespace iot::query {
namespace {

EsAnswer no_handler(const EsRequest& request) {
  std::string body = "{\"error\":";
  append_json_string(body, "no handler found for uri [" + std::string(request.path) + "] and method [" +
                               std::string(request.method) + "]");
  return {400, body + "}", "application/json"};
}

EsAnswer wrong_method(const EsRequest& request, std::string_view allowed) {
  std::string body = "{\"error\":";
  append_json_string(body, "Incorrect HTTP method for uri [" + std::string(request.path) + "] and method [" +
                               std::string(request.method) + "], allowed: [" + std::string(allowed) + "]");
  return {405, body + ",\"status\":405}", "application/json"};
}

EsResult<IndexOptions> index_options(const EsRequest& request, const QueryLimits& limits) {
  IndexOptions options;
  options.indices_max = limits.indices_max;
  for (const auto& [name, text] : request.parameters) ES_CHECK(take_index_option(options, name, text));
  return options;
}

using Names = std::vector<std::string_view>;

/// Parameters that an endpoint takes without effect, beside those that all take.
Names ignored_parameters(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::cluster_health:
      // Always green: there is nothing to wait for.
      return {"timeout",
              "master_timeout",
              "local",
              "level",
              "wait_for_status",
              "wait_for_nodes",
              "wait_for_active_shards",
              "wait_for_events",
              "wait_for_no_relocating_shards",
              "wait_for_no_initializing_shards"};
    case Endpoint::settings:
      return {"master_timeout", "local", "flat_settings"};
    case Endpoint::cluster_settings:
      return {"master_timeout", "timeout", "flat_settings"};
    case Endpoint::stats:
      return {"level", "fields", "forbid_closed_indices", "include_segment_file_sizes", "include_unloaded_segments"};
    case Endpoint::nodes:
      return {"timeout", "flat_settings"};
    case Endpoint::license:
      return {"local", "accept_enterprise"};
    case Endpoint::index:
      return {"master_timeout", "local", "features"};
    default:
      return {"master_timeout", "local"};
  }
}

bool has_flag(const EsRequest& request, std::string_view wanted) {
  for (const auto& [name, text] : request.parameters) {
    if (name == wanted) return text.empty() || text == "true";
  }
  return false;
}

/// Endpoints that look at their own parameters.
bool reads_parameters(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::search:
    case Endpoint::multi_search:
    case Endpoint::count:
    case Endpoint::field_caps:
    case Endpoint::document:
    case Endpoint::document_source:
    case Endpoint::multi_get:
    case Endpoint::scroll:
    case Endpoint::open_point_in_time:
    case Endpoint::cat:
    case Endpoint::sql:
    case Endpoint::sql_close:
    case Endpoint::sql_translate:
      return true;
    default:
      return false;
  }
}

std::optional<EsAnswer> only_known(const EsRequest& request, const Names& known) {
  for (const auto& [name, text] : request.parameters) {
    // Older clients say so where it is so.
    if (name == "include_type_name" && text == "false") continue;
    if (name == "include_defaults" && text != "true") continue;
    if (!is_common_parameter(name) && std::find(known.begin(), known.end(), name) == known.end()) {
      return unknown_parameter(request.path, name).answer();
    }
  }
  return {};
}

/// As Elasticsearch does, errors are told whole.
EsAnswer filtered(EsAnswer answer, const EsRequest& request) {
  const bool is_error = answer.body.starts_with("{\"error\"");
  if (is_error || answer.content_type != "application/json" || answer.body.empty()) return answer;
  for (const auto& [name, text] : request.parameters) {
    if (name != "filter_path") continue;
    const auto filter = AnswerFilter::parse(text);
    if (!filter) return filter.error().answer();
    if (!filter->is_empty()) answer.body = filter->apply(answer.body);
  }
  return answer;
}

}  // namespace

struct Elasticsearch::State {
  store::ReadingStore& store;
  const Clock& clock;
  QueryLimits limits;
  mutable ReadAheadThreads read_ahead;
  mutable SearchContexts contexts;
  mutable FieldCatalog catalog_of_fields;
  std::array<Counter*, endpoint_count> requests{};
  Counter& failures;
  Histogram& duration;

  EsAnswer answer(const IndexCatalog& catalog, const EsRequest& request, const Route& route) const;
  std::optional<EsAnswer> without_indices(const SearchPlace& place, const IndexCatalog& catalog,
                                          const EsRequest& request, const Route& route) const;
  EsAnswer over_indices(const SearchPlace& place, const IndexCatalog& catalog, const EsRequest& request,
                        const Route& route, const std::vector<Series>& series) const;
  EsAnswer search(const SearchPlace& place, const IndexCatalog& catalog, const EsRequest& request, const Route& route,
                  const std::vector<Series>& series) const;
  EsAnswer count(const SearchPlace& place, const std::vector<Series>& series, const EsRequest& request) const;
};

EsAnswer Elasticsearch::State::search(const SearchPlace& place, const IndexCatalog& catalog, const EsRequest& request,
                                      const Route& route, const std::vector<Series>& series) const {
  auto parsed = parse_search(request.body, request.parameters, request.path, limits, clock.now());
  if (!parsed)
    return parsed.error().answer(series.empty() ? std::string_view{} : std::string_view(series.front().name));
  const ContextPlace own{contexts, request.caller};
  if (parsed->scroll) return open_scroll(place, own, series, std::move(*parsed));
  if (parsed->point_in_time) return search_point_in_time(place, own, catalog, route.expression, std::move(*parsed));
  return run_search(place, series, *parsed);
}

EsAnswer Elasticsearch::State::count(const SearchPlace& place, const std::vector<Series>& series,
                                     const EsRequest& request) const {
  for (const auto& [name, text] : request.parameters) {
    if (name == "terminate_after" || name == "min_score") {
      if (text != "0") return illegal_argument("[" + name + "] is not supported").answer();
    } else if (!is_common_parameter(name) && !is_query_parameter(name)) {
      return unknown_parameter(request.path, name).answer();
    }
  }
  const auto query = parse_count(request.body, request.parameters, limits);
  if (!query) return query.error().answer();
  return run_count(place, series, query->get());
}

std::optional<EsAnswer> Elasticsearch::State::without_indices(const SearchPlace& place, const IndexCatalog& catalog,
                                                              const EsRequest& request, const Route& route) const {
  const ContextPlace own{contexts, request.caller};
  switch (route.endpoint) {
    case Endpoint::root:
      return root_answer();
    case Endpoint::multi_search:
      return run_multi_search(place, catalog, route.expression, request.body, request.parameters);
    case Endpoint::document:
      return document_answer(place, catalog, route.expression, route.name, request.parameters);
    case Endpoint::document_source:
      return source_answer(place, catalog, route.expression, route.name, request.parameters);
    case Endpoint::multi_get:
      return multi_get_answer(place, catalog, route.expression, request.body, request.parameters);
    case Endpoint::scroll:
      if (request.method == "DELETE") return close_scrolls(own, route.name, request.body, limits);
      return next_scroll_page(place, own, catalog, route.name, request.body, request.parameters);
    case Endpoint::close_point_in_time:
      return close_point_in_time(own, request.body, limits);
    case Endpoint::sql:
      return sql::query_answer(place, own, catalog, request.body, request.parameters);
    case Endpoint::sql_close:
      return sql::close_answer(own, request.body, request.parameters, limits);
    case Endpoint::sql_translate:
      return sql::translate_answer(place, catalog, request.body, request.parameters);
    case Endpoint::cluster_settings:
      return cluster_settings_answer();
    case Endpoint::nodes:
      return nodes_answer(request.host);
    case Endpoint::license:
      return license_answer();
    case Endpoint::unsupported:
      return illegal_argument("[" + std::string(route.name) + "] is not supported").answer();
    default:
      return {};
  }
}

EsAnswer Elasticsearch::State::over_indices(const SearchPlace& place, const IndexCatalog& catalog,
                                            const EsRequest& request, const Route& route,
                                            const std::vector<Series>& series) const {
  switch (route.endpoint) {
    case Endpoint::search:
      return search(place, catalog, request, route, series);
    case Endpoint::count:
      return count(place, series, request);
    case Endpoint::mapping:
      return mapping_answer(series);
    case Endpoint::field_mapping:
      return field_mapping_answer(series, route.name);
    case Endpoint::field_caps:
      return field_caps_answer(series, request.parameters, request.body, limits);
    case Endpoint::settings:
      return settings_answer(series, route.name, has_flag(request, "flat_settings"));
    case Endpoint::aliases:
      return aliases_answer(series, route.name);
    case Endpoint::stats:
      return stats_answer(store, series, route.name);
    case Endpoint::refresh:
      return refresh_answer(series);
    case Endpoint::resolve_index:
      return resolve_index_answer(series);
    case Endpoint::open_point_in_time:
      return open_point_in_time(place, {contexts, request.caller}, series, request.parameters);
    case Endpoint::cat:
      if (!request.body.empty() && request.body != "{}") {
        return illegal_argument("a body of [_cat/" + std::string(route.name) + "] is not supported").answer();
      }
      return cat_answer(route.name, store, clock, series, request.parameters);
    case Endpoint::cluster_health:
      return cluster_health_answer(series);
    default:
      return index_answer(series);
  }
}

EsAnswer Elasticsearch::State::answer(const IndexCatalog& catalog, const EsRequest& request, const Route& route) const {
  FieldLookup fields(catalog_of_fields, store, clock, limits.deadline, request.cancelled);
  const SearchPlace place{store, clock, limits, read_ahead, request.cancelled, &fields};
  if (!reads_parameters(route.endpoint)) {
    if (auto refused = only_known(request, ignored_parameters(route.endpoint))) return *std::move(refused);
  }
  if (auto answered = without_indices(place, catalog, request, route)) return *std::move(answered);
  auto options = index_options(request, limits);
  if (!options) return options.error().answer();
  // What is asked about an index by HEAD is whether there is one.
  if (request.method == "HEAD") options->allow_no_indices = false;
  auto series = resolve_indices(catalog, route.expression, *options);
  if (!series) return series.error().answer();
  place.open_objects(*series);
  return over_indices(place, catalog, request, route, *series);
}

Elasticsearch::Elasticsearch(store::ReadingStore& store, const Clock& clock, Metrics& metrics, QueryLimits limits)
    : state_(new State{
          store,
          clock,
          limits,
          ReadAheadThreads(limits.read_ahead_threads),
          SearchContexts(clock, SearchContexts::Limits()),
          {},
          {},
          metrics.counter("iotplatform_query_failures_total", "Queries answered with an error"),
          metrics.histogram("iotplatform_query_duration_seconds", "Time to answer a query", latency_bounds_s())}) {
  for (std::size_t i = 0; i < endpoint_count; ++i) {
    state_->requests[i] =
        &metrics.counter("iotplatform_query_requests_total", "Requests to the Elasticsearch interface",
                         {{"endpoint", std::string(to_string(static_cast<Endpoint>(i)))}});
  }
}

Elasticsearch::~Elasticsearch() = default;

EsAnswer Elasticsearch::handle(const IndexCatalog& catalog, const EsRequest& request) const {
  const Clock::Steady start = state_->clock.steady_now();
  const auto route = route_of(request.path);
  if (!route) return state_->failures.Increment(), no_handler(request);
  state_->requests[static_cast<std::size_t>(route->endpoint)]->Increment();
  EsAnswer answer = allows(route->methods, request.method) ? filtered(state_->answer(catalog, request, *route), request)
                                                           : wrong_method(request, route->methods);
  // A HEAD has the status of its GET and no body.
  if (request.method == "HEAD") answer.body.clear();
  if (answer.status >= 400) state_->failures.Increment();
  state_->duration.Observe(std::chrono::duration<double>(state_->clock.steady_now() - start).count());
  return answer;
}

bool Elasticsearch::is_search(std::string_view path) {
  const auto route = route_of(path);
  return route && route->endpoint == Endpoint::search;
}

EsRows Elasticsearch::open_rows(const IndexCatalog& catalog, const EsRequest& request, rows::Form form,
                                const UnitOf& unit_of) const {
  const auto refused = [&](EsAnswer answer) -> EsRows {
    state_->failures.Increment();
    return answer;
  };
  state_->requests[static_cast<std::size_t>(Endpoint::rows)]->Increment();
  const auto route = route_of(request.path);
  if (!route || route->endpoint != Endpoint::search) return refused(no_handler(request));
  if (!allows(route->methods, request.method)) return refused(wrong_method(request, route->methods));
  const auto options = index_options(request, state_->limits);
  if (!options) return refused(options.error().answer());
  auto series = resolve_indices(catalog, route->expression, *options);
  if (!series) return refused(series.error().answer());
  const std::string first = series->empty() ? std::string() : series->front().name;
  auto parsed = parse_row_request(request.body, request.parameters, request.path, form, state_->limits);
  if (!parsed) return refused(parsed.error().answer(first));
  const bool names_one = series->size() == 1;
  auto unit = names_one ? unit_of(series->front().index.sensor) : std::nullopt;
  auto opened =
      RowExport::open({state_->store, state_->clock, state_->limits, request.cancelled, &state_->catalog_of_fields},
                      *std::move(series), *std::move(parsed), form, std::move(unit));
  if (!opened) return refused(opened.error().answer(first));
  return *std::move(opened);
}

EsRows Elasticsearch::open_rows(const Index& index, RowRequest request, rows::Form form,
                                std::optional<std::string> unit, const std::atomic<bool>* cancelled) const {
  state_->requests[static_cast<std::size_t>(Endpoint::rows)]->Increment();
  std::vector<Series> series{Series(index)};
  auto opened = RowExport::open({state_->store, state_->clock, state_->limits, cancelled, &state_->catalog_of_fields},
                                std::move(series), std::move(request), form, std::move(unit));
  if (opened) return *std::move(opened);
  state_->failures.Increment();
  return opened.error().answer();
}

}  // namespace iot::query
