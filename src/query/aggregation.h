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
#include <unordered_map>
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

class BucketsCollector;
class Collectors;
class PercentilesSource;
class Pipeline;
class PipelineResult;
struct ShownBuckets;
class GlobalCollector;
class InsideField;
class SizedBuckets;
struct SourceOptions;

struct AnswerForm {
  bool typed_keys = false;
  bool totals_are_integers = false;  ///< "total": 3 instead of an object
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
  /// How many of the newest readings of the index that was begun decide what is shown of it, where older ones only
  /// count; 0: as takes_summary() says alone.
  virtual std::size_t newest_wanted() const { return 0; }
  /// As takes_summary(), for a run that is older than newest_wanted() readings which add() was given since begin().
  virtual bool takes_older(const Run& run) const { return takes_summary(run); }
  virtual void add(const store::Block& block, Selection selection, Bucket bucket) = 0;
  /// False if add() looks at values alone, in the index that was begun: then blocks may come without times.
  virtual bool reads_times() const { return true; }
  /// False if add() asks a selection for its size alone: then any places may be in it.
  virtual bool reads_places() const { return true; }

  /// Appends the members of the aggregation's object.
  virtual void write(JsonWriter& json, Bucket bucket, const AnswerForm& form) = 0;
  /// As `typed_keys` names it: "date_histogram".
  virtual std::string_view type_name() const = 0;
  /// A number of the bucket, for orders: `property` is empty or names one of several ("max" of stats).
  virtual std::optional<double> number(Bucket, std::string_view /*property*/) { return {}; }
  /// False if number() never gives one for `property`.
  virtual bool has_number(std::string_view /*property*/) const { return false; }

  // What paths of pipeline aggregations go through.
  /// This, where a parent has many buckets.
  virtual BucketsCollector* buckets() { return nullptr; }
  /// What is in the one bucket of filter and its like.
  struct Inside {
    Collectors& below;
    std::uint64_t count;
  };
  virtual std::optional<Inside> inside(Bucket) { return {}; }
  /// For moving_percentiles.
  virtual PercentilesSource* percentiles() { return nullptr; }
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
  /// The one field that its collectors read. Where that is inside objects, they see the indices, and the blocks, as if
  /// its values were the readings' (objects/inside_field.h); null for those that see to it themselves.
  virtual const SourceOptions* source() const { return nullptr; }

  std::string name;
  std::string meta_json;  ///< empty: none

  /// What pipelines are checked against; set by the parser, whatever the family keeps.
  struct Outline {
    enum class Kind { metric, one_bucket, buckets, histogram };
    std::string type;
    Kind kind = Kind::metric;
    bool leaves_out_empty_buckets = false;
    std::vector<const Aggregation*> below;
    std::vector<const Pipeline*> pipelines;
  };
  Outline outline;
};

/// One level: what collects readings, and the pipelines that work on its results, in the order in which they run.
struct Aggregations {
  std::vector<std::unique_ptr<const Aggregation>> collecting;
  std::vector<std::shared_ptr<const Pipeline>> pipelines;

  bool empty() const noexcept { return collecting.empty() && pipelines.empty(); }
};

/// What the pipelines of a level have made of one bucket, one for each; null where one has nothing to show.
using PipelineRow = std::vector<std::unique_ptr<const PipelineResult>>;

/// The collectors of one level, side by side, and its pipelines. What comes in as values of a field inside objects, as
/// a parent parts them, is for all of them the readings that those are of.
class Collectors {
 public:
  /// `buckets_of_time` are those that the collectors are in, if each is a stretch of time (sized_buckets.h). All must
  /// outlive the object.
  Collectors(const Aggregations& aggregations, Execution& execution, const SizedBuckets* buckets_of_time = nullptr);
  ~Collectors();

  /// True if no reading need be added.
  bool empty() const noexcept { return entries_.empty(); }
  /// Once: a global aggregation is planned with the others and walked again on its own.
  EsResult<void> prepare(std::span<const Series* const> series);
  EsResult<void> begin(const Series& series);
  bool takes_summary(const Run& run) const;
  /// Names the first that does not take the run's summary, with those around it: "aggregation [days>p95]".
  std::string undecided(const Run& run);
  void add_summary(const Run& run, Bucket bucket);
  std::size_t newest_wanted() const;
  bool takes_older(const Run& run) const;
  void add(const store::Block& block, Selection selection, Bucket bucket);
  bool reads_times() const;
  bool reads_places() const;
  /// Appends a member for each, as Elasticsearch orders them: inside a bucket the last one first, then the pipelines.
  /// The first form is for one bucket alone, where pipelines stand beside buckets only; many buckets are run() first.
  void write(JsonWriter& json, Bucket bucket, const AnswerForm& form);
  void write(JsonWriter& json, Bucket bucket, const AnswerForm& form, const PipelineRow& row);
  void write_top(JsonWriter& json, const AnswerForm& form);
  Collector* find(std::string_view name) const noexcept;
  /// The first one that cannot merge(), or null.
  const Aggregation* unable_to_merge() const noexcept;
  bool can_merge() const noexcept { return unable_to_merge() == nullptr; }
  void merge(Bucket from, Bucket into);
  bool clear(Bucket bucket);
  /// Those that look at all readings, each to be walked on its own.
  std::vector<GlobalCollector*> globals() const;

  /// Runs the pipelines over the buckets that a parent of `owner`, whose level this is, shows: adds results, takes
  /// buckets out, changes their order. After a failure no bucket is left.
  void run(BucketsCollector& owner, ShownBuckets& shown);
  /// The results beside one bucket alone; the reference is valid as long as this.
  const PipelineRow& beside(Bucket bucket);
  /// The place in a row of the pipeline with this name.
  std::optional<std::size_t> find_pipeline(std::string_view name) const noexcept;
  bool has_pipelines() const noexcept { return !pipelines_.empty(); }

 private:
  struct Entry {
    const Aggregation* aggregation;
    std::unique_ptr<Collector> collector;
    std::unique_ptr<InsideField> inside;  ///< null unless its field is one
  };
  static bool reads_inside(const Entry& entry);
  void write_entry(JsonWriter& json, Entry& entry, Bucket bucket, const AnswerForm& form);
  void write_results(JsonWriter& json, const AnswerForm& form, const PipelineRow& row);

  Execution& execution_;
  std::vector<Entry> entries_;
  const std::vector<std::shared_ptr<const Pipeline>>& pipelines_;
  std::unordered_map<Bucket, PipelineRow> beside_;
  bool is_prepared_ = false;
  std::vector<std::uint32_t> readings_;
};

/// State of parsing the aggregations of one request.
class AggregationParser {
 public:
  /// In one request, at all depths.
  static constexpr std::size_t aggregations_max = 1'024;

  AggregationParser(QueryParser& queries, Timestamp now) : queries_(queries), now_(now) {}

  /// The object under "aggs" of the request; refused too: pipelines that do not fit where they stand.
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
  EsResult<Aggregations> parse_level(const JsonNode& node);
  EsResult<void> parse_one(const JsonMember& member, Aggregations& level);

  QueryParser& queries_;
  Timestamp now_;
  std::vector<Level> path_;
  std::size_t count_ = 0;
  /// Told once the whole request has been checked, as Elasticsearch does.
  std::optional<EsError> order_fault_;
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
