// Places on Earth as clients send them, brought to one form.
#pragma once

#include <optional>
#include <string>

#include "model/value.h"

namespace iot::model {

/// `{"lat":41.12,"lon":-71.34}` from an object with just these members (numbers, or strings of numbers), an array
/// [lon,lat] or a string "lat,lon". Nothing if it is anything else, or outside ±90 and ±180 degrees.
std::optional<std::string> normalise_geo_point(const RawValue& raw);

}  // namespace iot::model
