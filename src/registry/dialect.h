// The few places where the engines' SQL differs. Everything else is written once.
//
// Texts hold names in braces: `CREATE TABLE users (id {id}, ...)`.
#pragma once

#include <string>
#include <string_view>

namespace iot::registry {

struct Dialect {
  std::string_view id;         ///< {id}: a 64-bit primary key that the program fills in
  std::string_view clustered;  ///< {clustered}: after a table whose primary key should hold the rows themselves
  std::string_view long_text;  ///< {long_text}: a text of up to 16 MiB
  std::string_view begin;      ///< starts a transaction that will write
};

const Dialect& sqlite_dialect() noexcept;

/// `sql` with its names in braces replaced.
std::string expand(std::string_view sql, const Dialect& dialect);

}  // namespace iot::registry
