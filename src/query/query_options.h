// Options that many query clauses have.
#pragma once

#include <string>
#include <string_view>

#include "query/es_error.h"
#include "query/json_fields.h"
#include "query/time_zone.h"

namespace iot::query {

/// `boost`: a number that is not negative.
EsResult<float> read_boost(std::string_view parser, const JsonMember& member);
/// `time_zone`, by name or as an offset.
EsResult<TimeZone> read_time_zone(std::string_view parser, const JsonMember& member);
EsResult<TimeZone> parse_time_zone(const std::string& text);
/// `operator` and `default_operator`: true for "and".
EsResult<bool> parse_operator(const std::string& text);

/// "[term] query does not support [more]".
EsError query_does_not_support(std::string_view query, const JsonMember& member);
/// A part of Elasticsearch's language that is known and refused: "[match] with [fuzziness] is not supported".
EsError not_supported_with(std::string_view query, std::string_view option);

}  // namespace iot::query
