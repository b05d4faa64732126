// How fast messages become batches. Readings per second of one core: items_per_second.
#include <benchmark/benchmark.h>

#include "ingest/ingestor.h"
#include "ingest/testing/sample_snapshot.h"

namespace iot::ingest {
namespace {

using testing::PaddedText;

std::string message(int readings, int sensors, bool numbers) {
  std::string text = "[";
  for (int i = 0; i < readings; ++i) {
    if (i > 0) text += ',';
    text += "{\"sensor_id\":\"" + std::to_string(4 + i % sensors) +
            "\",\"timestamp\":" + std::to_string(1526717967 + i) + ",\"value\":" +
            (numbers ? std::to_string(20 + i % 7) + "." + std::to_string(i % 100)
                     : "\"" + std::to_string(91827364 + i) + "\"") +
            "}";
  }
  return text + "]";
}

void decode(benchmark::State& state, bool numbers, int sensors) {
  const auto readings = static_cast<int>(state.range(0));
  const PaddedText text(message(readings, sensors, numbers));
  const registry::Snapshot snapshot = testing::sample_snapshot();
  Decoder decoder({});
  model::ReadingBatch batch;
  for (auto _ : state) {
    const auto faults = decoder.decode(text, testing::device, snapshot, {}, batch);
    if (!faults.empty()) state.SkipWithError(faults[0].message.c_str());
    benchmark::DoNotOptimize(batch.size());
  }
  state.SetItemsProcessed(state.iterations() * readings);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(std::string_view(text).size()));
}

void decode_numeric_strings(benchmark::State& state) {
  decode(state, false, 1);
}
void decode_decimals(benchmark::State& state) {
  decode(state, true, 2);
}

BENCHMARK(decode_numeric_strings)->Arg(1)->Arg(1000);
BENCHMARK(decode_decimals)->Arg(1)->Arg(1000);

}  // namespace
}  // namespace iot::ingest
