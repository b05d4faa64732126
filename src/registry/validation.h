// Whether what a client sends may be stored. Pure: what depends on other entities is checked by the write itself.
#pragma once

#include <string_view>

#include "registry/registry.h"

namespace iot::registry {

/// Names, user names, units and descriptions within their limits, retentions and ages of rollups from one second to a
/// hundred years (those of rollups also for ever), limits of silence to ten. Names, user names and units hold no
/// control characters, descriptions may have line breaks. The error's field is the member.
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

/// That each age of `rollups` is longer than the finer ones', and that of the readings: what is coarse stands in for
/// what is fine once that has gone. Of one device or sensor, after a patch too. The field is the age that is too short.
Result<void> check_ages(const std::optional<std::chrono::seconds>& retention,
                        const std::optional<model::Rollups>& rollups);

/// That values of `mapping` have minima, maxima and sums, if `rollups` are to be kept of them.
Result<void> check_can_be_rolled_up(model::MappingType mapping, const std::optional<model::Rollups>& rollups);

}  // namespace iot::registry
