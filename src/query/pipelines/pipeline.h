// A pipeline aggregation: works on results of others and not on readings. Parsed and immutable; Collectors::run() and
// Collectors::beside() run those of a level.
//
// Each family is a file with a parse function; the table in pipeline_parser.cpp names them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/aggregation.h"
#include "query/bucket_collector.h"
#include "query/json_fields.h"
#include "query/number_format.h"
#include "query/pipelines/buckets_path.h"
#include "query/pipelines/pipeline_result.h"

namespace iot::query {

/// The buckets of one parent while a pipeline inside them runs.
class BucketsAtWork {
 public:
  BucketsAtWork(BucketsCollector& owner, ShownBuckets& shown, std::size_t place, Execution& execution)
      : owner_(owner), shown_(shown), place_(place), execution_(execution) {}

  std::size_t size() const noexcept { return shown_.buckets.size(); }
  /// As bucket_value(). Counted as work.
  EsResult<std::optional<double>> value(std::size_t i, const BucketsPath& path, GapPolicy policy);
  /// The same for all buckets, NaN also where the path ends early.
  EsResult<std::vector<double>> values(const BucketsPath& path, GapPolicy policy);
  /// Replaces what the pipeline shows in the i-th bucket.
  void put(std::size_t i, std::unique_ptr<const PipelineResult> result);
  /// Leaves the buckets at these places, in this order.
  void keep(const std::vector<std::size_t>& places);

  const ShownBucket& operator[](std::size_t i) const { return shown_.buckets[i]; }
  BucketsCollector& owner() noexcept { return owner_; }
  Execution& execution() noexcept { return execution_; }

 private:
  BucketsCollector& owner_;
  ShownBuckets& shown_;
  std::size_t place_;
  Execution& execution_;
};

class Pipeline {
 public:
  virtual ~Pipeline() = default;
  /// What stands above it.
  enum class Place { beside_buckets, inside_buckets, inside_histogram };
  virtual Place place() const = 0;
  /// Further faults of the kind that Elasticsearch lists for a whole request ("Validation Failed").
  virtual void validate(std::vector<std::string>& /*faults*/) const {}

  /// Of pipelines inside buckets: adds results, takes buckets out or orders them.
  virtual EsResult<void> run(BucketsAtWork&) const { return {}; }
  /// Of pipelines beside buckets, which are in `level`.
  virtual EsResult<std::unique_ptr<const PipelineResult>> look_at(Collectors& /*level*/, Bucket, Execution&) const {
    return std::unique_ptr<const PipelineResult>();
  }

  std::string name;
  std::string type;
  std::string meta_json;  ///< empty: none
  std::vector<BucketsPath> paths;
};

/// The options that most pipelines share.
struct PipelineOptions {
  std::optional<NumberFormat> format;
  GapPolicy gap_policy = GapPolicy::skip;

  /// Takes `buckets_path` (one, or an array) into `paths`, `format` and `gap_policy`; false for other members.
  EsResult<bool> take(std::string_view name, const JsonMember& member, std::vector<BucketsPath>& paths);
  const NumberFormat* number_format() const noexcept { return format ? &*format : nullptr; }
};

EsResult<GapPolicy> read_gap_policy(const JsonMember& member);
/// Refused: no path at all. "must contain a single entry" is a fault that validate() tells.
EsResult<void> check_paths(const Pipeline& pipeline, std::string_view type, const JsonNode& body);

using ParsedPipeline = EsResult<std::shared_ptr<Pipeline>>;
/// Nothing if there is no such type.
std::optional<ParsedPipeline> parse_pipeline(std::string_view type, std::string_view name, const JsonNode& body);

/// Puts the pipelines of a level into an order in which each follows those that its paths name.
EsResult<void> order_pipelines(Aggregations& level);
/// Checks all pipelines of a request against what stands above and beside them.
EsResult<void> validate_pipelines(const Aggregations& top);

using ParsePipeline = ParsedPipeline (*)(std::string_view type, std::string_view name, const JsonNode& body);
ParsedPipeline parse_derivative(std::string_view type, std::string_view name, const JsonNode& body);
ParsedPipeline parse_cumulative_sum(std::string_view type, std::string_view name, const JsonNode& body);
ParsedPipeline parse_serial_diff(std::string_view type, std::string_view name, const JsonNode& body);
ParsedPipeline parse_normalize(std::string_view type, std::string_view name, const JsonNode& body);
ParsedPipeline parse_moving_fn(std::string_view type, std::string_view name, const JsonNode& body);
ParsedPipeline parse_moving_percentiles(std::string_view type, std::string_view name, const JsonNode& body);
ParsedPipeline parse_bucket_script(std::string_view type, std::string_view name, const JsonNode& body);
ParsedPipeline parse_bucket_sort(std::string_view type, std::string_view name, const JsonNode& body);
ParsedPipeline parse_bucket_metric(std::string_view type, std::string_view name, const JsonNode& body);

}  // namespace iot::query
