// Which members of a document are shown: `_source` of a request.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/json_tree.h"

namespace iot::query {

struct SourceFilter {
  bool shown = true;
  std::vector<std::string> includes;  ///< empty: all
  std::vector<std::string> excludes;

  bool shows(std::string_view field) const;
  bool shows_all() const noexcept { return includes.empty() && excludes.empty(); }
};

/// true, false, "val*", ["timestamp"], {"includes": [...], "excludes": [...]}.
EsResult<SourceFilter> parse_source_filter(const JsonMember& member);

/// "a,b" as a URL's parameter has it.
std::vector<std::string> split_list(std::string_view text);

}  // namespace iot::query
