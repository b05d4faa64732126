// kill -9 at random moments: a child writes a log and the store until it kills itself; then every reading in the log is
// in the store, once.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "store/embedded/store_world.h"

namespace iot::store {
namespace {

EmbeddedStoreOptions options() {
  EmbeddedStoreOptions options;
  options.memory_bytes_max = 16u << 20;
  options.readings_per_chunk = 64;
  options.readings_per_merged_chunk = 256;
  options.maintenance_interval = std::chrono::milliseconds(1);
  options.unapplied_bytes_max = 50'000;
  return options;
}

/// With rollups: a record every two seconds, readings up to ten seconds late, of which what is older than ten minutes
/// becomes minutes.
constexpr std::int64_t record_ns = 2'000'000'000;
const model::Retention with_rollups{std::chrono::minutes(10), {model::forever, {}, {}}};

void go_to_record(EmbeddedStore& store, ManualClock& clock, std::uint64_t position) {
  clock.set({static_cast<std::int64_t>(position + 10) * record_ns});
  store.set_retention_policy([](SensorId) { return with_rollups; });
}

std::vector<std::string> read_log(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  std::vector<std::string> payloads;
  for (ByteReader reader(bytes); reader.remaining() >= 4;) {
    const auto payload = reader.bytes(reader.fixed<std::uint32_t>());
    if (!reader.ok()) break;  // cut short by the kill: never committed
    payloads.emplace_back(payload);
  }
  return payloads;
}

/// Opens the store and brings to it what it does not have.
std::unique_ptr<EmbeddedStore> open_and_replay(const std::filesystem::path& directory, Metrics& metrics,
                                               const Clock& clock, const std::vector<std::string>& payloads) {
  auto store = EmbeddedStore::open(directory / "store", options(), metrics, clock);
  if (!store) {
    ADD_FAILURE() << store.error().message;
    return nullptr;
  }
  for (std::size_t i = (*store)->applied().value; i < payloads.size(); ++i) {
    const log::Record record{{i + 1}, payloads[i]};
    (*store)->committed({&record, 1});
  }
  return std::move(*store);
}

/// The child's life; ends with the kill.
[[noreturn]] void write_until_killed(const std::filesystem::path& directory, std::uint32_t seed, bool rolls_up) {
  std::mt19937 random(seed);
  Metrics metrics;
  ManualClock clock;
  auto payloads = read_log(directory / "log");
  // What was cut short goes, as a real log does it.
  std::ofstream(directory / "log.whole", std::ios::binary) << [&] {
    std::string whole;
    for (const auto& payload : payloads) {
      put_fixed(whole, static_cast<std::uint32_t>(payload.size()));
      whole += payload;
    }
    return whole;
  }();
  std::filesystem::rename(directory / "log.whole", directory / "log");
  auto store = open_and_replay(directory, metrics, clock, payloads);
  if (!store) std::_Exit(3);
  const int log = ::open((directory / "log").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  // Some records after the start, and then at any moment of what goes on in the background too.
  std::atomic<std::uint64_t> written = 0;
  std::thread([&written, records = random() % 500, after = std::chrono::microseconds(random() % 10'000)] {
    while (written < records) std::this_thread::yield();
    const auto until = std::chrono::steady_clock::now() + after;
    while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
    ::kill(::getpid(), SIGKILL);
  }).detach();

  model::ReadingBatch batch;
  std::uint64_t position = payloads.size();
  if (rolls_up) go_to_record(*store, clock, position);
  while (true) {
    batch.clear();
    if (rolls_up) clock.set({static_cast<std::int64_t>(position + 10) * record_ns});
    const std::int64_t unit_ns = rolls_up ? record_ns / 1000 : 1;
    for (std::uint32_t i = 1 + random() % 40; i > 0; --i) {
      const SensorId sensor{static_cast<std::int64_t>(random() % 12)};
      batch.add_integer(sensor, model::MappingType::long_integer,
                        {static_cast<std::int64_t>(position * 1000 + random() % 5000) * unit_ns},
                        static_cast<std::int64_t>(random() % 3));
    }
    std::string payload;
    batch.encode(payload);
    std::string framed;
    put_fixed(framed, static_cast<std::uint32_t>(payload.size()));
    framed += payload;
    if (::write(log, framed.data(), framed.size()) != static_cast<ssize_t>(framed.size())) std::_Exit(4);
    const log::Record record{{++position}, payload};
    store->committed({&record, 1});
    ++written;
    if (random() % 100 == 0 && !store->flush()) std::_Exit(5);
    if (random() % 400 == 0 && !store->compact()) std::_Exit(6);
  }
}

/// Run by the test below in a process of its own: forking a process with threads is not safe.
TEST(StoreCrashTest, DISABLED_ChildWrites) {
  const char* directory = std::getenv("IOT_CRASH_DIRECTORY");
  const char* seed = std::getenv("IOT_CRASH_SEED");
  if (!directory || !seed) GTEST_SKIP() << "not a test of its own";
  write_until_killed(directory, static_cast<std::uint32_t>(std::strtoul(seed, nullptr, 10)),
                     std::getenv("IOT_CRASH_ROLLS_UP") != nullptr);
}

int run_child(const std::filesystem::path& directory, std::uint32_t seed, bool rolls_up = false) {
  const std::string directory_text = "IOT_CRASH_DIRECTORY=" + directory.string();
  const std::string seed_text = "IOT_CRASH_SEED=" + std::to_string(seed);
  const char* arguments[] = {"child", "--gtest_also_run_disabled_tests",
                             "--gtest_filter=StoreCrashTest.DISABLED_ChildWrites", "--gtest_brief=1", nullptr};
  const char* environment[] = {directory_text.c_str(), seed_text.c_str(), rolls_up ? "IOT_CRASH_ROLLS_UP=1" : nullptr,
                               nullptr};
  const pid_t child = ::fork();
  if (child == 0) {
    ::execve("/proc/self/exe", const_cast<char**>(arguments), const_cast<char**>(environment));
    ::_exit(2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(StoreCrashTest, EveryReadingIsThereOnceAfterAKillAtAnyMoment) {
  const TemporaryDirectory directory;
  const std::uint32_t first_seed = std::random_device{}();
  std::uint64_t applied = 0;
  for (std::uint32_t round = 0; round < 20; ++round) {
    SCOPED_TRACE("seed " + std::to_string(first_seed + round) + ", round " + std::to_string(round));
    const int status = run_child(directory.path(), first_seed + round);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "status " << status;

    const auto payloads = read_log(directory.path() / "log");
    std::map<std::int64_t, std::set<std::pair<std::int64_t, std::int64_t>>> wanted;
    model::ReadingBatch batch;
    for (const auto& payload : payloads) {
      ASSERT_TRUE(batch.decode(payload));
      for (std::size_t i = 0; i < batch.size(); ++i) {
        wanted[batch.sensor(i).value].insert({batch.time(i).ns, batch.integer(i)});
      }
    }
    Metrics metrics;
    ManualClock clock;
    const auto store = open_and_replay(directory.path(), metrics, clock, payloads);
    ASSERT_TRUE(store);
    ASSERT_LE(store->applied().value, payloads.size());
    ASSERT_GE(store->applied().value, applied) << "what was applied stays applied";
    applied = store->applied().value;
    for (const auto& [sensor, readings] : wanted) {
      auto cursor = store->scan({sensor}, {}, Direction::ascending);
      ASSERT_TRUE(cursor);
      Readings expected;
      for (const auto& [time, value] : readings) expected.push_back({time, value, {}});
      ASSERT_TRUE(read_all(**cursor, Direction::ascending) == expected) << "sensor " << sensor;
    }
  }
  EXPECT_GT(applied, 0u) << "the rounds should have got as far as a flush";
}

TEST(StoreCrashTest, EveryReadingIsCountedOnceAfterAKillWhileReadingsAreRolledUp) {
  const TemporaryDirectory directory;
  const std::uint32_t first_seed = std::random_device{}();
  std::uint64_t periods = 0;
  for (std::uint32_t round = 0; round < 20; ++round) {
    SCOPED_TRACE("seed " + std::to_string(first_seed + round) + ", round " + std::to_string(round));
    const int status = run_child(directory.path(), first_seed + round, true);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "status " << status;

    const auto payloads = read_log(directory.path() / "log");
    std::map<std::int64_t, std::set<std::pair<std::int64_t, std::int64_t>>> wanted;
    model::ReadingBatch batch;
    for (const auto& payload : payloads) {
      ASSERT_TRUE(batch.decode(payload));
      for (std::size_t i = 0; i < batch.size(); ++i) {
        wanted[batch.sensor(i).value].insert({batch.time(i).ns, batch.integer(i)});
      }
    }
    Metrics metrics;
    ManualClock clock;
    const auto store = open_and_replay(directory.path(), metrics, clock, payloads);
    ASSERT_TRUE(store);
    for (const auto& [sensor, readings] : wanted) {
      const auto cursor = std::move(store->scan({sensor}, {}, Direction::ascending)).value();
      std::uint64_t count = 0;
      std::int64_t sum = 0;
      while (cursor->next().value()) {
        if (cursor->rolled_up()) {
          const auto summary = cursor->summary();
          count += summary->count;
          sum += *summary->integers->sum;
          periods += cursor->parts()->size();
        } else {
          const Block block = cursor->block().value();
          count += block.size();
          for (const std::int64_t value : block.integers) sum += value;
        }
      }
      std::int64_t wanted_sum = 0;
      for (const auto& [time, value] : readings) wanted_sum += value;
      ASSERT_EQ(count, readings.size()) << "sensor " << sensor;
      ASSERT_EQ(sum, wanted_sum) << "sensor " << sensor;
    }
  }
  EXPECT_GT(periods, 0u) << "the rounds should have got as far as rolling up";
}

}  // namespace
}  // namespace iot::store
