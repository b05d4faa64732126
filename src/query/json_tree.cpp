#include "query/json_tree.h"

#include <cstdint>
#include <unordered_set>

#include "base/json_writer.h"

namespace iot::query {
namespace {

/// Objects with more members than this look for equal keys in a table instead of among all earlier ones.
constexpr std::size_t members_compared_max = 16;

class Parser {
 public:
  Parser(std::string_view text, std::size_t depth_max) : text_(text), depth_max_(depth_max) {}

  EsResult<JsonNode> parse() {
    if (!is_utf8(text_)) return fault(position(), "Invalid UTF-8");
    skip_blanks();
    JsonNode root;
    ES_CHECK(value(root, 1));
    skip_blanks();
    if (at_ != text_.size()) return unexpected("expected end of content");
    return root;
  }

 private:
  Position position() const noexcept { return {line_, static_cast<unsigned>(at_ - line_start_ + 1)}; }
  bool at_end() const noexcept { return at_ == text_.size(); }
  char peek() const noexcept { return text_[at_]; }

  void skip_blanks() noexcept {
    while (!at_end()) {
      const char c = peek();
      if (c == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return;
      }
      ++at_;
    }
  }

  std::string source(Position where) const {
    // Jackson shows the beginning of what it read.
    constexpr std::size_t shown_bytes_max = 500;
    return "\n at [Source: (byte[])\"" + std::string(text_.substr(0, shown_bytes_max)) +
           "\"; line: " + std::to_string(where.line) + ", column: " + std::to_string(where.column) + "]";
  }

  EsError fault(Position where, const std::string& reason) const {
    return content_error(where, reason).caused_by({400, "json_parse_exception", reason + source(where)});
  }

  EsError ended_early(std::string_view within) const {
    const Position where = position();
    return EsError(400, "x_content_e_o_f_exception",
                   "[" + std::to_string(where.line) + ":" + std::to_string(where.column) + "] Unexpected end of file")
        .caused_by({400, "json_e_o_f_exception", "Unexpected end-of-input " + std::string(within) + source(where)});
  }

  EsError unexpected(std::string_view wanted) const {
    const auto code = static_cast<unsigned char>(peek());
    return fault(position(), "Unexpected character ('" + std::string(1, peek()) + "' (code " + std::to_string(code) +
                                 ")): " + std::string(wanted));
  }

  EsResult<void> value(JsonNode& node, std::size_t depth) {
    if (at_end()) return ended_early(depth == 1 ? "in a value" : "within/between Object entries");
    node.at = position();
    switch (peek()) {
      case '{':
        return object(node, depth);
      case '[':
        return array(node, depth);
      case '"':
        node.kind = JsonNode::Kind::string;
        return string(node.text);
      case 't':
        node.flag = true;
        return word(node, "true", JsonNode::Kind::boolean);
      case 'f':
        return word(node, "false", JsonNode::Kind::boolean);
      case 'n':
        return word(node, "null", JsonNode::Kind::null);
      default:
        return number(node);
    }
  }

  EsResult<void> too_deep() const {
    return fault(position(), "Document nesting depth (" + std::to_string(depth_max_ + 1) +
                                 ") exceeds the maximum allowed (" + std::to_string(depth_max_) + ")");
  }

  EsResult<void> object(JsonNode& node, std::size_t depth) {
    if (depth > depth_max_) return too_deep();
    node.kind = JsonNode::Kind::object;
    ++at_;
    skip_blanks();
    if (!at_end() && peek() == '}') return ++at_, EsResult<void>{};
    std::unordered_set<std::string> names;
    while (true) {
      skip_blanks();
      if (at_end()) return ended_early("within/between Object entries");
      if (peek() != '"') return unexpected("was expecting double-quote to start field name");
      JsonMember member;
      member.at = position();
      ES_CHECK(string(member.name));
      if (is_repeated(node, member.name, names)) return fault(member.at, "Duplicate field '" + member.name + "'");
      skip_blanks();
      if (at_end()) return ended_early("within/between Object entries");
      if (peek() != ':') return unexpected("was expecting a colon to separate field name and value");
      ++at_;
      skip_blanks();
      ES_CHECK(value(member.value, depth + 1));
      node.members.push_back(std::move(member));
      skip_blanks();
      if (at_end()) return ended_early("expected close marker for Object");
      const char c = peek();
      if (c != ',' && c != '}') return unexpected("was expecting comma to separate Object entries");
      ++at_;
      if (c == '}') return {};
    }
  }

  static bool is_repeated(const JsonNode& node, const std::string& name, std::unordered_set<std::string>& names) {
    if (node.members.size() < members_compared_max) return node.find(name) != nullptr;
    if (names.empty()) {
      for (const JsonMember& earlier : node.members) names.insert(earlier.name);
    }
    return !names.insert(name).second;
  }

