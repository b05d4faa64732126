// The files of the GUI, compiled in by web/embed.js. Immutable; they live as long as the program.
#pragma once

#include <span>
#include <string_view>

namespace iot::gui {

struct Asset {
  std::string_view path;  ///< "/assets/index-3f2a.js"
  std::string_view content_type;
  std::string_view hash;  ///< of the content, hexadecimal
  bool is_immutable;      ///< its path has the content's hash: another content is at another path
  std::string_view identity;
  std::string_view gzip;    ///< empty: it would not be smaller
  std::string_view brotli;  ///< likewise
};

/// All of them, "/index.html" among them, sorted by path.
std::span<const Asset> assets();

}  // namespace iot::gui
