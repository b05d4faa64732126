#include "store/embedded/source.h"

#include <algorithm>

namespace iot::store {
namespace {

Error named(Error error, const ChunkEntry& entry) {
  error.message = describe(entry) + ": " + error.message;
  return error;
}

std::size_t place_of(std::span<const std::int64_t>::iterator found, std::span<const std::int64_t> times) {
  return static_cast<std::size_t>(found - times.begin());
}

/// Of a sorted head.
Reading last_of(const HeadView& head) {
  const std::uint32_t last = head.count - 1;
  const Timestamp time{head.times()[last]};
  switch (model::column_kind(head.mapping())) {
    case model::ColumnKind::real:
      return {time, head.buffer->values<double>()[last]};
    case model::ColumnKind::integer:
      return {time, head.buffer->values<std::int64_t>()[last]};
    case model::ColumnKind::text:
      break;
  }
  return {time, std::string(head.text(last))};
}

}  // namespace

Source Source::on_disk(std::shared_ptr<const ChunkEntry> entry) {
  Source source;
  source.first_ns_ = entry->first_ns();
  source.last_ns_ = entry->last_ns();
  source.info_ = &entry->info;
  source.entry_ = std::move(entry);
  return source;
}

Source Source::in_memory(std::shared_ptr<const EncodedPart> part) {
  Source source;
  source.first_ns_ = part->info.summary.first.ns;
  source.last_ns_ = part->info.summary.last.ns;
  source.info_ = &part->info;
  source.part_ = std::move(part);
  return source;
}

Source Source::of_head(HeadView head) {
  Source source;
  source.first_ns_ = head.times().front();
  source.last_ns_ = head.times().back();
  source.head_ = std::move(head);
  return source;
}

Result<OpenSource> Source::open(TimeRange range, ChunkReader& reader, DecodedChunks& decoded, Wanted wanted) const {
  IOT_TRY(KeptSlice readings, read(reader, decoded, reaches_past(range) ? Wanted::times_and_values : wanted));
  OpenSource opened{std::move(readings.keeper), readings.slice, 0, readings.slice.size()};
  const auto& times = opened.slice.times_ns;
  if (first_ns_ < range.first.ns)
    opened.from = place_of(std::lower_bound(times.begin(), times.end(), range.first.ns), times);
  if (last_ns_ > range.last.ns)
    opened.to = place_of(std::upper_bound(times.begin(), times.end(), range.last.ns), times);
  return opened;
}

Result<KeptSlice> Source::read(ChunkReader& reader, DecodedChunks& decoded, Wanted wanted) const {
  if (entry_) {
    auto opened = decoded.open(entry_->sequence, entry_->info, wanted, [&] { return reader.bytes(*entry_); });
    return opened ? std::move(opened) : named(opened.error(), *entry_);
  }
  if (part_) {
    return decoded.open(part_->sequence, part_->info, wanted,
                        [&]() -> Result<std::string_view> { return std::string_view(part_->chunk.bytes); });
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
      return KeptSlice{slice, std::move(texts)};
    }
  }
  return KeptSlice{slice, std::make_shared<const HeadView>(head_)};
}

Result<Reading> Source::last(ChunkReader& reader, DecodedChunks& decoded) const {
  if (!info_) return last_of(head_);
  const Summary& known = info_->summary;
  if (known.numbers) return Reading{known.last, known.numbers->last};
  if (known.integers) return Reading{known.last, known.integers->last};
  IOT_TRY(const KeptSlice opened, read(reader, decoded, Wanted::values));
  return Reading{known.last, std::string(opened.slice.texts.back())};
}

Result<std::vector<Summary>> Source::parts() const {
  if (!info_) return std::vector<Summary>{};
  const std::string& rollup = entry_ ? entry_->rollup : part_->chunk.rollup;
  if (rollup.empty()) return std::vector<Summary>{};
  auto parts = decode_rollup(rollup, *info_);
  if (parts || !entry_) return parts;
  return named(parts.error(), *entry_);
}

std::vector<Source> memory_sources(MemoryView view) {
  std::vector<Source> sources;
  sources.reserve(view.raw.size() + view.chunks.size());
  for (HeadView& head : view.raw) sources.push_back(Source::of_head(std::move(head)));
  for (auto& part : view.chunks) sources.push_back(Source::in_memory(std::move(part)));
  return sources;
}

}  // namespace iot::store
