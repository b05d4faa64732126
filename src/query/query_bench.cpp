// How long the query module itself takes: the store is in memory and gives runs of 4,096 readings.
#include <cmath>

#include <benchmark/benchmark.h>

#include "query/testing/query_world.h"

namespace iot::query {
namespace {

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;

void fill(QueryWorld& world, std::int64_t sensors, std::int64_t readings, std::int64_t step_ns) {
  for (std::int64_t sensor = 1; sensor <= sensors; ++sensor) {
    world.add_sensor(1, sensor, model::MappingType::double_precision);
    for (std::int64_t i = 0; i < readings; ++i) {
      world.add(sensor, start_ns + i * step_ns,
                std::round(1000 * std::sin(static_cast<double>(i + sensor) / 50)) / 100);
    }
  }
  world.store.seal();
}

QueryWorld& one_series() {
  static QueryWorld* world = [] {
    auto* made = new QueryWorld;
    fill(*made, 1, 22'695, 300'000'000'000);
    return made;
  }();
  return *world;
}

QueryWorld& many_series() {
  static QueryWorld* world = [] {
    auto* made = new QueryWorld;
    fill(*made, 1'000, 10'000, 10'000'000'000);
    return made;
  }();
  return *world;
}

void run(benchmark::State& state, QueryWorld& world, std::string_view path, std::string_view body,
         std::int64_t readings) {
  for (auto _ : state) {
    const EsAnswer answer = world.ask("POST", path, body);
    if (answer.status != 200) state.SkipWithError(answer.body.c_str());
    benchmark::DoNotOptimize(answer.body.data());
  }
  state.SetItemsProcessed(state.iterations() * readings);
}

void last_100(benchmark::State& state) {
  run(state, one_series(), "/1_1/_search", R"({"size":100,"sort":[{"timestamp":"desc"}]})", 100);
}
BENCHMARK(last_100);

void hourly_means(benchmark::State& state) {
  run(state, one_series(), "/1_1/_search",
      R"({"size":0,"aggs":{"h":{"date_histogram":{"field":"timestamp","fixed_interval":"1h"},"aggs":{"m":{"avg":{"field":"value"}}}}}})",
      22'695);
}
BENCHMARK(hourly_means);

void daily_means_of_1000_sensors(benchmark::State& state) {
  run(state, many_series(), "/_search",
      R"({"size":0,"aggs":{"s":{"terms":{"field":"sensor_id","size":1000},"aggs":{"d":{"date_histogram":{"field":"timestamp","fixed_interval":"1d"},"aggs":{"m":{"avg":{"field":"value"}}}}}}}})",
      10'000'000);
}
BENCHMARK(daily_means_of_1000_sensors)->Unit(benchmark::kMillisecond);

void filtered_count_of_1000_sensors(benchmark::State& state) {
  run(state, many_series(), "/_count", R"({"query":{"range":{"value":{"gt":2.5,"lte":7}}}})", 10'000'000);
}
BENCHMARK(filtered_count_of_1000_sensors)->Unit(benchmark::kMillisecond);

void newest_100_of_1000_sensors(benchmark::State& state) {
  run(state, many_series(), "/_search", R"({"size":100,"sort":[{"timestamp":"desc"}],"track_total_hits":false})", 100);
}
BENCHMARK(newest_100_of_1000_sensors);

/// As a table of last values asks for it.
void newest_of_each_of_1000_sensors(benchmark::State& state) {
  run(state, many_series(), "/_search",
      R"({"size":0,"aggs":{"s":{"terms":{"field":"sensor_id","size":1000},"aggs":{"n":{"top_hits":{"size":1,"sort":[{"timestamp":"desc"}]}}}}}})",
      1'000);
}
BENCHMARK(newest_of_each_of_1000_sensors)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace iot::query
