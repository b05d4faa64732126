#include "query/elasticsearch.h"

#include <array>
#include <utility>

#include "base/json_writer.h"
#include "query/cluster_answers.h"
#include "query/index_names.h"
#include "query/multi_search.h"
#include "query/read_ahead.h"
#include "query/row_export.h"
#include "query/row_request.h"
#include "query/search.h"
#include "query/search_request.h"

namespace iot::query {
namespace {

enum class Endpoint { root, search, multi_search, count, mapping, cat_indices, cluster_health, exists, rows };
constexpr std::array<const char*, 9> endpoint_names{"root",        "search",         "msearch", "count", "mapping",
                                                    "cat_indices", "cluster_health", "exists",  "rows"};

struct Route {
  Endpoint endpoint;
  std::string_view expression;  ///< of indices
  std::string_view methods;     ///< allowed ones, as an error names them
};

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  constexpr std::size_t segments_max = 8;
  while (!path.empty() && segments.size() < segments_max) {
    if (path.front() == '/') {
      path.remove_prefix(1);
      continue;
    }
    const auto slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash);
  }
  return segments;
}

std::optional<Route> route_of(std::string_view path) {
  const std::vector<std::string_view> segments = segments_of(path);
  const auto size = segments.size();
  if (size == 0) return Route{Endpoint::root, {}, "GET, HEAD"};
  if (segments[0] == "_cat" && size >= 2 && size <= 3 && segments[1] == "indices") {
    return Route{Endpoint::cat_indices, size == 3 ? segments[2] : std::string_view{}, "GET"};
  }
  if (segments[0] == "_cluster" && size >= 2 && size <= 3 && segments[1] == "health") {
    return Route{Endpoint::cluster_health, size == 3 ? segments[2] : std::string_view{}, "GET"};
  }
  if (size > 2) return {};
  const std::string_view action = segments.back();
  const std::string_view expression = size == 2 ? segments[0] : std::string_view{};
  if (action == "_search") return Route{Endpoint::search, expression, "GET, POST"};
  if (action == "_msearch") return Route{Endpoint::multi_search, expression, "GET, POST"};
  if (action == "_count") return Route{Endpoint::count, expression, "GET, POST"};
  if (action == "_mapping" || action == "_mappings") return Route{Endpoint::mapping, expression, "GET"};
  if (size == 1 && (!action.starts_with('_') || action == "_all")) return Route{Endpoint::exists, action, "HEAD"};
  return {};
}

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

bool allows(std::string_view methods, std::string_view method) {
  while (!methods.empty()) {
    const auto comma = methods.find(", ");
    if (methods.substr(0, comma) == method) return true;
    methods = comma == std::string_view::npos ? std::string_view{} : methods.substr(comma + 2);
  }
  return false;
}

IndexOptions index_options(const EsRequest& request, const QueryLimits& limits) {
  IndexOptions options;
  options.indices_max = limits.indices_max;
  for (const auto& [name, text] : request.parameters) {
    if (name == "ignore_unavailable") options.ignore_unavailable = text.empty() || text == "true";
    if (name == "allow_no_indices") options.allow_no_indices = text != "false";
  }
  return options;
}

std::optional<EsAnswer> only_common(const EsRequest& request, std::initializer_list<std::string_view> ignored = {}) {
  for (const auto& [name, text] : request.parameters) {
    bool known = is_common_parameter(name);
    for (const std::string_view one : ignored) known = known || one == name;
    if (!known) return unknown_parameter(request.path, name).answer();
  }
  return {};
}

}  // namespace

struct Elasticsearch::State {
  store::ReadingStore& store;
  const Clock& clock;
  QueryLimits limits;
  mutable ReadAheadThreads read_ahead;
  std::array<Counter*, endpoint_names.size()> requests{};
  Counter& failures;
  Histogram& duration;

  EsAnswer answer(const IndexCatalog& catalog, const EsRequest& request, const Route& route) const;
  EsAnswer search(const SearchPlace& place, const std::vector<Series>& series, const EsRequest& request) const;
  EsAnswer count(const SearchPlace& place, const std::vector<Series>& series, const EsRequest& request) const;
};

EsAnswer Elasticsearch::State::search(const SearchPlace& place, const std::vector<Series>& series,
                                      const EsRequest& request) const {
  const auto parsed = parse_search(request.body, request.parameters, request.path, limits, clock.now());
  if (!parsed)
    return parsed.error().answer(series.empty() ? std::string_view{} : std::string_view(series.front().name));
  return run_search(place, series, *parsed);
}

