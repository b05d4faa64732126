#include <benchmark/benchmark.h>

#include "model/reading_batch.h"

namespace iot::model {
namespace {

ReadingBatch make_batch(std::size_t count, std::int64_t sensors) {
  ReadingBatch batch;
  batch.device = DeviceId{3};
  for (std::size_t index = 0; index < count; ++index) {
    const auto number = static_cast<std::int64_t>(index);
    batch.add_real(SensorId{100 + number % sensors}, MappingType::double_precision,
                   Timestamp{1'526'717'967'000'000'000 + number * 1'000'000'000},
                   20.0 + 0.1 * static_cast<double>(index));
  }
  return batch;
}

void encode_batch(benchmark::State& state) {
  const auto batch = make_batch(static_cast<std::size_t>(state.range(0)), state.range(1));
  std::string bytes;
  for (auto _ : state) {
    bytes.clear();
    batch.encode(bytes);
    benchmark::DoNotOptimize(bytes.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(encode_batch)->Args({1, 1})->Args({1000, 1})->Args({1000, 47});

void decode_batch(benchmark::State& state) {
  std::string bytes;
  make_batch(static_cast<std::size_t>(state.range(0)), state.range(1)).encode(bytes);
  ReadingBatch batch;
  for (auto _ : state) {
    if (!batch.decode(bytes)) state.SkipWithError("refused");
    benchmark::DoNotOptimize(batch.size());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(decode_batch)->Args({1, 1})->Args({1000, 1})->Args({1000, 47});

}  // namespace
}  // namespace iot::model
