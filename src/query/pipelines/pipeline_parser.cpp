// Which pipeline aggregations there are, and the options that they share.
#include <array>

#include "query/pipelines/pipeline.h"

namespace iot::query {
namespace {

struct Family {
  std::string_view type;
  ParsePipeline parse;
};

constexpr std::array<Family, 17> families{{
    {"derivative", parse_derivative},
    {"cumulative_sum", parse_cumulative_sum},
    {"serial_diff", parse_serial_diff},
    {"normalize", parse_normalize},
    {"moving_fn", parse_moving_fn},
    {"moving_percentiles", parse_moving_percentiles},
    {"bucket_script", parse_bucket_script},
    {"bucket_selector", parse_bucket_script},
    {"bucket_sort", parse_bucket_sort},
    {"max_bucket", parse_bucket_metric},
    {"min_bucket", parse_bucket_metric},
    {"avg_bucket", parse_bucket_metric},
    {"sum_bucket", parse_bucket_metric},
    {"stats_bucket", parse_bucket_metric},
    {"extended_stats_bucket", parse_bucket_metric},
    {"percentiles_bucket", parse_bucket_metric},
    {"cumulative_cardinality", nullptr},
}};

}  // namespace

std::optional<ParsedPipeline> parse_pipeline(std::string_view type, std::string_view name, const JsonNode& body) {
  for (const Family& family : families) {
    if (family.type != type) continue;
    if (!family.parse) {
      return ParsedPipeline(illegal_argument("aggregation type [" + std::string(type) + "] is not supported"));
    }
    return family.parse(type, name, body);
  }
  return {};
}

EsResult<GapPolicy> read_gap_policy(const JsonMember& member) {
  ES_TRY(const std::string text, read_text("gap_policy", member));
  if (text == "skip") return GapPolicy::skip;
  if (text == "insert_zeros") return GapPolicy::insert_zeros;
  if (text == "keep_values") return GapPolicy::keep_values;
  return parsing_error(member.value.at,
                       "Invalid gap policy: [" + text + "], accepted values: [insert_zeros, skip, keep_values]");
}

EsResult<bool> PipelineOptions::take(std::string_view, const JsonMember& member, std::vector<BucketsPath>& paths) {
  if (member.name == "buckets_path") {
    ES_TRY(const auto texts, read_texts("buckets_path", member));
    for (const std::string& text : texts) {
      ES_TRY(BucketsPath path, BucketsPath::parse(text));
      paths.push_back(std::move(path));
    }
  } else if (member.name == "format") {
    ES_TRY(const std::string text, read_text("format", member));
    ES_TRY(format, NumberFormat::parse(text));
  } else if (member.name == "gap_policy") {
    ES_TRY(gap_policy, read_gap_policy(member));
  } else {
    return false;
  }
  return true;
}

EsResult<void> check_paths(const Pipeline& pipeline, std::string_view type, const JsonNode& body) {
  if (!pipeline.paths.empty()) return {};
  return parsing_error(body.at, "Missing required field [buckets_path] for " + std::string(type) + " aggregation [" +
                                    pipeline.name + "]");
}

}  // namespace iot::query
