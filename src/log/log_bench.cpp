// CPU time of an append, from the caller's call to the call of its waiter: 64 sessions that each wait for their last
// reading before they send the next, as the gateway's do. And of a start with a long log.
#include <atomic>
#include <filesystem>
#include <thread>

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "log/embedded/embedded_log.h"

namespace iot::log {
namespace {

double cpu_seconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// A directory that is gone afterwards. IOT_BENCH_DIR says on which disk.
struct Directory {
  Directory() {
    const char* parent = std::getenv("IOT_BENCH_DIR");  // NOLINT(concurrency-mt-unsafe)
    path = std::string(parent != nullptr ? parent : ".") + "/log_bench";
    std::filesystem::remove_all(path);
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::string path;
};

struct DecodingSink final : CommitSink {
  void committed(std::span<const Record> records) noexcept override {
    for (const Record& record : records) {
      if (batch.decode(record.payload)) readings += batch.size();
    }
  }
  model::ReadingBatch batch;
  std::uint64_t readings = 0;
};

model::ReadingBatch make_batch(std::int64_t count) {
  model::ReadingBatch batch;
  batch.device = DeviceId{3};
  for (std::int64_t index = 0; index < count; ++index) {
    batch.add_real(SensorId{4}, model::MappingType::double_precision,
                   Timestamp{1'526'717'967'000'000'000 + index * 1'000'000'000}, 21.5);
  }
  return batch;
}

struct Session final : AppendWaiter {
  void appended(const Result<Position>& outcome) noexcept override {
    if (!outcome) std::abort();
    is_ready.store(true, std::memory_order_relaxed);
  }
  std::atomic<bool> is_ready = true;
};

/// One thread serves all sessions and sleeps while none is ready, as an event loop does.
void append(benchmark::State& state) {
  Directory directory;
  Metrics metrics;
  DecodingSink sink;
  std::atomic<std::uint32_t> groups = 0;
  EmbeddedLogOptions options;
  options.on_group_end = [&] {
    ++groups;
    groups.notify_one();
  };
  auto log = EmbeddedLog::open(posix_file_system(), directory.path, options, metrics, {}, sink);
  if (!log) return state.SkipWithError(log.error().message.c_str());
  const auto batch = make_batch(state.range(0));
  std::vector<Session> sessions(static_cast<std::size_t>(state.range(1)));
  std::uint64_t appended = 0;
  const double cpu_before = cpu_seconds();
  for (auto _ : state) {
    const std::uint32_t seen = groups.load();
    for (Session& session : sessions) {
      if (!session.is_ready.exchange(false, std::memory_order_relaxed)) continue;
      if (!(*log)->append(batch, session)) std::abort();
      ++appended;
    }
    groups.wait(seen);
  }
  (*log)->stop();
  const auto readings = static_cast<double>(appended) * static_cast<double>(state.range(0));
  state.counters["cpu_ns_per_reading"] = 1e9 * (cpu_seconds() - cpu_before) / readings;
  state.counters["records_per_group"] = static_cast<double>(appended) / static_cast<double>(groups.load());
  state.counters["readings_per_s"] = benchmark::Counter(readings, benchmark::Counter::kIsRate);
}
BENCHMARK(append)->Args({1, 1})->Args({1, 64})->Args({1, 1024})->Args({1000, 8})->UseRealTime();

void start_with_a_million_records(benchmark::State& state) {
  Directory directory;
  Metrics metrics;
  DecodingSink sink;
  {
    auto log = EmbeddedLog::open(posix_file_system(), directory.path, {}, metrics, {}, sink);
    if (!log) return state.SkipWithError(log.error().message.c_str());
    const auto batch = make_batch(1);
    std::vector<Session> sessions(1'000'000);
    for (std::size_t index = 0; index < sessions.size(); ++index) {
      sessions[index].is_ready = false;
      if (!(*log)->append(batch, sessions[index])) std::abort();
      // Groups of about as many as a busy gateway makes.
      if (index % 1'000 == 999) {
        while (!sessions[index].is_ready) std::this_thread::yield();
      }
    }
    (*log)->stop();
  }
  double cpu_s = 0;
  for (auto _ : state) {
    const double before = cpu_seconds();
    auto log = EmbeddedLog::open(posix_file_system(), directory.path, {}, metrics, {}, sink);
    if (!log || (*log)->replayed_records() != 1'000'000) state.SkipWithError("not all records were replayed");
    cpu_s += cpu_seconds() - before;
  }
  state.counters["cpu_s"] = cpu_s / static_cast<double>(state.iterations());
}
BENCHMARK(start_with_a_million_records)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace iot::log
