// What the embedded store costs: taking readings, and giving them back. IOT_REAL_SERIES names real-series.csv.gz for
// the bytes a point.
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "model/reading_batch.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/temporary_directory.h"

namespace iot::store {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::size_t mebibyte = 1u << 20;

class Bench {
 public:
  explicit Bench(std::size_t memory_bytes_max) {
    EmbeddedStoreOptions options;
    options.memory_bytes_max = memory_bytes_max;
    store = std::move(*EmbeddedStore::open(directory.path() / "store", options, metrics, clock));
  }

  void commit(const std::string& payload) {
    const log::Record record{{++position}, payload};
    store->committed({&record, 1});
  }

  /// `count` readings of one sensor, a second apart, in arrays of 1,000: a temperature with two decimals.
  void fill(SensorId sensor, std::int64_t count) {
    std::mt19937 random(1);
    model::ReadingBatch batch;
    std::string payload;
    std::int64_t value = 2000;
    for (std::int64_t i = 0; i < count; ++i) {
      value += static_cast<std::int64_t>(random() % 5) - 2;
      batch.add_real(sensor, model::MappingType::double_precision, {i * second}, static_cast<double>(value) / 100);
      if (batch.size() < 1000 && i + 1 < count) continue;
      payload.clear();
      batch.encode(payload);
      batch.clear();
      commit(payload);
    }
  }

