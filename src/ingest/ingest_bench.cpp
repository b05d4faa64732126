// How fast messages become batches. Readings per second of one core: items_per_second.
#include <benchmark/benchmark.h>

#include "ingest/bulk.h"
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

/// The lines of a _bulk request with documents of the wire contract, or with what a shipper adds.
std::string bulk_lines(int readings, int sensors, bool shipped) {
  std::string text;
  for (int i = 0; i < readings; ++i) {
    const std::string sensor = std::to_string(4 + i % sensors);
    text += "{\"index\":{\"_index\":\"3_" + sensor + "\"}}\n{\"timestamp\":" + std::to_string(1526717967 + i) +
            (shipped ? ",\"@version\":\"1\",\"host\":{\"name\":\"gateway-7\"},\"tags\":[\"plant\"]" : "") +
            ",\"value\":" + std::to_string(20 + i % 7) + "." + std::to_string(i % 100) + "}\n";
  }
  return text;
}

void decode_bulk(benchmark::State& state, int sensors, bool shipped) {
  const auto readings = static_cast<int>(state.range(0));
  const PaddedText text(bulk_lines(readings, sensors, shipped));
  const registry::Snapshot snapshot = testing::sample_snapshot();
  const WriteRights rights = WriteRights::of_device(testing::device);
  BulkDecoder decoder({});
  BulkRequest request;
  for (auto _ : state) {
    const auto refused = decoder.decode(text, {"", rights, snapshot, {}}, request);
    if (refused || !request.faults.empty()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(request.items.size());
  }
  state.SetItemsProcessed(state.iterations() * readings);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(std::string_view(text).size()));
}

void decode_bulk_of_one_sensor(benchmark::State& state) {
  decode_bulk(state, 1, false);
}
void decode_bulk_of_two_sensors(benchmark::State& state) {
  decode_bulk(state, 2, false);
}
void decode_bulk_of_a_shipper(benchmark::State& state) {
  decode_bulk(state, 1, true);
}

BENCHMARK(decode_bulk_of_one_sensor)->Arg(1)->Arg(1000);
BENCHMARK(decode_bulk_of_two_sensors)->Arg(1000);
BENCHMARK(decode_bulk_of_a_shipper)->Arg(1000);
BENCHMARK(decode_numeric_strings)->Arg(1)->Arg(1000);
BENCHMARK(decode_decimals)->Arg(1)->Arg(1000);

}  // namespace
}  // namespace iot::ingest
