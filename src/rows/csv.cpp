#include "rows/csv.h"

namespace iot::rows {

void append_csv_text(std::string& out, std::string_view text) {
  out += '"';
  while (true) {
    const std::size_t quote = text.find('"');
    if (quote == std::string_view::npos) break;
    out += text.substr(0, quote + 1);
    out += '"';
    text.remove_prefix(quote + 1);
  }
  out += text;
  out += '"';
}

}  // namespace iot::rows
