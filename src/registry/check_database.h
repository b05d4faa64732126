// The registry's part of `iotplatform verify`.
#pragma once

#include <filesystem>
#include <string>

#include "base/failure.h"

namespace iot::registry {

/// Reads the whole database file and checks that its pages, indexes and references agree, and that this program knows
/// its schema. What was found, for the operator ("schema 1, 12 devices, ..."); Errc::database_damaged with the first
/// findings, Errc::newer_schema, Errc::database_failed (also where there is no such file). Changes nothing.
Result<std::string> check_database(const std::filesystem::path& path);

}  // namespace iot::registry
