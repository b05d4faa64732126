// What happens to commands to devices, inside a transaction.
#pragma once

#include "registry/device_records.h"
#include "registry/write_context.h"

namespace iot::registry {

/// Everything but what depends on other rows.
Result<void> validate(const NewCommand& command, const RegistryLimits& limits);
Result<void> validate(const CommandAnswer& answer, const RegistryLimits& limits);

Result<DeviceCommand> create_command(WriteContext& write, const Actor& actor, const NewCommand& command);
Result<void> update_command(WriteContext& write, const CommandProgress& progress);
Result<DeviceCommand> answer_command(WriteContext& write, const CommandAnswer& answer);
/// For a device that is about to be removed.
void remove_commands_of(WriteContext& write, DeviceId device);

}  // namespace iot::registry
