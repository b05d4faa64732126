// Fields inside objects in answers about mappings: _mapping, _mapping/field, _field_caps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "query/objects/field_lookup.h"

namespace iot::query {

/// Those of the index that one of the patterns fits, by name; none where the values are no objects. All fields are
/// looked for only where a pattern has a `*`.
EsResult<std::vector<ObjectField>> fields_inside(const Series& series, const std::vector<std::string>& patterns);

/// Appends the mapping of `value` as an object: {"properties":{...}}, or {"type":"object"} without any.
void write_object_mapping(JsonWriter& json, const std::vector<ObjectField>& fields);

/// Appends {"type":...} of one field, with the `.keyword` that a text has.
void write_field_mapping(JsonWriter& json, const ObjectField& field);

}  // namespace iot::query
