// Clauses joined: what `bool` is, and what the texts of query_string become.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "query/query.h"

namespace iot::query {

/// minimum_should_match: 2, -1, "75%", "-25%".
struct MinimumShould {
  std::int64_t amount = 0;
  bool percent = false;

  /// How many of so many clauses must match; never below 0.
  std::size_t of(std::size_t clauses) const noexcept;
};

EsResult<MinimumShould> read_minimum_should_match(std::string_view parser, const JsonMember& member);

/// Without `must` and `filter`, at least one of `should` must match.
class BoolQuery final : public Query {
 public:
  std::vector<QueryPtr> must, filter, should, must_not;
  std::optional<MinimumShould> minimum;

  EsResult<Filter> compile(const Series& series, Timestamp now) const override;
  EsResult<void> add_scores(const Series& series, Timestamp now, const Filter& where,
                            std::vector<ScorePart>& parts) const override;

 private:
  std::size_t minimum_should() const;
};

}  // namespace iot::query
