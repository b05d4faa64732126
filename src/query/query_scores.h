// The scores that the search's query gives to readings, for aggregations that show them.
#pragma once

#include <vector>

#include "query/execution.h"
#include "query/query.h"
#include "query/selection.h"
#include "query/series.h"

namespace iot::query {

class QueryScores {
 public:
  /// What follows is of `series`.
  EsResult<void> begin(const Series& series, const Execution& execution);

  /// The score that all readings of the series have, if it is one.
  std::optional<float> same() const noexcept { return same_; }
  /// One for each place of the block. Valid until the next call.
  const std::vector<float>& of(const store::Block& block);

 private:
  std::vector<ScorePart> parts_;
  std::optional<float> same_;
  std::vector<float> scores_;
  std::vector<std::uint8_t> mask_;
};

}  // namespace iot::query
