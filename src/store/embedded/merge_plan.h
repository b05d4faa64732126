// Which of a sensor's chunks should become one. Pure: from what is known of the chunks to lists of them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "store/embedded/chunk_entry.h"

namespace iot::store {

struct MergePolicy {
  std::size_t chunk_readings = 16'384;  ///< what a merged chunk holds at most
  /// So many small neighbours are waited for, so that a reading is not written again for each that comes.
  std::size_t small_chunks_min = 8;
  /// Neighbours are merged up to so many bytes of chunks: long texts gain nothing.
  std::size_t chunk_bytes = std::size_t{1} << 20;
  /// Readings and bytes of chunks merged at once, at most; what overlaps more than that is done in steps.
  std::size_t readings_at_once_max = 131'072;
  std::size_t bytes_at_once_max = std::size_t{8} << 20;
};

/// Groups of indexes into `entries`, which are one sensor's chunks in order of first time. Within a group chunks
/// overlap or are small neighbours, and have one mapping. Each index is in one group at most, each group has two or
/// more.
std::vector<std::vector<std::size_t>> plan_merges(std::span<const ChunkEntry> entries, const MergePolicy& policy);

}  // namespace iot::store
