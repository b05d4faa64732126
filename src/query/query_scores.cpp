#include "query/query_scores.h"

namespace iot::query {

EsResult<void> QueryScores::begin(const Series& series, const Execution& execution) {
  parts_.clear();
  same_ = 1.0f;
  if (!execution.query()) return {};
  ES_CHECK(execution.query()->add_scores(series, execution.now(), Filter::all(), parts_));
  same_ = 0.0f;
  for (const ScorePart& part : parts_) {
    if (part.where.is_none()) continue;
    if (!part.where.is_all()) {
      same_.reset();
      break;
    }
    *same_ += part.points;
  }
  return {};
}

const std::vector<float>& QueryScores::of(const store::Block& block) {
  scores_.assign(block.size(), 0);
  for (const ScorePart& part : parts_) {
    mask_.assign(block.size(), 1);
    part.where.narrow(block, mask_.data());
    for (std::size_t i = 0; i < block.size(); ++i) scores_[i] += mask_[i] ? part.points : 0;
  }
  return scores_;
}

}  // namespace iot::query
