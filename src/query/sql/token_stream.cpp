#include "query/sql/token_stream.h"

#include <algorithm>
#include <array>

#include "query/sql/expression.h"

namespace iot::query::sql {

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool is_reserved(std::string_view word) {
  static constexpr std::array<std::string_view, 34> reserved{
      "SELECT", "FROM",  "WHERE",   "GROUP", "BY",   "HAVING",   "ORDER", "LIMIT", "AS",   "AND",   "OR",   "NOT",
      "IN",     "LIKE",  "RLIKE",   "IS",    "NULL", "BETWEEN",  "ASC",   "DESC",  "JOIN", "INNER", "LEFT", "RIGHT",
      "FULL",   "CROSS", "NATURAL", "ON",    "ALL",  "DISTINCT", "TRUE",  "FALSE", "CASE", "EXISTS"};
  return std::find(reserved.begin(), reserved.end(), upper(word)) != reserved.end();
}

EsResult<void> TokenStream::advance() {
  last_end_ = token_.end;
  ES_TRY(token_, lexer_.next());
  return {};
}

bool TokenStream::is_word(std::string_view word) const {
  return token_.kind == Token::Kind::word && upper(token_.text) == word;
}

bool TokenStream::is_symbol(std::string_view symbol) const {
  return token_.kind == Token::Kind::symbol && token_.text == symbol;
}

bool TokenStream::is_name() const {
  return token_.kind == Token::Kind::quoted || (token_.kind == Token::Kind::word && !is_reserved(token_.text));
}

EsResult<bool> TokenStream::take_word(std::string_view word) {
  if (!is_word(word)) return false;
  ES_CHECK(advance());
  return true;
}

EsResult<bool> TokenStream::take_symbol(std::string_view symbol) {
  if (!is_symbol(symbol)) return false;
  ES_CHECK(advance());
  return true;
}

EsResult<void> TokenStream::expect_word(const std::string& word) {
  ES_TRY(const bool taken, take_word(word));
  if (!taken) return unexpected("'" + word + "'");
  return {};
}

EsResult<void> TokenStream::expect_symbol(const std::string& symbol) {
  ES_TRY(const bool taken, take_symbol(symbol));
  if (!taken) return unexpected("'" + symbol + "'");
  return {};
}

EsResult<std::string> TokenStream::name_of(const std::string& what) {
  if (!is_name()) return unexpected(what);
  std::string name = token_.text;
  ES_CHECK(advance());
  return name;
}

EsResult<void> TokenStream::read_as_table_name() {
  ES_TRY(token_, lexer_.table_name(token_));
  return {};
}

EsError TokenStream::unexpected(const Token& found, const std::string& expected) const {
  const bool ended = found.kind == Token::Kind::end;
  const std::string input = ended ? "<EOF>" : std::string(text_.substr(found.begin, found.end - found.begin));
  return parsing_fault(found.at, "mismatched input '" + input + "' expecting " + expected);
}

}  // namespace iot::query::sql
