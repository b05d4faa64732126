// Rollups as the database and the audit log keep them: one short text, so that a sensor without any of its own, which
// is nearly every one, costs a byte.
#pragma once

#include <optional>
#include <string>

#include "model/retention.h"

namespace iot::registry {

/// "31536000 157680000 forever": ages of minutes, hours and days in seconds, 0 for what is not kept; "" where nothing
/// was set.
std::string stored_rollups(const std::optional<model::Rollups>& rollups);

/// The reverse. What only this program writes: throws soci::soci_error where it is of another form, which is damage.
std::optional<model::Rollups> rollups_from(const std::string& stored);

}  // namespace iot::registry
