// Which fields of a hit are shown beside its source: `fields` and `docvalue_fields` of a request.
#pragma once

#include <string_view>
#include <vector>

#include "query/json_tree.h"
#include "query/search_request.h"
#include "query/series.h"

namespace iot::query {

/// An array of patterns, or of objects with `field`, `format` and `include_unmapped`.
EsResult<std::vector<DocvalueField>> parse_shown_fields(const JsonMember& member);
EsResult<void> check_shown_fields_count(std::size_t count);

/// The request's word for the field `name`: of several the last counts. Null where it is not asked for.
const DocvalueField* shown_as(const std::vector<DocvalueField>& fields, std::string_view name);

/// Refused on the shard: a format for a field that has none.
EsResult<void> check_formats(const Series& series, const std::vector<DocvalueField>& fields);

}  // namespace iot::query
