// The words of an SQL text as parsers take them: one at a time, with the faults of what was expected instead.
#pragma once

#include <string>
#include <string_view>

#include "query/sql/lexer.h"

namespace iot::query::sql {

/// ASCII letters alone, as keywords and names of functions are.
std::string upper(std::string_view text);

/// Ends an expression: no alias and no column.
bool is_reserved(std::string_view word);

/// `text` must outlive the object.
class TokenStream {
 public:
  explicit TokenStream(std::string_view text) : text_(text), lexer_(text) {}

  /// Before the first advance(), an empty one.
  const Token& token() const noexcept { return token_; }
  EsResult<void> advance();
  bool is_word(std::string_view word) const;
  bool is_symbol(std::string_view symbol) const;
  /// A quoted name, or a word that is not reserved.
  bool is_name() const;

  EsResult<bool> take_word(std::string_view word);
  EsResult<bool> take_symbol(std::string_view symbol);
  EsResult<void> expect_word(const std::string& word);
  EsResult<void> expect_symbol(const std::string& symbol);
  /// `what` names it in the fault: "a type".
  EsResult<std::string> name_of(const std::string& what);
  /// Reads the token again as a name behind FROM, see Lexer::table_name().
  EsResult<void> read_as_table_name();

  /// That the token, or `found` in its place, is not what was expected.
  EsError unexpected(const std::string& expected) const { return unexpected(token_, expected); }
  EsError unexpected(const Token& found, const std::string& expected) const;
  /// The text from byte `begin` to the end of the last token taken.
  std::string_view taken_from(std::size_t begin) const { return text_.substr(begin, last_end_ - begin); }

 private:
  std::string_view text_;
  Lexer lexer_;
  Token token_;
  std::size_t last_end_ = 0;
};

}  // namespace iot::query::sql
