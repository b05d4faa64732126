// Fields inside objects among what `fields` and `docvalue_fields` show of a hit.
#pragma once

#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "query/objects/field_lookup.h"
#include "query/search_request.h"

namespace iot::query {

struct ShownInside {
  ObjectField field;
  std::optional<DateFormat> format;
  bool from_source = false;  ///< in the order of the source, as `fields` shows them; else as doc values
};

/// What is asked for of this index. Refused on the shard: the doc values of a text, a format for what is no date.
EsResult<std::vector<ShownInside>> shown_inside(const Series& series, const std::vector<DocvalueField>& docvalues,
                                                const std::vector<DocvalueField>& fields);

/// Appends {"value.temp":[...]} without the braces, for those that `object` has, each through `open`, which writes the
/// key and opens the array.
void write_shown_inside(JsonWriter& json, const Series& series, std::string_view object,
                        const std::vector<ShownInside>& shown, const std::function<void(std::string_view name)>& open);

}  // namespace iot::query
