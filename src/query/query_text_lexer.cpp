#include "query/query_text_lexer.h"

#include <cstdint>

namespace iot::query {
namespace {

using Kind = QueryTextToken::Kind;

constexpr std::string_view wide_blank = "\u3000";

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Characters that begin or end something else than a word, unless they are escaped.
bool is_special(char c) {
  return is_blank(c) || std::string_view("!():^[]\"{}~\\/").find(c) != std::string_view::npos;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) return put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
}

}  // namespace

EsError QueryTextLexer::fault(std::size_t at, std::string_view what) const {
  unsigned line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < at && i < text_.size(); ++i) {
    if (text_[i] != '\n') continue;
    ++line;
    line_start = i + 1;
  }
  return {400, "parse_exception",
          "Cannot parse '" + std::string(text_) + "': " + std::string(what) + " at line " + std::to_string(line) +
              ", column " + std::to_string(at - line_start) + "."};
}

void QueryTextLexer::skip_blanks() {
  while (at_ < text_.size()) {
    if (is_blank(text_[at_])) {
      ++at_;
    } else if (text_.substr(at_).starts_with(wide_blank)) {
      at_ += wide_blank.size();
    } else {
      return;
    }
  }
}

EsResult<std::string> QueryTextLexer::unescaped(std::string_view text, std::size_t at) const {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return fault(at + i, "Term can not end with escape character.");
    if (text[i] != 'u') {
      out += text[i];
      continue;
    }
    std::uint32_t code = 0;
    for (int digit = 0; digit < 4; ++digit) {
      if (++i == text.size()) return fault(at + i, "Truncated unicode escape sequence.");
      const int value = hex_digit(text[i]);
      if (value < 0) return fault(at + i, "Non-hex character in Unicode escape sequence");
      code = code * 16 + static_cast<std::uint32_t>(value);
    }
    if (code >= 0xD800 && code <= 0xDFFF) return fault(at + i, "Surrogate in Unicode escape sequence");
    append_utf8(out, code);
  }
  return out;
}

std::string QueryTextLexer::number() {
  const std::size_t start = at_;
  const auto digits = [&] {
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
  };
  digits();
  if (at_ > start && at_ + 1 < text_.size() && text_[at_] == '.' && text_[at_ + 1] >= '0' && text_[at_ + 1] <= '9') {
    ++at_;
    digits();
  }
  return std::string(text_.substr(start, at_ - start));
}

EsResult<QueryTextToken> QueryTextLexer::next() {
  skip_blanks();
  QueryTextToken token;
  token.at = at_;
  if (at_ == text_.size()) return token;
  const auto single = [&](Kind kind) {
    token.kind = kind;
    ++at_;
    return token;
  };
  switch (text_[at_]) {
    case '(':
      return single(Kind::open);
    case ')':
      return single(Kind::close);
    case ':':
      return single(Kind::colon);
    case '!':
      return single(Kind::negation);
    case '+':
      return single(Kind::plus);
    case '-':
      return single(Kind::minus);
    case '^': {
      single(Kind::caret);
      skip_blanks();
      token.text = number();
      if (token.text.empty()) return fault(at_, "Expected a number after '^'");
      return token;
    }
    case '~': {
      single(Kind::tilde);
      token.text = number();
      return token;
    }
    case '"':
      return delimited(Kind::quoted);
    case '/':
      return delimited(Kind::regexp);
    case '[':
    case '{':
      return range();
    case ']':
    case '}':
      return fault(at_, "Encountered \"" + std::string(1, text_[at_]) + "\"");
    default:
      return word();
  }
}

EsResult<QueryTextToken> QueryTextLexer::delimited(Kind kind) {
  const std::size_t start = at_;
  const char mark = text_[at_++];
  const std::size_t begin = at_;
  while (at_ < text_.size() && text_[at_] != mark) at_ += text_[at_] == '\\' ? 2 : 1;
  if (at_ >= text_.size()) {
    at_ = text_.size();
    return fault(start, "Lexical error. Encountered: <EOF> after " + std::string(1, mark));
  }
  QueryTextToken token;
  token.kind = kind;
  token.at = start;
  const std::string_view inside = text_.substr(begin, at_ - begin);
  ++at_;
  if (kind == Kind::regexp) {
    token.text = inside;
  } else {
    ES_TRY(token.text, unescaped(inside, begin));
  }
  return token;
}

EsResult<void> QueryTextLexer::range_end_text(std::string& text, bool& open) {
  skip_blanks();
  if (at_ < text_.size() && text_[at_] == '"') {
    ES_TRY(QueryTextToken token, delimited(Kind::quoted));
    text = std::move(token.text);
    return {};
  }
  const std::size_t begin = at_;
  while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != ']' && text_[at_] != '}') ++at_;
  if (at_ == begin) return fault(at_, "Expected an end of the range");
  const std::string_view written = text_.substr(begin, at_ - begin);
  open = written == "*";
  ES_TRY(text, unescaped(written, begin));
  return {};
}

EsResult<QueryTextToken> QueryTextLexer::range() {
  QueryTextToken token;
  token.kind = Kind::range;
  token.at = at_;
  token.range.low_included = text_[at_++] == '[';
  ES_CHECK(range_end_text(token.range.low, token.range.low_open));
  skip_blanks();
  const std::string_view rest = text_.substr(at_);
  if (!rest.starts_with("TO") || rest.size() < 3 || !is_blank(rest[2])) return fault(at_, "Expected \"TO\" in a range");
  at_ += 2;
  ES_CHECK(range_end_text(token.range.high, token.range.high_open));
  skip_blanks();
  if (at_ == text_.size()) return fault(at_, "Encountered <EOF> in a range");
  if (text_[at_] != ']' && text_[at_] != '}') return fault(at_, "Expected the end of a range");
  token.range.high_included = text_[at_++] == ']';
  return token;
}

EsResult<QueryTextToken> QueryTextLexer::word() {
  QueryTextToken token;
  token.at = at_;
  std::size_t stars = 0;
  bool has_marks = false;
  std::size_t last_mark = 0;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '\\') {
      if (at_ + 1 == text_.size()) return fault(at_, "Term can not end with escape character.");
      at_ += 2;
      continue;
    }
    if (is_special(c) || text_.substr(at_).starts_with(wide_blank)) break;
    if (c == '*' || c == '?') {
      has_marks = true;
      stars += c == '*' ? 1 : 2;
      last_mark = at_;
    }
    ++at_;
  }
  const std::string_view written = text_.substr(token.at, at_ - token.at);
  if (!has_marks) {
    token.kind = written == "AND" || written == "&&"  ? Kind::both
                 : written == "OR" || written == "||" ? Kind::either
                 : written == "NOT"                   ? Kind::negation
                                                      : Kind::term;
    if (token.kind == Kind::term) {
      ES_TRY(token.text, unescaped(written, token.at));
    }
  } else if (written == "*") {
    token.kind = Kind::star;
  } else if (stars == 1 && last_mark + 1 == at_) {
    token.kind = Kind::prefix;
    ES_TRY(token.text, unescaped(written.substr(0, written.size() - 1), token.at));
  } else {
    token.kind = Kind::wildcard;
    token.text = written;
  }
  return token;
}

}  // namespace iot::query
