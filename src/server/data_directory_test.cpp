#include "server/data_directory.h"

#include <csignal>
#include <cstdio>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/settings.h"

namespace iot::server {
namespace {

class DataDirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "data_directory_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::filesystem::path root_;
};

TEST_F(DataDirectoryTest, IsMadeForItsOwnerAlone) {
  const auto directory = DataDirectory::open(root_ / "a" / "b");
  ASSERT_TRUE(directory) << directory.error().message;
  struct stat status {};
  ASSERT_EQ(::stat((root_ / "a" / "b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0700u);
}

TEST_F(DataDirectoryTest, RefusesASecondProcessAndNamesTheFirst) {
  const auto first = DataDirectory::open(root_);
  ASSERT_TRUE(first);
  const auto second = DataDirectory::open(root_);
  ASSERT_FALSE(second);
  EXPECT_TRUE(is(second.error(), Errc::directory_in_use));
  EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos);
}

TEST_F(DataDirectoryTest, IsFreeAgainAfterItsProcessWasKilled) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = DataDirectory::open(root_);
    (void)!::write(ready[1], held ? "y" : "n", 1);
    ::pause();
    ::_exit(0);
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_FALSE(DataDirectory::open(root_));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(DataDirectory::open(root_));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(DataDirectoryTest, APathThatIsAFileIsRefused) {
  {
    const auto file = root_ / "file";
    std::fclose(std::fopen(file.c_str(), "w"));
  }
  const auto directory = DataDirectory::open(root_ / "file");
  ASSERT_FALSE(directory);
  EXPECT_TRUE(is(directory.error(), Errc::directory_invalid));
}

}  // namespace
}  // namespace iot::server
