#include "store/embedded/source.h"

namespace iot::store {

Source Source::on_disk(std::shared_ptr<const ChunkEntry> entry) {
  Source source;
  source.first_ns_ = entry->first_ns();
  source.last_ns_ = entry->last_ns();
  source.summary_ = entry->info.summary;
  source.entry_ = std::move(entry);
  return source;
}

Result<Source> Source::in_memory(SensorId sensor, std::shared_ptr<const EncodedPart> chunk) {
  auto info = read_chunk_info(chunk->bytes);
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

Result<OpenedSource> Source::open(ChunkReader& reader, DecodedChunks& decoded) const {
  if (entry_ || chunk_) {
    const std::uint64_t sequence = entry_ ? entry_->sequence : chunk_->sequence;
    IOT_TRY(auto columns, decoded.find_or_decode(sequence, [&](Columns& into) {
      return entry_ ? reader.decode(*entry_, into) : decode_chunk(chunk_->bytes, into);
    }));
    const Slice slice = slice_of(*columns);
    return OpenedSource{slice, std::move(columns)};
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
    case model::ColumnKind::text: {
      struct Texts {
        HeadView head;
        std::vector<std::string_view> views;
      };
      auto texts = std::make_shared<Texts>(Texts{head_, {}});
      texts->views.reserve(head_.count);
      for (std::uint32_t i = 0; i < head_.count; ++i) texts->views.push_back(head_.text(i));
      slice.texts = texts->views;
      return OpenedSource{slice, std::move(texts)};
    }
  }
  return OpenedSource{slice, std::make_shared<const HeadView>(head_)};
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
