#include "registry/dialect.h"

namespace iot::registry {
namespace {

void replace_all(std::string& text, std::string_view name, std::string_view value) {
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) {
    text.replace(at, name.size(), value);
  }
}

}  // namespace

const Dialect& sqlite_dialect() noexcept {
  // Exactly this spelling makes the column SQLite's row number; BIGINT would cost a second tree. A deferred transaction
  // would find out that somebody else writes only at its first write, and fail at once instead of waiting.
  static constexpr Dialect dialect{.id = "INTEGER NOT NULL PRIMARY KEY",
                                   .clustered = "WITHOUT ROWID",
                                   .long_text = "TEXT",
                                   .begin = "BEGIN IMMEDIATE"};
  return dialect;
}

std::string expand(std::string_view sql, const Dialect& dialect) {
  std::string text(sql);
  replace_all(text, "{id}", dialect.id);
  replace_all(text, "{clustered}", dialect.clustered);
  replace_all(text, "{long_text}", dialect.long_text);
  return text;
}

}  // namespace iot::registry
