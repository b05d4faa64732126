#include "api/openapi.h"

#include <map>
#include <vector>

#include "api/route.h"
#include "api/router.h"
#include "api/schemas.h"
#include "base/json_writer.h"

namespace iot::api {
namespace {

struct Operation {
  const Route* route;
  bool under_user;
};

std::string_view role_of(Access access) {
  switch (access) {
    case Access::anyone:
      return "none";
    case Access::reader:
    case Access::querier:
      return "read-only";
    case Access::writer:
      return "user";
    case Access::admin:
      return "admin";
    case Access::consumer:
      return "consumer";
  }
  return "none";
}

/// "users", "devices", …: the first word of the path after /api, by which the page groups.
std::string_view tag_of(const Route& route) {
  constexpr std::string_view prefix = "/api/";
  if (!route.path.starts_with(prefix)) return "system";
  const std::string_view rest = route.path.substr(prefix.size());
  const std::string_view word = rest.substr(0, rest.find('/'));
  for (const std::string_view known :
       {"session", "users", "devices", "consumers", "dashboards", "elasticsearch", "operations", "audit"}) {
    if (word == known) return known;
  }
  return "system";
}

std::string lower_case(std::string_view method) {
  std::string name(method);
  for (char& each : name) each = static_cast<char>(each | 0x20);
  return name;
}

void write_reference(JsonWriter& json, std::string_view name) {
  json.begin_object().key("$ref").string("#/components/schemas/" + std::string(name)).end_object();
}

void write_content(JsonWriter& json, std::string_view content_type, std::string_view schema,
                   std::span<const std::string_view> also_content_types = {}) {
  json.key("content").begin_object().key(content_type).begin_object();
  if (!schema.empty()) {
    json.key("schema");
    write_reference(json, schema);
  }
  json.end_object();
  for (const std::string_view type : also_content_types) json.key(type).begin_object().end_object();
  json.end_object();
}

void write_parameters(JsonWriter& json, std::string_view path, const Route& route) {
  json.key("parameters").begin_array();
  for (std::size_t at = path.find('{'); at != path.npos; at = path.find('{', at + 1)) {
    const std::string_view name = path.substr(at + 1, path.find('}', at) - at - 1);
    json.begin_object().key("name").string(name).key("in").string("path").key("required").boolean(true).key("schema");
    if (name == "endpoint") {
      json.raw(R"({"type":"string","examples":["_search","_count","_mapping"]})");
    } else {
      write_reference(json, "Id");
    }
    json.end_object();
  }
  for (const QueryParameter& parameter : route.query) {
    json.begin_object().key("name").string(parameter.name).key("in").string("query");
    json.key("description").string(parameter.description);
    json.key("schema").begin_object().key("type").string(parameter.type).end_object().end_object();
  }
  json.end_array();
}

void write_operation(JsonWriter& json, const std::string& path, const Operation& operation) {
  const Route& route = *operation.route;
  json.key(lower_case(net::to_string(route.method))).begin_object();
  json.key("operationId").string(std::string(route.operation) + (operation.under_user ? "OfUser" : ""));
  json.key("summary").string(route.summary);
  json.key("tags").begin_array().string(tag_of(route)).end_array();
  json.key("x-role").string(role_of(route.access));
  if (route.access == Access::anyone) {
    json.key("security").begin_array().end_array();
  } else if (route.access == Access::consumer) {
    json.key("security").raw(R"([{"consumerToken":[]}])");
  }
  write_parameters(json, path, route);
  if (!route.request.empty()) {
    json.key("requestBody").begin_object().key("required").boolean(!is_elasticsearch(route.access));
    write_content(json, "application/json", route.request);
    json.end_object();
  }
  json.key("responses").begin_object().key("200").begin_object().key("description").string("done");
  write_content(json, route.content_type, route.response, route.also_content_types);
  json.end_object();
  json.key("default").begin_object();
  if (is_elasticsearch(route.access)) {
    json.key("description").string("refused, in Elasticsearch's error form");
    write_content(json, "application/json", "QueryAnswer");
  } else {
    json.key("description").string("refused");
    write_content(json, "application/json", "Error");
  }
  json.end_object().end_object().end_object();
}

}  // namespace

std::string openapi_path(std::string_view pattern) {
  std::string path;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const std::string_view segment = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(segment.size());
    path += '/';
    if (segment == "*") {
      path += "{endpoint}";
    } else if (segment.starts_with(':')) {
      path += "{" + std::string(segment.substr(1)) + "}";
    } else {
      path += segment;
    }
  }
  return path;
}

std::string openapi_document(std::string_view version) {
  // In the order of the table, with the methods of a path together.
  std::vector<std::string> paths;
  std::map<std::string, std::vector<Operation>> operations;
  const auto add = [&](std::string path, Operation operation) {
    auto& at_path = operations[path];
    if (at_path.empty()) paths.push_back(path);
    at_path.push_back(operation);
  };
  for (const Route* route : all_routes()) add(openapi_path(route->path), {route, false});
  for (const Route* route : all_routes()) {
    if (route->scope == Scope::also_by_user) add(openapi_path(under_user(route->path)), {route, true});
  }

  std::string text;
  JsonWriter json(text);
  json.begin_object().key("openapi").string("3.1.0");
  json.key("info").begin_object().key("title").string("iotplatform").key("version").string(version);
  json.key("description")
      .string(
          "Users, devices, sensors and consumers, and the readings of sensors for consumers. A path may end with a "
          "slash. "
          "Ids are decimal texts in answers; requests may send integers too. The forms under /api/users/{user_id} are "
          "the "
          "same resources as those without.");
  json.key("license").raw(R"({"name":"Apache-2.0","identifier":"Apache-2.0"})").end_object();
  json.key("servers").raw(R"([{"url":"/"}])");
  json.key("security").raw(R"([{"userToken":[]},{"session":[]}])");
  json.key("paths").begin_object();
  for (const std::string& path : paths) {
    json.key(path).begin_object();
    for (const Operation& operation : operations[path]) write_operation(json, path, operation);
    json.end_object();
  }
  json.end_object();
  json.key("components").begin_object();
  json.key("securitySchemes")
      .raw(
          R"({"userToken":{"type":"http","scheme":"bearer","bearerFormat":"JWT","description":"from POST /api/users/signin"},)"
          R"("session":{"type":"apiKey","in":"cookie","name":"iotplatform_session","description":"from POST /api/session; for browsers"},)"
          R"("consumerToken":{"type":"http","scheme":"bearer","bearerFormat":"JWT","description":"from GET /api/consumers/{consumer_id}/key"}})");
  json.key("schemas").begin_object();
  for (const Schema& schema : schemas()) json.key(schema.name).raw(schema.json);
  json.end_object().end_object().end_object();
  return text;
}

}  // namespace iot::api
