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

class GlobalCollector;
class SizedBuckets;

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

  /// For parents that join buckets when they have seen more (auto_date_histogram): whether merge() may be called.
  virtual bool can_merge() const { return false; }
  /// Adds what `from` has to `into`. `from` is not used again.
  virtual void merge(Bucket /*from*/, Bucket /*into*/) {}
  /// Forgets what `bucket` has, for parents that use its number again (composite). False if that is not possible: the
  /// number is then left alone.
  virtual bool clear(Bucket) { return false; }
  /// Not null for what looks at all readings of the indices, whatever the query says.
  virtual GlobalCollector* global() noexcept { return nullptr; }
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
  /// `buckets_of_time` are those that the collectors are in, if each is a stretch of time (sized_buckets.h). It must
  /// outlive the object.
  Collectors(const Aggregations& aggregations, Execution& execution, const SizedBuckets* buckets_of_time = nullptr);

  bool empty() const noexcept { return entries_.empty(); }
  /// Once: a global aggregation is planned with the others and walked again on its own.
  EsResult<void> prepare(std::span<const Series* const> series);
  EsResult<void> begin(const Series& series);
  bool takes_summary(const Run& run) const;
  void add_summary(const Run& run, Bucket bucket);
  void add(const store::Block& block, Selection selection, Bucket bucket);
  /// Appends a member for each, as Elasticsearch orders them: inside a bucket the last one first.
  void write(JsonWriter& json, Bucket bucket, const AnswerForm& form);
  void write_top(JsonWriter& json, const AnswerForm& form);
  Collector* find(std::string_view name) const noexcept;
  /// The first one that cannot merge(), or null.
  const Aggregation* unable_to_merge() const noexcept;
  bool can_merge() const noexcept { return unable_to_merge() == nullptr; }
  void merge(Bucket from, Bucket into);
  bool clear(Bucket bucket);
  /// Those that look at all readings, each to be walked on its own.
  std::vector<GlobalCollector*> globals() const;

 private:
  struct Entry {
    const Aggregation* aggregation;
    std::unique_ptr<Collector> collector;
  };
  void write_entry(JsonWriter& json, Entry& entry, Bucket bucket, const AnswerForm& form);

  Execution& execution_;
  std::vector<Entry> entries_;
  bool is_prepared_ = false;
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

  /// An aggregation that is being parsed: its name and its type with the body.
  struct Level {
    std::string name;
    const JsonMember* definition;
  };
  /// Of the aggregation that is being parsed, for errors.
  const std::string& name() const noexcept { return path_.back().name; }
  /// Those around it, the outermost first.
  std::span<const Level> ancestors() const noexcept { return std::span(path_).first(path_.size() - 1); }

 private:
  EsResult<std::unique_ptr<const Aggregation>> parse_one(const JsonMember& member);

  QueryParser& queries_;
  Timestamp now_;
  std::vector<Level> path_;
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
ParsedAggregation parse_date_histogram(AggregationParser&, std::string_view type, const JsonNode& body,
                                       Aggregations below);
ParsedAggregation parse_histogram(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations below);
ParsedAggregation parse_terms_aggregation(AggregationParser&, std::string_view type, const JsonNode& body,
                                          Aggregations below);
ParsedAggregation parse_filter_aggregation(AggregationParser&, std::string_view type, const JsonNode& body,
                                           Aggregations below);
ParsedAggregation parse_missing_aggregation(AggregationParser&, std::string_view type, const JsonNode& body,
                                            Aggregations below);
ParsedAggregation parse_range_aggregation(AggregationParser&, std::string_view type, const JsonNode& body,
                                          Aggregations below);
ParsedAggregation parse_filters_aggregation(AggregationParser&, std::string_view type, const JsonNode& body,
                                            Aggregations below);
ParsedAggregation parse_global_aggregation(AggregationParser&, std::string_view type, const JsonNode& body,
                                           Aggregations below);
ParsedAggregation parse_composite(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations below);
ParsedAggregation parse_auto_date_histogram(AggregationParser&, std::string_view type, const JsonNode& body,
                                            Aggregations below);
ParsedAggregation parse_rate(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations below);

}  // namespace iot::query
