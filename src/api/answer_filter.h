// `filter_path`: which members of an answer are wanted, as in Elasticsearch. For answers that would rather not make
// what nobody wants.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace iot::api {

class AnswerFilter {
 public:
  /// `patterns`: "errors,items.*.error,-**._shards"; `*` stands for any letters of a name, `**` for any names; those
  /// with a minus take away. Empty: all is wanted.
  explicit AnswerFilter(std::string_view patterns);

  /// Whether the member at the path, which holds no others, is wanted.
  bool shows(std::span<const std::string_view> path) const;

 private:
  using Pattern = std::vector<std::string>;
  std::vector<Pattern> wanted_;
  std::vector<Pattern> unwanted_;
};

}  // namespace iot::api
