// The summary of readings in columns: what a chunk's header says of them.
#pragma once

#include "store/embedded/chunk.h"
#include "store/embedded/merged_run.h"

namespace iot::store {

/// `readings` must be sorted and distinct, and not empty. The sum of reals is added up in their order, so that it is
/// the same wherever it is computed.
Summary summarize(const Slice& readings);

}  // namespace iot::store
