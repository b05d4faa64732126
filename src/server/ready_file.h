// The file that says that the platform is ready and where it listens.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/failure.h"

namespace iot::server {

/// By listener ("core", "http", "query", ...): "127.0.0.1:8080".
using Addresses = std::map<std::string, std::vector<std::string>>;

struct Readiness {
  std::string version;
  std::int64_t start_ms = 0;  ///< from the start of the process to now
  std::uint64_t recovered_readings = 0;
  Addresses addresses;
};

/// Writes the file complete, by rename.
Result<void> write_ready_file(const std::filesystem::path& file, const Readiness& readiness);

}  // namespace iot::server
