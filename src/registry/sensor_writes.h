// What happens to sensors, inside a transaction. The arguments are validated already (validation.h).
#pragma once

#include <vector>

#include "registry/write_context.h"

namespace iot::registry {

/// Moves the texts out of `sensors`.
Result<std::vector<model::Sensor>> create_sensors(WriteContext& write, const Actor& actor,
                                                  std::vector<NewSensor>& sensors);
Result<model::Sensor> update_sensor(WriteContext& write, const Actor& actor, SensorId id, const SensorPatch& patch);
Result<void> delete_sensor(WriteContext& write, const Actor& actor, SensorId id);

}  // namespace iot::registry
