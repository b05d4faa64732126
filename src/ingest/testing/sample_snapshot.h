// A small registry for tests: device 3 with a sensor of each mapping type, numbered like the type plus 4, and device 5
// with sensor 100.
#pragma once

#include "registry/snapshot.h"

namespace iot::ingest::testing {

inline constexpr DeviceId device{3};
inline constexpr DeviceId other_device{5};
inline constexpr SensorId other_sensor{100};

constexpr SensorId sensor_of(model::MappingType mapping) {
  return {static_cast<std::int64_t>(mapping) + 4};
}

inline registry::Snapshot sample_snapshot() {
  registry::Snapshot snapshot;
  snapshot.version = 1;
  snapshot.devices.set(device, {});
  snapshot.devices.set(other_device, {});
  for (std::size_t i = 0; i < model::mapping_type_count; ++i) {
    const auto mapping = static_cast<model::MappingType>(i);
    snapshot.sensors.set(sensor_of(mapping), {.device = device, .mapping = mapping, .retention = {}});
  }
  snapshot.sensors.set(other_sensor, {.device = other_device, .mapping = {}, .retention = {}});
  return snapshot;
}

/// With the bytes behind it that a decoder reads.
class PaddedText {
 public:
  explicit PaddedText(std::string_view text) : bytes_(text), size_(text.size()) { bytes_.append(64, '\xFF'); }
  operator std::string_view() const noexcept { return std::string_view(bytes_).substr(0, size_); }

 private:
  std::string bytes_;
  std::size_t size_;
};

}  // namespace iot::ingest::testing
