#include "store/embedded/chunk_keeper.h"

#include <algorithm>

#include "base/logging.h"
#include "store/embedded/chunk_parts.h"
#include "store/embedded/merged_run.h"
#include "store/embedded/oldest_first.h"

namespace iot::store {
namespace {

/// One step of tidying: short enough that who waits for the database hardly notices.
constexpr std::size_t step_sensors_max = 2'048;
constexpr std::size_t step_write_bytes = 1u << 20;
/// A batch of erased keys: bounds the write buffer.
constexpr std::size_t erase_batch_bytes = 1u << 20;

/// Up to where the sensors' readings have become periods, asked for in the order of sensors. `reader` is at one's or
/// before it.
Result<std::int64_t> rolled_up_until(ChunkReader& reader, SensorId sensor) {
  while (reader.at(rolled_up_begin)) {
    const auto found = parse_rolled_up_key(reader.key());
    if (!found) return make_error(Errc::damaged, "a key of the reading store is damaged; run `iotplatform verify`");
    if (*found == sensor) {
      IOT_TRY(const RolledUp rolled_up, parse_rolled_up(reader.key(), reader.value()));
      return rolled_up.until_ns;
    }
    if (*found > sensor) return 0;
    reader.next();
  }
  IOT_CHECK(reader.status());
  return 0;
}

}  // namespace

Result<std::optional<Series>> read_series(ChunkReader& reader) {
  IOT_CHECK(reader.status());
  if (!reader.at(index_begin)) return std::optional<Series>{};
  const auto key = parse_index_key(reader.key());
  if (!key) return make_error(Errc::damaged, "an index key of the reading store is damaged; run `iotplatform verify`");
  Series series;
  series.sensor = key->sensor;
  const std::string prefix = index_prefix(series.sensor);
  for (; reader.at(prefix); reader.next()) {
    auto entry = parse_index_entry(reader.key(), reader.value());
    if (entry) {
      series.entries.push_back(std::move(*entry));
    } else {
      ++series.damaged;
    }
  }
  IOT_CHECK(reader.status());
  std::sort(series.entries.begin(), series.entries.end(),
            [](const ChunkEntry& a, const ChunkEntry& b) { return a.first_ns() < b.first_ns(); });
  return std::optional<Series>(std::move(series));
}

void ChunkKeeper::erase(const ChunkEntry& entry, ChunkBatch& batch) {
  batch.erase(entry);
  erased_bytes_ += entry.chunk_bytes;
}

Result<ChunkKeeper::Step> ChunkKeeper::tidy(SensorId from, const AgesOf& ages_of, const MergePolicy& policy,
                                            MaintenanceTotals& totals) {
  const auto reader = db_.reader(ChunkDb::Use::sweep);
  const auto rolled_up = db_.reader(ChunkDb::Use::sweep);
  const auto chunks = db_.reader(ChunkDb::Use::sweep);
  reader->seek(index_prefix(from));
  rolled_up->seek(rolled_up_key(from));
  Step step;
  ChunkBatch batch;
  for (std::size_t sensors = 0; sensors < step_sensors_max && batch.bytes() < step_write_bytes; ++sensors) {
    IOT_TRY(auto series, read_series(*reader));
    if (!series) {
      step.next.reset();
      IOT_CHECK(batch.empty() ? Result<void>{} : db_.write(std::move(batch)));
      return step;
    }
    totals.chunks_damaged += series->damaged;
    if (series->sensor.value == INT64_MAX) {
      step.next.reset();
    } else {
      step.next = SensorId{series->sensor.value + 1};
    }
    const Ages ages = ages_of(series->sensor);
    const auto rolled_up_ns = rolled_up_until(*rolled_up, series->sensor);
    if (!rolled_up_ns) {
      ++totals.chunks_damaged;
      metrics_.damaged_chunks.Increment();
      log_error("chunks cannot be tidied",
                {{"sensor", series->sensor.to_string()}, {"reason", rolled_up_ns.error().message}});
      if (!step.next) break;
      continue;
    }
    const bool rolls_up = ages.rolls_up_ns > *rolled_up_ns && !series->entries.empty() &&
                          series->entries.front().first_ns() < ages.rolls_up_ns;
    if (rolls_up) {
      step.to_roll_up.push_back(series->sensor);
      if (!step.next) break;
      continue;
    }
    const std::int64_t oldest_ns = std::max(ages.expires_ns, *rolled_up_ns);
    std::erase_if(series->entries, [&](const ChunkEntry& entry) {
      if (entry.last_ns() >= oldest_ns) return false;
      erase(entry, batch);
      ++totals.chunks_expired;
      metrics_.chunks_dropped.Increment();
      return true;
    });
    for (const auto& group : plan_merges(series->entries, policy)) {
      for (const std::size_t i : group) step.bytes += 2 * series->entries[i].chunk_bytes;
      if (auto merged = merge(*series, group, policy, *chunks, batch); !merged) {
        ++totals.chunks_damaged;
        metrics_.damaged_chunks.Increment();
        log_error("chunks cannot be merged", {{"reason", merged.error().message}});
        continue;
      }
      totals.chunks_merged += group.size();
      step.merged = true;
    }
    if (!step.next) break;
  }
  IOT_CHECK(batch.empty() ? Result<void>{} : db_.write(std::move(batch)));
  return step;
}

Result<void> ChunkKeeper::merge(const Series& series, const std::vector<std::size_t>& group, const MergePolicy& policy,
                                ChunkReader& reader, ChunkBatch& batch) {
  std::vector<Columns> decoded(group.size());
  std::vector<Slice> slices;
  for (std::size_t i = 0; i < group.size(); ++i) {
    IOT_CHECK(reader.decode(series.entries[group[i]], decoded[i]));
    slices.push_back(slice_of(decoded[i]));
  }
  Columns merged;
  merged.mapping = decoded.front().mapping;
  merge_slices(slices, merged);
  IOT_CHECK(put_chunks(db_, batch, series.sensor, merged, policy.chunk_readings));
  for (const std::size_t i : group) erase(series.entries[i], batch);
  metrics_.chunks_merged.Increment(static_cast<double>(group.size()));
  return {};
}

Result<void> ChunkKeeper::erase_all(SensorId sensor, ChunkBatch& batch) {
  const auto reader = db_.reader(ChunkDb::Use::sweep);
  const std::string prefix = index_prefix(sensor);
  for (reader->seek(prefix); reader->at(prefix); reader->next()) {
    if (const auto entry = parse_index_entry(reader->key(), reader->value())) {
      erase(*entry, batch);
    } else {
      batch.erase_index_key(reader->key());
    }
  }
  return reader->status();
}

Result<std::uint64_t> ChunkKeeper::drop_oldest(std::uint64_t bytes) {
  // Three walks over the index rather than a list of it: there may be more chunks than memory for it.
  const auto visit = [this](const auto& see) -> Result<void> {
    const auto reader = db_.reader(ChunkDb::Use::sweep);
    reader->seek(index_begin);
    while (true) {
      IOT_TRY(const auto series, read_series(*reader));
      if (!series) return {};
      const auto newest = std::max_element(series->entries.begin(), series->entries.end(),
                                           [](const auto& a, const auto& b) { return a.last_ns() < b.last_ns(); });
      for (auto entry = series->entries.begin(); entry != series->entries.end(); ++entry) {
        if (entry == newest) continue;
        IOT_CHECK(see(*entry));
      }
    }
  };

  OldestFirst ages;
  IOT_CHECK(visit([&](const ChunkEntry& entry) -> Result<void> {
    ages.see(entry.last_ns());
    return {};
  }));
  if (ages.empty()) return std::uint64_t{0};
  ages.measure();
  IOT_CHECK(visit([&](const ChunkEntry& entry) -> Result<void> {
    ages.count(entry.last_ns(), entry.chunk_bytes);
    return {};
  }));
  ages.want(bytes);

  std::uint64_t dropped = 0;
  ChunkBatch batch;
  IOT_CHECK(visit([&](const ChunkEntry& entry) -> Result<void> {
    if (!ages.goes(entry.last_ns(), entry.chunk_bytes)) return {};
    erase(entry, batch);
    dropped += entry.chunk_bytes;
    metrics_.chunks_dropped.Increment();
    if (batch.bytes() < erase_batch_bytes) return {};
    return db_.write(std::exchange(batch, ChunkBatch{}));
  }));
  if (!batch.empty()) IOT_CHECK(db_.write(std::move(batch)));
  return dropped;
}

}  // namespace iot::store
