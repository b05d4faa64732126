#include "base/file_system.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/testing/simulated_disk.h"

namespace iot {
namespace {

using testing::SimulatedDisk;

/// What both implementations promise.
void expect_works(FileSystem& files, const std::string& directory) {
  ASSERT_TRUE(files.make_directory(directory));
  ASSERT_TRUE(files.make_directory(directory));
  const std::string path = directory + "/one";
  EXPECT_EQ(files.open(path, OpenMode::read).error().code.value(), ENOENT);
  auto file = files.open(path, OpenMode::create);
  ASSERT_TRUE(file);
  EXPECT_EQ(files.open(path, OpenMode::create).error().code.value(), EEXIST);
  ASSERT_TRUE((*file)->write_at(0, "hello"));
  ASSERT_TRUE((*file)->write_at(8, "there"));
  ASSERT_TRUE((*file)->sync_data());
  EXPECT_EQ(*read_whole_file(files, path), std::string("hello\0\0\0there", 13));
  char bytes[8];
  EXPECT_EQ(*(*file)->read_at(8, bytes), 5u);
  EXPECT_EQ(std::string_view(bytes, 5), "there");
  EXPECT_EQ(*(*file)->read_at(13, bytes), 0u);
  ASSERT_TRUE((*file)->truncate(5));
  EXPECT_EQ(*(*file)->size(), 5u);
  ASSERT_TRUE((*file)->allocate(20));
  EXPECT_EQ(*(*file)->size(), 20u);
  EXPECT_EQ(*read_whole_file(files, path), "hello" + std::string(15, '\0'));
  ASSERT_TRUE(files.sync_directory(directory));
  ASSERT_TRUE(files.rename(path, directory + "/two"));
  EXPECT_EQ(*files.list(directory), std::vector<std::string>{"two"});
  auto reader = files.open(directory + "/two", OpenMode::read);
  ASSERT_TRUE(reader);
  EXPECT_FALSE((*reader)->write_at(0, "x"));
  ASSERT_TRUE(files.remove(directory + "/two"));
  EXPECT_FALSE(files.remove(directory + "/two"));
  EXPECT_TRUE(files.list(directory)->empty());
}

TEST(FileSystem, PosixFilesWork) {
  std::string directory = ::testing::TempDir() + "iot_files_XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  expect_works(posix_file_system(), directory);
  std::filesystem::remove_all(directory);
}

TEST(FileSystem, SimulatedFilesWork) {
  SimulatedDisk disk;
  expect_works(disk, "data");
}

TEST(FileSystem, ErrorsNameTheCallAndThePath) {
  const auto opened = posix_file_system().open("/nowhere/at/all", OpenMode::read);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("open /nowhere/at/all"), std::string::npos) << opened.error().message;
  EXPECT_EQ(failure_of(opened.error()), Failure::not_found);
}

std::unique_ptr<File> create(SimulatedDisk& disk, const std::string& path) {
  auto file = disk.open(path, OpenMode::create);
  EXPECT_TRUE(file);
  return std::move(*file);
}

TEST(SimulatedDisk, ForgetsWhatWasNotSynced) {
  SimulatedDisk disk;
  auto file = create(disk, "d/named");
  ASSERT_TRUE(disk.sync_directory("d"));
  ASSERT_TRUE(file->write_at(0, "kept"));
  ASSERT_TRUE(file->sync_data());
  ASSERT_TRUE(file->write_at(4, "lost"));
  auto unnamed = create(disk, "d/unnamed");
  ASSERT_TRUE(unnamed->write_at(0, "x"));
  ASSERT_TRUE(unnamed->sync_data());
  ASSERT_TRUE(disk.rename("d/named", "d/renamed"));
  disk.crash();
  EXPECT_EQ(disk.contents("d/named"), "kept");
  EXPECT_FALSE(disk.exists("d/unnamed"));
  EXPECT_FALSE(disk.exists("d/renamed"));
  EXPECT_FALSE(file->write_at(0, "from the past"));
}

TEST(SimulatedDisk, ATornWriteKeepsSomeSectors) {
  std::mt19937_64 random(7);
  bool torn = false;
  for (int round = 0; round < 50 && !torn; ++round) {
    SimulatedDisk disk;
    auto file = create(disk, "d/f");
    ASSERT_TRUE(disk.sync_directory("d"));
    ASSERT_TRUE(file->write_at(0, std::string(4096, 'x')));
    disk.crash(random);
    const std::string left = disk.contents("d/f");
    const auto count = static_cast<std::size_t>(std::count(left.begin(), left.end(), 'x'));
    EXPECT_EQ(count % 512, 0u);
    torn = count > 0 && count < 4096;
  }
  EXPECT_TRUE(torn);
}

TEST(SimulatedDisk, AFailedSyncLosesThePagesAndTheNextOneLies) {
  SimulatedDisk disk;
  auto file = create(disk, "d/f");
  ASSERT_TRUE(disk.sync_directory("d"));
  ASSERT_TRUE(file->write_at(0, "kept"));
  ASSERT_TRUE(file->sync_data());
  ASSERT_TRUE(file->write_at(4, "lost"));
  disk.fail_syncs(0, EIO);
  EXPECT_FALSE(file->sync_data());
  EXPECT_TRUE(file->sync_data());
  EXPECT_EQ(disk.contents("d/f"), "keptlost");
  disk.crash();
  EXPECT_EQ(disk.contents("d/f"), "kept");
}

TEST(SimulatedDisk, IsFullAtItsCapacity) {
  SimulatedDisk disk(10);
  auto file = create(disk, "d/f");
  EXPECT_TRUE(file->write_at(0, "0123456789"));
  const auto more = file->write_at(8, "abcd");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code.value(), ENOSPC);
  EXPECT_EQ(disk.contents("d/f"), "01234567ab");
  EXPECT_EQ(file->allocate(11).error().code.value(), ENOSPC);
  EXPECT_TRUE(file->allocate(10));
  disk.set_capacity(11);
  EXPECT_TRUE(file->allocate(11));
}

TEST(SimulatedDisk, FailsTheOperationItWasToldTo) {
  SimulatedDisk disk;
  auto file = create(disk, "d/f");
  disk.fail_operations(1, ENOMEM);
  EXPECT_TRUE(file->write_at(0, "ab"));
  EXPECT_EQ(file->write_at(2, "cd").error().code.value(), ENOMEM);
  EXPECT_EQ(disk.contents("d/f"), "abc");
  EXPECT_TRUE(file->write_at(2, "cd"));
}

TEST(SimulatedDisk, EverythingFailsOnceThePowerIsGone) {
  SimulatedDisk disk;
  auto file = create(disk, "d/f");
  disk.cut_power_at(1);
  EXPECT_TRUE(file->write_at(0, "ab"));
  EXPECT_TRUE(disk.is_powered());
  EXPECT_FALSE(file->sync_data());
  EXPECT_FALSE(disk.is_powered());
  EXPECT_FALSE(disk.sync_directory("d"));
  disk.crash();
  EXPECT_TRUE(disk.is_powered());
  EXPECT_FALSE(disk.exists("d/f"));
}

TEST(SimulatedDisk, AProcessThatIsKilledLosesOnlyItsFiles) {
  SimulatedDisk disk;
  auto file = create(disk, "d/f");
  ASSERT_TRUE(file->write_at(0, "cached"));
  disk.restart_process();
  EXPECT_FALSE(file->write_at(6, "late"));
  EXPECT_EQ(disk.contents("d/f"), "cached");
}

}  // namespace
}  // namespace iot
