#include "store/embedded/chunk_stream.h"

#include <algorithm>

namespace iot::store {
namespace {

/// The first page is small, for whoever wants the last hundred readings; each further one is twice the size.
constexpr std::size_t first_page_entries = 4;
constexpr std::size_t page_entries_max = 256;

constexpr std::int64_t add_saturated(std::int64_t time_ns, std::int64_t span_ns) noexcept {
  return time_ns > INT64_MAX - span_ns ? INT64_MAX : time_ns + span_ns;
}
constexpr std::int64_t subtract_saturated(std::int64_t time_ns, std::int64_t span_ns) noexcept {
  return time_ns < INT64_MIN + span_ns ? INT64_MIN : time_ns - span_ns;
}

}  // namespace

Result<std::unique_ptr<ChunkStream>> open_chunk_stream(ChunkReader& reader, SensorId sensor, TimeRange range,
                                                       Direction direction) {
  IOT_TRY(auto list, reader.list());
  std::unique_ptr<ChunkStream> stream;
  if (list) {
    stream = std::make_unique<ListedChunks>(std::move(list), range, direction);
  } else {
    stream = std::make_unique<PagedChunks>(reader, sensor, range, direction);
  }
  return stream;
}

ListedChunks::ListedChunks(std::shared_ptr<const ChunkList> list, TimeRange range, Direction direction)
    : list_(std::move(list)), range_(range), direction_(direction) {
  const auto& entries = list_->entries;
  const auto count_until = [&entries](const auto& comes_before) {
    return static_cast<std::size_t>(std::partition_point(entries.begin(), entries.end(), comes_before) -
                                    entries.begin());
  };
  const std::size_t until = count_until([&](const ChunkEntry& entry) { return entry.first_ns() <= range.last.ns; });
  if (list_->by_last_too) {
    // Both ends are found by halving, and either direction is that of the list.
    const std::size_t from = count_until([&](const ChunkEntry& entry) { return entry.last_ns() < range.first.ns; });
    next_ = direction == Direction::ascending ? from : list_->entries.size() - until;
    end_ = direction == Direction::ascending ? until : list_->entries.size() - from;
    end_ = std::max(end_, next_);
    return;
  }
  for (std::size_t i = 0; i < until; ++i) {
    if (entries[i].last_ns() >= range.first.ns) places_.push_back(static_cast<std::uint32_t>(i));
  }
  if (direction == Direction::descending) {
    std::stable_sort(places_.begin(), places_.end(), [&entries](std::uint32_t a, std::uint32_t b) {
      return entries[a].last_ns() > entries[b].last_ns();
    });
  }
  end_ = places_.size();
}

const ChunkEntry& ListedChunks::at(std::size_t place) const noexcept {
  const auto& entries = list_->entries;
  if (!list_->by_last_too) return entries[places_[place]];
  return entries[direction_ == Direction::ascending ? place : entries.size() - 1 - place];
}

Result<const ChunkEntry*> ListedChunks::peek() {
  return next_ < end_ ? &at(next_) : nullptr;
}

std::shared_ptr<const ChunkEntry> ListedChunks::pop() {
  return {list_, &at(next_++)};
}

PagedChunks::PagedChunks(ChunkReader& reader, SensorId sensor, TimeRange range, Direction direction)
    : reader_(reader), sensor_(sensor), range_(range), direction_(direction), page_entries_(first_page_entries) {}

bool PagedChunks::comes_later(const ChunkEntry& a, const ChunkEntry& b) const noexcept {
  return direction_ == Direction::ascending ? a.first_ns() > b.first_ns() : a.last_ns() < b.last_ns();
}

Result<void> PagedChunks::find_lanes() {
  const std::string sensor_prefix = index_prefix(sensor_);
  reader_.seek(sensor_prefix);
  while (reader_.at(sensor_prefix)) {
    const auto key = parse_index_key(reader_.key());
    if (!key) return make_error(Errc::damaged, "an index key of sensor " + sensor_.to_string() + " is damaged");
    const std::int64_t span_ns = span_max_ns(key->span_class);
    Lane lane{key->span_class, {}, 0};
    if (direction_ == Direction::ascending) {
      lane.bound_ns = subtract_saturated(range_.first.ns, span_ns);
      lane.resume = index_key(sensor_, key->span_class, lane.bound_ns, 0);
    } else {
      lane.bound_ns = add_saturated(range_.last.ns, span_ns);
      lane.resume = index_key(sensor_, key->span_class, range_.last.ns, UINT64_MAX);
    }
    lanes_.push_back(std::move(lane));
    reader_.seek(index_prefix(sensor_, key->span_class + 1));
  }
  return reader_.status();
}

bool PagedChunks::lane_goes_on(const Lane& lane) const {
  if (!reader_.at(index_prefix(sensor_, lane.span_class))) return false;
  const auto key = parse_index_key(reader_.key());
  if (!key) return true;  // take_entry() finds it damaged
  if (direction_ == Direction::ascending) return key->first_ns <= range_.last.ns;
  return add_saturated(key->first_ns, span_max_ns(lane.span_class)) >= range_.first.ns;
}

Result<void> PagedChunks::take_entry() {
  auto entry = parse_index_entry(reader_.key(), reader_.value());
  if (!entry) {
    Error error = entry.error();
    const auto key = parse_index_key(reader_.key());
    error.message =
        "sensor " + sensor_.to_string() + " from " + std::to_string(key ? key->first_ns : 0) + " ns: " + error.message;
    return error;
  }
  if (entry->last_ns() < range_.first.ns || entry->first_ns() > range_.last.ns) return {};
  heap_.push_back(std::move(*entry));
  std::push_heap(heap_.begin(), heap_.end(), [this](const auto& a, const auto& b) { return comes_later(a, b); });
  return {};
}

Result<void> PagedChunks::read_page(Lane& lane) {
  const bool ascending = direction_ == Direction::ascending;
  if (ascending) {
    reader_.seek(lane.resume);
  } else {
    reader_.seek_for_previous(lane.resume);
  }
  std::size_t taken = 0;
  for (; taken < page_entries_ && lane_goes_on(lane); ++taken) {
    IOT_CHECK(take_entry());
    if (ascending) {
      reader_.next();
    } else {
      reader_.previous();
    }
  }
  IOT_CHECK(reader_.status());
  lane.resume.clear();
  if (lane_goes_on(lane)) {
    lane.resume = reader_.key();
    const std::int64_t first_ns = parse_index_key(lane.resume).value_or(IndexKey{}).first_ns;
    lane.bound_ns = ascending ? first_ns : add_saturated(first_ns, span_max_ns(lane.span_class));
  }
  return {};
}

/// The lane that may hold an entry that comes before the heap's first.
PagedChunks::Lane* PagedChunks::lane_to_read() {
  const bool ascending = direction_ == Direction::ascending;
  Lane* first = nullptr;
  for (Lane& lane : lanes_) {
    if (lane.resume.empty()) continue;
    const bool before = !first || (ascending ? lane.bound_ns < first->bound_ns : lane.bound_ns > first->bound_ns);
    if (before) first = &lane;
  }
  if (!first || heap_.empty()) return first;
  const bool may_come_first =
      ascending ? first->bound_ns < heap_.front().first_ns() : first->bound_ns > heap_.front().last_ns();
  return may_come_first ? first : nullptr;
}

Result<const ChunkEntry*> PagedChunks::peek() {
  const auto fill = [this]() -> Result<void> {
    if (!std::exchange(started_, true)) IOT_CHECK(find_lanes());
    while (Lane* lane = lane_to_read()) {
      IOT_CHECK(read_page(*lane));
      page_entries_ = std::min(page_entries_ * 2, page_entries_max);
    }
    return {};
  };
  if (auto filled = fill(); !filled) {
    lanes_.clear();
    heap_.clear();
    return filled.error();
  }
  return heap_.empty() ? nullptr : &heap_.front();
}

std::shared_ptr<const ChunkEntry> PagedChunks::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), [this](const auto& a, const auto& b) { return comes_later(a, b); });
  auto entry = std::make_shared<const ChunkEntry>(std::move(heap_.back()));
  heap_.pop_back();
  return entry;
}

}  // namespace iot::store
