// Collects a QuantileSketch for each bucket: what percentiles, percentile ranks, boxplot and median absolute deviation
// are written from.
#pragma once

#include <string>
#include <vector>

#include "query/bucket_states.h"
#include "query/quantile_sketch.h"
#include "query/value_source.h"

namespace iot::query {

class SketchCollector : public Collector {
 public:
  /// `options` and `execution` must outlive the object; `type` names the aggregation in errors.
  SketchCollector(std::string_view type, const SourceOptions& options, Execution& execution)
      : options_(options), execution_(execution), type_(type), sketches_(execution) {}

  EsResult<void> begin(const Series& series) override;
  /// No summary tells quantiles.
  bool takes_summary(const Run&) const override { return !source_.has_values(); }
  void add_summary(const Run&, Bucket) override {}
  void add(const store::Block& block, Selection selection, Bucket bucket) override;
  bool reads_times() const override { return source_.is_time(); }
  bool can_merge() const override { return true; }
  void merge(Bucket from, Bucket into) override;
  bool clear(Bucket bucket) override;

 protected:
  /// Null where the bucket has no numbers.
  QuantileSketch* sketch(Bucket bucket) noexcept;
  NumberLook look() const noexcept { return look_; }
  Execution& execution() noexcept { return execution_; }

 private:
  const SourceOptions& options_;
  Execution& execution_;
  std::string type_;
  NumberSource source_;
  NumberLook look_ = NumberLook::plain;
  BucketStates<QuantileSketch> sketches_;
  std::vector<double> scratch_;
};

/// Refuses a field that is a date or a boolean, which boxplot and the like do not take.
EsResult<void> check_plain_number(const Series& series, const SourceOptions& options, std::string_view type);

/// "default" or "high_accuracy", which change nothing here.
EsResult<void> check_execution_hint(std::string_view type, const JsonMember& member);

/// {"compression": n, "execution_hint": ...}: checked, and otherwise not needed: the sketch is always more exact than
/// Elasticsearch's default.
EsResult<void> check_tdigest(std::string_view type, const JsonMember& member);

}  // namespace iot::query
