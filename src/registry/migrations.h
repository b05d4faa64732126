// The database's schema, as the numbered steps that lead to it.
//
// A step that was released is never changed: add another. Each step is portable SQL with the names of dialect.h.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <soci/soci.h>

#include "base/clock.h"
#include "base/failure.h"
#include "registry/dialect.h"

namespace iot::registry {

struct Migration {
  int number;
  std::vector<std::string> statements;
};

/// All of them, in order, numbered from 1.
const std::vector<Migration>& migrations();

/// The number of the last step that the database has seen; 0 where it is empty. Throws soci::soci_error.
int schema_number(soci::session& session);

/// Brings the database to the last of `steps`, in one transaction. Before that, one that holds something is copied to
/// `<file>.before-<number>`. Errc::newer_schema if it is further than that; it is left alone then. Throws
/// soci::soci_error, having changed nothing.
Result<void> migrate(soci::session& session, const Dialect& dialect, const std::filesystem::path& file,
                     std::span<const Migration> steps, const Clock& clock);

}  // namespace iot::registry
