// The ids of many readings of one sensor, one after the other: what depends on the sensor alone is kept between them.
//
// For one id, and for what an id is: reading_id() in model/value.h. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"

namespace iot::model {

inline constexpr std::size_t reading_id_length = 20;

class ReadingIds {
 public:
  explicit ReadingIds(SensorId sensor);

  /// `value_json` as in reading_id().
  std::array<char, reading_id_length> id(Timestamp time, std::string_view value_json);

 private:
  std::string hashed_;        ///< "<sensor id>\n", and behind it the last value
  std::size_t sensor_bytes_;  ///< of it
};

}  // namespace iot::model
