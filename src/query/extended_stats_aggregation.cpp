// extended_stats: stats, and what follows from the squares.
#include <array>
#include <cmath>
#include <utility>

#include "query/bucket_states.h"
#include "query/moments.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

struct Options {
  SourceOptions source;
  double sigma = 2;  ///< how many deviations from the mean the bounds lie
};

struct Part {
  std::string_view name;
  double (*value)(const Moments& moments, double sigma);
};

double average(const Moments& moments) {
  return moments.statistics().average();
}
double deviation_population(const Moments& moments) {
  return std::sqrt(moments.variance_population());
}
double deviation_sampling(const Moments& moments) {
  return std::sqrt(moments.variance_sampling());
}

constexpr std::array<Part, 4> plain_parts{{
    {"min", [](const Moments& m, double) { return m.statistics().min; }},
    {"max", [](const Moments& m, double) { return m.statistics().max; }},
    {"avg", [](const Moments& m, double) { return average(m); }},
    {"sum", [](const Moments& m, double) { return m.statistics().sum(); }},
}};

constexpr std::array<Part, 7> square_parts{{
    {"sum_of_squares", [](const Moments& m, double) { return m.sum_of_squares(); }},
    {"variance", [](const Moments& m, double) { return m.variance_population(); }},
    {"variance_population", [](const Moments& m, double) { return m.variance_population(); }},
    {"variance_sampling", [](const Moments& m, double) { return m.variance_sampling(); }},
    {"std_deviation", [](const Moments& m, double) { return deviation_population(m); }},
    {"std_deviation_population", [](const Moments& m, double) { return deviation_population(m); }},
    {"std_deviation_sampling", [](const Moments& m, double) { return deviation_sampling(m); }},
}};

/// Members of std_deviation_bounds; orders and pipelines name them with "std_" before.
constexpr std::array<Part, 6> bound_parts{{
    {"upper", [](const Moments& m, double sigma) { return average(m) + deviation_population(m) * sigma; }},
    {"lower", [](const Moments& m, double sigma) { return average(m) - deviation_population(m) * sigma; }},
    {"upper_population", [](const Moments& m, double sigma) { return average(m) + deviation_population(m) * sigma; }},
    {"lower_population", [](const Moments& m, double sigma) { return average(m) - deviation_population(m) * sigma; }},
    {"upper_sampling", [](const Moments& m, double sigma) { return average(m) + deviation_sampling(m) * sigma; }},
    {"lower_sampling", [](const Moments& m, double sigma) { return average(m) - deviation_sampling(m) * sigma; }},
}};

const Part* part_named(std::string_view name) {
  for (const Part& part : plain_parts) {
    if (part.name == name) return &part;
  }
  for (const Part& part : square_parts) {
    if (part.name == name) return &part;
  }
  if (!name.starts_with("std_")) return nullptr;
  name.remove_prefix(4);
  for (const Part& part : bound_parts) {
    if (part.name == name) return &part;
  }
  return nullptr;
}

class ExtendedStatsCollector final : public Collector {
 public:
  ExtendedStatsCollector(const Options& options, Execution& execution)
      : options_(options), execution_(execution), states_(execution) {}

  EsResult<void> begin(const Series& series) override {
    ES_TRY(source_, NumberSource::of(series, options_.source, "extended_stats", execution_.now()));
    if (source_.has_values() && look_ == NumberLook::plain) look_ = source_.look();
    return {};
  }

  /// No summary has the squares.
  bool takes_summary(const Run&) const override { return !source_.has_values(); }
  void add_summary(const Run&, Bucket) override {}

  void add(const store::Block& block, Selection selection, Bucket bucket) override {
    if (!source_.has_values()) return;
    const double* values = source_.values(block, selection, scratch_);
    states_.at(bucket).add(values, selection.size(), squares_);
  }

