// Texts that begin with a prefix or fit a pattern of `*` (any text) and `?` (any one character), for queries and index
// names.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "query/filter.h"

namespace iot::query {

/// Time at most length of pattern times length of text, without memory: no pattern is catastrophic. `\` takes the next
/// character as it is.
bool fits_wildcard(std::string_view pattern, std::string_view text) noexcept;

std::shared_ptr<const TextMatcher> prefix_matcher(std::string prefix, bool case_insensitive);
std::shared_ptr<const TextMatcher> wildcard_matcher(std::string pattern, bool case_insensitive);

}  // namespace iot::query
