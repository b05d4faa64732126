#include "store/embedded/embedded_store.h"

#include "store/embedded/engine.h"

namespace iot::store {
namespace {

/// Blocks of periods, and what says up to where they reach.
void verify_rollups(ChunkReader& reader, VerifyTotals& totals, const std::function<void(std::string_view)>& fault) {
  for (reader.seek(rollup_begin); reader.at(rollup_begin); reader.next()) {
    const auto block = parse_rollup_block(reader.key(), reader.value());
    if (!block) {
      fault(block.error().message);
      continue;
    }
    const auto parts = periods_of(*block);
    if (parts) {
      totals.periods += parts->size();
    } else {
      fault(parts.error().message);
    }
  }
  for (reader.seek(rolled_up_begin); reader.at(rolled_up_begin); reader.next()) {
    const auto sensor = parse_rolled_up_key(reader.key());
    const auto rolled_up = parse_rolled_up(reader.key(), reader.value());
    if (!rolled_up) fault((sensor ? "sensor " + sensor->to_string() + ": " : "") + rolled_up.error().message);
  }
  if (auto sound = reader.status(); !sound) fault(sound.error().message);
}

}  // namespace

Result<std::unique_ptr<EmbeddedStore>> EmbeddedStore::open(const std::filesystem::path& directory,
                                                           EmbeddedStoreOptions options, Metrics& metrics,
                                                           const Clock& clock) {
  // Half is for heads; of the other half RocksDB's write buffers and what a write needs for a moment take their part.
  IOT_TRY(auto db, ChunkDb::open(directory, options.memory_bytes_max / 4, ChunkDb::Mode::read_write));
  auto engine = std::make_unique<Engine>(std::move(options), std::move(db), metrics, clock);
  IOT_CHECK(engine->start());
  return engine;
}

Result<VerifyTotals> EmbeddedStore::verify(const std::filesystem::path& directory,
                                           const std::function<void(std::string_view)>& report) {
  constexpr std::size_t verify_memory_bytes = 16u << 20;
  IOT_TRY(const auto db, ChunkDb::open(directory, verify_memory_bytes, ChunkDb::Mode::read_only));
  VerifyTotals totals;
  const auto fault = [&](std::string_view text) {
    ++totals.damaged;
    report(text);
  };
  if (auto sound = db->verify_checksums(); !sound) fault(sound.error().message);

  const auto index = db->reader(ChunkDb::Use::sweep);
  const auto chunks = db->reader(ChunkDb::Use::sweep);
  Columns columns;
  for (index->seek(index_begin); index->at(index_begin); index->next()) {
    ++totals.chunks;
    const auto entry = parse_index_entry(index->key(), index->value());
    if (!entry) {
      const auto key = parse_index_key(index->key());
      fault((key ? "sensor " + key->sensor.to_string() + " from " + std::to_string(key->first_ns) + " ns: " : "") +
            entry.error().message);
      continue;
    }
    if (auto decoded = chunks->decode(*entry, columns); !decoded) {
      fault(decoded.error().message);
      continue;
    }
    totals.readings += columns.size();
  }
  if (auto sound = index->status(); !sound) fault(sound.error().message);
  verify_rollups(*index, totals, fault);
  return totals;
}

}  // namespace iot::store
