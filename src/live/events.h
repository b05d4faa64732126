// Readings as live subscribers see them: the document that a query shows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "live/position.h"
#include "model/reading_batch.h"
#include "registry/snapshot.h"

namespace iot::live {

/// What happened, in JSON without a line break, shared by all who get it.
struct Event {
  enum class Kind : std::uint8_t {
    reading,  ///< {"timestamp","device_id","sensor_id","value"}
    missed,   ///< {"from","to"}: readings between these positions are gone from the log
  };
  Kind kind = Kind::reading;
  /// To go on from, behind the event.
  Position position;
  std::shared_ptr<const std::string> json;
};

/// Appends the reading's JSON.
void append_reading_json(std::string& out, const model::ReadingBatch& batch, std::size_t index);

/// The device of an encoded batch, without decoding the rest; nothing if it is none.
std::optional<DeviceId> device_of_batch(std::string_view encoded) noexcept;

/// What a subscriber asked for. Empty lists of both: everything that it may see.
struct Wish {
  std::vector<DeviceId> devices;  ///< sorted
  std::vector<SensorId> sensors;  ///< sorted

  bool has(DeviceId device, SensorId sensor) const noexcept;
};

/// Who asks: what it may see is looked up anew for each reading.
struct Viewer {
  enum class Kind : std::uint8_t { consumer, user } kind = Kind::consumer;
  std::int64_t id = 0;
};

/// Whether the viewer may see the sensor's readings now: a consumer what is granted to it, a user what it owns, an
/// administrator everything.
bool may_see(const Viewer& viewer, DeviceId device, SensorId sensor, const registry::Snapshot& snapshot) noexcept;
/// Whether there is any sensor of the device that it may see.
bool may_see_any(const Viewer& viewer, DeviceId device, const registry::Snapshot& snapshot) noexcept;

}  // namespace iot::live
