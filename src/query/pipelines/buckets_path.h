// buckets_path: "a>b.max", "_count", "p[95.0]", "a['key']>m", "a._bucket_count". Parsed, and followed through the
// collectors of a level to a number.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/aggregation.h"
#include "query/bucket_collector.h"
#include "query/es_error.h"

namespace iot::query {

/// What stands in for a bucket without readings, or for a number that is not finite.
enum class GapPolicy { skip, insert_zeros, keep_values };
/// True where such a bucket is left out, and not taken for a number.
constexpr bool is_skippable(GapPolicy policy) noexcept {
  return policy != GapPolicy::insert_zeros;
}

class BucketsPath {
 public:
  static constexpr std::size_t bytes_max = 1'024;

  static EsResult<BucketsPath> parse(std::string_view text);

  const std::string& text() const noexcept { return text_; }
  /// Of the parts between '>', without keys and properties.
  const std::vector<std::string>& names() const noexcept { return names_; }
  /// Names, keys and properties one after the other, as they are followed.
  const std::vector<std::string>& steps() const noexcept { return steps_; }

 private:
  std::string text_;
  std::vector<std::string> names_;
  std::vector<std::string> steps_;
};

/// The number that `steps` lead to in a bucket of `owner`, by `policy`: NaN for a gap that is skipped, nothing where
/// the path ends at a bucket or result that is not there, which Elasticsearch calls null.
EsResult<std::optional<double>> bucket_value(BucketsCollector& owner, const ShownBucket& bucket,
                                             const std::vector<PipelineRow>& rows, std::span<const std::string> steps,
                                             GapPolicy policy);

/// The collector that `steps` name in `level`, through single buckets, and what is left of the steps behind its name.
struct Reached {
  Collector* collector;
  Bucket bucket;
  std::span<const std::string> rest;
};
/// Nothing if there is none.
std::optional<Reached> reach(Collectors& level, Bucket bucket, std::span<const std::string> steps);

}  // namespace iot::query
