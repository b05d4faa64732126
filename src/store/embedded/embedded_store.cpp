#include "store/embedded/embedded_store.h"

#include "store/embedded/engine.h"

namespace iot::store {

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
  return totals;
}

}  // namespace iot::store
