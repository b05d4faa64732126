// Words of an SQL text. `text` must outlive the lexer.
#pragma once

#include <string>
#include <string_view>

#include "query/es_error.h"

namespace iot::query::sql {

struct Token {
  enum class Kind { end, word, quoted, text, number, symbol };
  Kind kind = Kind::end;
  Position at;
  std::size_t begin = 0;  ///< bytes of the text
  std::size_t end = 0;
  std::string text;  ///< unquoted; symbols as they are, "!=" as "<>"
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  EsResult<Token> next();
  /// A name behind FROM from `begin` on, which may begin with a digit and hold '*', '-' and '.'; quoted or bare.
  EsResult<Token> table_name(const Token& instead_of);

 private:
  EsResult<void> skip_blanks();
  void move_to(std::size_t at);
  EsResult<Token> quoted(Token token, char mark);
  Token number(Token token);

  std::string_view text_;
  std::size_t at_ = 0;
  Position position_;
};

}  // namespace iot::query::sql
