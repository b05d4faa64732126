#include "store/embedded/merge_plan.h"

#include <algorithm>

namespace iot::store {
namespace {

/// Collects neighbours into a group, and decides at its end whether it is worth merging.
class Planner {
 public:
  Planner(std::span<const ChunkEntry> entries, const MergePolicy& policy) : entries_(entries), policy_(policy) {}

  std::vector<std::vector<std::size_t>> plan() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (!group_.empty() && !joins(i)) finish();
      add(i);
    }
    finish();
    return std::move(groups_);
  }

 private:
  bool overlaps(std::size_t i) const { return entries_[i].first_ns() <= last_ns_; }

  bool joins(std::size_t i) const {
    const ChunkEntry& entry = entries_[i];
    if (entry.info.mapping != entries_[group_.front()].info.mapping) return false;
    const std::uint64_t together = readings_ + entry.info.summary.count;
    const std::uint64_t bytes = bytes_ + entry.chunk_bytes;
    // Two always go together: else what overlaps and is large would do so for ever.
    if (overlaps(i)) {
      return group_.size() == 1 || (together <= policy_.readings_at_once_max && bytes <= policy_.bytes_at_once_max);
    }
    return !overlapping_ && together <= policy_.chunk_readings && bytes <= policy_.chunk_bytes;
  }

  void add(std::size_t i) {
    const ChunkEntry& entry = entries_[i];
    if (!group_.empty()) {
      if (overlaps(i)) overlapping_ = true;
      last_ns_ = std::max(last_ns_, entry.last_ns());
    } else {
      last_ns_ = entry.last_ns();
    }
    readings_ += entry.info.summary.count;
    bytes_ += entry.chunk_bytes;
    largest_ = std::max(largest_, entry.info.summary.count);
    group_.push_back(i);
  }

  void finish() {
    // A group that is mostly one big chunk would be rewritten again and again as small ones come: wait for more of
    // them.
    const bool balanced =
        policy_.small_chunks_min <= 2 || largest_ * 2 <= readings_ || readings_ * 8 >= policy_.chunk_readings * 7;
    const bool enough = group_.size() >= std::max<std::size_t>(policy_.small_chunks_min, 2) && balanced;
    if (group_.size() >= 2 && (overlapping_ || enough)) groups_.push_back(group_);
    group_.clear();
    readings_ = largest_ = bytes_ = 0;
    overlapping_ = false;
  }

  std::span<const ChunkEntry> entries_;
  const MergePolicy& policy_;
  std::vector<std::vector<std::size_t>> groups_;
  std::vector<std::size_t> group_;
  std::uint64_t readings_ = 0;
  std::uint64_t largest_ = 0;
  std::uint64_t bytes_ = 0;
  std::int64_t last_ns_ = 0;
  bool overlapping_ = false;
};

}  // namespace

std::vector<std::vector<std::size_t>> plan_merges(std::span<const ChunkEntry> entries, const MergePolicy& policy) {
  return Planner(entries, policy).plan();
}

}  // namespace iot::store
