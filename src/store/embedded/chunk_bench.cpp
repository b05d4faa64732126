// How small chunks are, and how fast they are made and read. The sizes are counters beside each time:
//
//   zcat ../shared/data/real-series.csv.gz > /tmp/real-series.csv
//   IOT_REAL_SERIES=/tmp/real-series.csv build/release/src/store/iot_store_bench
//
// `bytes_per_reading` is everything: header, times, values.
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "store/embedded/chunk.h"

namespace iot::store {
namespace {

using Series = std::vector<Columns>;

/// What the store seals at most, or merges into.
constexpr std::size_t readings_per_chunk = 16384;

/// Cuts one sensor's readings into chunks.
void add_chunks(Columns columns, Series& chunks) {
  sort_and_merge(columns);
  for (std::size_t first = 0; first < columns.size(); first += readings_per_chunk) {
    const std::size_t end = std::min(first + readings_per_chunk, columns.size());
    const auto part = [&](const auto& from, auto& to) {
      if (!from.empty())
        to.assign(from.begin() + static_cast<std::ptrdiff_t>(first), from.begin() + static_cast<std::ptrdiff_t>(end));
    };
    Columns& chunk = chunks.emplace_back();
    chunk.mapping = columns.mapping;
    part(columns.times_ns, chunk.times_ns);
    part(columns.reals, chunk.reals);
    part(columns.integers, chunk.integers);
    part(columns.texts, chunk.texts);
  }
}

/// One reading every `period_s`, the value at each by `make`.
template <class Make>
Columns regular(std::size_t count, std::int64_t period_s, Make make) {
  Columns columns;
  for (std::size_t i = 0; i < count; ++i) {
    columns.times_ns.push_back((1'700'000'000 + static_cast<std::int64_t>(i) * period_s) * 1'000'000'000);
    columns.reals.push_back(make(i));
  }
  return columns;
}

Series real_series() {
  Series chunks;
  const char* const path = std::getenv("IOT_REAL_SERIES");
  if (path == nullptr) return chunks;
  std::ifstream file(path);
  std::map<std::string, Columns> by_name;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const auto first = line.find(',');
    const auto second = line.find(',', first + 1);
    Columns& columns = by_name[line.substr(0, first)];
    std::int64_t seconds = 0;
    double value = 0;
    std::from_chars(line.data() + first + 1, line.data() + second, seconds);
    std::from_chars(line.data() + second + 1, line.data() + line.size(), value);
    columns.times_ns.push_back(seconds * 1'000'000'000);
    columns.reals.push_back(value);
  }
  for (auto& [name, columns] : by_name) add_chunks(std::move(columns), chunks);
  return chunks;
}

Series random_walks() {
  std::mt19937_64 random(1);
  Series chunks;
  for (int walk = 0; walk < 32; ++walk) {
    std::int64_t hundredths = 2000;
    std::normal_distribution<double> step(0, 5);
    add_chunks(regular(10'000, 10,
                       [&](std::size_t) {
                         hundredths += static_cast<std::int64_t>(std::lround(step(random)));
                         return static_cast<double>(hundredths) / 100;
                       }),
               chunks);
  }
  return chunks;
}

Series noise() {
  std::mt19937_64 random(2);
  std::normal_distribution<double> values;
  Series chunks;
  add_chunks(regular(65'536, 1, [&](std::size_t) { return values(random); }), chunks);
  return chunks;
}

Series floats() {
  std::mt19937_64 random(3);
  std::normal_distribution<double> values(20, 3);
  Series chunks;
  Columns columns = regular(65'536, 1, [&](std::size_t) {
    return static_cast<double>(static_cast<float>(std::round(values(random) * 100) / 100));
  });
  columns.mapping = model::MappingType::single_precision;
  add_chunks(std::move(columns), chunks);
  return chunks;
}

Series constants() {
  Series chunks;
  add_chunks(regular(65'536, 60, [](std::size_t) { return 21.5; }), chunks);
  return chunks;
}

/// Times off by milliseconds, as real devices' are.
Series jittered_counters() {
  std::mt19937_64 random(4);
  Columns columns;
  columns.mapping = model::MappingType::long_integer;
  std::int64_t counter = 0;
  for (std::int64_t i = 0; i < 65'536; ++i) {
    columns.times_ns.push_back((1'700'000'000'000 + i * 10'000 + static_cast<std::int64_t>(random() % 100)) *
                               1'000'000);
    columns.integers.push_back(counter += static_cast<std::int64_t>(random() % 1000));
  }
  Series chunks;
  add_chunks(std::move(columns), chunks);
  return chunks;
}

Series states() {
  static constexpr std::string_view names[] = {"closed", "open", "opening", "closing",
                                               "fault: no answer from the drive"};
  std::mt19937_64 random(5);
  Columns columns;
  columns.mapping = model::MappingType::keyword;
  for (std::int64_t i = 0; i < 65'536; ++i) {
    columns.times_ns.push_back(1'700'000'000'000'000'000 + i * 1'000'000'000);
    columns.texts.push_back(names[random() % 5]);
  }
  Series chunks;
  add_chunks(std::move(columns), chunks);
  return chunks;
}

/// Short chunks: what slow sensors seal.
Series short_walks() {
  Series chunks;
  for (const Columns& walk : random_walks()) {
    for (std::size_t first = 0; first + 1000 <= walk.size(); first += 1000) {
      Columns& chunk = chunks.emplace_back();
      const auto begin = static_cast<std::ptrdiff_t>(first);
      chunk.times_ns.assign(walk.times_ns.begin() + begin, walk.times_ns.begin() + begin + 1000);
      chunk.reals.assign(walk.reals.begin() + begin, walk.reals.begin() + begin + 1000);
    }
  }
  return chunks;
}

std::size_t count_readings(const Series& chunks) {
  std::size_t count = 0;
  for (const Columns& columns : chunks) count += columns.size();
  return count;
}

void finish(benchmark::State& state, std::size_t readings) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(readings));
}

void encode(benchmark::State& state, Series (*make)(), Effort effort) {
  const Series chunks = make();
  if (chunks.empty()) return state.SkipWithError("IOT_REAL_SERIES names no file of readings");
  std::size_t bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    for (const Columns& columns : chunks) bytes += encode_chunk(columns, effort).size();
  }
  finish(state, count_readings(chunks));
  state.counters["bytes_per_reading"] = static_cast<double>(bytes) / static_cast<double>(count_readings(chunks));
}

void decode(benchmark::State& state, Series (*make)(), Effort effort) {
  const Series chunks = make();
  if (chunks.empty()) return state.SkipWithError("IOT_REAL_SERIES names no file of readings");
  std::vector<std::string> encoded;
  for (const Columns& columns : chunks) encoded.push_back(encode_chunk(columns, effort));
  Columns columns;
  for (auto _ : state) {
    for (const std::string& chunk : encoded) {
      if (!decode_chunk(chunk, columns)) state.SkipWithError("a chunk does not decode");
      benchmark::DoNotOptimize(columns.reals.data());
    }
  }
  finish(state, count_readings(chunks));
}

/// What a scan does whose caller asks for no times.
void decode_values(benchmark::State& state, Series (*make)(), Effort effort) {
  const Series chunks = make();
  if (chunks.empty()) return state.SkipWithError("IOT_REAL_SERIES names no file of readings");
  std::vector<std::string> encoded;
  for (const Columns& columns : chunks) encoded.push_back(encode_chunk(columns, effort));
  const auto reals = std::make_unique_for_overwrite<double[]>(readings_per_chunk);
  for (auto _ : state) {
    for (const std::string& chunk : encoded) {
      const auto opened = open_chunk(chunk);
      if (!opened || !decode_values(*opened, {reals.get(), opened->size()})) {
        state.SkipWithError("a chunk does not decode");
      }
      benchmark::DoNotOptimize(reals.get());
      benchmark::ClobberMemory();
    }
  }
  finish(state, count_readings(chunks));
}

#define IOT_CHUNK_BENCHMARK(series)                                 \
  BENCHMARK_CAPTURE(encode, series##_fast, series, Effort::fast);   \
  BENCHMARK_CAPTURE(encode, series##_dense, series, Effort::dense); \
  BENCHMARK_CAPTURE(decode, series##_dense, series, Effort::dense)

IOT_CHUNK_BENCHMARK(real_series);
IOT_CHUNK_BENCHMARK(random_walks);
IOT_CHUNK_BENCHMARK(short_walks);
IOT_CHUNK_BENCHMARK(constants);
IOT_CHUNK_BENCHMARK(floats);
IOT_CHUNK_BENCHMARK(noise);
IOT_CHUNK_BENCHMARK(jittered_counters);
IOT_CHUNK_BENCHMARK(states);

BENCHMARK_CAPTURE(decode_values, real_series_dense, real_series, Effort::dense);
BENCHMARK_CAPTURE(decode_values, random_walks_dense, random_walks, Effort::dense);
BENCHMARK_CAPTURE(decode_values, short_walks_dense, short_walks, Effort::dense);
BENCHMARK_CAPTURE(decode_values, floats_dense, floats, Effort::dense);
BENCHMARK_CAPTURE(decode_values, noise_dense, noise, Effort::dense);

}  // namespace
}  // namespace iot::store
