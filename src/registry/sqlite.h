// What is SQLite's alone: opening its file, copying it while it is in use, checking it.
//
// The SQL that differs between engines is in dialect.h.
#pragma once

#include <filesystem>
#include <memory>

#include <soci/soci.h>

#include "base/failure.h"

namespace iot::registry {

enum class SqliteUse {
  writer,
  reader,
  copier,  ///< reads, and may make a copy of the file, which counts as writing to SQLite
};

/// A session on the file; a writer makes it if it is not there. WAL; a writer's commit is on disk when it returns.
/// Throws soci::soci_error.
std::unique_ptr<soci::session> open_sqlite(const std::filesystem::path& file, SqliteUse use);

/// Copies what `session` sees to the file `to`, replacing it, in one piece and on disk. Others may read and write
/// meanwhile. Throws soci::soci_error; I/O errors of the file itself come back.
Result<void> copy_sqlite(soci::session& session, const std::filesystem::path& to);

}  // namespace iot::registry
