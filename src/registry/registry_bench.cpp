// What creating sensors costs: one at a time by many clients, by the thousand, and with many there already.
//
//   iot_registry_bench [--benchmark_filter=...]; TMPDIR chooses the disk.
#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

struct Bench {
  Bench() { open(); }

  void open() {
    registry.reset();
    RegistryOptions options;
    options.database = directory.path() / "registry.db";
    registry = std::move(SqlRegistry::open(options, system_clock()).value());
    client = std::make_unique<RegistryClient>(*registry);
  }

  void fill(DeviceId device, std::size_t sensors) {
    for (std::size_t made = 0; made < sensors; made += 1'000) {
      client->create_sensors(RegistryClient::new_sensors(device, std::min<std::size_t>(1'000, sensors - made))).value();
    }
  }

  TemporaryDirectory directory;
  std::unique_ptr<SqlRegistry> registry;
  std::unique_ptr<RegistryClient> client;
};

/// One client, one sensor at a time, on devices that have few, many and very many: must not depend on it. They take
/// turns, so that whatever else the disk has to do meets all alike; the counters are medians in microseconds.
void create_one(benchmark::State& state) {
  constexpr std::array<std::size_t, 3> sensors = {100, 100'000, 900'000};
  std::array<Bench, 3> benches;
  std::array<DeviceId, 3> devices;
  std::array<std::vector<double>, 3> times_us;
  for (std::size_t i = 0; i < sensors.size(); ++i) {
    devices[i] = benches[i].client->device();
    benches[i].fill(devices[i], sensors[i]);
  }
  for (auto _ : state) {
    for (std::size_t i = 0; i < sensors.size(); ++i) {
      const auto start = std::chrono::steady_clock::now();
      benches[i].client->create_sensors({RegistryClient::new_sensor(devices[i])}).value();
      times_us[i].push_back(
          std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    }
  }
  for (std::size_t i = 0; i < sensors.size(); ++i) {
    auto& times = times_us[i];
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    state.counters["us_at_" + std::to_string(sensors[i])] = *middle;
  }
}
BENCHMARK(create_one)->UseRealTime()->Iterations(3'000);

/// `range` clients, each of which waits for its answer before it sends the next.
void create_one_by_clients(benchmark::State& state) {
  Bench bench;
  const auto device = bench.client->device();
  constexpr int each = 500;
  for (auto _ : state) {
    std::vector<std::thread> clients;
    for (int i = 0; i < state.range(0); ++i) {
      clients.emplace_back([&] {
        RegistryClient client(*bench.registry);
        for (int n = 0; n < each; ++n) client.create_sensors({RegistryClient::new_sensor(device)}).value();
      });
    }
    for (auto& client : clients) client.join();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * each);
  const auto stats = bench.registry->stats();
  state.counters["writes_per_commit"] = static_cast<double>(stats.writes) / static_cast<double>(stats.groups);
}
BENCHMARK(create_one_by_clients)->Arg(1)->Arg(16)->UseRealTime()->MeasureProcessCPUTime()->Iterations(3);

/// Arrays of `range` sensors, one after the other.
void create_arrays(benchmark::State& state) {
  Bench bench;
  const auto device = bench.client->device();
  const auto count = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) bench.client->create_sensors(RegistryClient::new_sensors(device, count)).value();
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(create_arrays)->Arg(1'000)->UseRealTime()->MeasureProcessCPUTime()->Iterations(300);

/// What the process has in memory, without what the allocator could give back.
double resident_mib() {
  ::malloc_trim(0);
  std::ifstream statm("/proc/self/statm");
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024 * 1024);
}

/// Opening a database with `range` sensors, and what it holds in memory then.
void open_registry(benchmark::State& state) {
  Bench bench;
  for (std::int64_t made = 0; made < state.range(0); made += 100'000) bench.fill(bench.client->device(), 100'000);
  bench.client.reset();
  bench.registry.reset();
  const double before_mib = resident_mib();
  for (auto _ : state) bench.open();
  state.counters["resident_mib"] = resident_mib() - before_mib;
}
BENCHMARK(open_registry)
    ->Arg(0)
    ->Arg(1'000'000)
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Iterations(3)
    ->Unit(benchmark::kMillisecond);

/// Removing a device with `range` sensors: must grow as they do, not faster.
void delete_device(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    Bench bench;
    const auto device = bench.client->device();
    bench.fill(device, static_cast<std::size_t>(state.range(0)));
    state.ResumeTiming();
    bench.client->delete_device(device).value();
    state.PauseTiming();
    bench.registry.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(delete_device)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->UseRealTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

/// A page of a hundred from the middle of 100,000.
void list_page(benchmark::State& state) {
  Bench bench;
  const auto device = bench.client->device();
  bench.fill(device, 100'000);
  const Page page{.limit = 100, .after = 50'000, .name = {}};
  for (auto _ : state) benchmark::DoNotOptimize(bench.registry->sensors(device, page).value());
}
BENCHMARK(list_page)->Unit(benchmark::kMicrosecond);

/// What a gateway pays for each request.
void take_snapshot(benchmark::State& state) {
  static Bench bench;
  for (auto _ : state) benchmark::DoNotOptimize(bench.registry->snapshot());
}
BENCHMARK(take_snapshot)->ThreadRange(1, 2);

}  // namespace
}  // namespace iot::registry
