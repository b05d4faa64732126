#include "store/embedded/decoded_chunks.h"

namespace iot::store {

/// One decoded column; only what its kind needs is there.
struct DecodedChunks::Column {
  std::size_t size = 0;
  // Not vectors, which would be filled with zeros first.
  std::unique_ptr<std::int64_t[]> integers;
  std::unique_ptr<double[]> reals;
  std::unique_ptr<std::string_view[]> texts;
  std::string text_bytes;

  std::size_t memory_bytes() const noexcept {
    return sizeof(Column) + size * (texts ? sizeof(std::string_view) : sizeof(double)) + text_bytes.capacity();
  }
};

namespace {

constexpr std::uint64_t times_key(std::uint64_t sequence) noexcept {
  return sequence * 2;
}
constexpr std::uint64_t values_key(std::uint64_t sequence) noexcept {
  return sequence * 2 + 1;
}

}  // namespace

DecodedChunks::DecodedChunks(std::size_t bytes_max) : cache_(bytes_max) {}

Result<DecodedChunks::ColumnPtr> DecodedChunks::decode_times_of(const OpenChunk& chunk) {
  auto column = std::make_shared<Column>();
  column->size = chunk.size();
  column->integers = std::make_unique_for_overwrite<std::int64_t[]>(column->size);
  IOT_CHECK(decode_times(chunk, std::span(column->integers.get(), column->size)));
  return ColumnPtr(std::move(column));
}

Result<DecodedChunks::ColumnPtr> DecodedChunks::decode_values_of(const OpenChunk& chunk) {
  auto column = std::make_shared<Column>();
  column->size = chunk.size();
  switch (chunk.kind()) {
    case model::ColumnKind::real:
      column->reals = std::make_unique_for_overwrite<double[]>(column->size);
      IOT_CHECK(decode_values(chunk, std::span(column->reals.get(), column->size)));
      break;
    case model::ColumnKind::integer:
      column->integers = std::make_unique_for_overwrite<std::int64_t[]>(column->size);
      IOT_CHECK(decode_values(chunk, std::span(column->integers.get(), column->size)));
      break;
    case model::ColumnKind::text:
      column->texts = std::make_unique<std::string_view[]>(column->size);
      IOT_CHECK(decode_values(chunk, std::span(column->texts.get(), column->size), column->text_bytes));
      break;
  }
  return ColumnPtr(std::move(column));
}

DecodedChunks::ColumnPtr DecodedChunks::keep(std::uint64_t key, ColumnPtr column) {
  cache_.offer(key, column, column->memory_bytes());
  return column;
}

Result<KeptSlice> DecodedChunks::open(std::uint64_t sequence, const ChunkInfo& info, Wanted wanted,
                                      const std::function<Result<std::string_view>()>& bytes) {
  const bool with_times = wanted == Wanted::times_and_values;
  ColumnPtr values = cache_.find(values_key(sequence));
  ColumnPtr times = with_times ? cache_.find(times_key(sequence)) : nullptr;
  if (!values || (with_times && !times)) {
    IOT_TRY(const std::string_view chunk_bytes, bytes());
    IOT_TRY(const OpenChunk chunk, open_chunk(chunk_bytes));
    // A chunk that stands under another chunk's key is sound by itself, and wrong all the same.
    const Summary& found = chunk.info.summary;
    if (found.count != info.summary.count || found.first != info.summary.first || found.last != info.summary.last ||
        chunk.info.mapping != info.mapping) {
      return make_error(Errc::damaged, "the chunk holds other readings than its index entry says");
    }
    if (!values) {
      IOT_TRY(values, decode_values_of(chunk));
      values = keep(values_key(sequence), std::move(values));
    }
    if (with_times && !times) {
      IOT_TRY(times, decode_times_of(chunk));
      times = keep(times_key(sequence), std::move(times));
    }
  }
  KeptSlice kept;
  kept.slice.kind = model::column_kind(info.mapping);
  if (times) kept.slice.times_ns = {times->integers.get(), times->size};
  if (values->reals) kept.slice.reals = {values->reals.get(), values->size};
  if (values->integers) kept.slice.integers = {values->integers.get(), values->size};
  if (values->texts) kept.slice.texts = {values->texts.get(), values->size};
  kept.keeper = std::make_shared<const std::pair<ColumnPtr, ColumnPtr>>(std::move(times), std::move(values));
  return kept;
}

}  // namespace iot::store
