// Fields of CSV (RFC 4180).
#pragma once

#include <string>
#include <string_view>

namespace iot::rows {

/// Appends `text` in quotes, with quotes inside it doubled: as it is, whatever it contains.
void append_csv_text(std::string& out, std::string_view text);

}  // namespace iot::rows
