// Looks through a JSON value to its last leaf, which simdjson's on-demand parser does only where it is asked. For
// ingest's own .cpp files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Without exceptions simdjson has no conversions that throw: what is not checked does not compile.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

namespace iot::ingest {

/// `text` without the white space that JSON knows at its end.
std::string_view without_trailing_space(std::string_view text) noexcept;

/// Of several things that are wrong one is told.
enum class WalkResult {
  whole,
  malformed,      ///< Not JSON; nothing after the value can be read either.
  too_deep,       ///< Nested deeper than `depth_max`.
  duplicate_key,  ///< An object has two members of one name.
  out_of_range,   ///< A number whose nearest double is infinite.
};

/// Appends the compact form of `value` to `out`: strings and numbers as they were sent, no white space.
WalkResult append_compact(std::string& out, simdjson::ondemand::value value, std::size_t depth_max);

/// The same without the output, for values that nobody wants.
WalkResult walk(simdjson::ondemand::value value, std::size_t depth_max);

}  // namespace iot::ingest
