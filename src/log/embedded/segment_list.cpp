#include "log/embedded/segment_list.h"

#include <algorithm>
#include <cassert>

namespace iot::log {

void SegmentList::add(Segment segment, std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  assert(entries_.empty() || entries_.back().segment->first <= segment.first);
  if (!entries_.empty() && entries_.back().segment->first == segment.first) entries_.pop_back();
  if (entries_.empty()) first_.store(segment.first.value, std::memory_order_release);
  end_.store(segment.first.value, std::memory_order_release);
  entries_.push_back({std::make_shared<const Segment>(std::move(segment)), bytes});
}

void SegmentList::extend(Position end, std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  entries_.back().bytes = bytes;
  end_.store(end.value, std::memory_order_release);
}

std::optional<SegmentView> SegmentList::find(Position position) const {
  const std::scoped_lock lock(mutex_);
  const auto behind =
      std::upper_bound(entries_.begin(), entries_.end(), position,
                       [](Position wanted, const Entry& entry) { return wanted < entry.segment->first; });
  if (behind == entries_.begin()) return {};
  const Entry& found = *std::prev(behind);
  if (behind == entries_.end()) return SegmentView{found.segment, end(), found.bytes};
  return SegmentView{found.segment, behind->segment->first, {}};
}

std::optional<OldestSegment> SegmentList::oldest() const {
  const std::scoped_lock lock(mutex_);
  if (entries_.size() < 2) return {};
  const Segment& next = *entries_[1].segment;
  return OldestSegment{entries_[0].segment, {next.first.value - 1}, next.created, entries_[0].bytes};
}

void SegmentList::remove_oldest() {
  const std::scoped_lock lock(mutex_);
  entries_.erase(entries_.begin());
  first_.store(entries_.front().segment->first.value, std::memory_order_release);
}

std::size_t SegmentList::count() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

std::uint64_t SegmentList::bytes() const {
  const std::scoped_lock lock(mutex_);
  std::uint64_t sum = 0;
  for (const Entry& entry : entries_) sum += entry.bytes;
  return sum;
}

}  // namespace iot::log
