// How long what a sensor sent is kept, of all that has a say in it.
#pragma once

#include "base/ids.h"
#include "model/retention.h"
#include "registry/snapshot.h"

namespace iot::server {

struct Settings;

/// What the settings say, for where neither sensor nor device does.
model::Retention default_retention(const Settings& settings);

/// The readings' age, and apart from it the rollups', each from the sensor, else its device, else `otherwise`. Values
/// that are texts have no rollups. A sensor that is not in the snapshot keeps what `otherwise` says.
model::Retention retention_of(const registry::Snapshot& snapshot, SensorId id, const model::Retention& otherwise);

}  // namespace iot::server