  EsResult<void> array(JsonNode& node, std::size_t depth) {
    if (depth > depth_max_) return too_deep();
    node.kind = JsonNode::Kind::array;
    ++at_;
    skip_blanks();
    if (!at_end() && peek() == ']') return ++at_, EsResult<void>{};
    while (true) {
      skip_blanks();
      ES_CHECK(value(node.items.emplace_back(), depth + 1));
      skip_blanks();
      if (at_end()) return ended_early("expected close marker for Array");
      const char c = peek();
      if (c != ',' && c != ']') return unexpected("was expecting comma to separate Array entries");
      ++at_;
      if (c == ']') return {};
    }
  }

  EsResult<void> word(JsonNode& node, std::string_view expected, JsonNode::Kind kind) {
    if (!text_.substr(at_).starts_with(expected)) {
      if (expected.starts_with(text_.substr(at_))) return at_ = text_.size(), ended_early("in a value");
      return fault(position(),
                   "Unrecognized token: was expecting (JSON String, Number, Array, Object or token 'null', "
                   "'true' or 'false')");
    }
    node.kind = kind;
    at_ += expected.size();
    return {};
  }

  bool digits() noexcept {
    const std::size_t start = at_;
    while (!at_end() && peek() >= '0' && peek() <= '9') ++at_;
    return at_ > start;
  }

  EsResult<void> number(JsonNode& node) {
    const std::size_t start = at_;
    if (peek() == '-') ++at_;
    const std::size_t first_digit = at_;
    if (!digits()) {
      if (at_end()) return ended_early("in a numeric value");
      return unexpected(
          "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')");
    }
    if (text_[first_digit] == '0' && at_ - first_digit > 1) {
      return fault(position(), "Invalid numeric value: Leading zeroes not allowed");
    }
    if (!at_end() && peek() == '.') {
      ++at_;
      if (!digits()) return fault(position(), "Decimal point not followed by a digit");
    }
    if (!at_end() && (peek() == 'e' || peek() == 'E')) {
      ++at_;
      if (!at_end() && (peek() == '+' || peek() == '-')) ++at_;
      if (!digits()) return fault(position(), "Exponent indicator not followed by a digit");
    }
    node.kind = JsonNode::Kind::number;
    node.text = text_.substr(start, at_ - start);
    return {};
  }

  EsResult<void> string(std::string& out) {
    ++at_;
    while (true) {
      const std::size_t start = at_;
      while (!at_end() && peek() != '"' && peek() != '\\' && static_cast<unsigned char>(peek()) >= 0x20) ++at_;
      out.append(text_.substr(start, at_ - start));
      if (at_end()) return ended_early("in VALUE_STRING");
      const char c = peek();
      if (c == '"') return ++at_, EsResult<void>{};
      if (c != '\\') return fault(position(), "Illegal unquoted character: has to be escaped using backslash");
      ES_CHECK(escape(out));
    }
  }

  EsResult<void> escape(std::string& out) {
    ++at_;
    if (at_end()) return ended_early("in character escape sequence");
    const char c = text_[at_++];
    switch (c) {
      case '"':
      case '\\':
      case '/':
        out += c;
        return {};
      case 'b':
        out += '\b';
        return {};
      case 'f':
        out += '\f';
        return {};
      case 'n':
        out += '\n';
        return {};
      case 'r':
        out += '\r';
        return {};
      case 't':
        out += '\t';
        return {};
      case 'u':
        break;
      default:
        return fault(position(), "Unrecognized character escape");
    }
    std::uint32_t code = 0;
    ES_CHECK(hex4(code));
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      std::uint32_t low = 0;
      ES_CHECK(hex4(low));
      if (low < 0xDC00 || low > 0xDFFF) return fault(position(), "Broken surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xD800 && code <= 0xDFFF) {
      return fault(position(), "Broken surrogate pair");
    }
    append_utf8(out, code);
    return {};
  }

  EsResult<void> hex4(std::uint32_t& code) {
    for (int i = 0; i < 4; ++i) {
      if (at_end()) return ended_early("in character escape sequence");
      const char c = text_[at_];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return unexpected("expected a hex-digit for character escape sequence");
      code = code * 16 + static_cast<std::uint32_t>(digit);
      ++at_;
    }
    return {};
  }

  static void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) return put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
    if (code < 0x10000) return put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  }

  std::string_view text_;
  std::size_t depth_max_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  unsigned line_ = 1;
};

}  // namespace

const JsonNode* JsonNode::find(std::string_view name) const noexcept {
  for (const JsonMember& member : members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

std::string JsonNode::as_text() const {
  switch (kind) {
    case Kind::boolean:
      return flag ? "true" : "false";
    case Kind::null:
      return "null";
    default:
      return text;
  }
}

std::string_view JsonNode::token_name() const noexcept {
  switch (kind) {
    case Kind::null:
      return "VALUE_NULL";
    case Kind::boolean:
      return "VALUE_BOOLEAN";
    case Kind::number:
      return "VALUE_NUMBER";
    case Kind::string:
      return "VALUE_STRING";
    case Kind::array:
      return "START_ARRAY";
    case Kind::object:
      return "START_OBJECT";
  }
  return "VALUE_NULL";
}

EsResult<JsonNode> parse_json(std::string_view text, std::size_t depth_max) {
  return Parser(text, depth_max).parse();
}

}  // namespace iot::query
