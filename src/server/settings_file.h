// The configuration file: TOML, of which sections and plain values count.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/failure.h"

namespace iot::server {

/// The values by "section.key"; an array's elements with commas between. Errc::file_unreadable.
Result<std::map<std::string, std::string>> read_settings_file(const std::filesystem::path& file);

}  // namespace iot::server
