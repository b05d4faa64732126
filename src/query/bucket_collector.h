// What aggregations with many buckets share towards pipelines: the list of buckets that a parent shows, on which the
// pipelines of the level below work before it is written.
//
// A family with buckets derives from BucketsCollector, makes the list in list() and writes what take() gives.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "query/aggregation.h"
#include "query/pipelines/pipeline_result.h"

namespace iot::query {

struct ShownBucket {
  /// The number of a bucket that no reading fell into: no collector below knows it, so all are empty there.
  static constexpr Bucket none = 0xFFFF'FFFF;

  std::int64_t key;
  std::uint64_t count;
  Bucket bucket;
  /// Its place in ShownBuckets::rows, kept while buckets change places; set by Collectors::run().
  std::uint32_t row = 0;
};

struct ShownBuckets {
  std::vector<ShownBucket> buckets;
  std::uint64_t others = 0;       ///< readings of buckets that are not shown (terms)
  std::vector<PipelineRow> rows;  ///< empty if the level has no pipelines
};

class BucketsCollector : public Collector {
 public:
  /// `of_time`: see Collectors.
  BucketsCollector(const Aggregations& below, Execution& execution, const SizedBuckets* of_time = nullptr)
      : execution_(execution), below_(below, execution, of_time) {}

  BucketsCollector* buckets() final { return this; }
  Collectors& below() noexcept { return below_; }
  /// What `parent` shows, pipelines done; valid until it is written.
  const ShownBuckets& shown(Bucket parent);

  /// As keys of max_bucket and paths (a['key']>b) name it.
  virtual std::string key_text(const ShownBucket& bucket) const = 0;
  /// `_key` in a path; nothing where keys are not numbers (dates, texts).
  virtual std::optional<double> key_number(const ShownBucket&) const { return {}; }
  /// Where a bucket of a histogram stands, for the units of derivatives.
  virtual double axis(const ShownBucket& bucket) const { return static_cast<double>(bucket.key); }
  /// As bucket_sort orders by `_key`: below 0 if `a` comes first.
  virtual int compare_keys(const ShownBucket& a, const ShownBucket& b) const {
    return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
  }

 protected:
  /// The buckets in order, before pipelines, counted by Execution::count_buckets.
  virtual ShownBuckets list(Bucket parent) = 0;
  /// What `parent` shows, for write(): a list is made once for paths that ask for it and for the answer.
  ShownBuckets take(Bucket parent);
  void write_below(JsonWriter& json, const ShownBuckets& shown, const ShownBucket& bucket, const AnswerForm& form);

  Execution& execution_;
  Collectors below_;

 private:
  ShownBuckets make(Bucket parent);

  std::unordered_map<Bucket, ShownBuckets> shown_;
};

}  // namespace iot::query
