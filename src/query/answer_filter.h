// Parts of an answer: the parameter `filter_path`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/es_error.h"

namespace iot::query {

/// Patterns of paths ("hits.hits._source.v*", "**._id"), each of which may be taken away with "-" before it.
class AnswerFilter {
 public:
  /// A comma list. Refused: more than 64 patterns, or one with more than 64 parts.
  static EsResult<AnswerFilter> parse(std::string_view text);

  bool is_empty() const noexcept { return includes_.empty() && excludes_.empty(); }
  /// What is left of `json`, an object or array that this program wrote; "{}" where nothing is. Objects and arrays of
  /// which nothing is left are left out.
  std::string apply(std::string_view json) const;
  /// Whether the member at the path, which holds no others, is left: for answers that would rather not make what
  /// nobody wants.
  bool shows(std::span<const std::string_view> path) const;

 private:
  using Path = std::vector<std::string>;
  class Writer;

  std::vector<Path> includes_;
  std::vector<Path> excludes_;
};

}  // namespace iot::query
