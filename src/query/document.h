// A reading as the document that queries show.
//
// A view: the series and the text must outlive it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "query/search_request.h"
#include "query/series.h"

namespace iot::query {

struct ShownInside;

struct Document {
  const Series& series;
  std::int64_t time_ns;
  double real;
  std::int64_t integer;
  std::string_view text;

  std::string value_json() const;
  /// `value` is value_json(), here and below: each hit needs it twice.
  std::string id(std::string_view value) const;
  /// {"timestamp", "device_id", "sensor_id", "value"} as far as `filter` shows them.
  void write_source(JsonWriter& json, const SourceFilter& filter, std::string_view value) const;
  /// The member `fields`, as docvalue_fields and fields ask for it; `inside`: what they ask for of objects.
  void write_fields(JsonWriter& json, const std::vector<DocvalueField>& docvalues,
                    const std::vector<DocvalueField>& fields, const std::vector<ShownInside>& inside) const;
};

}  // namespace iot::query
