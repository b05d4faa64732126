#include "store/embedded/chunk_keeper.h"

#include <algorithm>
#include <array>

#include "base/logging.h"
#include "store/embedded/merged_run.h"

namespace iot::store {
namespace {

/// One step of tidying: short enough that who waits for the database hardly notices.
constexpr std::size_t step_sensors_max = 2'048;
constexpr std::size_t step_write_bytes = 1u << 20;
/// A batch of erased keys: bounds the write buffer.
constexpr std::size_t erase_batch_bytes = 1u << 20;
/// A merged chunk's texts before they are compressed, about; a chunk can hold sixteen times as much.
constexpr std::size_t part_text_bytes_max = 4u << 20;
/// How finely chunks are told apart by age when the oldest are dropped.
constexpr std::size_t age_buckets = 4'096;

/// Readings [from, to) of `columns` as an encoded chunk.
EncodedChunk encode_part(const Columns& columns, std::size_t from, std::size_t to) {
  if (from == 0 && to == columns.size()) return encode_with_rollup(columns, Effort::dense);
  const Slice slice = slice_of(columns).sub(from, to);
  Columns part;
  part.mapping = columns.mapping;
  part.times_ns.assign(slice.times_ns.begin(), slice.times_ns.end());
  part.reals.assign(slice.reals.begin(), slice.reals.end());
  part.integers.assign(slice.integers.begin(), slice.integers.end());
  part.texts.assign(slice.texts.begin(), slice.texts.end());
  return encode_with_rollup(part, Effort::dense);
}

/// Where the part that begins at `from` should end: parts of about one size, and never between readings of one time,
/// since chunks with a time in common overlap.
std::size_t part_end(const Columns& columns, std::size_t from, std::size_t readings_max) {
  const std::size_t left = columns.size() - from;
  const std::size_t parts = (left + readings_max - 1) / readings_max;
  std::size_t end = from + (left + parts - 1) / parts;
  std::size_t text_bytes = 0;
  for (std::size_t i = from; i < std::min(end, columns.texts.size()); ++i) {
    text_bytes += columns.texts[i].size();
    if (text_bytes > part_text_bytes_max && i > from) end = i;
  }
  while (end < columns.size() && columns.times_ns[end] == columns.times_ns[end - 1]) ++end;
  return end;
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

Result<ChunkKeeper::Step> ChunkKeeper::tidy(SensorId from, const Cutoff& cutoff, const MergePolicy& policy,
                                            MaintenanceTotals& totals) {
  const auto reader = db_.reader(ChunkDb::Use::sweep);
  const auto chunks = db_.reader(ChunkDb::Use::sweep);
  reader->seek(index_prefix(from));
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
    if (const auto oldest = cutoff(series->sensor)) {
      std::erase_if(series->entries, [&](const ChunkEntry& entry) {
        if (entry.info.summary.last >= *oldest) return false;
        erase(entry, batch);
        ++totals.chunks_expired;
        metrics_.chunks_dropped.Increment();
        return true;
      });
    }
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
    if (series->sensor.value == INT64_MAX) {
      step.next.reset();
      break;
    }
    step.next = SensorId{series->sensor.value + 1};
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
  for (std::size_t begin = 0, end = 0; begin < merged.size(); begin = end) {
    end = part_end(merged, begin, policy.chunk_readings);
    IOT_CHECK(batch.put(series.sensor, db_.next_sequence(), encode_part(merged, begin, end)));
  }
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

  std::int64_t oldest_ns = INT64_MAX;
  std::int64_t newest_ns = INT64_MIN;
  IOT_CHECK(visit([&](const ChunkEntry& entry) -> Result<void> {
    oldest_ns = std::min(oldest_ns, entry.last_ns());
    newest_ns = std::max(newest_ns, entry.last_ns());
    return {};
  }));
  if (oldest_ns > newest_ns) return std::uint64_t{0};

  const auto span = static_cast<std::uint64_t>(newest_ns) - static_cast<std::uint64_t>(oldest_ns);
  const std::uint64_t bucket_ns = span / age_buckets + 1;
  const auto bucket_of = [&](const ChunkEntry& entry) {
    return (static_cast<std::uint64_t>(entry.last_ns()) - static_cast<std::uint64_t>(oldest_ns)) / bucket_ns;
  };
  std::array<std::uint64_t, age_buckets> bucket_bytes{};
  IOT_CHECK(visit([&](const ChunkEntry& entry) -> Result<void> {
    bucket_bytes[bucket_of(entry)] += entry.chunk_bytes;
    return {};
  }));
  // All of the buckets before the last one go, and of that as much as is still wanted.
  std::uint64_t last_bucket = 0;
  std::uint64_t wanted_of_last = bytes;
  while (last_bucket + 1 < age_buckets && bucket_bytes[last_bucket] < wanted_of_last) {
    wanted_of_last -= bucket_bytes[last_bucket++];
  }

  std::uint64_t dropped = 0;
  ChunkBatch batch;
  IOT_CHECK(visit([&](const ChunkEntry& entry) -> Result<void> {
    const std::uint64_t bucket = bucket_of(entry);
    if (bucket > last_bucket || (bucket == last_bucket && wanted_of_last == 0)) return {};
    if (bucket == last_bucket) wanted_of_last -= std::min(wanted_of_last, entry.chunk_bytes);
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
