// Paths of Elasticsearch's REST API: which endpoint one names, for which indices, and with which methods.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace iot::query {

enum class Endpoint {
  root,
  search,
  multi_search,
  count,
  mapping,
  field_mapping,
  field_caps,
  settings,
  aliases,
  index,
  stats,
  refresh,
  resolve_index,
  document,
  document_source,
  multi_get,
  scroll,
  open_point_in_time,
  close_point_in_time,
  cat,
  cluster_health,
  cluster_settings,
  nodes,
  license,
  sql,
  sql_close,
  sql_translate,
  rows,         ///< a search answered in CSV or Arrow
  unsupported,  ///< Elasticsearch has it, and it is refused by name
};
inline constexpr std::size_t endpoint_count = static_cast<std::size_t>(Endpoint::unsupported) + 1;

/// As metrics name it.
std::string_view to_string(Endpoint endpoint) noexcept;

struct Route {
  Endpoint endpoint;
  std::string_view expression;  ///< of indices
  std::string_view name;        ///< what comes behind: a document's id, a table of _cat, patterns of fields
  std::string_view methods;     ///< allowed ones, as an error names them
};

/// Nothing for a path that Elasticsearch does not have either. The views are of `path`.
std::optional<Route> route_of(std::string_view path);

bool allows(std::string_view methods, std::string_view method);

}  // namespace iot::query
