// Reading typed members out of a request's objects, with Elasticsearch's errors for what does not fit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "query/es_error.h"
#include "query/json_tree.h"

namespace iot::query {

/// "[line:col] [parser] unknown field [name]".
EsError unknown_field(std::string_view parser, const JsonMember& member);
/// "[line:col] [parser] failed to parse field [name]", with its cause.
EsError failed_field(std::string_view parser, const JsonMember& member, EsError cause);
/// The same for a fault deeper in the field, at the token where it was met.
EsError failed_inside(std::string_view parser, const JsonMember& member, Position at, EsError cause);
/// "[line:col] [parser] name doesn't support values of type: TOKEN".
EsError wrong_kind(std::string_view parser, const JsonMember& member);

EsResult<std::string> read_text(std::string_view parser, const JsonMember& member);
/// true, false, "true", "false"; "" is false.
EsResult<bool> read_flag(std::string_view parser, const JsonMember& member);
/// A finite number, also as a string.
EsResult<double> read_number(std::string_view parser, const JsonMember& member);
/// An integer of 32 bits, also as a string; a fraction is refused.
EsResult<std::int64_t> read_integer(std::string_view parser, const JsonMember& member);
/// A string or an array of strings.
EsResult<std::vector<std::string>> read_texts(std::string_view parser, const JsonMember& member);

/// Number texts, wholly and finite; nothing otherwise.
std::optional<double> parse_real(std::string_view text) noexcept;
std::optional<std::int64_t> parse_whole(std::string_view text) noexcept;

/// number_format_exception as Java says it.
EsError not_a_number(std::string_view text);

}  // namespace iot::query