  void write(JsonWriter& json, Bucket bucket, const AnswerForm&) override {
    constexpr std::size_t answer_bytes = 800;
    execution_.charge(answer_bytes);
    const Moments* const moments = of(bucket);
    json.key("count").unsigned_integer(moments ? moments->statistics().count : 0);
    if (!moments) return write_nothing(json);
    write_parts(json, plain_parts, *moments);
    write_looks(json, plain_parts, *moments);
    write_parts(json, square_parts, *moments);
    json.key("std_deviation_bounds").begin_object();
    write_parts(json, bound_parts, *moments);
    json.end_object();
    if (look_ == NumberLook::plain) return;
    write_looks(json, square_parts, *moments);
    json.key("std_deviation_bounds_as_string").begin_object();
    for (const Part& part : bound_parts) write_look_as(json, part.name, part.value(*moments, options_.sigma), look_);
    json.end_object();
  }

  std::string_view type_name() const override { return "extended_stats"; }

  std::optional<double> number(Bucket bucket, std::string_view property) override {
    const Moments* const moments = of(bucket);
    if (property == "count") return moments ? static_cast<double>(moments->statistics().count) : 0.0;
    if (!moments) return property == "sum" ? std::optional(0.0) : std::nullopt;
    const Part* const part = part_named(property);
    const double value = part ? part->value(*moments, options_.sigma) : std::nan("");
    return std::isnan(value) ? std::nullopt : std::optional(value);
  }
  bool has_number(std::string_view property) const override {
    return property == "count" || part_named(property) != nullptr;
  }

 private:
  /// Null where the bucket has no numbers.
  const Moments* of(Bucket bucket) {
    const Moments* const found = states_.find(bucket);
    return found && found->statistics().count > 0 ? found : nullptr;
  }

  template <std::size_t count>
  void write_parts(JsonWriter& json, const std::array<Part, count>& parts, const Moments& moments) const {
    for (const Part& part : parts) {
      json.key(part.name);
      write_any_real(json, part.value(moments, options_.sigma));
    }
  }

  template <std::size_t count>
  void write_looks(JsonWriter& json, const std::array<Part, count>& parts, const Moments& moments) const {
    for (const Part& part : parts) {
      const double value = part.value(moments, options_.sigma);
      // As Elasticsearch has it, booleans are no texts here, but deviations are.
      if (look_ == NumberLook::boolean && !std::string_view(part.name).starts_with("std_deviation")) {
        json.key(std::string(part.name) + "_as_string").boolean(value != 0);
      } else {
        write_look(json, part.name, value, look_);
      }
    }
  }

  static void write_nothing(JsonWriter& json) {
    for (const Part& part : plain_parts) {
      json.key(part.name);
      part.name == "sum" ? json.real(0.0) : json.null();
    }
    for (const Part& part : square_parts) json.key(part.name).null();
    json.key("std_deviation_bounds").begin_object();
    for (const Part& part : bound_parts) json.key(part.name).null();
    json.end_object();
  }

  const Options& options_;
  Execution& execution_;
  NumberSource source_;
  NumberLook look_ = NumberLook::plain;
  BucketStates<Moments> states_;
  std::vector<double> scratch_;
  std::vector<double> squares_;
};

class ExtendedStats final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<ExtendedStatsCollector>(options, execution);
  }
  const SourceOptions* source() const override { return &options.source; }
  Options options;
};

}  // namespace

ParsedAggregation parse_extended_stats(AggregationParser& parser, std::string_view type, const JsonNode& body,
                                       Aggregations) {
  auto aggregation = std::make_unique<ExtendedStats>();
  Options& options = aggregation->options;
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, options.source.take(type, member));
    if (taken) continue;
    if (member.name == "sigma") {
      ES_TRY(options.sigma, read_number(type, member));
      if (options.sigma < 0) {
        return failed_field(type, member,
                            illegal_argument("[sigma] must be greater than or equal to 0. Found [" +
                                             java_number(options.sigma) + "] in [" + parser.name() + "]"));
      }
    } else if (member.name == "format") {
      return illegal_argument("[format] in aggregation [extended_stats] is not supported");
    } else {
      return unknown_field(type, member);
    }
  }
  ES_CHECK(options.source.check());
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
