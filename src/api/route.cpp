#include "api/route.h"

namespace iot::api {

const std::vector<QueryParameter>& page_parameters() {
  static const std::vector<QueryParameter> parameters = {
      {"limit", "integer", "How many at most. The answer's `next`, where there is one, is `after` of the next page."},
      {"after", "string", "Only what comes after the one with this id."},
      {"name", "string", "Only those whose name contains this, in capitals or not."},
  };
  return parameters;
}

const std::vector<const Route*>& all_routes() {
  static const std::vector<const Route*> routes = [] {
    std::vector<const Route*> gathered;
    for (const auto table :
         {session_routes(),   user_routes(),     device_routes(),    sensor_routes(),       reading_routes(),
          latest_routes(),    tree_routes(),     key_routes(),       certificate_routes(),  command_routes(),
          presence_routes(),  consumer_routes(), grant_routes(),     query_routes(),        user_query_routes(),
          dashboard_routes(), live_routes(),     operation_routes(), device_error_routes(), audit_routes(),
          system_routes()}) {
      for (const Route& route : table) gathered.push_back(&route);
    }
    return gathered;
  }();
  return routes;
}

}  // namespace iot::api
