// One of the places that hold readings of a sensor, as a cursor sees it: a chunk on disk, a chunk still in memory, a
// head.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/embedded/chunk_db.h"
#include "store/embedded/decoded_chunks.h"
#include "store/embedded/heads.h"
#include "store/embedded/merged_run.h"

namespace iot::store {

/// Readings of a source, and which of them have not been given yet: [from, to).
struct OpenSource {
  std::shared_ptr<const void> keeper;
  Slice slice;
  std::size_t from = 0;
  std::size_t to = 0;

  bool spent() const noexcept { return from == to; }
  Block block() const noexcept { return slice.sub(from, to).block(); }
};

/// Not opened: its bounds are known, and for chunks a summary.
class Source {
 public:
  static Source on_disk(std::shared_ptr<const ChunkEntry> entry);
  static Source in_memory(std::shared_ptr<const EncodedPart> part);
  /// `head` is sorted and not empty.
  static Source of_head(HeadView head);

  std::int64_t first_ns() const noexcept { return first_ns_; }
  std::int64_t last_ns() const noexcept { return last_ns_; }
  /// Null for a head.
  const Summary* summary() const noexcept { return info_ ? &info_->summary : nullptr; }
  /// Summaries of parts of it, in order of time; none where there is no rollup. Errc::damaged.
  Result<std::vector<Summary>> parts() const;

  /// Its last reading, decoded only where the summary does not have it. Errors as of open().
  Result<Reading> last(ChunkReader& reader, DecodedChunks& decoded) const;

  bool is_head() const noexcept { return !info_; }
  bool reaches_past(TimeRange range) const noexcept { return first_ns_ < range.first.ns || last_ns_ > range.last.ns; }

  /// Its readings inside the range, sorted and distinct. Where the range cuts it, times are read whatever is wanted.
  /// `reader` is used for those on disk.
  Result<OpenSource> open(TimeRange range, ChunkReader& reader, DecodedChunks& decoded, Wanted wanted) const;

 private:
  Result<KeptSlice> read(ChunkReader& reader, DecodedChunks& decoded, Wanted wanted) const;

  std::int64_t first_ns_ = 0;
  std::int64_t last_ns_ = 0;
  const ChunkInfo* info_ = nullptr;  ///< of entry_ or part_
  std::shared_ptr<const ChunkEntry> entry_;
  std::shared_ptr<const EncodedPart> part_;
  HeadView head_;
};

/// Everything of a sensor that is in memory.
std::vector<Source> memory_sources(MemoryView view);

}  // namespace iot::store
