#include "registry/migrations.h"

#include <gmock/gmock.h>

#include "registry/check_database.h"
#include "registry/sql.h"
#include "registry/sqlite.h"
#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

using testing::HasSubstr;

/// A database as an imagined earlier version of the program left it, and the steps that this one would add.
class Migrations : public RegistryTest {
 protected:
  const std::vector<Migration> old_ = {
      {1, {"CREATE TABLE things (id {id}, name TEXT NOT NULL)", "INSERT INTO things (id, name) VALUES (1, 'one')"}}};
  const std::vector<Migration> new_ = {
      old_[0],
      {2, {"ALTER TABLE things ADD COLUMN color TEXT NOT NULL DEFAULT 'grey'"}},
      {3, {"CREATE TABLE more (id {id})", "INSERT INTO more (id) SELECT id FROM things"}}};

  Result<void> migrate_to(const std::vector<Migration>& steps) {
    const auto session = open_sqlite(options_.database, SqliteUse::writer);
    return migrate(*session, sqlite_dialect(), options_.database, steps, clock_);
  }
  std::string text(const std::filesystem::path& file, const std::string& sql) {
    const auto session = open_sqlite(file, SqliteUse::reader);
    return std::get<0>(*Query<std::tuple<std::string>>(*session, sql).first());
  }
  int number(const std::filesystem::path& file) { return schema_number(*open_sqlite(file, SqliteUse::reader)); }
  std::filesystem::path copy(int version) { return options_.database.string() + ".before-" + std::to_string(version); }
};

TEST_F(Migrations, AreNumberedFromOneWithoutAGap) {
  int expected = 0;
  for (const auto& step : migrations()) EXPECT_EQ(step.number, ++expected);
}

TEST_F(Migrations, BringAnOlderDatabaseUpToDateAndKeepACopy) {
  ASSERT_TRUE(migrate_to(old_));
  EXPECT_FALSE(std::filesystem::exists(copy(1))) << "an empty database needs no copy";
  ASSERT_TRUE(migrate_to(new_));
  EXPECT_EQ(number(options_.database), 3);
  EXPECT_EQ(text(options_.database, "SELECT color FROM things WHERE name = 'one'"), "grey");
  EXPECT_EQ(text(options_.database, "SELECT CAST(COUNT(*) AS TEXT) FROM more"), "1");
  EXPECT_EQ(number(copy(3)), 1);
  EXPECT_EQ(text(copy(3), "SELECT name FROM things"), "one");
  EXPECT_EQ(text(copy(3), "PRAGMA integrity_check"), "ok");
}

TEST_F(Migrations, TheFirstReleasesDatabaseKeepsItsDevices) {
  ASSERT_TRUE(migrate_to({migrations()[0]}));
  for (const auto* statement :
       {"INSERT INTO users VALUES (-1, 'root', 'root', 'root', '', 2, 1, 0)",
        "INSERT INTO devices VALUES (7, -1, 'machine', 'machine', '', 60, 3, 5)",
        "INSERT INTO changes VALUES (1, 3, 7, -1, 0, 3, 60)", "UPDATE counters SET devices = 7, changes = 1"}) {
    *open_sqlite(options_.database, SqliteUse::writer) << statement;
  }
  open();
  const auto device = registry_->device({7}).value();
  EXPECT_EQ(device.retention, std::chrono::seconds(60));
  EXPECT_EQ(device.silent_after, std::nullopt);
  EXPECT_EQ(device.rollups, std::nullopt);
  EXPECT_EQ(registry_->snapshot()->devices.find({7})->key_version, 3u);
  Change expected = device_set({7}, {.owner = root_user, .key_version = 3, .retention = std::chrono::seconds(60)});
  expected.sequence = 1;
  EXPECT_EQ(registry_->changes_after(0, 10).value()->front(), expected);
  EXPECT_TRUE(registry_->certificates({7}).value().empty());
}

