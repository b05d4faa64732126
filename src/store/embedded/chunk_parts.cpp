#include "store/embedded/chunk_parts.h"

#include <algorithm>

#include "store/embedded/merged_run.h"

namespace iot::store {
namespace {

/// A chunk's texts before they are compressed, about; a chunk can hold sixteen times as much.
constexpr std::size_t part_text_bytes_max = 4u << 20;

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

Result<void> put_chunks(ChunkDb& db, ChunkBatch& batch, SensorId sensor, const Columns& columns,
                        std::size_t readings_max) {
  for (std::size_t begin = 0, end = 0; begin < columns.size(); begin = end) {
    end = part_end(columns, begin, readings_max);
    IOT_CHECK(batch.put(sensor, db.next_sequence(), encode_part(columns, begin, end)));
  }
  return {};
}

}  // namespace iot::store
