#include "ingest/bulk_action.h"

#include <array>
#include <cstring>
#include <utility>

#include "ingest/raw_reading.h"
#include "ingest/read_member.h"

namespace iot::ingest {

namespace ondemand = simdjson::ondemand;
using model::RawValue;

std::string_view to_string(BulkAction action) noexcept {
  constexpr std::array<std::string_view, 4> names{"index", "create", "update", "delete"};
  return names[static_cast<std::size_t>(action)];
}

namespace {

std::optional<BulkAction> action_of(std::string_view name) noexcept {
  for (const BulkAction action : {BulkAction::index, BulkAction::create, BulkAction::update, BulkAction::remove}) {
    if (name == to_string(action)) return action;
  }
  return {};
}

/// A quoted name without escapes at `at`, which is moved behind it; empty if there is none.
std::string_view scan_name(const char*& at, const char* end) noexcept {
  if (at == end || *at != '"') return {};
  const char* const begin = at + 1;
  const auto* close = static_cast<const char*>(std::memchr(begin, '"', static_cast<std::size_t>(end - begin)));
  if (!close) return {};
  at = close + 1;
  return {begin, static_cast<std::size_t>(close - begin)};
}

/// Moves `at` over blanks, `letter` and more blanks; false if there is another letter.
bool skip_letter(const char*& at, const char* end, char letter) noexcept {
  at = skip_space(at, end);
  if (at == end || *at != letter) return false;
  at = skip_space(at + 1, end);
  return true;
}

/// What one of an action's members says. False: there is no such member.
bool take_member(std::string_view name, const Token& token, ActionLine& line) {
  const bool is_null = token.kind == Token::Kind::null;
  const std::string_view text = token.value.text;
  if (name == "_index") {
    line.index = is_null ? std::string_view{} : text;
  } else if (name == "_id") {
    line.id = is_null ? std::string_view{} : text;
  } else if (name == "_type") {
    // Of Elasticsearch 7, where "_doc" is the only one.
    if (!is_null && text != "_doc") line.unsupported = "[_type] of an action can only be [_doc]";
  } else if (name == "require_alias" || name == "require_data_stream") {
    if (token.value.kind == RawValue::Kind::boolean_true) {
      line.unsupported = "[" + std::string(name) + "] is true, and an index here is neither an alias nor a data stream";
    }
  } else if (name == "routing" || name == "_routing") {
    // An index has one shard.
  } else if (name == "pipeline") {
    if (!is_null && text != "_none") line.unsupported = "pipeline with id [" + std::string(text) + "] does not exist";
  } else if (name == "version" || name == "_version" || name == "version_type" || name == "_version_type" ||
             name == "if_seq_no" || name == "if_primary_term" || name == "dynamic_templates") {
    line.unsupported = "[" + std::string(name) + "] of an action is not supported: a reading has one version";
  } else if (name == "retry_on_conflict" || name == "_retry_on_conflict" || name == "_source") {
    // Of updates, which are refused.
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool scan_usual_action(std::string_view text, ActionLine& line) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (!skip_letter(at, end, '{')) return false;
  const auto action = action_of(scan_name(at, end));
  if (!action || !skip_letter(at, end, ':') || !skip_letter(at, end, '{')) return false;
  line.action = *action;
  while (at != end && *at == '"') {
    const std::string_view name = scan_name(at, end);
    std::string_view* const member = name == "_index" ? &line.index : name == "_id" ? &line.id : nullptr;
    if (!member || member->data() || !skip_letter(at, end, ':')) return false;
    Token token;
    at = scan_usual_value(at, end, token);
    if (!at || token.value.kind != RawValue::Kind::string) return false;
    *member = token.value.text;
    at = skip_space(at, end);
    if (at == end || *at != ',') break;
    at = skip_space(at + 1, end);
    // A comma before the brace is for the general way to refuse.
    if (at == end || *at != '"') return false;
  }
  return skip_letter(at, end, '}') && skip_letter(at, end, '}') && at == end;
}

std::optional<std::string> read_action(ondemand::parser& parser, std::string_view text, std::size_t number,
                                       std::deque<std::string>& texts, ActionLine& line) {
  const std::string where = "Malformed action/metadata line [" + std::to_string(number) + "]";
  const auto malformed = [&](std::string_view what) { return where + ", " + std::string(what); };
  ondemand::document document;
  ondemand::object actions;
  if (parser.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING).get(document)) {
    return malformed("it is not well-formed JSON");
  }
  if (document.get_object().get(actions)) return malformed("expected START_OBJECT");
  // The parser's own memory is used again for the document.
  const auto kept = [&](std::string_view view) -> std::string_view {
    const bool is_of_line = view.empty() || (view.data() >= text.data() && view.data() <= text.data() + text.size());
    return is_of_line ? view : std::string_view(texts.emplace_back(view));
  };
  bool has_action = false;
  for (auto action_result : actions) {
    ondemand::field field;
    std::string_view name;
    if (std::move(action_result).get(field) || !read_name(field, name)) return malformed("it is not well-formed JSON");
    if (has_action) return malformed("expected END_OBJECT but found [FIELD_NAME]");
    const auto action = action_of(name);
    if (!action) {
      return malformed("expected field [create], [delete], [index] or [update] but found [" +
                       std::string(name.substr(0, 64)) + "]");
    }
    has_action = true;
    line.action = *action;
    ondemand::object members;
    if (field.value().get_object().get(members)) return malformed("expected START_OBJECT");
    for (auto member_result : members) {
      ondemand::field member;
      if (std::move(member_result).get(member) || !read_name(member, name)) {
        return malformed("it is not well-formed JSON");
      }
      Token token;
      std::string json;
      constexpr std::size_t depth_max = 8;
      const WalkResult result = read_member(member.value(), token, json, depth_max);
      if (result == WalkResult::malformed) return malformed("it is not well-formed JSON");
      const bool may_be_json = name == "_source" || name == "dynamic_templates";
      if (token.kind == Token::Kind::raw && token.value.kind == RawValue::Kind::json && !may_be_json) {
        return malformed("expected a simple value for field [" + std::string(name.substr(0, 64)) + "]");
      }
      if ((name == "_index" && line.index.data()) || (name == "_id" && line.id.data())) {
        return malformed("Duplicate field '" + std::string(name) + "'");
      }
      token.value.text = kept(token.value.text);
      if (!take_member(name, token, line)) {
        return "Action/metadata line [" + std::to_string(number) + "] contains an unknown parameter [" +
               std::string(name.substr(0, 64)) + "]";
      }
    }
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return malformed("something stands behind the end of the JSON text");
  }
  if (!has_action) return malformed("expected FIELD_NAME but found [END_OBJECT]");
  return {};
}

}  // namespace iot::ingest