EsAnswer Elasticsearch::State::count(const SearchPlace& place, const std::vector<Series>& series,
                                     const EsRequest& request) const {
  if (auto refused = only_common(request)) return *std::move(refused);
  const auto query = parse_count(request.body, limits);
  if (!query) return query.error().answer();
  return run_count(place, series, query->get());
}

EsAnswer Elasticsearch::State::answer(const IndexCatalog& catalog, const EsRequest& request, const Route& route) const {
  if (route.endpoint == Endpoint::root) return root_answer();
  const SearchPlace place{store, clock, limits, read_ahead, request.cancelled};
  if (route.endpoint == Endpoint::multi_search) {
    return run_multi_search(place, catalog, route.expression, request.body, request.parameters);
  }
  IndexOptions options = index_options(request, limits);
  if (route.endpoint == Endpoint::exists) options.allow_no_indices = false;
  const auto series = resolve_indices(catalog, route.expression, options);
  if (!series) return series.error().answer();
  switch (route.endpoint) {
    case Endpoint::search:
      return search(place, *series, request);
    case Endpoint::count:
      return count(place, *series, request);
    case Endpoint::mapping:
      if (auto refused = only_common(request, {"master_timeout", "local"})) return *std::move(refused);
      return mapping_answer(*series);
    case Endpoint::cat_indices:
      return cat_indices_answer(store, *series, request.parameters);
    case Endpoint::cluster_health:
      // Always green: there is nothing to wait for.
      if (auto refused = only_common(request, {"timeout", "master_timeout", "local", "level", "wait_for_status",
                                               "wait_for_nodes", "wait_for_active_shards", "wait_for_events",
                                               "wait_for_no_relocating_shards", "wait_for_no_initializing_shards"})) {
        return *std::move(refused);
      }
      return cluster_health_answer(*series);
    case Endpoint::exists:
    case Endpoint::rows:
    case Endpoint::multi_search:
    case Endpoint::root:
      break;
  }
  return {200, {}, "application/json"};
}

Elasticsearch::Elasticsearch(store::ReadingStore& store, const Clock& clock, Metrics& metrics, QueryLimits limits)
    : state_(new State{
          store,
          clock,
          limits,
          ReadAheadThreads(limits.read_ahead_threads),
          {},
          metrics.counter("iotplatform_query_failures_total", "Queries answered with an error"),
          metrics.histogram("iotplatform_query_duration_seconds", "Time to answer a query", latency_bounds_s())}) {
  for (std::size_t i = 0; i < endpoint_names.size(); ++i) {
    state_->requests[i] =
        &metrics.counter("iotplatform_query_requests_total", "Requests to the Elasticsearch interface",
                         {{"endpoint", endpoint_names[i]}});
  }
}

Elasticsearch::~Elasticsearch() = default;

EsAnswer Elasticsearch::handle(const IndexCatalog& catalog, const EsRequest& request) const {
  const Clock::Steady start = state_->clock.steady_now();
  const auto route = route_of(request.path);
  if (!route) return state_->failures.Increment(), no_handler(request);
  state_->requests[static_cast<std::size_t>(route->endpoint)]->Increment();
  EsAnswer answer = allows(route->methods, request.method) ? state_->answer(catalog, request, *route)
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
  auto series = resolve_indices(catalog, route->expression, index_options(request, state_->limits));
  if (!series) return refused(series.error().answer());
  const std::string first = series->empty() ? std::string() : series->front().name;
  auto parsed = parse_row_request(request.body, request.parameters, request.path, form, state_->limits);
  if (!parsed) return refused(parsed.error().answer(first));
  const bool names_one = series->size() == 1;
  auto unit = names_one ? unit_of(series->front().index.sensor) : std::nullopt;
  auto opened = RowExport::open({state_->store, state_->clock, state_->limits, request.cancelled}, *std::move(series),
                                *std::move(parsed), form, std::move(unit));
  if (!opened) return refused(opened.error().answer(first));
  return *std::move(opened);
}

EsRows Elasticsearch::open_rows(const Index& index, RowRequest request, rows::Form form,
                                std::optional<std::string> unit, const std::atomic<bool>* cancelled) const {
  state_->requests[static_cast<std::size_t>(Endpoint::rows)]->Increment();
  std::vector<Series> series{Series(index)};
  auto opened = RowExport::open({state_->store, state_->clock, state_->limits, cancelled}, std::move(series),
                                std::move(request), form, std::move(unit));
  if (opened) return *std::move(opened);
  state_->failures.Increment();
  return opened.error().answer();
}

}  // namespace iot::query
