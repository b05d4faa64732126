// median_absolute_deviation: the median of the distances to the median.
#include <utility>

#include "query/sketch_collector.h"

namespace iot::query {
namespace {

constexpr std::string_view type_text = "median_absolute_deviation";

class DeviationCollector final : public SketchCollector {
 public:
  DeviationCollector(const SourceOptions& options, Execution& execution)
      : SketchCollector(type_text, options, execution), options_(options) {}

  EsResult<void> begin(const Series& series) override {
    ES_CHECK(check_plain_number(series, options_, type_text));
    return SketchCollector::begin(series);
  }

  void write(JsonWriter& json, Bucket bucket, const AnswerForm&) override {
    json.key("value");
    const auto deviation = number(bucket, {});
    deviation ? json.real(*deviation) : json.null();
  }

  std::string_view type_name() const override { return type_text; }

  std::optional<double> number(Bucket bucket, std::string_view) override {
    QuantileSketch* const numbers = sketch(bucket);
    if (!numbers) return {};
    return numbers->median_absolute_deviation();
  }
  bool has_number(std::string_view property) const override { return property.empty() || property == "value"; }

 private:
  const SourceOptions& options_;
};

class DeviationAggregation final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<DeviationCollector>(options, execution);
  }
  const SourceOptions* source() const override { return &options; }
  SourceOptions options;
};

}  // namespace

ParsedAggregation parse_median_absolute_deviation(AggregationParser& parser, std::string_view type,
                                                  const JsonNode& body, Aggregations) {
  auto aggregation = std::make_unique<DeviationAggregation>();
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, aggregation->options.take(type, member));
    if (taken) continue;
    if (member.name == "compression") {
      ES_TRY(const double wanted, read_number(type, member));
      if (wanted <= 0) {
        return failed_field(type, member,
                            illegal_argument("[compression] must be greater than 0. Found [" + java_number(wanted) +
                                             "] in [" + parser.name() + "]"));
      }
    } else if (member.name == "execution_hint") {
      ES_CHECK(check_execution_hint(type, member));
    } else if (member.name == "format") {
      return illegal_argument("[format] in aggregation [" + std::string(type) + "] is not supported");
    } else {
      return unknown_field(type, member);
    }
  }
  ES_CHECK(aggregation->options.check());
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
