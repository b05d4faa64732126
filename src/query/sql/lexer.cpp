#include "query/sql/lexer.h"

#include <array>

#include "query/sql/expression.h"

namespace iot::query::sql {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool begins_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@';
}

bool is_of_word(char c) {
  return begins_word(c) || is_digit(c) || c == '.';
}

}  // namespace

void Lexer::move_to(std::size_t at) {
  for (; at_ < at; ++at_) {
    if (text_[at_] == '\n') {
      ++position_.line;
      position_.column = 1;
    } else {
      ++position_.column;
    }
  }
}

EsResult<void> Lexer::skip_blanks() {
  while (at_ < text_.size()) {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("--")) {
      const auto end = rest.find('\n');
      move_to(end == std::string_view::npos ? text_.size() : at_ + end);
    } else if (rest.starts_with("/*")) {
      const auto end = rest.find("*/", 2);
      if (end == std::string_view::npos) return parsing_fault(position_, "a comment does not end");
      move_to(at_ + end + 2);
    } else if (rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r' || rest[0] == '\n') {
      move_to(at_ + 1);
    } else {
      break;
    }
  }
  return {};
}

EsResult<Token> Lexer::next() {
  ES_CHECK(skip_blanks());
  Token token;
  token.at = position_;
  token.begin = token.end = at_;
  if (at_ == text_.size()) return token;
  const char first = text_[at_];
  if (first == '\'') return token.kind = Token::Kind::text, quoted(std::move(token), first);
  if (first == '"' || first == '`') return token.kind = Token::Kind::quoted, quoted(std::move(token), first);
  const bool has_next = at_ + 1 < text_.size();
  if (is_digit(first) || (first == '.' && has_next && is_digit(text_[at_ + 1]))) return number(std::move(token));
  std::size_t end = at_ + 1;
  if (begins_word(first)) {
    token.kind = Token::Kind::word;
    while (end < text_.size() && is_of_word(text_[end])) ++end;
  } else {
    token.kind = Token::Kind::symbol;
    constexpr std::array<std::string_view, 6> pairs{"<=", ">=", "<>", "!=", "::", "||"};
    for (const std::string_view pair : pairs) {
      if (text_.substr(at_, 2) == pair) end = at_ + 2;
    }
    constexpr std::string_view singles = "()+-*/%<>=,?;";
    if (end == at_ + 1 && singles.find(first) == std::string_view::npos) {
      return parsing_fault(position_, "token recognition error at: '" + std::string(1, first) + "'");
    }
  }
  token.text = text_.substr(at_, end - at_);
  if (token.text == "!=") token.text = "<>";
  token.end = end;
  move_to(end);
  return token;
}

EsResult<Token> Lexer::quoted(Token token, char mark) {
  std::size_t end = at_ + 1;
  while (true) {
    if (end >= text_.size()) {
      return parsing_fault(position_, "token recognition error at: '" + std::string(1, mark) + "'");
    }
    if (text_[end] == mark) {
      // Twice is once, and no end.
      if (end + 1 >= text_.size() || text_[end + 1] != mark) break;
      ++end;
    }
    token.text += text_[end++];
  }
  token.end = end + 1;
  move_to(token.end);
  return token;
}

Token Lexer::number(Token token) {
  token.kind = Token::Kind::number;
  std::size_t end = at_;
  const auto digits = [&] {
    while (end < text_.size() && is_digit(text_[end])) ++end;
  };
  digits();
  if (end < text_.size() && text_[end] == '.') ++end, digits();
  if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
    std::size_t exponent = end + 1;
    if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
    if (exponent < text_.size() && is_digit(text_[exponent])) end = exponent, digits();
  }
  token.text = text_.substr(at_, end - at_);
  token.end = end;
  move_to(end);
  return token;
}

EsResult<Token> Lexer::table_name(const Token& instead_of) {
  if (instead_of.kind == Token::Kind::quoted || instead_of.kind == Token::Kind::end) return instead_of;
  Token token = instead_of;
  std::size_t end = token.begin;
  const auto is_of_name = [](char c) { return is_of_word(c) || c == '*' || c == '-'; };
  while (end < text_.size() && is_of_name(text_[end])) ++end;
  token.kind = end > token.begin ? Token::Kind::word : Token::Kind::symbol;
  if (end <= token.begin) return token;
  token.text = text_.substr(token.begin, end - token.begin);
  token.end = end;
  at_ = token.begin;
  position_ = token.at;
  move_to(end);
  return token;
}

}  // namespace iot::query::sql
