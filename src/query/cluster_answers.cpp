#include "query/cluster_answers.h"

#include <initializer_list>

#include "base/json_writer.h"

namespace iot::query {
EsAnswer root_answer() {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("name").string(node_id);
  json.key("cluster_name").string(cluster_name);
  json.key("cluster_uuid").string(index_uuid(cluster_name));
  json.key("version").begin_object();
  json.key("number").string(compatible_version);
  json.key("build_flavor").string("default");
  json.key("build_type").string("tar");
  json.key("build_hash").string("0000000000000000000000000000000000000000");
  json.key("build_date").string("1970-01-01T00:00:00.000Z");
  json.key("build_snapshot").boolean(false);
  json.key("lucene_version").string("9.12.2");
  json.key("minimum_wire_compatibility_version").string("7.17.0");
  json.key("minimum_index_compatibility_version").string("7.0.0");
  json.end_object();
  json.key("tagline").string("You Know, for Search");
  json.end_object();
  return {200, std::move(body), "application/json"};
}

EsAnswer cluster_health_answer(const std::vector<Series>& series) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("cluster_name").string(cluster_name);
  json.key("status").string("green");
  json.key("timed_out").boolean(false);
  json.key("number_of_nodes").integer(1);
  json.key("number_of_data_nodes").integer(1);
  json.key("active_primary_shards").unsigned_integer(series.size());
  json.key("active_shards").unsigned_integer(series.size());
  for (const std::string_view name :
       {"relocating_shards", "initializing_shards", "unassigned_shards", "unassigned_primary_shards",
        "delayed_unassigned_shards", "number_of_pending_tasks", "number_of_in_flight_fetch",
        "task_max_waiting_in_queue_millis"}) {
    json.key(name).integer(0);
  }
  json.key("active_shards_percent_as_number").real(100.0);
  json.end_object();
  return {200, std::move(body), "application/json"};
}

EsAnswer cluster_settings_answer() {
  return {200, R"({"persistent":{},"transient":{}})", "application/json"};
}

EsAnswer nodes_answer(std::string_view own_address) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("_nodes").begin_object();
  json.key("total").integer(1).key("successful").integer(1).key("failed").integer(0);
  json.end_object();
  json.key("cluster_name").string(cluster_name);
  json.key("nodes").begin_object();
  json.key(node_id).begin_object();
  json.key("name").string(node_id);
  json.key("version").string(compatible_version);
  json.key("build_flavor").string("default");
  json.key("build_type").string("tar");
  json.key("roles").begin_array().string("data").string("ingest").string("master").end_array();
  if (!own_address.empty()) {
    json.key("http").begin_object();
    json.key("bound_address").begin_array().string(own_address).end_array();
    json.key("publish_address").string(own_address);
    json.end_object();
  }
  json.end_object().end_object().end_object();
  return {200, std::move(body), "application/json"};
}

EsAnswer license_answer() {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("license").begin_object();
  json.key("status").string("active");
  json.key("uid").string("00000000-0000-0000-0000-000000000000");
  json.key("type").string("basic");
  json.key("issue_date").string("1970-01-01T00:00:00.000Z");
  json.key("issue_date_in_millis").integer(0);
  json.key("max_nodes").integer(1);
  json.key("issued_to").string(cluster_name);
  json.key("issuer").string(cluster_name);
  json.key("start_date_in_millis").integer(-1);
  json.end_object().end_object();
  return {200, std::move(body), "application/json"};
}

}  // namespace iot::query
