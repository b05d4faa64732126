#include "query/routes.h"

#include <algorithm>
#include <array>
#include <vector>

namespace iot::query {
namespace {

constexpr std::array<std::string_view, endpoint_count> names{
    "root",    "search",    "msearch",       "count",   "mapping",        "field_mapping",    "field_caps", "settings",
    "aliases", "index",     "stats",         "refresh", "resolve_index",  "document",         "source",     "mget",
    "scroll",  "open_pit",  "close_pit",     "cat",     "cluster_health", "cluster_settings", "nodes",      "license",
    "sql",     "sql_close", "sql_translate", "rows",    "unsupported"};

/// What comes behind an index, or alone for all of them. `names`: how many segments may follow.
struct Action {
  std::string_view word;
  Endpoint endpoint;
  std::string_view methods;
  std::size_t follow_min = 0;
  std::size_t follow_max = 0;
};

constexpr std::array<Action, 19> actions{{
    {"_search", Endpoint::search, "GET, POST"},
    {"_msearch", Endpoint::multi_search, "GET, POST"},
    {"_count", Endpoint::count, "GET, POST"},
    {"_mapping", Endpoint::mapping, "GET"},
    {"_mappings", Endpoint::mapping, "GET"},
    {"_field_caps", Endpoint::field_caps, "GET, POST"},
    {"_settings", Endpoint::settings, "GET", 0, 1},
    {"_setting", Endpoint::settings, "GET", 0, 1},
    {"_alias", Endpoint::aliases, "GET, HEAD", 0, 1},
    {"_aliases", Endpoint::aliases, "GET", 0, 1},
    {"_stats", Endpoint::stats, "GET", 0, 1},
    {"_refresh", Endpoint::refresh, "GET, POST"},
    {"_mget", Endpoint::multi_get, "GET, POST"},
    {"_cat", Endpoint::cat, "GET", 0, 2},
    {"_nodes", Endpoint::nodes, "GET", 0, 2},
    {"_license", Endpoint::license, "GET"},
    {"_pit", Endpoint::close_point_in_time, "DELETE"},
    {"_doc", Endpoint::document, "GET, HEAD", 1, 1},
    {"_source", Endpoint::document_source, "GET, HEAD", 1, 1},
}};

/// Elasticsearch's other words behind an index or alone. What begins so is refused by name.
constexpr std::array<std::string_view, 77> unsupported{"_analyze",
                                                       "_application",
                                                       "_async_search",
                                                       "_autoscaling",
                                                       "_block",
                                                       "_cache",
                                                       "_ccr",
                                                       "_clone",
                                                       "_close",
                                                       "_cluster",
                                                       "_component_template",
                                                       "_connector",
                                                       "_dangling",
                                                       "_data_stream",
                                                       "_delete_by_query",
                                                       "_disk_usage",
                                                       "_enrich",
                                                       "_eql",
                                                       "_explain",
                                                       "_features",
                                                       "_field_usage_stats",
                                                       "_flush",
                                                       "_forcemerge",
                                                       "_graph",
                                                       "_health_report",
                                                       "_ilm",
                                                       "_index_template",
                                                       "_inference",
                                                       "_info",
                                                       "_ingest",
                                                       "_knn_search",
                                                       "_lifecycle",
                                                       "_logstash",
                                                       "_migration",
                                                       "_ml",
                                                       "_monitoring",
                                                       "_mtermvectors",
                                                       "_mvt",
                                                       "_open",
                                                       "_percolate",
                                                       "_profiling",
                                                       "_query",
                                                       "_query_rules",
                                                       "_rank_eval",
                                                       "_recovery",
                                                       "_reindex",
                                                       "_reload_search_analyzers",
                                                       "_remote",
                                                       "_render",
                                                       "_resolve",
                                                       "_rollover",
                                                       "_rollup",
                                                       "_rollup_search",
                                                       "_script_context",
                                                       "_script_language",
                                                       "_scripts",
                                                       "_search_shards",
                                                       "_searchable_snapshots",
                                                       "_security",
                                                       "_segments",
                                                       "_shard_stores",
                                                       "_shrink",
                                                       "_shutdown",
                                                       "_slm",
                                                       "_snapshot",
                                                       "_split",
                                                       "_sql",
                                                       "_ssl",
                                                       "_tasks",
                                                       "_template",
                                                       "_terms_enum",
                                                       "_termvectors",
                                                       "_transform",
                                                       "_update",
                                                       "_update_by_query",
                                                       "_validate",
                                                       "_watcher"};

constexpr std::string_view any_method = "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS";

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

using Segments = const std::vector<std::string_view>&;

/// Paths whose second word decides.
std::optional<Route> two_words(std::string_view expression, Segments rest) {
  const auto is = [&](std::size_t size, std::string_view first, std::string_view second) {
    return rest.size() >= size && rest[0] == first && rest[1] == second;
  };
  if (is(2, "_search", "scroll") && rest.size() <= 3) {
    return Route{Endpoint::scroll, expression, rest.size() == 3 ? rest[2] : std::string_view{}, "GET, POST, DELETE"};
  }
  if ((is(3, "_mapping", "field") || is(3, "_mappings", "field")) && rest.size() == 3) {
    return Route{Endpoint::field_mapping, expression, rest[2], "GET"};
  }
  if (!expression.empty()) return {};
  if (is(2, "_cluster", "health") && rest.size() <= 3) {
    return Route{Endpoint::cluster_health, rest.size() == 3 ? rest[2] : std::string_view{}, {}, "GET"};
  }
  if (is(2, "_cluster", "settings") && rest.size() == 2) return Route{Endpoint::cluster_settings, {}, {}, "GET"};
  if (rest.size() == 1 && rest[0] == "_sql") return Route{Endpoint::sql, {}, {}, "GET, POST"};
  if (is(2, "_sql", "close") && rest.size() == 2) return Route{Endpoint::sql_close, {}, {}, "POST"};
  if (is(2, "_sql", "translate") && rest.size() == 2) return Route{Endpoint::sql_translate, {}, {}, "GET, POST"};
  if (is(3, "_resolve", "index") && rest.size() == 3) return Route{Endpoint::resolve_index, rest[2], {}, "GET"};
  return {};
}

std::optional<Route> action_route(std::string_view expression, Segments rest) {
  if (const auto route = two_words(expression, rest)) return route;
  const std::string_view word = rest[0];
  if (!expression.empty() && word == "_pit" && rest.size() == 1) {
    return Route{Endpoint::open_point_in_time, expression, {}, "POST"};
  }
  for (const Action& action : actions) {
    if (action.word != word) continue;
    const std::size_t follow = rest.size() - 1;
    if (follow < action.follow_min || follow > action.follow_max) break;
    // The tables of _cat take their indices behind their name.
    if (action.endpoint == Endpoint::cat || action.endpoint == Endpoint::nodes) {
      if (!expression.empty()) break;
      const std::string_view name = follow > 0 ? rest[1] : std::string_view{};
      // Clients of version 9 ask for this one with POST.
      const std::string_view methods =
          action.endpoint == Endpoint::cat && name == "count" ? "GET, POST" : action.methods;
      return Route{action.endpoint, follow == 2 ? rest[2] : std::string_view{}, name, methods};
    }
    return Route{action.endpoint, expression, follow > 0 ? rest[1] : std::string_view{}, action.methods};
  }
  const bool is_known = std::find(unsupported.begin(), unsupported.end(), word) != unsupported.end() ||
                        (rest.size() == 2 && rest[1] == "template");
  if (!is_known) return {};
  return Route{Endpoint::unsupported, expression, word, any_method};
}

}  // namespace

std::string_view to_string(Endpoint endpoint) noexcept {
  return names[static_cast<std::size_t>(endpoint)];
}

std::optional<Route> route_of(std::string_view path) {
  std::vector<std::string_view> segments = segments_of(path);
  if (segments.empty()) return Route{Endpoint::root, {}, {}, "GET, HEAD"};
  if (segments[0].starts_with('_') && segments[0] != "_all") return action_route({}, segments);
  const std::string_view expression = segments[0];
  if (segments.size() == 1) return Route{Endpoint::index, expression, {}, "GET, HEAD"};
  segments.erase(segments.begin());
  return action_route(expression, segments);
}

bool allows(std::string_view methods, std::string_view method) {
  while (!methods.empty()) {
    const auto comma = methods.find(", ");
    if (methods.substr(0, comma) == method) return true;
    methods = comma == std::string_view::npos ? std::string_view{} : methods.substr(comma + 2);
  }
  return false;
}

}  // namespace iot::query
