#include "query/bucket_collector.h"

#include <utility>

namespace iot::query {

ShownBuckets BucketsCollector::make(Bucket parent) {
  ShownBuckets made = list(parent);
  if (below_.has_pipelines()) below_.run(*this, made);
  return made;
}

const ShownBuckets& BucketsCollector::shown(Bucket parent) {
  if (const auto found = shown_.find(parent); found != shown_.end()) return found->second;
  ShownBuckets made = make(parent);
  execution_.charge(made.buckets.size() * sizeof(ShownBucket));
  return shown_.emplace(parent, std::move(made)).first->second;
}

ShownBuckets BucketsCollector::take(Bucket parent) {
  if (auto kept = shown_.extract(parent)) return std::move(kept.mapped());
  return make(parent);
}

void BucketsCollector::write_below(JsonWriter& json, const ShownBuckets& shown, const ShownBucket& bucket,
                                   const AnswerForm& form) {
  static const PipelineRow nothing;
  below_.write(json, bucket.bucket, form, shown.rows.empty() ? nothing : shown.rows[bucket.row]);
}

}  // namespace iot::query
