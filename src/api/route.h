// One operation of the API as data: what the router matches, the roles are checked by, and OpenAPI is made from.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "api/request.h"

namespace iot::api {

/// Who may call an operation. Whether the thing named is the caller's is for the handler to check.
enum class Access {
  anyone,  ///< no token is looked at
  reader,  ///< any signed-in user
  writer,  ///< a user or an admin, not read-only
  admin,
  consumer,  ///< a consumer's token; checked by the handler, which answers in Elasticsearch's form
  querier,   ///< any signed-in user; likewise
};

/// Whether the handler looks at the token itself, and all answers are in Elasticsearch's form.
constexpr bool is_elasticsearch(Access access) noexcept {
  return access == Access::consumer || access == Access::querier;
}

/// Under which prefixes the path stands.
enum class Scope {
  plain,
  also_by_user,  ///< "/api/devices/…" also as "/api/users/:user_id/devices/…", the original's later form
};

struct QueryParameter {
  std::string_view name;
  std::string_view type;  ///< as in JSON Schema: "integer", "string"
  std::string_view description;
};

struct Route {
  net::Method method = net::Method::get;
  std::string_view path;       ///< "/api/devices/:device_id"; a last segment "*" stands for one or more of any
  std::string_view operation;  ///< unique: OpenAPI's operationId
  Access access = Access::reader;
  std::string_view summary;
  boost::asio::awaitable<Answer> (*handler)(Request&) = nullptr;
  std::string_view request = {};   ///< name of a schema (api/schemas.h); empty: a body says nothing
  std::string_view response = {};  ///< name of a schema; empty: no JSON
  std::vector<QueryParameter> query = {};
  Scope scope = Scope::plain;
  std::string_view content_type = "application/json";  ///< of the answer
  /// Others that Accept may ask for.
  std::vector<std::string_view> also_content_types = {};
  /// For is_elasticsearch(): parameters and body are the query engine's to judge.
  bool passes_on = false;
  /// How much deeper than ApiOptions::json_depth_max the body may be nested.
  std::size_t depth_extra = 0;
};

/// What the pages of lists have in common.
const std::vector<QueryParameter>& page_parameters();

// One table per resource, each in a file of its own.
std::span<const Route> session_routes();
std::span<const Route> user_routes();
std::span<const Route> device_routes();
std::span<const Route> sensor_routes();
std::span<const Route> reading_routes();
std::span<const Route> latest_routes();
std::span<const Route> tree_routes();
std::span<const Route> key_routes();
std::span<const Route> certificate_routes();
std::span<const Route> command_routes();
std::span<const Route> presence_routes();
std::span<const Route> consumer_routes();
std::span<const Route> grant_routes();
std::span<const Route> operation_routes();
std::span<const Route> device_error_routes();
std::span<const Route> audit_routes();
std::span<const Route> system_routes();
std::span<const Route> query_routes();
std::span<const Route> user_query_routes();
std::span<const Route> dashboard_routes();
std::span<const Route> live_routes();

/// All of them, in the order of the documents.
const std::vector<const Route*>& all_routes();

}  // namespace iot::api
