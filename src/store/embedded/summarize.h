// The summary of readings in columns: what a chunk's header says of them.
#pragma once

#include "store/embedded/chunk.h"

namespace iot::store {

/// `columns` must be sorted and distinct, and not empty. The sum of reals is added up in their order, so that it is the
/// same wherever it is computed.
Summary summarize(const Columns& columns);

}  // namespace iot::store
