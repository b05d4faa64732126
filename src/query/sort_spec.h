// How hits are ordered: the `sort` of a request and its `search_after`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/date_format.h"
#include "query/json_tree.h"
#include "query/series.h"

namespace iot::query {

struct SortKey {
  /// `document` shows ranks; `shard_document`, for searches over a point in time, values to go on from.
  enum class By { field, score, document, shard_document };
  By by = By::field;
  std::string name;
  /// `value` also where it is a field inside objects: the series is then that of its values.
  Field field = Field::unmapped;
  std::string path;  ///< of a field inside objects
  /// Which of several values counts: the least or the greatest, by the order, where none is said.
  enum class Mode { by_order, least, greatest, sum, average, median };
  Mode mode = Mode::by_order;
  bool ascending = true;
  bool missing_first = false;
  std::optional<std::string> missing_value;
  /// The type of a field that an index does not have; without one such an index refuses.
  std::optional<std::string> unmapped_type;
  std::optional<DateFormat> format;
};

inline constexpr std::string_view shard_document_name = "_shard_doc";

struct SortSpec {
  std::vector<SortKey> keys;  ///< empty: by score
  /// Any key shows `sort` values; none of them leaves scores.
  bool is_given() const noexcept { return !keys.empty(); }
  bool needs_score() const noexcept;
};

/// A string, an object, or an array of these.
EsResult<SortSpec> parse_sort(const JsonNode& node);
/// The URL's form: "timestamp:desc,value".
EsResult<SortSpec> parse_sort_parameter(std::string_view text);

}  // namespace iot::query
