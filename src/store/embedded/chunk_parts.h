// Merged readings as chunks of a good size.
#pragma once

#include "store/embedded/chunk_db.h"

namespace iot::store {

/// Adds all of `columns`, which are sorted and distinct, to the batch as chunks of at most about `readings_max`
/// readings. Readings of one time come into one chunk, so that chunks do not overlap.
Result<void> put_chunks(ChunkDb& db, ChunkBatch& batch, SensorId sensor, const Columns& columns,
                        std::size_t readings_max);

}  // namespace iot::store