TEST_F(Migrations, ThingsFromBeforeRollupsHaveNoneOfTheirOwn) {
  ASSERT_TRUE(migrate_to({migrations()[0], migrations()[1], migrations()[2]}));
  for (const auto* statement : {"INSERT INTO users VALUES (-1, 'root', 'root', 'root', '', 2, 1, 0)",
                                "INSERT INTO devices VALUES (7, -1, 'machine', 'machine', '', 60, 3, 5, 9)",
                                "INSERT INTO sensors VALUES (8, 7, 'heat', 'heat', '', 'K', '', 0, 30, 5)",
                                "INSERT INTO changes VALUES (1, 5, 8, 7, 0, 0, 30, 0, '')",
                                "UPDATE counters SET devices = 7, sensors = 8, changes = 1"}) {
    *open_sqlite(options_.database, SqliteUse::writer) << statement;
  }
  open();
  EXPECT_EQ(registry_->device({7}).value().rollups, std::nullopt);
  EXPECT_EQ(registry_->device({7}).value().silent_after, std::chrono::seconds(9));
  EXPECT_EQ(registry_->sensor({8}).value().rollups, std::nullopt);
  EXPECT_EQ(registry_->sensor({8}).value().retention, std::chrono::seconds(30));
  EXPECT_EQ(registry_->snapshot()->sensors.find({8})->rollups, std::nullopt);
  EXPECT_EQ(registry_->changes_after(0, 10).value()->front().rollups, std::nullopt);
  SensorPatch patch;
  patch.rollups = model::Rollups{std::chrono::seconds(60), {}, {}};
  EXPECT_TRUE(client_->update_sensor({8}, patch));
}

TEST_F(Migrations, DoNothingTheSecondTime) {
  ASSERT_TRUE(migrate_to(new_));
  ASSERT_TRUE(migrate_to(new_));
  EXPECT_FALSE(std::filesystem::exists(copy(3)));
}

TEST_F(Migrations, AStepThatFailsUndoesAllOfThem) {
  ASSERT_TRUE(migrate_to(old_));
  auto broken = new_;
  broken[2].statements.push_back("INSERT INTO nowhere (id) VALUES (1)");
  EXPECT_THROW(static_cast<void>(migrate_to(broken)), soci::soci_error);
  EXPECT_EQ(number(options_.database), 1);
  EXPECT_THROW(text(options_.database, "SELECT color FROM things"), soci::soci_error);
  // Tried again with a program that is right, the copy is taken again.
  ASSERT_TRUE(migrate_to(new_));
  EXPECT_EQ(number(copy(3)), 1);
}

TEST_F(Migrations, ANewerDatabaseIsRefusedAndLeftAlone) {
  open();
  client_->device();
  client_.reset();
  registry_.reset();
  *open_sqlite(options_.database, SqliteUse::writer)
      << "INSERT INTO schema_migrations (number, applied_ns) VALUES (99, 0)";
  const auto refused = SqlRegistry::open(options_, clock_);
  EXPECT_ERRC(refused, Errc::newer_schema);
  EXPECT_THAT(refused.error().message, HasSubstr("schema 99"));
  EXPECT_THAT(refused.error().message, HasSubstr("newer version"));
  EXPECT_ERRC(check_database(options_.database), Errc::newer_schema);
  EXPECT_EQ(number(options_.database), 99);
}

TEST_F(Migrations, AFileThatIsNoDatabaseIsRefused) {
  FILE* file = std::fopen(options_.database.c_str(), "w");
  for (int i = 0; i < 1000; ++i) std::fputs("this is not a database\n", file);
  std::fclose(file);
  const auto refused = SqlRegistry::open(options_, clock_);
  EXPECT_ERRC(refused, Errc::database_damaged);
  EXPECT_THAT(refused.error().message, HasSubstr("registry.db"));
}

TEST_F(Migrations, APathThatCannotBeOpenedIsRefused) {
  options_.database = directory_.path() / "nowhere" / "registry.db";
  EXPECT_ERRC(SqlRegistry::open(options_, clock_), Errc::database_failed);
  options_.database = directory_.path() / "a \"quoted\" name";
  EXPECT_ERRC(SqlRegistry::open(options_, clock_), Errc::database_failed);
}

}  // namespace
}  // namespace iot::registry
