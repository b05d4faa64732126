// JSON from outside, read strictly: RFC 8259 and UTF-8 to the letter, no member twice in an object, nesting bounded.
//
// A member given twice is read differently by different programs, which is how a check in one of them is passed by
// (RFC 8259 section 4, RFC 8725 section 2.4). For readings see ingest/ingestor.h; for writing base/json_writer.h.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include <boost/json/value.hpp>

namespace iot::access {

/// Why a text is not strict JSON, in words for who sent it.
struct JsonFault {
  std::string message;  ///< "unexpected end of the text at byte 17"
  std::string field;    ///< where a member stands twice: its path, "mapping.type"; else empty
};

/// The one JSON value that `text` consists of, or what is wrong with it. `depth_max` counts objects and arrays around a
/// value: 1 allows [1] and not [[1]].
std::variant<boost::json::value, JsonFault> parse_strict_json(std::string_view text, std::size_t depth_max);

}  // namespace iot::access
