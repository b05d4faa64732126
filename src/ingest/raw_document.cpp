#include "ingest/raw_document.h"

#include <cstring>

#include "ingest/read_member.h"

namespace iot::ingest {

namespace ondemand = simdjson::ondemand;

namespace {

Token* member_of(RawDocument& document, std::string_view name) noexcept {
  switch (name.size()) {
    case 5:
      return name == "value" ? &document.value : nullptr;
    case 9:
      if (name == "timestamp") return &document.timestamp;
      if (name == "sensor_id") return &document.sensor_id;
      return name == "device_id" ? &document.device_id : nullptr;
    case 10:
      return name == "@timestamp" ? &document.at_timestamp : nullptr;
    default:
      return nullptr;
  }
}

std::string message_of(WalkResult result, std::size_t depth_max) {
  switch (result) {
    case WalkResult::whole:
      return {};
    case WalkResult::malformed:
      return "the document is not well-formed JSON";
    case WalkResult::too_deep:
      return "nested deeper than " + std::to_string(depth_max) + " levels";
    case WalkResult::duplicate_key:
      return "an object in it has two members of one name";
    case WalkResult::out_of_range:
      return "a number in it is out of range";
  }
  return {};
}

}  // namespace

bool scan_usual_document(std::string_view text, RawDocument& document) noexcept {
  const char* const end = text.data() + text.size();
  const char* at = skip_space(text.data(), end);
  if (at == end || *at != '{') return false;
  for (;;) {
    at = skip_space(at + 1, end);
    Token name;
    if (at == end || *at != '"') return false;
    at = scan_usual_value(at, end, name);
    if (!at) return false;
    at = skip_space(at, end);
    if (at == end || *at != ':') return false;
    Token unknown;
    Token* const member = member_of(document, name.value.text);
    at = scan_usual_value(skip_space(at + 1, end), end, member ? *member : unknown);
    if (!at || at >= end) return false;
    at = skip_space(at, end);
    if (at == end) return false;
    if (*at == '}') return skip_space(at + 1, end) == end;
    if (*at != ',') return false;
  }
}

std::string read_document(ondemand::parser& parser, std::string_view text, std::size_t depth_max, std::string& json,
                          RawDocument& document) {
  const std::string malformed = message_of(WalkResult::malformed, depth_max);
  ondemand::document whole;
  ondemand::object members;
  const auto error = parser.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING).get(whole);
  if (error == simdjson::UTF8_ERROR) return "the document is not UTF-8";
  if (error) return malformed;
  ondemand::json_type type;
  if (whole.type().get(type)) return malformed;
  if (type != ondemand::json_type::object) return "a document is an object";
  if (whole.get_object().get(members)) return malformed;
  // Of several things that are wrong one is told; what is not JSON before all else.
  std::string wrong;
  for (auto field_result : members) {
    ondemand::field field;
    std::string_view name;
    if (std::move(field_result).get(field) || !read_name(field, name)) return malformed;
    Token* const member = member_of(document, name);
    if (member && member->kind != Token::Kind::absent) wrong = "Duplicate field '" + std::string(name) + "'";
    const WalkResult result =
        member ? read_member(field.value(), *member, json, depth_max) : walk(field.value(), depth_max);
    if (result == WalkResult::malformed) return malformed;
    if (result != WalkResult::whole) wrong = message_of(result, depth_max);
  }
  if (whole.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return "something stands behind the end of the document";
  }
  return wrong;
}

}  // namespace iot::ingest
