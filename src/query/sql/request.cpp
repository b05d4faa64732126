#include "query/sql/request.h"

#include <utility>

#include "base/json_writer.h"
#include "query/json_fields.h"
#include "query/sql/parser.h"

namespace iot::query::sql {
namespace {

constexpr std::string_view parser_name = "sql/query";
constexpr std::size_t parameters_max = 1'024;
/// With room for the rest of a request, so that a cursor stays small enough to be sent back.
constexpr std::size_t filter_bytes_max = 32u << 10;
constexpr std::size_t cursor_bytes_max = 512u << 10;

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char each : bytes) {
    text += digits[static_cast<unsigned char>(each) >> 4];
    text += digits[static_cast<unsigned char>(each) & 15];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  if (text.size() % 2 != 0 || text.size() > cursor_bytes_max) return {};
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    if (digit(text[i]) < 0 || digit(text[i + 1]) < 0) return {};
    bytes += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
  }
  return bytes;
}

EsError bad_cursor() {
  return illegal_argument("Invalid cursor");
}

EsResult<Value> parameter_of(const JsonNode& node) {
  if (node.is_null()) return Value();
  if (node.is_boolean()) return Value::of_boolean(node.flag);
  if (node.is_string()) return Value::of_text(node.text);
  if (node.is_number()) {
    if (const auto whole = parse_whole(node.text)) return Value::of_integer(*whole);
    if (const auto real = parse_real(node.text)) return Value::of_real(*real);
  }
  return illegal_argument("[params] takes texts, numbers, booleans and null");
}

EsResult<void> read_parameters(const JsonMember& member, Request& request) {
  if (!member.value.is_array()) return wrong_kind(parser_name, member);
  if (member.value.items.size() > parameters_max) return illegal_argument("[params] has more than 1024 values");
  for (const JsonNode& node : member.value.items) {
    // {"type": ..., "value": ...}, as drivers send it.
    const JsonNode* value = node.is_object() ? node.find("value") : &node;
    if (!value) return illegal_argument("[params] has an object without [value]");
    ES_TRY(Value parsed, parameter_of(*value));
    request.parameters.push_back(std::move(parsed));
  }
  append_node(request.parameters_json, member.value);
  return {};
}

EsResult<void> read_zone(const std::string& name, Request& request) {
  const auto zone = TimeZone::parse(name);
  if (!zone) return illegal_argument("Unknown time-zone ID: " + name);
  request.zone = *zone;
  request.zone_name = name;
  return {};
}

/// True where the member is one that changes nothing here.
EsResult<bool> is_ignored(const JsonMember& member) {
  if (member.name == "field_multi_value_leniency") {
    ES_CHECK(read_flag(parser_name, member));
    return true;
  }
  if (member.name == "index_include_frozen" || member.name == "allow_partial_search_results" ||
      member.name == "binary_format") {
    ES_TRY(const bool flag, read_flag(parser_name, member));
    if (flag) return illegal_argument("[" + member.name + "] is not supported");
    return true;
  }
  if (member.name != "mode") return member.name == "client_id" || member.name == "version";
  ES_TRY(const std::string mode, read_text(parser_name, member));
  if (mode != "plain" && mode != "PLAIN") return illegal_argument("[mode] is supported as [plain] only");
  return true;
}

EsResult<void> take(const JsonMember& member, Request& request) {
  const std::string& name = member.name;
  if (name == "params") return read_parameters(member, request);
  if (name == "columnar") {
    ES_TRY(request.columnar, read_flag(parser_name, member));
  } else if (name == "fetch_size") {
    ES_TRY(request.fetch_size, read_integer(parser_name, member));
    if (request.fetch_size <= 0) return illegal_argument("fetch_size must be more than 0");
  } else if (name == "filter") {
    if (!member.value.is_object()) return wrong_kind(parser_name, member);
    append_node(request.filter, member.value);
    if (request.filter.size() > filter_bytes_max) return illegal_argument("[filter] is longer than 32768 bytes");
  } else {
    ES_TRY(const bool ignored, is_ignored(member));
    if (ignored) return {};
    if (name != "query" && name != "cursor" && name != "time_zone" && name != "page_timeout" &&
        name != "request_timeout") {
      return unknown_field(parser_name, member);
    }
    ES_TRY(std::string text, read_text(parser_name, member));
    if (name == "time_zone") return read_zone(text, request);
    if (name == "page_timeout" || name == "request_timeout") ES_CHECK(parse_time_value(name, text));
    (name == "query"          ? request.query
     : name == "cursor"       ? request.cursor
     : name == "page_timeout" ? request.page_timeout
                              : request.request_timeout) = std::move(text);
  }
  return {};
}

EsResult<JsonNode> read_object(std::string_view body, const QueryLimits& limits) {
  ES_TRY(JsonNode root, parse_json(body, limits.body_depth_max));
  if (root.is_object()) return root;
  return parsing_error(root.at, "Expected [START_OBJECT] but found [" + std::string(root.token_name()) + "]");
}

