// Whether what a client sends may be stored. Pure: what depends on other entities is checked by the write itself.
#pragma once

#include <string_view>

#include "registry/registry.h"

namespace iot::registry {

/// Names, user names, units and descriptions within their limits, retentions from one second to a hundred years,
/// limits of silence to ten. Names,
/// user names and units hold no control characters, descriptions may have line breaks. The error's field is the member.
Result<void> validate(const NewUser& user, const RegistryLimits& limits);
Result<void> validate(const UserPatch& patch, const RegistryLimits& limits);
Result<void> validate(const NewDevice& device, const RegistryLimits& limits);
Result<void> validate(const DevicePatch& patch, const RegistryLimits& limits);
Result<void> validate(const NewCertificate& certificate, const RegistryLimits& limits);
Result<void> validate(const NewConsumer& consumer, const RegistryLimits& limits);
Result<void> validate(const ConsumerPatch& patch, const RegistryLimits& limits);

/// The same, and brings the path into its canonical form.
Result<void> validate(NewSensor& sensor, const RegistryLimits& limits);
Result<void> validate(SensorPatch& patch, const RegistryLimits& limits);
/// Also how many; the field begins with the index where there is more than one: "[3].path".
Result<void> validate(std::vector<NewSensor>& sensors, const RegistryLimits& limits);

}  // namespace iot::registry
