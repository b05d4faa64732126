// A request's JSON as a small tree that knows where each token stands, because Elasticsearch's errors name line and
// column. Numbers keep their text, so that a 64-bit integer stays exact.
//
// Boost.JSON reads into values without places and keeps the last of two equal keys; Elasticsearch refuses those.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/es_error.h"

namespace iot::query {

struct JsonMember;

struct JsonNode {
  enum class Kind { null, boolean, number, string, array, object };

  Kind kind = Kind::null;
  bool flag = false;  ///< of a boolean
  Position at;
  std::string text;  ///< of a string, unescaped; of a number, as written
  std::vector<JsonNode> items;
  std::vector<JsonMember> members;

  bool is_object() const noexcept { return kind == Kind::object; }
  bool is_array() const noexcept { return kind == Kind::array; }
  bool is_string() const noexcept { return kind == Kind::string; }
  bool is_number() const noexcept { return kind == Kind::number; }
  bool is_boolean() const noexcept { return kind == Kind::boolean; }
  bool is_null() const noexcept { return kind == Kind::null; }
  bool is_scalar() const noexcept { return !is_object() && !is_array(); }
  const JsonNode* find(std::string_view name) const noexcept;

  /// A scalar as text, the way Elasticsearch reads a value of any kind: true is "true".
  std::string as_text() const;
  /// "VALUE_STRING", "START_OBJECT", ...: how Elasticsearch names the token in errors.
  std::string_view token_name() const noexcept;
};

struct JsonMember {
  std::string name;
  Position at;
  JsonNode value;
};

/// The one JSON value that `text` is. Errors as Elasticsearch words them: x_content_e_o_f_exception for a text that
/// ends early, x_content_parse_exception for other faults, two equal keys, and nesting deeper than `depth_max`.
EsResult<JsonNode> parse_json(std::string_view text, std::size_t depth_max);

}  // namespace iot::query
