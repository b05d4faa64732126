// Names as people write them: whether they may be stored, and how they are compared when somebody searches.
//
// Folding is done here and stored beside the name, so that every database engine finds the same things: SQLite's
// LOWER() knows ASCII alone, PostgreSQL's depends on the server's locale, MariaDB's on the collation.
#pragma once

#include <string>
#include <string_view>

namespace iot::registry {

enum class LineBreaks { refused, allowed };

/// True for valid UTF-8 without control characters (C0, DEL, C1); line feed, carriage return and tab may be allowed.
bool is_clean_text(std::string_view text, LineBreaks line_breaks) noexcept;

/// Of valid UTF-8.
std::size_t count_code_points(std::string_view text) noexcept;

/// Lower case, code point by code point, for ASCII and for the Latin, Greek and Cyrillic letters of languages in use
/// (Unicode's simple case folding of U+0000 to U+04FF and U+1E00 to U+1EFF, without phonetic and historic letters).
/// What databases hold depends on it: a change needs a migration. Bytes that are not UTF-8 are passed on as they are.
std::string fold_case(std::string_view text);

/// A pattern for LIKE ... ESCAPE '!' that matches folded names which contain `text` in any case. "" matches all.
std::string contains_pattern(std::string_view text);

}  // namespace iot::registry
