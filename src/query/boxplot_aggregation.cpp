// boxplot: extremes, quartiles and whiskers.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "query/sketch_collector.h"

namespace iot::query {
namespace {

constexpr std::array<std::string_view, 7> members{"min", "max", "q1", "q2", "q3", "lower", "upper"};
using Boxplot = std::array<double, members.size()>;

/// The whiskers are the numbers farthest out that lie within one and a half interquartile ranges of the quartiles
/// (Tukey).
Boxplot boxplot_of(QuantileSketch* numbers) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  // As Elasticsearch shows a digest without numbers.
  if (!numbers) return {infinity, -infinity, nothing, nothing, nothing, nothing, -infinity};
  const double q1 = numbers->quantile(0.25);
  const double q3 = numbers->quantile(0.75);
  const double reach = 1.5 * (q3 - q1);
  return {numbers->smallest(),
          numbers->largest(),
          q1,
          numbers->quantile(0.5),
          q3,
          numbers->first_from(q1 - reach),
          numbers->last_up_to(q3 + reach)};
}

class BoxplotCollector final : public SketchCollector {
 public:
  BoxplotCollector(const SourceOptions& options, Execution& execution)
      : SketchCollector("boxplot", options, execution), options_(options) {}

  EsResult<void> begin(const Series& series) override {
    ES_CHECK(check_plain_number(series, options_, "boxplot"));
    return SketchCollector::begin(series);
  }

  void write(JsonWriter& json, Bucket bucket, const AnswerForm&) override {
    const Boxplot boxplot = boxplot_of(sketch(bucket));
    for (std::size_t i = 0; i < members.size(); ++i) {
      json.key(members[i]);
      write_any_real(json, boxplot[i]);
    }
  }

  std::string_view type_name() const override { return "boxplot"; }

  std::optional<double> number(Bucket bucket, std::string_view property) override {
    QuantileSketch* const numbers = sketch(bucket);
    if (!numbers) return {};
    const Boxplot boxplot = boxplot_of(numbers);
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (members[i] == property) return boxplot[i];
    }
    return {};
  }
  bool has_number(std::string_view property) const override {
    return std::find(members.begin(), members.end(), property) != members.end();
  }

 private:
  const SourceOptions& options_;
};

class BoxplotAggregation final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<BoxplotCollector>(options, execution);
  }
  const SourceOptions* source() const override { return &options; }
  SourceOptions options;
};

}  // namespace

ParsedAggregation parse_boxplot(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations) {
  auto aggregation = std::make_unique<BoxplotAggregation>();
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, aggregation->options.take(type, member));
    if (taken) continue;
    if (member.name == "compression") {
      ES_TRY(const double wanted, read_number(type, member));
      if (wanted < 0) {
        return failed_field(
            type, member,
            illegal_argument("[compression] must be greater than or equal to 0. Found [" + java_number(wanted) + "]"));
      }
    } else if (member.name == "execution_hint") {
      ES_CHECK(check_execution_hint(type, member));
    } else if (member.name == "format") {
      return illegal_argument("[format] in aggregation [boxplot] is not supported");
    } else {
      return unknown_field(type, member);
    }
  }
  ES_CHECK(aggregation->options.check());
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
