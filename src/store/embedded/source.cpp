#include "store/embedded/source.h"

namespace iot::store {

Source Source::on_disk(ChunkEntry entry) {
  Source source;
  source.first_ns_ = entry.first_ns();
  source.last_ns_ = entry.last_ns();
  source.summary_ = entry.info.summary;
  source.entry_ = std::move(entry);
  return source;
}

Result<Source> Source::in_memory(SensorId sensor, std::shared_ptr<const std::string> chunk) {
  auto info = read_chunk_info(*chunk);
  if (!info) {
    Error error = info.error();
    error.message = "sensor " + sensor.to_string() + ", a chunk in memory: " + error.message;
    return error;
  }
  Source source;
  source.first_ns_ = info->summary.first.ns;
  source.last_ns_ = info->summary.last.ns;
  source.summary_ = std::move(info->summary);
  source.chunk_ = std::move(chunk);
  return source;
}

Source Source::of_head(HeadView head) {
  Source source;
  source.first_ns_ = head.times().front();
  source.last_ns_ = head.times().back();
  source.head_ = std::move(head);
  return source;
}

Result<Slice> Source::open(ChunkReader* reader, Columns& columns) const {
  if (entry_) {
    IOT_CHECK(reader->decode(*entry_, columns));
    return slice_of(columns);
  }
  if (chunk_) {
    IOT_CHECK(decode_chunk(*chunk_, columns));
    return slice_of(columns);
  }
  Slice slice;
  slice.kind = model::column_kind(head_.mapping());
  slice.times_ns = head_.times();
  switch (slice.kind) {
    case model::ColumnKind::real:
      slice.reals = {head_.buffer->values<double>(), head_.count};
      break;
    case model::ColumnKind::integer:
      slice.integers = {head_.buffer->values<std::int64_t>(), head_.count};
      break;
    case model::ColumnKind::text:
      columns.texts.clear();
      columns.texts.reserve(head_.count);
      for (std::uint32_t i = 0; i < head_.count; ++i) columns.texts.push_back(head_.text(i));
      slice.texts = columns.texts;
      break;
  }
  return slice;
}

Result<std::vector<Source>> memory_sources(SensorId sensor, MemoryView view) {
  std::vector<Source> sources;
  sources.reserve(view.raw.size() + view.chunks.size());
  for (HeadView& head : view.raw) sources.push_back(Source::of_head(std::move(head)));
  for (auto& chunk : view.chunks) {
    IOT_TRY(Source source, Source::in_memory(sensor, std::move(chunk)));
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace iot::store
