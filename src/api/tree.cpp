// /api/devices/:device_id/tree: the paths of a device with the sensors that lie there.
#include "api/tree.h"

#include <map>

#include "api/caller.h"
#include "api/entity_json.h"
#include "api/pages.h"

namespace iot::api {

TreeNode make_tree(std::vector<model::Sensor> sensors) {
  TreeNode root;
  for (model::Sensor& sensor : sensors) {
    TreeNode* node = &root;
    std::string_view rest = sensor.path;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('/'), rest.size());
      node = &node->paths[std::string(rest.substr(0, end))];
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    node->sensors.push_back(std::move(sensor));
  }
  return root;
}

void write_tree_members(JsonWriter& json, const TreeNode& node, const std::string& path) {
  json.key("paths").begin_array();
  for (const auto& [name, child] : node.paths) {
    const std::string child_path = path.empty() ? name : path + "/" + name;
    json.begin_object().key("name").string(name).key("path").string(child_path);
    write_tree_members(json, child, child_path);
    json.end_object();
  }
  json.end_array().key("sensors").begin_array();
  for (const model::Sensor& sensor : node.sensors) write_sensor(json, sensor);
  json.end_array();
}

namespace {

using boost::asio::awaitable;

constexpr std::size_t sensors_per_read = 1'000;

Result<std::vector<model::Sensor>> all_sensors(registry::Registry& registry, DeviceId device) {
  std::vector<model::Sensor> sensors;
  registry::Page page{.limit = sensors_per_read, .after = {}, .name = {}};
  for (;;) {
    IOT_TRY(auto some, registry.sensors(device, page));
    const bool is_last = some.size() < sensors_per_read;
    sensors.insert(sensors.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
    if (is_last) return sensors;
    page.after = sensors.back().id.value;
  }
}

awaitable<Answer> show(Request& request) {
  IOT_CO_TRY(const DeviceId id, own_device(request));
  const std::size_t count = request.snapshot->devices.find(id)->sensors.size();
  if (count > request.service.options.tree_sensors_max) {
    co_return make_error(Errc::tree_too_large, "the device has " + std::to_string(count) + " sensors, more than the " +
                                                   std::to_string(request.service.options.tree_sensors_max) +
                                                   " of a tree: page through its sensors instead");
  }
  IOT_CO_TRY(const TreeNode tree, co_await blocking(request.service, [&]() -> Result<TreeNode> {
               IOT_TRY(auto sensors, all_sensors(request.registry(), id));
               return make_tree(std::move(sensors));
             }));
  co_return result_response(id, [&tree](JsonWriter& json, DeviceId device) {
    json.begin_object().key("device_id").string(device.to_string());
    write_tree_members(json, tree, {});
    json.end_object();
  });
}

}  // namespace

std::span<const Route> tree_routes() {
  static const std::vector<Route> routes = {
      {net::Method::get,
       "/api/devices/:device_id/tree",
       "getTree",
       Access::reader,
       "The device's paths and the sensors under them",
       show,
       {},
       "TreeResult",
       {},
       Scope::also_by_user},
  };
  return routes;
}

}  // namespace iot::api
