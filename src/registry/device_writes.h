// What happens to devices, inside a transaction. The arguments are validated already (validation.h).
#pragma once

#include "registry/write_context.h"

namespace iot::registry {

Result<model::Device> create_device(WriteContext& write, const Actor& actor, const NewDevice& device);
Result<model::Device> update_device(WriteContext& write, const Actor& actor, DeviceId id, const DevicePatch& patch);
/// With its sensors, the grants on them, and its certificates.
Result<void> delete_device(WriteContext& write, const Actor& actor, DeviceId id);
Result<std::uint64_t> rotate_device_key(WriteContext& write, const Actor& actor, DeviceId id);

}  // namespace iot::registry
