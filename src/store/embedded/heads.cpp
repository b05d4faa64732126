#include "store/embedded/heads.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <optional>
#include <utility>

namespace iot::store {
namespace {

/// A head's first buffer: a sensor with a few readings should not pay for hundreds.
constexpr std::uint32_t first_capacity = 4;
/// A head with so many bytes of text becomes a part, however few the readings.
constexpr std::uint32_t text_bytes_per_chunk = 1u << 20;

std::int64_t oldest_of(const HeadBuffer& buffer, std::uint32_t count) {
  return *std::min_element(buffer.times(), buffer.times() + count);
}

/// Of one sensor in one set; INT64_MAX if it has nothing there.
std::int64_t oldest_in(const HeadSet& set, SensorId sensor) {
  std::int64_t oldest = INT64_MAX;
  if (const auto* parts = set.parts(sensor)) {
    for (const Part& part : *parts) {
      oldest = std::min(oldest,
                        part.chunk ? part.chunk->info.summary.first.ns : oldest_of(*part.raw.buffer, part.raw.count));
    }
  }
  const Head* head = set.find(sensor);
  if (head && head->count > 0) oldest = std::min(oldest, oldest_of(*head->buffer, head->count));
  return oldest;
}

}  // namespace

EncodedChunk encode_view(const HeadView& view) {
  Columns columns;
  view.append_to(columns, 0, view.count);
  if (view.sorted != view.count) sort_and_merge(columns);
  return encode_with_rollup(columns);
}

Heads::Heads(std::size_t readings_per_chunk) : readings_per_chunk_(readings_per_chunk) {
  for (const Shard& shard : shards_) bytes_ += shard.active->bytes;
}

std::size_t Heads::insert(const model::ReadingBatch& batch, log::Position position, const Filter* filter) {
  const std::size_t count = batch.size();
  std::uint32_t touched = 0;
  SensorId before = no_sensor;
  for (std::size_t i = 0; i < count; ++i) {
    const SensorId sensor = batch.sensor(i);
    if (sensor == before) continue;
    before = sensor;
    touched |= 1u << shard_of(sensor);
  }
  // In one order, always: so nothing can wait in a circle.
  for (std::uint32_t rest = touched; rest != 0; rest &= rest - 1) {
    shards_[static_cast<std::size_t>(std::countr_zero(rest))].mutex.lock();
  }

  std::size_t added = 0;
  for (std::size_t from = 0, to = 0; from < count; from = to) {
    const SensorId sensor = batch.sensor(from);
    for (to = from + 1; to < count && batch.sensor(to) == sensor && batch.mapping(to) == batch.mapping(from);) ++to;
    if (sensor == no_sensor || (filter && !filter->wanted(sensor, position))) continue;
    added += to - from;
    HeadSet& set = *shards_[shard_of(sensor)].active;
    const std::size_t bytes = set.bytes;
    const std::size_t grown = insert_run(set, batch, from, to);
    set.bytes += grown;
    if (set.bytes != bytes) bytes_.fetch_add(set.bytes - bytes, std::memory_order_relaxed);
  }

  // Before the locks go: who takes a shard out from now on sees this record in it.
  committed_.store(position.value, std::memory_order_release);
  for (std::uint32_t rest = touched; rest != 0; rest &= rest - 1) {
    shards_[static_cast<std::size_t>(std::countr_zero(rest))].mutex.unlock();
  }
  return added;
}

std::size_t Heads::insert_run(HeadSet& set, const model::ReadingBatch& batch, std::size_t from, std::size_t to) {
  const model::MappingType mapping = batch.mapping(from);
  const bool is_text = model::column_kind(mapping) == model::ColumnKind::text;
  std::size_t grown = 0;
  Head* head = &set.find_or_add(batch.sensor(from));
  for (std::size_t i = from; i < to; ++i) {
    if (head->buffer) [[likely]] {
      // A sensor's declared type may have been changed; a chunk has one.
      const bool full = head->count >= readings_per_chunk_ || head->buffer->mapping() != mapping ||
                        (is_text && head->buffer->texts->used >= text_bytes_per_chunk);
      if (full) {
        set.seal(*head);
        parts_waiting_.fetch_add(1, std::memory_order_relaxed);
      }
    }
    if (!head->buffer) {
      // Who fills chunk after chunk gets its memory at once.
      const std::uint32_t capacity =
          set.parts(head->sensor) ? static_cast<std::uint32_t>(readings_per_chunk_) : first_capacity;
      head->buffer = HeadBuffer::make(mapping, capacity);
      head->count = head->sorted = 0;
      set.added();
      grown += HeadBuffer::allocation_bytes(capacity);
    }
    if (is_text) {
      grown += head->append_text(batch.time(i).ns, batch.text(i));
    } else {
      grown += head->append(batch.time(i).ns, batch.word(i));
    }
  }
  return grown;
}

MemoryView Heads::view(SensorId sensor) {
  Shard& shard = shards_[shard_of(sensor)];
  MemoryView found;
  std::optional<std::size_t> active_head;
  {
    const std::lock_guard lock(shard.mutex);
    for (const HeadSet* set : {shard.taken_out.get(), shard.active.get()}) {
      if (!set) continue;
      if (const auto* parts = set->parts(sensor)) {
        for (const Part& part : *parts) {
          if (part.chunk) {
            found.chunks.push_back(part.chunk);
          } else {
            found.raw.push_back(part.raw);
          }
        }
      }
      if (const Head* head = set->find(sensor); head && head->count > 0) {
        if (set == shard.active.get()) active_head = found.raw.size();
        found.raw.push_back(head->view());
      }
    }
  }
  // Sorting takes long enough that nobody should wait for it under the lock.
  for (std::size_t i = 0; i < found.raw.size(); ++i) {
    HeadView& raw = found.raw[i];
    if (raw.sorted == raw.count) continue;
    const HeadView before = raw;
    raw = sorted_view(before);
    if (i == active_head) keep_sorted(shard, sensor, before, raw);
  }
  return found;
}

void Heads::keep_sorted(Shard& shard, SensorId sensor, const HeadView& before, const HeadView& sorted) {
  const std::lock_guard lock(shard.mutex);
  Head* head = shard.active->find(sensor);
  // Another reader was quicker, or the head has grown out of its buffer: then the next reader sorts.
  if (!head || head->buffer != before.buffer) return;
  const std::uint32_t since = head->count - before.count;
  if (sorted.buffer->capacity() - sorted.count < since) return;
  // Two readers may have sorted the same; only one's buffer is appended to, and only under the lock.
  for (std::uint32_t i = 0; i < since; ++i) {
    const std::uint32_t from = before.count + i;
    sorted.buffer->set(sorted.count + i, before.buffer->times()[from], before.buffer->word(from));
  }
  sorted.buffer->texts = head->buffer->texts;
  head->buffer = sorted.buffer;
  head->count = sorted.count + since;
  head->sorted = sorted.count;
  const std::int64_t* times = head->buffer->times();
  while (head->sorted > 0 && head->sorted < head->count && times[head->sorted] > times[head->sorted - 1])
    ++head->sorted;
}

std::optional<std::int64_t> Heads::oldest_ns(SensorId sensor) const {
  const Shard& shard = shards_[shard_of(sensor)];
  const std::lock_guard lock(shard.mutex);
  std::int64_t oldest = oldest_in(*shard.active, sensor);
  if (shard.taken_out) oldest = std::min(oldest, oldest_in(*shard.taken_out, sensor));
  return oldest == INT64_MAX ? std::nullopt : std::optional(oldest);
}

std::vector<SensorId> Heads::sensors(std::size_t index) const {
  const Shard& shard = shards_[index];
  const std::lock_guard lock(shard.mutex);
  std::vector<SensorId> found = shard.active->sensors();
  if (!shard.taken_out) return found;
  const std::vector<SensorId> taken = shard.taken_out->sensors();
  found.insert(found.end(), taken.begin(), taken.end());
  return found;
}

Heads::TakenOut Heads::take_out(std::size_t index) {
  Shard& shard = shards_[index];
  auto fresh = std::make_shared<HeadSet>();
  const std::lock_guard lock(shard.mutex);
  if (!shard.taken_out) {
    shard.taken_out_at = committed();
    if (shard.active->empty()) return {nullptr, shard.taken_out_at};
    bytes_.fetch_add(fresh->bytes, std::memory_order_relaxed);
    for (std::size_t i = 0; i < shard.active->unencoded.size(); ++i) {
      parts_waiting_.fetch_sub(1, std::memory_order_relaxed);
    }
    shard.active->unencoded.clear();
    shard.taken_out = std::exchange(shard.active, std::move(fresh));
  }
  return {shard.taken_out, shard.taken_out_at};
}

void Heads::written(std::size_t index) {
  Shard& shard = shards_[index];
  std::shared_ptr<HeadSet> done;
  {
    const std::lock_guard lock(shard.mutex);
    done = std::move(shard.taken_out);
    shard.taken_out = nullptr;
  }
  if (done) bytes_.fetch_sub(done->bytes, std::memory_order_relaxed);
}

std::size_t Heads::encode_parts(std::size_t chunks_max, const std::function<std::uint64_t()>& next_sequence) {
  std::size_t encoded = 0;
  for (Shard& shard : shards_) {
    while (encoded < chunks_max) {
      SensorId sensor = no_sensor;
      {
        const std::lock_guard lock(shard.mutex);
        if (shard.active->unencoded.empty()) break;
        sensor = shard.active->unencoded.back();
        shard.active->unencoded.pop_back();
        parts_waiting_.fetch_sub(1, std::memory_order_relaxed);
      }
      encoded += encode_part(shard, sensor, next_sequence());
    }
  }
  return encoded;
}

std::size_t Heads::encode_part(Shard& shard, SensorId sensor, std::uint64_t sequence) {
  HeadView raw;
  {
    const std::lock_guard lock(shard.mutex);
    const auto* parts = shard.active->parts(sensor);
    if (!parts) return 0;
    for (const Part& part : *parts) {
      if (!part.chunk) raw = part.raw;
    }
  }
  if (!raw.buffer) return 0;
  EncodedChunk encoded = encode_view(raw);
  auto info = read_chunk_info(encoded.bytes);
  assert(info);
  auto chunk = std::make_shared<const EncodedPart>(EncodedPart{std::move(encoded), std::move(*info), sequence});
  const std::lock_guard lock(shard.mutex);
  auto* parts = shard.active->parts(sensor);
  if (!parts) return 0;
  for (Part& part : *parts) {
    if (part.raw.buffer != raw.buffer) continue;
    const std::size_t freed = memory_bytes(raw);
    shard.active->bytes += chunk->memory_bytes() - freed;
    bytes_.fetch_add(chunk->memory_bytes() - freed, std::memory_order_relaxed);
    part = {HeadView{}, std::move(chunk)};
    return 1;
  }
  return 0;
}

log::Position Heads::remove(SensorId sensor) {
  Shard& shard = shards_[shard_of(sensor)];
  const std::lock_guard lock(shard.mutex);
  std::size_t freed = shard.active->remove(sensor);
  if (shard.taken_out) freed += shard.taken_out->remove(sensor);
  bytes_.fetch_sub(freed, std::memory_order_relaxed);
  return committed();
}

std::size_t Heads::shard_bytes(std::size_t index) const {
  const std::lock_guard lock(shards_[index].mutex);
  return shards_[index].active->bytes;
}

std::size_t Heads::head_count() const {
  std::size_t count = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.active->head_count() + (shard.taken_out ? shard.taken_out->head_count() : 0);
  }
  return count;
}

}  // namespace iot::store
