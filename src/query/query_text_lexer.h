// The tokens of Lucene's query language: what people type into a search box ("value:>5 AND sensor_id:(3 OR 4)").
//
// Source: the grammar of Lucene's classic QueryParser. Which token comes next does not depend on the ones before.
#pragma once

#include <string>
#include <string_view>

#include "query/es_error.h"

namespace iot::query {

struct QueryTextToken {
  enum class Kind {
    end,
    term,      ///< text: unescaped
    star,      ///< "*" alone
    prefix,    ///< text: unescaped, without the star
    wildcard,  ///< text: as written, with its escapes
    quoted,    ///< text: unescaped
    range,
    regexp,  ///< text: between the slashes
    open,
    close,
    colon,
    caret,   ///< text: the number behind it
    tilde,   ///< text: the number behind it, if any
    both,    ///< AND
    either,  ///< OR
    negation,
    plus,
    minus,
  };
  Kind kind = Kind::end;
  std::string text;
  std::size_t at = 0;  ///< bytes from the beginning

  /// Of a range: its ends, which a lone star leaves open.
  struct Range {
    std::string low, high;
    bool low_open = false, high_open = false;
    bool low_included = true, high_included = true;
  } range;
};

class QueryTextLexer {
 public:
  /// `text` must outlive the lexer.
  explicit QueryTextLexer(std::string_view text) : text_(text) {}

  /// The next token; Kind::end again and again at the end. Refused with parse_exception: a quotation, a range or a
  /// regular expression without an end, and broken escapes.
  EsResult<QueryTextToken> next();

  EsError fault(std::size_t at, std::string_view what) const;

 private:
  EsResult<QueryTextToken> word();
  EsResult<QueryTextToken> delimited(QueryTextToken::Kind kind);
  EsResult<QueryTextToken> range();
  EsResult<void> range_end_text(std::string& text, bool& open);
  EsResult<std::string> unescaped(std::string_view text, std::size_t at) const;
  std::string number();
  void skip_blanks();

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace iot::query
