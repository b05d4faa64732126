#include "api/dashboard_document.h"

#include <string_view>

#include "ingest/bulk.h"

namespace iot::api {
namespace {

namespace json = boost::json;

void add_names(const json::array& names, NamedSensors& found) {
  for (const json::value& name : names) {
    // One more than allowed tells that there are too many.
    if (found.size() > dashboard_sensors_max) return;
    if (!name.is_string()) continue;
    if (const auto ids = ingest::parse_index_name(std::string_view(name.get_string()))) found.insert(*ids);
  }
}

/// As deep as the document is nested, which was bounded when it was read.
void gather(const json::value& value, NamedSensors& found) {
  if (const auto* array = value.if_array()) {
    for (const json::value& each : *array) gather(each, found);
  } else if (const auto* object = value.if_object()) {
    for (const auto& [name, member] : *object) {
      if (name == "sensors" && member.is_array()) add_names(member.get_array(), found);
      gather(member, found);
    }
  }
}

}  // namespace

std::optional<NamedSensors> sensors_named_in(const json::value& document) {
  NamedSensors found;
  gather(document, found);
  if (found.size() > dashboard_sensors_max) return {};
  return found;
}

}  // namespace iot::api
