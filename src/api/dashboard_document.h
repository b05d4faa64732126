// What the server has to know of a dashboard's document, which is the web pages' own: the sensors that its panels show.
#pragma once

#include <optional>
#include <set>
#include <utility>

#include <boost/json/value.hpp>

#include "base/ids.h"

namespace iot::api {

/// More are refused: a viewer's queries are checked against them.
inline constexpr std::size_t dashboard_sensors_max = 1'000;
/// How deep a document may be nested, itself included.
inline constexpr std::size_t dashboard_depth_max = 16;

using NamedSensors = std::set<std::pair<DeviceId, SensorId>>;

/// Every text of the form "<device_id>_<sensor_id>" in an array that is a member named "sensors" of an object anywhere
/// in the document; other elements name nothing. Nothing where there are more than dashboard_sensors_max.
std::optional<NamedSensors> sensors_named_in(const boost::json::value& document);

}  // namespace iot::api
