// What every aggregation is: parsed (Aggregation), and at work (Collector).
//
// Each family of aggregations is a file with a parse function; the table in aggregation_parser.cpp names them. A
// collector sees one index after the other, blocks or summaries in between, and writes its part of the answer at the
// end. A bucket is a number that the parent gives out, from 0 on; the collector keeps a state for each.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "query/es_error.h"
#include "query/execution.h"
#include "query/filter.h"
#include "query/json_tree.h"
#include "query/query.h"
#include "query/selection.h"
#include "query/series.h"
#include "store/reading_store.h"

namespace iot::query {

using Bucket = std::uint32_t;

struct AnswerForm {
  bool typed_keys = false;
};

class Collector {
 public:
  virtual ~Collector() = default;

  /// Called once, before all else, with every index that will come.
  virtual EsResult<void> prepare(std::span<const Series* const>) { return {}; }
  /// The blocks and summaries that follow are of `series`. Refused on the shard: a field that cannot be aggregated so.
  virtual EsResult<void> begin(const Series& series) = 0;
  /// True if add_summary() gives the same result as add() with the readings of the run.
  virtual bool takes_summary(const Run& run) const = 0;
  virtual void add_summary(const Run& run, Bucket bucket) = 0;
  virtual void add(const store::Block& block, Selection selection, Bucket bucket) = 0;

  /// Appends the members of the aggregation's object.
  virtual void write(JsonWriter& json, Bucket bucket, const AnswerForm& form) = 0;
  /// As `typed_keys` names it: "date_histogram".
  virtual std::string_view type_name() const = 0;
  /// A number of the bucket, for orders: `property` is empty or names one of several ("max" of stats).
  virtual std::optional<double> number(Bucket, std::string_view /*property*/) { return {}; }
  /// False if number() never gives one for `property`.
  virtual bool has_number(std::string_view /*property*/) const { return false; }
};

class Aggregation {
 public:
  virtual ~Aggregation() = default;
  virtual std::unique_ptr<Collector> collector(Execution& execution) const = 0;

  std::string name;
  std::string meta_json;  ///< empty: none
};

using Aggregations = std::vector<std::unique_ptr<const Aggregation>>;

/// The collectors of one level, side by side.
class Collectors {
 public:
  Collectors(const Aggregations& aggregations, Execution& execution);

  bool empty() const noexcept { return entries_.empty(); }
  EsResult<void> prepare(std::span<const Series* const> series);
  EsResult<void> begin(const Series& series);
  bool takes_summary(const Run& run) const;
  void add_summary(const Run& run, Bucket bucket);
  void add(const store::Block& block, Selection selection, Bucket bucket);
  /// Appends a member for each, as Elasticsearch orders them: inside a bucket the last one first.
  void write(JsonWriter& json, Bucket bucket, const AnswerForm& form);
  void write_top(JsonWriter& json, const AnswerForm& form);
  Collector* find(std::string_view name) const noexcept;

 private:
  struct Entry {
    const Aggregation* aggregation;
    std::unique_ptr<Collector> collector;
  };
  void write_entry(JsonWriter& json, Entry& entry, Bucket bucket, const AnswerForm& form);

  Execution& execution_;
  std::vector<Entry> entries_;
};

/// State of parsing the aggregations of one request.
class AggregationParser {
 public:
  /// In one request, at all depths.
  static constexpr std::size_t aggregations_max = 1'024;

  AggregationParser(QueryParser& queries, Timestamp now) : queries_(queries), now_(now) {}

  /// The object under "aggs".
  EsResult<Aggregations> parse(const JsonNode& node);
  QueryParser& queries() noexcept { return queries_; }
  Timestamp now() const noexcept { return now_; }
  /// Of the aggregation that is being parsed, for errors.
  const std::string& name() const noexcept { return name_; }

 private:
  EsResult<std::unique_ptr<const Aggregation>> parse_one(const JsonMember& member);

  QueryParser& queries_;
  Timestamp now_;
  std::string name_;
  std::size_t count_ = 0;
};

// The families. `below` are the sub-aggregations, already parsed.
using ParsedAggregation = EsResult<std::unique_ptr<Aggregation>>;
using ParseAggregation = ParsedAggregation (*)(AggregationParser& parser, std::string_view type, const JsonNode& body,
                                               Aggregations below);
ParsedAggregation parse_stats_family(AggregationParser&, std::string_view type, const JsonNode& body,
                                     Aggregations below);
ParsedAggregation parse_value_count(AggregationParser&, std::string_view type, const JsonNode& body,
                                    Aggregations below);
ParsedAggregation parse_percentiles(AggregationParser&, std::string_view type, const JsonNode& body,
                                    Aggregations below);
ParsedAggregation parse_extended_stats(AggregationParser&, std::string_view type, const JsonNode& body,
                                       Aggregations below);
ParsedAggregation parse_percentile_ranks(AggregationParser&, std::string_view type, const JsonNode& body,
                                         Aggregations below);
ParsedAggregation parse_cardinality(AggregationParser&, std::string_view type, const JsonNode& body,
                                    Aggregations below);
ParsedAggregation parse_median_absolute_deviation(AggregationParser&, std::string_view type, const JsonNode& body,
                                                  Aggregations below);
ParsedAggregation parse_boxplot(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations below);
ParsedAggregation parse_weighted_avg(AggregationParser&, std::string_view type, const JsonNode& body,
                                     Aggregations below);
ParsedAggregation parse_top_hits(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations below);
ParsedAggregation parse_top_metrics(AggregationParser&, std::string_view type, const JsonNode& body,
                                    Aggregations below);
ParsedAggregation parse_geo_bounds(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations below);
ParsedAggregation parse_geo_centroid(AggregationParser&, std::string_view type, const JsonNode& body,
                                     Aggregations below);
ParsedAggregation parse_string_stats(AggregationParser&, std::string_view type, const JsonNode& body,
                                     Aggregations below);
ParsedAggregation parse_date_histogram(AggregationParser&, std::string_view type, const JsonNode& body,
                                       Aggregations below);
ParsedAggregation parse_histogram(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations below);
ParsedAggregation parse_terms_aggregation(AggregationParser&, std::string_view type, const JsonNode& body,
                                          Aggregations below);
ParsedAggregation parse_filter_aggregation(AggregationParser&, std::string_view type, const JsonNode& body,
                                           Aggregations below);
ParsedAggregation parse_missing_aggregation(AggregationParser&, std::string_view type, const JsonNode& body,
                                            Aggregations below);

}  // namespace iot::query
