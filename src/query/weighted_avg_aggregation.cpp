// weighted_avg: the mean of one field, each reading weighing what another field says.
#include <utility>

#include "query/bucket_states.h"
#include "query/statistics.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

struct Options {
  std::optional<SourceOptions> value;
  std::optional<SourceOptions> weight;
};

class WeightedCollector final : public Collector {
 public:
  WeightedCollector(const Options& options, Execution& execution)
      : options_(options), execution_(execution), states_(execution) {}

  EsResult<void> begin(const Series& series) override {
    ES_TRY(value_, NumberSource::of(series, *options_.value, "weighted_avg", execution_.now()));
    ES_TRY(weight_, NumberSource::of(series, *options_.weight, "weighted_avg", execution_.now()));
    return {};
  }

  /// Without a summary of products. Where weights are all the same, the sum of the values says enough.
  bool takes_summary(const Run& run) const override {
    if (!value_.has_values() || !weight_.has_values()) return true;
    return weight_.constant() && run.summary && value_.digest(*run.summary, true).has_value();
  }

  void add_summary(const Run& run, Bucket bucket) override {
    if (!value_.has_values() || !weight_.has_values()) return;
    const auto digest = value_.digest(*run.summary, true);
    const auto count = static_cast<double>(run.summary->count);
    const double weight = *weight_.constant();
    State& state = states_.at(bucket);
    state.products.add_known(run.summary->count, digest->min, digest->max, digest->sum * weight);
    state.weights.add_known(run.summary->count, weight, weight, weight * count);
  }

  void add(const store::Block& block, Selection selection, Bucket bucket) override {
    if (!value_.has_values() || !weight_.has_values()) return;
    const std::size_t size = selection.size();
    const double* values = value_.values(block, selection, values_);
    const double* weights = weight_.values(block, selection, weights_);
    products_.resize(size);
    for (std::size_t i = 0; i < size; ++i) products_[i] = values[i] * weights[i];
    State& state = states_.at(bucket);
    state.products.add(products_.data(), size);
    state.weights.add(weights, size);
  }

  void write(JsonWriter& json, Bucket bucket, const AnswerForm&) override {
    const auto average = number(bucket, {});
    json.key("value");
    if (!average) {
      json.null();
      return;
    }
    write_any_real(json, *average);
  }

  std::string_view type_name() const override { return "weighted_avg"; }

  /// Nothing where the weights add up to 0.
  std::optional<double> number(Bucket bucket, std::string_view) override {
    const State* const state = states_.find(bucket);
    if (!state || state->weights.sum() == 0) return {};
    return state->products.sum() / state->weights.sum();
  }
  bool has_number(std::string_view property) const override { return property.empty() || property == "value"; }

 private:
  struct State {
    Statistics products;
    Statistics weights;
  };

  const Options& options_;
  Execution& execution_;
  NumberSource value_;
  NumberSource weight_;
  BucketStates<State> states_;
  std::vector<double> values_;
  std::vector<double> weights_;
  std::vector<double> products_;
};

class WeightedAverage final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<WeightedCollector>(options, execution);
  }
  Options options;
};

/// {"field": ..., "missing": ...}.
EsResult<SourceOptions> read_source(const JsonMember& member) {
  if (!member.value.is_object()) return wrong_kind("weighted_avg", member);
  SourceOptions options;
  for (const JsonMember& option : member.value.members) {
    if (option.name == "script") {
      return illegal_argument("[script] in aggregation [weighted_avg] is not supported");
    }
    ES_TRY(const bool taken, options.take("field_config", option));
    if (!taken) return unknown_field("field_config", option);
  }
  if (options.field_name.empty()) {
    return failed_field(
        "weighted_avg", member,
        illegal_argument("[field] and [script] cannot both be null.  Please specify one or the other."));
  }
  return options;
}

}  // namespace

ParsedAggregation parse_weighted_avg(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations) {
  auto aggregation = std::make_unique<WeightedAverage>();
  for (const JsonMember& member : body.members) {
    if (member.name == "value") {
      ES_TRY(aggregation->options.value, read_source(member));
    } else if (member.name == "weight") {
      ES_TRY(aggregation->options.weight, read_source(member));
    } else if (member.name == "format" || member.name == "value_type") {
      return illegal_argument("[" + member.name + "] in aggregation [weighted_avg] is not supported");
    } else {
      return unknown_field(type, member);
    }
  }
  if (!aggregation->options.value) return illegal_argument("Required [value]");
  if (!aggregation->options.weight) return illegal_argument("Required [weight]");
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
