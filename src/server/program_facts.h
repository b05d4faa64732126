// What the running program says of itself to admins: its settings, its memory, its disk.
#pragma once

#include <chrono>
#include <vector>

#include "api/api.h"
#include "server/settings.h"

namespace iot::server {

/// In the order of the declarations.
std::vector<api::SettingView> settings_to_show(const Configuration& configuration);

/// Walks through the data directory, and asks the kernel. Errc::directory_invalid.
Result<api::ProgramFacts> program_facts(const Settings& settings, std::chrono::seconds uptime);

}  // namespace iot::server
