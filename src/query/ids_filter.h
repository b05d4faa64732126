// Documents by `_id`. The id holds the time, so only readings at those times are looked at.
#pragma once

#include <string>
#include <vector>

#include "query/filter.h"
#include "query/series.h"

namespace iot::query {

Filter with_ids(const Series& series, const std::vector<std::string>& ids);

/// The `_id` of the reading at `place`.
std::string document_id(const Series& series, const store::Block& block, std::size_t place);

}  // namespace iot::query
