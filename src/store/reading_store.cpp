#include "store/reading_store.h"

#include <algorithm>
#include <cassert>
#include <string>

#include "store/readings_only.h"

namespace iot::store {
namespace {

/// What a block's views point into, once it is copied.
struct BlockCopy {
  std::vector<std::int64_t> times_ns;
  std::vector<double> reals;
  std::vector<std::int64_t> integers;
  std::vector<std::string_view> texts;
  std::string text_bytes;

  explicit BlockCopy(const Block& block)
      : times_ns(block.times_ns.begin(), block.times_ns.end()),
        reals(block.reals.begin(), block.reals.end()),
        integers(block.integers.begin(), block.integers.end()) {
    std::size_t bytes = 0;
    for (const std::string_view text : block.texts) bytes += text.size();
    // Once, so that no view is left behind.
    text_bytes.reserve(bytes);
    texts.reserve(block.texts.size());
    for (const std::string_view text : block.texts) {
      const std::size_t start = text_bytes.size();
      text_bytes += text;
      texts.emplace_back(text_bytes.data() + start, text.size());
    }
  }
};

Result<std::optional<Reading>> latest_by_cursor(ReadingStore& store, SensorId sensor) {
  IOT_TRY(auto everything, store.scan(sensor, {}, Direction::descending));
  const auto cursor = readings_only(std::move(everything));
  IOT_TRY(const bool is_there, cursor->next());
  if (!is_there) return std::optional<Reading>{};
  IOT_TRY(const Block block, cursor->block());
  return std::optional(block.reading(block.size() - 1));
}

}  // namespace

Reading Block::reading(std::size_t at) const {
  switch (kind) {
    case model::ColumnKind::real:
      return {{times_ns[at]}, reals[at]};
    case model::ColumnKind::integer:
      return {{times_ns[at]}, integers[at]};
    case model::ColumnKind::text:
      break;
  }
  return {{times_ns[at]}, std::string(texts[at])};
}

Result<std::vector<std::optional<Reading>>> ReadingStore::latest(std::span<const SensorId> sensors) {
  std::vector<std::optional<Reading>> found;
  found.reserve(sensors.size());
  for (const SensorId sensor : sensors) {
    IOT_TRY(auto reading, latest_by_cursor(*this, sensor));
    found.push_back(std::move(reading));
  }
  return found;
}

Result<std::vector<std::optional<Timestamp>>> ReadingStore::newest_times(std::span<const SensorId> sensors) {
  std::vector<std::optional<Timestamp>> found;
  found.reserve(sensors.size());
  for (const SensorId sensor : sensors) {
    IOT_TRY(const SeriesInfo known, info(sensor));
    found.push_back(known.last);
  }
  return found;
}

Result<KeptBlock> Cursor::keep_block() {
  IOT_TRY(const Block viewed, block());
  auto copy = std::make_shared<BlockCopy>(viewed);
  const Block block{copy->times_ns, viewed.kind, copy->reals, copy->integers, copy->texts};
  return KeptBlock{block, std::move(copy)};
}

void combine(Summary& into, const Summary& other) {
  assert(into.numbers.has_value() == other.numbers.has_value());
  const bool is_earlier = other.first < into.first;
  const bool is_later = other.last > into.last;
  if (into.numbers) {
    auto& n = *into.numbers;
    const auto& o = *other.numbers;
    n.min = std::min(n.min, o.min);
    n.max = std::max(n.max, o.max);
    n.sum += o.sum;
    if (is_earlier) n.first = o.first;
    if (is_later) n.last = o.last;
  } else if (into.integers) {
    auto& n = *into.integers;
    const auto& o = *other.integers;
    n.min = std::min(n.min, o.min);
    n.max = std::max(n.max, o.max);
    std::int64_t sum = 0;
    const bool fits = n.sum && o.sum && !__builtin_add_overflow(*n.sum, *o.sum, &sum);
    n.sum = fits ? std::optional(sum) : std::nullopt;
    if (is_earlier) n.first = o.first;
    if (is_later) n.last = o.last;
  }
  into.count += other.count;
  if (is_earlier) into.first = other.first;
  if (is_later) into.last = other.last;
}

ErrcInfo describe(Errc code) noexcept {
  switch (code) {
    case Errc::damaged:
      return {"damaged", Failure::data_loss};
    case Errc::io_failed:
      return {"io_failed", Failure::unavailable};
    case Errc::newer_format:
      return {"newer_format", Failure::conflict};
    case Errc::cancelled:
      return {"cancelled", Failure::timeout};
    case Errc::rolled_up:
      return {"rolled_up", Failure::not_found};
  }
  return {"unknown", Failure::internal};
}

}  // namespace iot::store