/// What a cursor adds to the request that it holds.
EsResult<bool> take_progress(const JsonMember& member, Request& request) {
  const auto whole = parse_whole(member.value.text);
  if (member.name == "#now" && whole) {
    request.now = Timestamp{*whole};
  } else if (member.name == "#left" && whole && *whole >= 0) {
    request.left = *whole;
  } else if (member.name == "#skipped" && whole && *whole >= 0) {
    request.skipped = *whole;
  } else if (member.name == "#scroll" && member.value.is_string()) {
    request.scroll_id = member.value.text;
  } else if (member.name == "#after" && member.value.is_object()) {
    append_node(request.after, member.value);
  } else {
    return false;
  }
  return true;
}

EsResult<Request> read_cursor(const std::string& cursor, const QueryLimits& limits) {
  const auto text = from_hex(cursor);
  if (!text) return bad_cursor();
  const auto root = read_object(*text, limits);
  if (!root) return bad_cursor();
  Request request;
  for (const JsonMember& member : root->members) {
    ES_TRY(const bool taken, take_progress(member, request));
    if (!taken && !take(member, request)) return bad_cursor();
  }
  if (request.query.empty() || !request.now || !request.cursor.empty()) return bad_cursor();
  request.cursor = cursor;
  return request;
}

}  // namespace

void append_node(std::string& out, const JsonNode& node) {
  const auto list = [&](char open, char close, const auto& items, const auto& write) {
    out += open;
    bool first = true;
    for (const auto& item : items) {
      if (!first) out += ',';
      first = false;
      write(item);
    }
    out += close;
  };
  if (node.is_object()) {
    list('{', '}', node.members, [&](const JsonMember& member) {
      append_json_string(out, member.name);
      out += ':';
      append_node(out, member.value);
    });
  } else if (node.is_array()) {
    list('[', ']', node.items, [&](const JsonNode& item) { append_node(out, item); });
  } else if (node.is_string()) {
    append_json_string(out, node.text);
  } else if (node.is_null()) {
    out += "null";
  } else {
    out += node.is_number() ? node.text : node.flag ? "true" : "false";
  }
}

EsResult<Request> parse_request(std::string_view body, const QueryLimits& limits) {
  ES_TRY(const JsonNode root, read_object(body, limits));
  Request request;
  for (const JsonMember& member : root.members) ES_CHECK(take(member, request));
  const auto window_max = static_cast<std::int64_t>(limits.result_window_max);
  if (request.fetch_size > window_max) {
    return illegal_argument("fetch_size must be at most [" + std::to_string(window_max) + "] but was [" +
                            std::to_string(request.fetch_size) + "]");
  }
  if (request.cursor.empty() == request.query.empty()) {
    return EsError(400, "action_request_validation_exception",
                   request.query.empty() ? "Validation Failed: 1: one of [query] or [cursor] is required;"
                                         : "Validation Failed: 1: only one of [query] or [cursor] is allowed;");
  }
  if (request.cursor.empty()) return request;
  ES_TRY(Request next, read_cursor(request.cursor, limits));
  if (next.fetch_size > window_max) return bad_cursor();
  for (const JsonMember& member : root.members) {
    // How the rest is shown may be said again.
    if (member.name == "columnar") next.columnar = request.columnar;
  }
  return next;
}

EsResult<Request> parse_close(std::string_view body, const QueryLimits& limits) {
  ES_TRY(const JsonNode root, read_object(body, limits));
  std::string cursor;
  for (const JsonMember& member : root.members) {
    if (member.name != "cursor") return unknown_field("sql/clear_cursor", member);
    ES_TRY(cursor, read_text("sql/clear_cursor", member));
  }
  if (cursor.empty()) return illegal_argument("Required [cursor]");
  return read_cursor(cursor, limits);
}

std::string cursor_of(const Request& request, Timestamp now) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("query").string(request.query);
  json.key("time_zone").string(request.zone_name);
  json.key("fetch_size").integer(request.fetch_size);
  json.key("columnar").boolean(request.columnar);
  json.key("page_timeout").string(request.page_timeout);
  if (!request.request_timeout.empty()) json.key("request_timeout").string(request.request_timeout);
  if (!request.parameters_json.empty()) json.key("params").raw(request.parameters_json);
  if (!request.filter.empty()) json.key("filter").raw(request.filter);
  json.key("#now").integer(now.ns);
  if (request.left) json.key("#left").integer(*request.left);
  if (request.skipped > 0) json.key("#skipped").integer(request.skipped);
  if (!request.scroll_id.empty()) json.key("#scroll").string(request.scroll_id);
  if (!request.after.empty()) json.key("#after").raw(request.after);
  json.end_object();
  return to_hex(text);
}

}  // namespace iot::query::sql
