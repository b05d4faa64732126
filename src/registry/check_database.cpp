#include "registry/check_database.h"

#include "registry/migrations.h"
#include "registry/registry.h"
#include "registry/sql.h"
#include "registry/sqlite.h"

namespace iot::registry {
namespace {

// Enough to see the kind of damage; a file that was overwritten has thousands.
constexpr int findings_max = 10;

Error damaged(const std::string& what) {
  return make_error(Errc::database_damaged, what + ": restore a backup of the registry");
}

Result<void> check_pages(soci::session& session) {
  std::string findings;
  Query<std::tuple<std::string>> check(session, "PRAGMA integrity_check(" + std::to_string(findings_max) + ")");
  check.for_each([&](const auto& row) {
    if (std::get<0>(row) != "ok") findings += (findings.empty() ? "" : "; ") + std::get<0>(row);
  });
  if (!findings.empty()) return damaged("the registry's database is damaged: " + findings);
  return {};
}

Result<void> check_references(soci::session& session) {
  Query<std::tuple<Integer>> check(session, "SELECT COUNT(*) FROM pragma_foreign_key_check");
  const auto count = std::get<0>(*check.first());
  if (count != 0) return damaged(std::to_string(count) + " rows of the registry refer to rows that are not there");
  return {};
}

std::string count_rows(soci::session& session, const std::string& table) {
  Query<std::tuple<Integer>> count(session, "SELECT COUNT(*) FROM " + table);
  return std::to_string(std::get<0>(*count.first())) + " " + table;
}

Result<std::string> check(soci::session& session) {
  IOT_CHECK(check_pages(session));
  const int schema = schema_number(session);
  const int newest = migrations().back().number;
  if (schema > newest) {
    return make_error(Errc::newer_schema, "the registry has schema " + std::to_string(schema) +
                                              ", and this program knows schemas up to " + std::to_string(newest));
  }
  if (schema == 0) return damaged("the file is not a registry's database");
  IOT_CHECK(check_references(session));
  std::string found = "schema " + std::to_string(schema);
  for (const auto* table : {"users", "devices", "sensors", "consumers", "grants"}) {
    found += ", " + count_rows(session, table);
  }
  return found;
}

}  // namespace

Result<std::string> check_database(const std::filesystem::path& path) {
  std::error_code error;
  // SQLite would make an empty file.
  if (!std::filesystem::is_regular_file(path, error)) {
    return make_error(Errc::database_failed, "there is no file " + path.string());
  }
  try {
    const auto session = open_sqlite(path, SqliteUse::reader);
    return check(*session);
  } catch (const soci::soci_error& failure) {
    return to_error(failure, "check the registry " + path.string());
  }
}

}  // namespace iot::registry
