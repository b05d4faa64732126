// What becomes of the presence and the events of devices, inside a transaction.
#pragma once

#include <vector>

#include "registry/device_records.h"
#include "registry/write_context.h"

namespace iot::registry {

Result<void> store_presence(WriteContext& write, const std::vector<StoredPresence>& presences,
                            const std::vector<DeviceEvent>& events);
/// With its events, for a device that is about to be removed.
void remove_presence_of(WriteContext& write, DeviceId device);

}  // namespace iot::registry
