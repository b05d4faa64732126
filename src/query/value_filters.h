// Conditions on a field of one index, by the field's type: what term, terms and range become.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/date_format.h"
#include "query/filter.h"
#include "query/series.h"

namespace iot::query {

/// Bounds as a request gave them, still as text: what they mean depends on the field.
struct Bounds {
  std::optional<std::string> low;
  std::optional<std::string> high;
  bool low_included = true;
  bool high_included = true;
  std::optional<DateFormat> format;
  TimeZone zone;
  bool has_number = false;  ///< a bound is a bare number: dates are then milliseconds where no format says otherwise
};

/// A field equal to one of `values`. Refused on the shard: a value that the field's type cannot be read from.
EsResult<Filter> equal_to_any(const Series& series, const Field& field, const std::vector<std::string>& values,
                              Timestamp now);
EsResult<Filter> between(const Series& series, const Field& field, const Bounds& bounds, Timestamp now);
/// A keyword or text whose value (or one of whose tokens) `matcher` takes. Refused on the shard: other types.
EsResult<Filter> text_like(const Series& series, const Field& field, std::string_view query_name,
                           std::shared_ptr<const TextMatcher> matcher);
/// The field is a text, looked for by its words.
EsResult<bool> is_text(const Series& series, const Field& field);
/// The field has a value.
EsResult<Filter> exists(const Series& series, const Field& field);

/// The tokens of a text field, as the standard analyzer makes them of ASCII: runs of letters and digits in lower case;
/// bytes of other scripts count as letters.
std::vector<std::string> tokens_of(std::string_view text);

/// A matcher that takes a text if `matcher` takes one of its tokens.
std::shared_ptr<const TextMatcher> any_token(std::shared_ptr<const TextMatcher> matcher);

}  // namespace iot::query
