#include "registry/sqlite.h"

#include <fcntl.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include "base/file_system.h"
#include "registry/registry.h"
#include "registry/sql.h"

namespace iot::registry {
namespace {

// The pages that a bulk of new rows touches are the last of each tree, so that a small cache is enough at any size.
constexpr int writer_cache_kib = 4'096;
constexpr int reader_cache_kib = 512;
// The log is folded into the file at 4 MiB (1,000 pages); after a larger transaction it is cut to this.
constexpr int wal_bytes_kept = 16 * 1024 * 1024;
// Somebody who copies the file or looks into it with another program holds its lock for moments only.
constexpr int busy_timeout_ms = 5'000;

void set(soci::session& session, const std::string& name, const std::string& value) {
  session << "PRAGMA " + name + " = " + value;
}

/// Makes the file if it is not there, for the owner alone: it holds password hashes. SQLite gives the files that it
/// puts beside it the same mode, and takes an empty file for a new database.
void make_private(const std::filesystem::path& file) {
  const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (made >= 0) ::close(made);  // if not, SQLite finds out and says why
}

/// The part of an error code that says which kind it is.
int kind_of(const soci::soci_error& error) noexcept {
  const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  return sqlite ? sqlite->result() & 0xFF : SQLITE_OK;
}

}  // namespace

std::unique_ptr<soci::session> open_sqlite(const std::filesystem::path& file, SqliteUse use) {
  // SOCI reads settings out of the text, and knows no escape for a quote.
  if (file.string().find('"') != std::string::npos) {
    throw soci::soci_error("the path of the database may not hold a double quote: " + file.string());
  }
  if (use == SqliteUse::writer) make_private(file);
  auto session = std::make_unique<soci::session>(*soci::factory_sqlite3(), "dbname=\"" + file.string() + "\"");
  set(*session, "busy_timeout", std::to_string(busy_timeout_ms));
  set(*session, "foreign_keys", "ON");
  set(*session, "temp_store", "MEMORY");
  if (use == SqliteUse::writer) {
    set(*session, "journal_mode", "WAL");
    set(*session, "synchronous", "FULL");
    set(*session, "journal_size_limit", std::to_string(wal_bytes_kept));
    set(*session, "cache_size", std::to_string(-writer_cache_kib));
  } else {
    set(*session, "cache_size", std::to_string(-reader_cache_kib));
    if (use == SqliteUse::reader) set(*session, "query_only", "ON");
  }
  return session;
}

Result<void> copy_sqlite(soci::session& session, const std::filesystem::path& to) {
  // Under another name until it is whole and synced, which SQLite does not do for what VACUUM INTO writes.
  const std::string partial = to.string() + ".partial";
  std::error_code ignored;
  std::filesystem::remove(partial, ignored);
  make_private(partial);
  session << "VACUUM INTO :target", soci::use(partial);

  FileSystem& files = posix_file_system();
  IOT_TRY(const auto file, files.open(partial, OpenMode::read_write));
  IOT_CHECK(file->sync_data());
  IOT_CHECK(files.rename(partial, to.string()));
  return files.sync_directory(to.has_parent_path() ? to.parent_path().string() : ".");
}

Error to_error(const soci::soci_error& error, const std::string& doing) {
  // Not what(): that shows the statement's parameters.
  const std::string message = doing + ": " + error.get_error_message();
  switch (kind_of(error)) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return make_error(Errc::database_damaged, message + " (run `iotplatform verify`, and restore a backup)");
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return make_error(Errc::database_failed, message + " (see that the disk works and has room)");
    case SQLITE_BUSY:
      return make_error(Errc::database_failed, message + " (another program holds the database's lock: end it)");
    default:
      return make_error(Errc::database_failed, message);
  }
}

}  // namespace iot::registry
