#include "ingest/read_member.h"

#include "ingest/json_number.h"

namespace iot::ingest {

namespace ondemand = simdjson::ondemand;
using model::RawValue;

namespace {

bool read_string(ondemand::value value, std::string_view& text) {
  const std::string_view token = value.raw_json_token();
  // The first pass has found the closing quotation mark; without escapes the text can stay where it is.
  const char* const begin = token.data() + 1;
  const char* end = begin;
  while (*end != '"' && *end != '\\') ++end;
  if (*end == '\\') return !value.get_string().get(text);
  text = {begin, static_cast<std::size_t>(end - begin)};
  ondemand::raw_json_string consumed;
  return !value.get_raw_json_string().get(consumed);
}

}  // namespace

WalkResult read_member(ondemand::value value, Token& token, std::string& json, std::size_t depth_max) {
  const auto whole_if = [](bool good) { return good ? WalkResult::whole : WalkResult::malformed; };
  ondemand::json_type type;
  if (value.type().get(type)) return WalkResult::malformed;
  token.kind = Token::Kind::raw;
  switch (type) {
    case ondemand::json_type::string:
      token.value.kind = RawValue::Kind::string;
      return whole_if(read_string(value, token.value.text));
    case ondemand::json_type::number:
      token.value.kind = RawValue::Kind::number;
      token.value.text = without_trailing_space(value.raw_json_token());
      return whole_if(is_json_number(token.value.text));
    case ondemand::json_type::boolean: {
      bool flag = false;
      if (value.get_bool().get(flag)) return WalkResult::malformed;
      token.value = {flag ? RawValue::Kind::boolean_true : RawValue::Kind::boolean_false, {}};
      return WalkResult::whole;
    }
    case ondemand::json_type::null:
      token.kind = Token::Kind::null;
      return whole_if(without_trailing_space(value.raw_json_token()) == "null");
    case ondemand::json_type::object:
    case ondemand::json_type::array: {
      json.clear();
      const WalkResult result = append_compact(json, value, depth_max);
      token.value = {RawValue::Kind::json, json};
      return result;
    }
  }
  return WalkResult::malformed;
}

bool read_name(ondemand::field& field, std::string_view& name) {
  // A key ends at its first quotation mark; only one with escapes has to be unescaped.
  const char* const begin = field.key().raw();
  const char* end = begin;
  while (*end != '"' && *end != '\\') ++end;
  name = {begin, static_cast<std::size_t>(end - begin)};
  return *end != '\\' || !field.unescaped_key().get(name);
}

}  // namespace iot::ingest
