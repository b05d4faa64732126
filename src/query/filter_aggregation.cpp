// filter and missing: one bucket of the readings that match a query, or that lack a field.
#include <utility>

#include "query/aggregation.h"
#include "query/objects/inside_field.h"
#include "query/value_filters.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

class OneBucketCollector : public Collector {
 public:
  OneBucketCollector(std::string_view type, const Aggregations& below, Execution& execution)
      : execution_(execution), type_(type), below_(below, execution) {}

  EsResult<void> prepare(std::span<const Series* const> series) override { return below_.prepare(series); }

  EsResult<void> begin(const Series& series) override {
    ES_TRY(filter_, filter_for(series));
    return below_.begin(series);
  }

  bool takes_summary(const Run& run) const override {
    const Truth truth = filter_.over(run);
    if (truth == Truth::none) return true;
    return truth == Truth::all && run.summary && below_.takes_summary(run);
  }

  void add_summary(const Run& run, Bucket bucket) override {
    if (filter_.over(run) == Truth::none) return;
    count(bucket, run.summary->count);
    if (!below_.empty()) below_.add_summary(run, bucket);
  }

  void add(const store::Block& block, Selection selection, Bucket bucket) override {
    if (filter_.is_none()) return;
    list_.clear();
    if (!filter_.is_all()) {
      mask_.assign(block.size(), 1);
      filter_.narrow(block, mask_.data());
      for (std::size_t i = 0; i < selection.size(); ++i) {
        if (mask_[selection[i]]) list_.push_back(static_cast<std::uint32_t>(selection[i]));
      }
      selection = Selection::listed(list_.data(), list_.size());
    }
    if (selection.empty()) return;
    count(bucket, selection.size());
    if (!below_.empty()) below_.add(block, selection, bucket);
  }

  void write(JsonWriter& json, Bucket bucket, const AnswerForm& form) override {
    json.key("doc_count").unsigned_integer(bucket < counts_.size() ? counts_[bucket] : 0);
    below_.write(json, bucket, form);
  }
  std::string_view type_name() const override { return type_; }
  std::optional<Inside> inside(Bucket bucket) override {
    return Inside{below_, bucket < counts_.size() ? counts_[bucket] : 0};
  }
  bool can_merge() const override { return below_.can_merge(); }
  void merge(Bucket from, Bucket into) override {
    if (from < counts_.size()) count(into, std::exchange(counts_[from], 0));
    below_.merge(from, into);
  }
  bool clear(Bucket bucket) override {
    if (bucket < counts_.size()) counts_[bucket] = 0;
    return below_.clear(bucket);
  }

 protected:
  virtual EsResult<Filter> filter_for(const Series& series) const = 0;
  Execution& execution_;

 private:
  void count(Bucket bucket, std::uint64_t more) {
    if (bucket >= counts_.size()) {
      execution_.charge((bucket + 1 - counts_.size()) * sizeof(std::uint64_t));
      counts_.resize(bucket + 1);
    }
    counts_[bucket] += more;
  }

  std::string_view type_;
  Collectors below_;
  Filter filter_ = Filter::none();
  std::vector<std::uint64_t> counts_;
  std::vector<std::uint8_t> mask_;
  std::vector<std::uint32_t> list_;
};

class FilterCollector final : public OneBucketCollector {
 public:
  FilterCollector(const Query& query, const Aggregations& below, Execution& execution)
      : OneBucketCollector("filter", below, execution), query_(query) {}

 private:
  EsResult<Filter> filter_for(const Series& series) const override {
    auto filter = query_.compile(series, execution_.now());
    // An aggregation fails for the reason itself, where a query fails for not being one.
    if (!filter) return std::move(filter).error().without_wrapping();
    return filter;
  }
  const Query& query_;
};

class MissingCollector final : public OneBucketCollector {
 public:
  MissingCollector(const SourceOptions& source, const Aggregations& below, Execution& execution)
      : OneBucketCollector("missing", below, execution), source_(source) {}

 private:
  EsResult<Filter> filter_for(const Series& series) const override {
    if (source_.missing) return Filter::none();
    if (!source_.path.empty()) {
      ES_TRY(const Series inside, series_inside(series, source_.path));
      if (inside.mapping() == model::MappingType::text) return fielddata_disabled(series, inside.value_name);
      // An object has no values of its own.
      if (inside.mapping() == model::MappingType::object) return Filter::all();
      ES_TRY(Filter exists, exists_inside(series, source_.path));
      return Filter::negated(std::move(exists));
    }
    if (source_.field == Field::value && series.mapping() == model::MappingType::text) {
      return fielddata_disabled(series, series.value_name);
    }
    const bool lacks = source_.field == Field::unmapped ||
                       (source_.field == Field::value && series.mapping() == model::MappingType::object);
    return Filter::constant(lacks);
  }
  const SourceOptions& source_;
};

class FilterAggregation final : public Aggregation {
 public:
  FilterAggregation(QueryPtr query, Aggregations below) : query_(std::move(query)), below_(std::move(below)) {}
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<FilterCollector>(*query_, below_, execution);
  }

 private:
  QueryPtr query_;
  Aggregations below_;
};

class MissingAggregation final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<MissingCollector>(source, below, execution);
  }
  SourceOptions source;
  Aggregations below;
};

}  // namespace

ParsedAggregation parse_filter_aggregation(AggregationParser& parser, std::string_view type, const JsonNode& body,
                                           Aggregations below) {
  ES_TRY(QueryPtr query, parser.queries().parse(body, type));
  return std::unique_ptr<Aggregation>(std::make_unique<FilterAggregation>(std::move(query), std::move(below)));
}

ParsedAggregation parse_missing_aggregation(AggregationParser&, std::string_view type, const JsonNode& body,
                                            Aggregations below) {
  auto aggregation = std::make_unique<MissingAggregation>();
  aggregation->below = std::move(below);
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, aggregation->source.take(type, member));
    if (!taken) return unknown_field(type, member);
  }
  ES_CHECK(aggregation->source.check());
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