  TemporaryDirectory directory;
  Metrics metrics;
  ManualClock clock;
  std::unique_ptr<EmbeddedStore> store;
  std::uint64_t position = 0;
};

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  std::size_t resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Arrays of range(0) readings over range(1) sensors in turn; times as they come.
void insert(benchmark::State& state) {
  Bench bench(512 * mebibyte);
  const std::int64_t readings = state.range(0);
  std::vector<std::string> payloads;
  model::ReadingBatch batch;
  std::mt19937 random(1);
  std::int64_t time = 0;
  // Enough of them that memory is met as in life, few enough to be made before.
  for (std::int64_t made = 0; made < 2'000'000; made += readings) {
    batch.clear();
    for (std::int64_t i = 0; i < readings; ++i, ++time) {
      batch.add_real({1 + time % state.range(1)}, model::MappingType::double_precision, {time * 1'000'000},
                     static_cast<double>(random() % 10'000) / 100);
    }
    payloads.emplace_back();
    batch.encode(payloads.back());
  }
  std::size_t at = 0;
  for (auto _ : state) {
    bench.commit(payloads[at]);
    if (++at == payloads.size()) at = 0;
  }
  state.SetItemsProcessed(state.iterations() * readings);
}
BENCHMARK(insert)->Args({1000, 1})->Args({1000, 10})->Args({1000, 1000})->Args({1, 1})->Args({1, 1000});

/// The log's cost of a batch that is not the store's: decoding alone.
void decode_alone(benchmark::State& state) {
  model::ReadingBatch batch;
  for (std::int64_t i = 0; i < 1000; ++i) {
    batch.add_real({1 + i % state.range(0)}, model::MappingType::double_precision, {i * 1'000'000},
                   static_cast<double>(i * 7919 % 10'000) / 100);
  }
  std::string payload;
  batch.encode(payload);
  for (auto _ : state) benchmark::DoNotOptimize(batch.decode(payload).has_value());
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(decode_alone)->Arg(1)->Arg(1000);

void last_100(benchmark::State& state) {
  Bench bench(256 * mebibyte);
  bench.fill({1}, 1'000'000);
  const bool flushed = state.range(0) != 0;
  if (flushed) (void)bench.store->compact().has_value();
  for (auto _ : state) {
    auto cursor = *bench.store->scan({1}, {}, Direction::descending);
    std::size_t seen = 0;
    while (seen < 100 && *cursor->next()) seen += cursor->block()->size();
    benchmark::DoNotOptimize(seen);
  }
}
BENCHMARK(last_100)->ArgName("on_disk")->Arg(0)->Arg(1);

void full_scan(benchmark::State& state) {
  Bench bench(256 * mebibyte);
  constexpr std::int64_t count = 1'000'000;
  bench.fill({1}, count);
  (void)bench.store->compact().has_value();
  for (auto _ : state) {
    auto cursor = *bench.store->scan({1}, {}, Direction::ascending);
    double sum = 0;
    while (*cursor->next()) {
      if (state.range(0) != 0) {
        sum += cursor->summary()->numbers->sum;
      } else {
        for (const double value : cursor->block()->reals) sum += value;
      }
    }
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(full_scan)->ArgName("by_summary")->Arg(0)->Arg(1);

void info(benchmark::State& state) {
  Bench bench(256 * mebibyte);
  for (std::int64_t sensor = 1; sensor <= 100; ++sensor) bench.fill({sensor}, 1000);
  (void)bench.store->flush().has_value();
  std::int64_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize(bench.store->info({1 + at++ % 100})->count_max);
}
BENCHMARK(info);

void open_empty(benchmark::State& state) {
  for (auto _ : state) {
    TemporaryDirectory directory;
    Metrics metrics;
    ManualClock clock;
    benchmark::DoNotOptimize(EmbeddedStore::open(directory.path() / "store", {}, metrics, clock).has_value());
  }
}
BENCHMARK(open_empty)->Unit(benchmark::kMillisecond);

/// The newest reading of each of range(0) sensors, asked for 1,000 at a time. Where: 0 in memory, 1 on disk in a chunk
/// each, 2 in both.
void latest(benchmark::State& state) {
  Bench bench(1024 * mebibyte);
  const std::int64_t sensors = state.range(0);
  const auto add_round = [&](std::int64_t time_ns) {
    model::ReadingBatch batch;
    std::string payload;
    for (std::int64_t sensor = 1; sensor <= sensors; ++sensor) {
      batch.add_real({sensor}, model::MappingType::double_precision, {time_ns}, static_cast<double>(sensor));
      if (batch.size() < 1000 && sensor < sensors) continue;
      payload.clear();
      batch.encode(payload);
      batch.clear();
      bench.commit(payload);
    }
  };
  add_round(second);
  if (state.range(1) > 0) (void)bench.store->compact().has_value();
  if (state.range(1) > 1) add_round(2 * second);
  std::vector<SensorId> page(1000);
  const std::size_t before = resident_bytes();
  for (auto _ : state) {
    double sum = 0;
    for (std::int64_t first = 1; first <= sensors; first += 1000) {
      for (std::int64_t i = 0; i < 1000; ++i) page[static_cast<std::size_t>(i)] = {first + i};
      const auto found = bench.store->latest(page);
      for (const auto& reading : *found) sum += std::get<double>(reading->value);
    }
    benchmark::DoNotOptimize(sum);
  }
  state.counters["more_MiB"] = (static_cast<double>(resident_bytes()) - static_cast<double>(before)) / mebibyte;
  state.SetItemsProcessed(state.iterations() * sensors);
}
BENCHMARK(latest)
    ->ArgNames({"sensors", "where"})
    ->Args({1000, 0})
    ->Args({1000, 1})
    ->ArgsProduct({{1'000'000}, {0, 1, 2}})
    ->Unit(benchmark::kMillisecond);

/// 1,000,000 sensors with three readings each, 100 sensors a batch.
void million_sensors(benchmark::State& state) {
  for (auto _ : state) {
    const std::size_t before = resident_bytes();
    Bench bench(1024 * mebibyte);
    const std::size_t empty = resident_bytes();
    model::ReadingBatch batch;
    std::string payload;
    for (std::int64_t round = 0; round < 3; ++round) {
      for (std::int64_t sensor = 1; sensor <= 1'000'000; ++sensor) {
        batch.add_real({sensor}, model::MappingType::double_precision, {round * second}, static_cast<double>(sensor));
        if (batch.size() < 100) continue;
        payload.clear();
        batch.encode(payload);
        batch.clear();
        bench.commit(payload);
      }
    }
    state.counters["empty_MiB"] = static_cast<double>(empty - before) / mebibyte;
    state.counters["heads_MiB"] = static_cast<double>(resident_bytes() - before) / mebibyte;
    const auto began = std::chrono::steady_clock::now();
    (void)bench.store->flush().has_value();
    state.counters["flush_s"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    state.counters["flushed_MiB"] = static_cast<double>(resident_bytes() - before) / mebibyte;
    state.counters["disk_MiB"] = static_cast<double>(bench.store->disk_bytes()) / mebibyte;
    (void)bench.store->compact().has_value();
    state.counters["compacted_MiB"] = static_cast<double>(bench.store->disk_bytes()) / mebibyte;
  }
}
BENCHMARK(million_sensors)->Iterations(1)->Unit(benchmark::kSecond);

void real_series(benchmark::State& state) {
  const char* path = std::getenv("IOT_REAL_SERIES");
  if (!path) return state.SkipWithError("IOT_REAL_SERIES does not name real-series.csv.gz");
  for (auto _ : state) {
    Bench bench(256 * mebibyte);
    std::map<std::string, std::int64_t> sensors;
    std::FILE* lines = ::popen(("zcat '" + std::string(path) + "'").c_str(), "r");
    char series[256];
    long long time_s = 0;
    double value = 0;
    std::int64_t points = 0;
    model::ReadingBatch batch;
    std::string payload;
    const auto commit = [&] {
      payload.clear();
      batch.encode(payload);
      batch.clear();
      bench.commit(payload);
    };
    if (std::fscanf(lines, "%*[^\n]") < 0) return state.SkipWithError("no lines");
    while (std::fscanf(lines, " %255[^,],%lld,%lf", series, &time_s, &value) == 3) {
      const std::int64_t sensor =
          sensors.try_emplace(series, static_cast<std::int64_t>(sensors.size()) + 1).first->second;
      batch.add_real({sensor}, model::MappingType::double_precision, {time_s * second}, value);
      ++points;
      if (batch.size() == 1000) commit();
    }
    ::pclose(lines);
    commit();
    (void)bench.store->flush().has_value();
    state.counters["points"] = static_cast<double>(points);
    state.counters["sealed_B"] = static_cast<double>(bench.store->disk_bytes()) / static_cast<double>(points);
    (void)bench.store->compact().has_value();
    state.counters["compacted_B"] = static_cast<double>(bench.store->disk_bytes()) / static_cast<double>(points);
    (void)bench.store->close().has_value();
    for (const auto& file : std::filesystem::directory_iterator(bench.directory.path() / "store")) {
      if (std::getenv("IOT_BENCH_FILES")) std::printf("%s %zu\n", file.path().filename().c_str(), file.file_size());
    }
  }
}
BENCHMARK(real_series)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace iot::store
