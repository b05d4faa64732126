// What readings with objects are sorted by: of the values that a field inside has in one reading, one.
#pragma once

#include <vector>

#include "query/hits.h"
#include "query/objects/inside_field.h"
#include "query/sort_spec.h"

namespace iot::query {

/// Refused on the shard: a mode that the field's type does not have.
EsResult<void> check_sort_mode(const SortKey& key, const Series& inside);

/// The sort value of each selected reading, in their order. `inside` must have values.
std::vector<SortValue> sort_values_inside(const SortKey& key, InsideField& inside, const store::Block& block,
                                          Selection selection);

/// The value of a reading that has none of the field: `missing`, or the least or greatest of the type.
SortValue missing_sort_value(const SortKey& key, model::MappingType type);

}  // namespace iot::query
