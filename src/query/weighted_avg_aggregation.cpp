// weighted_avg: the mean of one field, each reading weighing what another field says.
#include <span>
#include <utility>

#include "query/bucket_states.h"
#include "query/objects/inside_field.h"
#include "query/statistics.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

struct Options {
  std::optional<SourceOptions> value;
  std::optional<SourceOptions> weight;
};

/// The numbers of each reading: one, or as many as a field inside objects has there.
class EachReading {
 public:
  /// Both must outlive the object.
  EachReading(const SourceOptions& options, Execution& execution) : options_(options) {
    if (!options.path.empty()) inside_.emplace(options.path, execution, options.missing);
  }

  EsResult<void> begin(const Series& series, Timestamp now) {
    const Series* seen = &series;
    if (inside_) {
      ES_TRY(seen, inside_->begin(series, now));
    }
    ES_TRY(source_, NumberSource::of(*seen, options_, "weighted_avg", now));
    return {};
  }
  bool has_values() const noexcept { return source_.has_values(); }
  std::optional<double> constant() const { return source_.constant(); }
  std::optional<NumberSource::Digest> digest(const store::Summary& summary) const {
    return source_.digest(summary, true);
  }

  void read(const store::Block& block, Selection selection) {
    begins_.clear();
    if (!inside_ || !inside_->has_values()) {
      numbers_ = source_.values(block, selection, scratch_);
      return;
    }
    all_.clear();
    std::size_t next = 0;
    const auto begin_up_to = [&](std::size_t place) {
      while (next < selection.size() && selection[next] <= place) begins_.push_back(all_.size()), ++next;
    };
    inside_->column().read(block, selection, [&](const store::Block& values) {
      const double* numbers = source_.values(values, Selection::dense(0, values.size()), scratch_);
      for (std::size_t i = 0; i < values.size(); ++i) {
        begin_up_to(values.places[i]);
        all_.push_back(numbers[i]);
      }
    });
    begin_up_to(block.size());
    begins_.push_back(all_.size());
    numbers_ = all_.data();
  }
  /// Of the i-th reading of the selection that was read.
  std::span<const double> of(std::size_t i) const {
    if (begins_.empty()) return {numbers_ + i, 1};
    return {numbers_ + begins_[i], begins_[i + 1] - begins_[i]};
  }

 private:
  const SourceOptions& options_;
  std::optional<InsideField> inside_;
  NumberSource source_;
  const double* numbers_ = nullptr;
  std::vector<std::size_t> begins_;  ///< empty where each reading has one number
  std::vector<double> all_, scratch_;
};

class WeightedCollector final : public Collector {
 public:
  WeightedCollector(const Options& options, Execution& execution)
      : options_(options),
        execution_(execution),
        value_(*options.value, execution),
        weight_(*options.weight, execution),
        states_(execution) {}

  EsResult<void> begin(const Series& series) override {
    ES_CHECK(value_.begin(series, execution_.now()));
    ES_CHECK(weight_.begin(series, execution_.now()));
    return {};
  }

  /// Without a summary of products. Where weights are all the same, the sum of the values says enough.
  bool takes_summary(const Run& run) const override {
    if (!value_.has_values() || !weight_.has_values()) return true;
    return weight_.constant() && run.summary && value_.digest(*run.summary).has_value();
  }

  void add_summary(const Run& run, Bucket bucket) override {
    if (!value_.has_values() || !weight_.has_values()) return;
    const auto digest = value_.digest(*run.summary);
    const auto count = static_cast<double>(run.summary->count);
    const double weight = *weight_.constant();
    State& state = states_.at(bucket);
    state.products.add_known(run.summary->count, digest->min, digest->max, digest->sum * weight);
    state.weights.add_known(run.summary->count, weight, weight, weight * count);
  }

  void add(const store::Block& block, Selection selection, Bucket bucket) override {
    if (!value_.has_values() || !weight_.has_values()) return;
    value_.read(block, selection);
    weight_.read(block, selection);
    products_.clear();
    weights_.clear();
    for (std::size_t i = 0; i < selection.size(); ++i) {
      const auto weights = weight_.of(i);
      if (weights.empty()) continue;
      if (weights.size() > 1) {
        return execution_.fail(
            illegal_argument("Encountered more than one weight for a single document. Use a script to "
                             "combine multiple weights-per-doc into a single value.")
                .on_shard());
      }
      for (const double value : value_.of(i)) {
        products_.push_back(value * weights[0]);
        weights_.push_back(weights[0]);
      }
    }
    State& state = states_.at(bucket);
    state.products.add(products_.data(), products_.size());
    state.weights.add(weights_.data(), weights_.size());
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
  EachReading value_;
  EachReading weight_;
  BucketStates<State> states_;
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
