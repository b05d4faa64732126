// What `_source` shows of a value that is an object, where it names fields inside it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "query/source_filter.h"

namespace iot::query {

/// `object` as far as the filter shows it; nothing if `value` is not shown at all.
std::optional<std::string> shown_source(const SourceFilter& filter, std::string_view object);

}  // namespace iot::query
