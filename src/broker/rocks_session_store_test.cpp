#include "broker/rocks_session_store.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __SANITIZE_THREAD__
/// The thread sanitizer does not see the atomics by which RocksDB's own code, built without it, keeps threads apart.
extern "C" const char* __tsan_default_suppressions() {
  return "race:librocksdb.so\nmutex:librocksdb.so\ndeadlock:librocksdb.so\n";
}
#endif

namespace iot::broker {
namespace {

struct Directory {
  std::string path;
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "session-store-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Directory() { std::filesystem::remove_all(path); }
};

struct Signal {
  std::mutex mutex;
  std::condition_variable changed;
  void tell() {
    const std::scoped_lock lock(mutex);
    changed.notify_all();
  }
  template <class Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(60), condition);
  }
};

std::map<std::string, std::string> records_of(RocksSessionStore& store) {
  std::map<std::string, std::string> records;
  EXPECT_TRUE(store.load([&](std::string_view key, std::string_view value) { records[std::string(key)] = value; }));
  return records;
}

void put(SessionStore& store, std::string_view key, std::string_view value) {
  StoreBatch batch;
  batch.put(key, value);
  store.write(batch);
}

TEST(RocksSessionStore, HasAfterReopeningWhatWasWrittenInItsOrder) {
  const Directory directory;
  Metrics metrics;
  Signal signal;
  {
    auto store = RocksSessionStore::open(directory.path, metrics, [&] { signal.tell(); }).value();
    for (int i = 0; i < 1'000; ++i) put(*store, "key", std::to_string(i));
    put(*store, "gone", "x");
    StoreBatch erasing;
    erasing.erase("gone");
    store->write(erasing);
    ASSERT_TRUE(signal.wait([&] { return store->durable() == 1'002; }));
    EXPECT_TRUE(store->healthy());
    EXPECT_EQ(store->pending_bytes(), 0u);
  }
  auto store = RocksSessionStore::open(directory.path, metrics, [] {}).value();
  EXPECT_EQ(records_of(*store), (std::map<std::string, std::string>{{"key", "999"}}));
  EXPECT_EQ(store->durable(), 0u) << "numbers begin anew";
}

TEST(RocksSessionStore, StopWritesWhatWaits) {
  const Directory directory;
  Metrics metrics;
  {
    auto store = RocksSessionStore::open(directory.path, metrics, [] {}).value();
    for (int i = 0; i < 100; ++i) put(*store, std::to_string(i), "x");
    store->stop();
    EXPECT_EQ(store->durable(), 100u);
  }
  EXPECT_EQ(RocksSessionStore::verify(directory.path).value(), 100u);
}

/// The child of the next test: writes and says through a pipe what is durable, until it is killed.
TEST(RocksSessionStore, DISABLED_WritesUntilItIsKilled) {
  const char* const path = std::getenv("IOT_TEST_STORE");
  const char* const pipe = std::getenv("IOT_TEST_PIPE");
  if (!path || !pipe) GTEST_SKIP() << "only as a child";
  Metrics metrics;
  Signal signal;
  auto store = RocksSessionStore::open(path, metrics, [&] { signal.tell(); }).value();
  for (std::uint64_t i = 1;; ++i) {
    put(*store, std::to_string(i), "x");
    if (i % 100 != 0) continue;
    ASSERT_TRUE(signal.wait([&] { return store->durable() + 200 > i; }));
    const std::uint64_t durable = store->durable();
    if (::write(std::atoi(pipe), &durable, sizeof durable) != sizeof durable) return;
  }
}

TEST(RocksSessionStore, WhatItSaidIsDurableIsThereAfterAKill) {
  const Directory directory;
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  // A program of its own: a forked one would lack RocksDB's threads.
  const std::string store_setting = "IOT_TEST_STORE=" + directory.path;
  const std::string pipe_setting = "IOT_TEST_PIPE=" + std::to_string(pipe[1]);
  const char* const arguments[] = {"test", "--gtest_filter=RocksSessionStore.DISABLED_WritesUntilItIsKilled",
                                   "--gtest_also_run_disabled_tests", "--gtest_brief=1", nullptr};
  const char* const settings[] = {store_setting.c_str(), pipe_setting.c_str(), nullptr};
  const pid_t child = ::fork();
  if (child == 0) {
    ::execve("/proc/self/exe", const_cast<char**>(arguments), const_cast<char**>(settings));
    ::_exit(1);
  }
  ::close(pipe[1]);
  std::uint64_t durable = 0;
  ssize_t got = sizeof durable;
  for (int report = 0; report < 10 && got == sizeof durable; ++report) got = ::read(pipe[0], &durable, sizeof durable);
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ::close(pipe[0]);
  ASSERT_EQ(got, static_cast<ssize_t>(sizeof durable));
  ASSERT_GT(durable, 0u);
  Metrics metrics;
  auto store = RocksSessionStore::open(directory.path, metrics, [] {}).value();
  const auto records = records_of(*store);
  EXPECT_GE(records.size(), durable);
  for (std::uint64_t i = 1; i <= records.size(); ++i) ASSERT_TRUE(records.contains(std::to_string(i))) << "a hole";
}

TEST(RocksSessionStore, ADirectoryThatCannotBeIsAnErrorThatSaysSo) {
  const Directory directory;
  const std::string file = directory.path + "/file";
  std::ofstream(file) << "x";
  Metrics metrics;
  const auto store = RocksSessionStore::open(file + "/below", metrics, [] {});
  ASSERT_FALSE(store);
  EXPECT_TRUE(is(store.error(), Errc::unavailable));
  EXPECT_FALSE(RocksSessionStore::verify(directory.path + "/nothing"));
}

}  // namespace
}  // namespace iot::broker
