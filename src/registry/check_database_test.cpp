#include "registry/check_database.h"

#include <fstream>

#include <gmock/gmock.h>

#include "registry/sqlite.h"
#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

using testing::HasSubstr;

class CheckDatabase : public OpenRegistryTest {
 protected:
  void SetUp() override {
    open();
    const auto device = client_->device();
    client_->create_sensors(RegistryClient::new_sensors(device, 500)).value();
  }
  void close() {
    client_.reset();
    registry_.reset();
  }
};

TEST_F(CheckDatabase, SaysWhatIsThere) {
  EXPECT_EQ(check_database(options_.database).value(),
            "schema 5, 1 users, 1 devices, 500 sensors, 0 consumers, 0 grants");
  close();
  EXPECT_TRUE(check_database(options_.database));
}

TEST_F(CheckDatabase, FindsOverwrittenPages) {
  close();
  const auto bytes = std::filesystem::file_size(options_.database);
  std::fstream file(options_.database, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(bytes / 4096 / 2 * 4096));
  file << std::string(8192, '\x5A');
  file.close();
  EXPECT_ERRC(check_database(options_.database), Errc::database_damaged);
}

TEST_F(CheckDatabase, FindsReferencesToNothing) {
  close();
  const auto session = open_sqlite(options_.database, SqliteUse::writer);
  *session << "PRAGMA foreign_keys = OFF";
  *session << "DELETE FROM devices";
  const auto checked = check_database(options_.database);
  EXPECT_ERRC(checked, Errc::database_damaged);
  EXPECT_THAT(checked.error().message, HasSubstr("500 rows"));
}

TEST_F(CheckDatabase, MakesNoFile) {
  const auto missing = directory_.path() / "missing.db";
  EXPECT_ERRC(check_database(missing), Errc::database_failed);
  EXPECT_FALSE(std::filesystem::exists(missing));
}

class Backup : public CheckDatabase {};

TEST_F(Backup, IsTheRegistryAsItWas) {
  const auto copy = directory_.path() / "copy.db";
  const auto before = registry_->snapshot();
  ASSERT_TRUE(registry_->backup(copy));
  client_->device("made later");
  ASSERT_TRUE(check_database(copy));
  options_.database = copy;
  open();
  expect_same(*before, *registry_->snapshot());
}

TEST_F(Backup, ReplacesAnEarlierOneAndIsTheOwnersAlone) {
  const auto copy = directory_.path() / "copy.db";
  ASSERT_TRUE(registry_->backup(copy));
  client_->device("made later");
  ASSERT_TRUE(registry_->backup(copy));
  EXPECT_THAT(check_database(copy).value(), HasSubstr("2 devices"));
  EXPECT_EQ(std::filesystem::status(copy).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_FALSE(std::filesystem::exists(copy.string() + ".partial"));
}

TEST_F(Backup, SaysWhereItCannotWrite) {
  EXPECT_FALSE(registry_->backup(directory_.path() / "nowhere" / "copy.db"));
}

}  // namespace
}  // namespace iot::registry
