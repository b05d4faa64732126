// Places on Earth as clients send them, brought to one form.
#pragma once

#include <optional>
#include <string>

#include "model/value.h"

namespace iot::model {

struct GeoPoint {
  double latitude;   ///< ±90 degrees
  double longitude;  ///< ±180 degrees
};

/// A point from an object with the members lat and lon alone (numbers, or strings of numbers), an array [lon,lat] or a
/// string "lat,lon". Nothing if it is anything else, or outside ±90 and ±180 degrees.
std::optional<GeoPoint> parse_geo_point(const RawValue& raw) noexcept;

/// `{"lat":41.12,"lon":-71.34}` from what parse_geo_point() takes, else nothing.
std::optional<std::string> normalise_geo_point(const RawValue& raw);

}  // namespace iot::model
