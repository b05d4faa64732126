// Sensors by their paths. A path exists while a sensor lies under it, so the sensors are all there is to know.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "model/entities.h"

namespace iot::api {

struct TreeNode {
  std::map<std::string, TreeNode> paths;
  std::vector<model::Sensor> sensors;  ///< that lie right here
};

/// Sensors keep their order.
TreeNode make_tree(std::vector<model::Sensor> sensors);

/// "paths" and "sensors" of the node at `path`, into an object that is open.
void write_tree_members(JsonWriter& json, const TreeNode& node, const std::string& path);

}  // namespace iot::api
