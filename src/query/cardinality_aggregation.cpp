// cardinality: how many different values, by DistinctSketch.
#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

#include "query/bucket_states.h"
#include "query/calendar.h"
#include "query/distinct_sketch.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

/// Counted exactly in every bucket, whatever precision_threshold says: so many take as little memory as the registers.
constexpr std::size_t exact_least = 4'096;
/// As Elasticsearch's: a greater precision_threshold means this one.
constexpr std::int64_t threshold_max = 40'000;

struct Options {
  SourceOptions source;
  std::size_t exact_max = exact_least;
};

/// One to one, so that different integers never have one hash (the finaliser of SplitMix64).
std::uint64_t spread(std::uint64_t bits) {
  bits += 0x9E3779B97F4A7C15u;
  bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9u;
  bits = (bits ^ bits >> 27) * 0x94D049BB133111EBu;
  return bits ^ bits >> 31;
}

std::uint64_t hash_of(std::int64_t integer) {
  return spread(static_cast<std::uint64_t>(integer));
}
/// Of the bits, so that -0.0 is not 0.0, as in Elasticsearch; and 1.0 is not the integer 1.
std::uint64_t hash_of(double real) {
  return spread(std::bit_cast<std::uint64_t>(real) ^ 0xD6E8FEB86659FD93u);
}
std::uint64_t hash_of(std::string_view text) {
  return spread(std::hash<std::string_view>()(text) ^ 0xA0761D6478BD642Fu);
}

class CardinalityCollector final : public Collector {
 public:
  CardinalityCollector(const Options& options, Execution& execution)
      : options_(options), execution_(execution), sketches_(execution) {}

  EsResult<void> begin(const Series& series) override {
    const SourceOptions& source = options_.source;
    kind_ = Kind::none;
    if (source.field == Field::timestamp) {
      kind_ = Kind::time;
    } else if (source.field == Field::id) {
      return id_fielddata_disabled();
    } else if (Series::is_constant(source.field)) {
      kind_ = Kind::constant;
      constant_ = hash_of(std::string_view(series.constant_text(source.field)));
    } else if (source.field == Field::value) {
      if (series.mapping() == model::MappingType::text) return fielddata_disabled(series, series.value_name);
      kind_ = kind_of(series);
    }
    const bool has_numbers =
        source.field == Field::timestamp || (source.field == Field::value && series.kind() != model::ColumnKind::text);
    if (has_numbers && source.missing) {
      // Checked where no reading lacks the field, too.
      ES_CHECK(NumberSource::of(series, source, "cardinality", execution_.now()));
    }
    if (kind_ == Kind::none && source.missing) {
      kind_ = Kind::constant;
      const auto number = parse_real(*source.missing);
      constant_ = number ? hash_of(*number) : hash_of(std::string_view(*source.missing));
    }
    return {};
  }

  bool takes_summary(const Run& run) const override {
    return kind_ == Kind::none || (kind_ == Kind::constant && run.summary);
  }
  void add_summary(const Run& run, Bucket bucket) override {
    if (kind_ == Kind::constant && run.summary->count > 0) put(sketches_.at(bucket), constant_);
  }

  void add(const store::Block& block, Selection selection, Bucket bucket) override {
    if (kind_ == Kind::none || selection.empty()) return;
    DistinctSketch& sketch = sketches_.at(bucket);
    const auto put_all = [&](auto&& hash_at) {
      for (std::size_t i = 0; i < selection.size(); ++i) put(sketch, hash_at(selection[i]));
    };
    switch (kind_) {
      case Kind::none:
        break;
      case Kind::constant:
        put(sketch, constant_);
        break;
      case Kind::time:
        put_all([&](std::size_t at) { return hash_of(floor_div(block.times_ns[at], ns_per_ms)); });
        break;
      case Kind::date:
        put_all([&](std::size_t at) { return hash_of(floor_div(block.integers[at], ns_per_ms)); });
        break;
      case Kind::integer:
        put_all([&](std::size_t at) { return hash_of(block.integers[at]); });
        break;
      case Kind::real:
        put_all([&](std::size_t at) { return hash_of(block.reals[at]); });
        break;
      case Kind::text:
        put_all([&](std::size_t at) { return hash_of(block.texts[at]); });
        break;
    }
  }

  void write(JsonWriter& json, Bucket bucket, const AnswerForm&) override {
    json.key("value").unsigned_integer(count(bucket));
  }
  std::string_view type_name() const override { return "cardinality"; }
  std::optional<double> number(Bucket bucket, std::string_view) override { return static_cast<double>(count(bucket)); }
  bool has_number(std::string_view property) const override { return property.empty() || property == "value"; }

 private:
  /// Dates count by milliseconds, as all aggregations of dates do.
  enum class Kind { none, constant, time, date, integer, real, text };

  static Kind kind_of(const Series& series) {
    if (series.mapping() == model::MappingType::object) return Kind::none;
    if (series.mapping() == model::MappingType::date) return Kind::date;
    switch (series.kind()) {
      case model::ColumnKind::real:
        return Kind::real;
      case model::ColumnKind::integer:
        return Kind::integer;
      case model::ColumnKind::text:
        return Kind::text;
    }
    return Kind::none;
  }

  void put(DistinctSketch& sketch, std::uint64_t hash) {
    const std::size_t bytes = sketch.memory_bytes();
    sketch.add(hash, options_.exact_max);
    if (sketch.memory_bytes() > bytes) execution_.charge(sketch.memory_bytes() - bytes);
  }
  std::uint64_t count(Bucket bucket) {
    DistinctSketch* const sketch = sketches_.find(bucket);
    return sketch ? sketch->count() : 0;
  }

  const Options& options_;
  Execution& execution_;
  Kind kind_ = Kind::none;
  std::uint64_t constant_ = 0;
  BucketStates<DistinctSketch> sketches_;
};

class Cardinality final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<CardinalityCollector>(options, execution);
  }
  const SourceOptions* source() const override { return &options.source; }
  Options options;
};

}  // namespace

ParsedAggregation parse_cardinality(AggregationParser& parser, std::string_view type, const JsonNode& body,
                                    Aggregations) {
  auto aggregation = std::make_unique<Cardinality>();
  Options& options = aggregation->options;
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, options.source.take(type, member));
    if (taken) continue;
    if (member.name == "precision_threshold") {
      ES_TRY(const std::int64_t threshold, read_integer(type, member));
      if (threshold < 0) {
        return failed_field(type, member,
                            illegal_argument("[precisionThreshold] must be greater than or equal to 0. Found [" +
                                             std::to_string(threshold) + "] in [" + parser.name() + "]"));
      }
      options.exact_max = std::max(exact_least, static_cast<std::size_t>(std::min(threshold, threshold_max)));
    } else if (member.name == "execution_hint") {
      // Ways to go about it; none changes the count.
      ES_TRY(const std::string hint, read_text(type, member));
      static_cast<void>(hint);
    } else {
      return unknown_field(type, member);
    }
  }
  ES_CHECK(options.source.check());
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
