// moving_fn and moving_percentiles: over a window of buckets that ends before each, moved by `shift`.
#include <algorithm>
#include <cmath>
#include <utility>

#include "query/percentiles_source.h"
#include "query/pipelines/expression.h"
#include "query/pipelines/pipeline.h"

namespace iot::query {
namespace {

struct WindowOptions {
  std::int64_t window = 0;
  std::int64_t shift = 0;

  EsResult<bool> take(std::string_view type, const JsonMember& member) {
    if (member.name == "window") {
      ES_TRY(window, read_integer(type, member));
      if (window <= 0) return illegal_argument("[window] must be a positive, non-zero integer.");
    } else if (member.name == "shift") {
      ES_TRY(shift, read_integer(type, member));
    } else {
      return false;
    }
    return true;
  }

  /// The places, first (included) to last (not included), of the window of the i-th of `count`.
  std::pair<std::size_t, std::size_t> places(std::size_t i, std::size_t count) const {
    const auto held = [&](std::int64_t place) {
      return static_cast<std::size_t>(std::clamp(place, std::int64_t{0}, static_cast<std::int64_t>(count)));
    };
    const std::int64_t end = static_cast<std::int64_t>(i) + shift;
    return {held(end - window), held(end)};
  }
};

class MovingFunctionPipeline final : public Pipeline {
 public:
  Place place() const override { return Place::inside_histogram; }

  EsResult<void> run(BucketsAtWork& buckets) const override {
    ES_TRY(const auto all, buckets.values(paths[0], options.gap_policy));
    // Buckets without a value have no place in windows, and show nothing.
    std::vector<double> values;
    std::copy_if(all.begin(), all.end(), std::back_inserter(values), [](double value) { return !std::isnan(value); });
    std::size_t at = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (std::isnan(all[i])) continue;
      const auto [first, last] = window.places(at++, values.size());
      const std::size_t length = last - first;
      if (!buckets.execution().charge_work(expression->steps() + expression->window_uses() * length)) {
        return *buckets.execution().failure();
      }
      ES_TRY(const auto result, expression->number({}, std::span(values).subspan(first, length)));
      // The script's type is double: null becomes 0 there.
      buckets.put(i, std::make_unique<SimpleValue>(result.value_or(0), options.number_format()));
    }
    return {};
  }

  WindowOptions window;
  PipelineOptions options;
  std::optional<Expression> expression;
};

class MovingPercentiles final : public Pipeline {
 public:
  Place place() const override { return Place::inside_histogram; }
  void validate(std::vector<std::string>& faults) const override {
    if (paths.size() != 1) faults.push_back("buckets_path must contain a single entry for aggregation [" + name + "]");
  }

  EsResult<void> run(BucketsAtWork& buckets) const override {
    std::vector<QuantileSketch*> sketches(buckets.size());
    const PercentilesForm* form = nullptr;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      const auto reached = reach(buckets.owner().below(), buckets[i].bucket, paths[0].steps());
      PercentilesSource* source = reached && reached->rest.empty() ? reached->collector->percentiles() : nullptr;
      if (!source) {
        return EsError(400, "aggregation_execution_exception",
                       "buckets_path must reference a percentiles aggregation, got: [" + paths[0].text() + "]")
            .in_reduce();
      }
      sketches[i] = source->sketch(reached->bucket);
      form = &source->form();
    }
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      const auto [first, last] = window.places(i, buckets.size());
      if (first == last) continue;
      QuantileSketch merged;
      for (std::size_t at = first; at < last; ++at) {
        const std::size_t kept = sketches[at] ? sketches[at]->memory_bytes() / sizeof(double) : 0;
        if (!buckets.execution().charge_work(1 + kept)) return *buckets.execution().failure();
        if (sketches[at]) merged.add(*sketches[at]);
      }
      buckets.put(i, std::make_unique<MovedPercentiles>(*form, merged));
    }
    return {};
  }

  WindowOptions window;

 private:
  class MovedPercentiles final : public PipelineResult {
   public:
    MovedPercentiles(const PercentilesForm& form, QuantileSketch& sketch) : form_(form) {
      for (const double percent : form.points) {
        values_.push_back(sketch.count() > 0 ? std::optional(sketch.quantile(percent / 100)) : std::nullopt);
      }
    }
    void write(JsonWriter& json) const override { write_percentiles(json, form_, values_); }
    std::string_view type_name() const override { return "tdigest_percentiles"; }
    bool is_multiple() const override { return true; }
    std::size_t memory_bytes() const override { return 64 + values_.size() * 40; }
    bool has_number(std::string_view property) const override { return place(property) < values_.size(); }
    std::optional<double> number(std::string_view property) const override { return values_[place(property)]; }

   private:
    std::size_t place(std::string_view property) const {
      const auto percent = parse_real(property);
      const auto found = std::find(form_.points.begin(), form_.points.end(), percent.value_or(-1));
      return static_cast<std::size_t>(found - form_.points.begin());
    }
    const PercentilesForm& form_;
    std::vector<std::optional<double>> values_;
  };
};

}  // namespace

ParsedPipeline parse_moving_fn(std::string_view type, std::string_view name, const JsonNode& body) {
  auto pipeline = std::make_shared<MovingFunctionPipeline>();
  pipeline->name = name;
  std::optional<Script> script;
  for (const JsonMember& member : body.members) {
    ES_TRY(bool taken, pipeline->window.take(type, member));
    if (taken) continue;
    if (member.name == "script") {
      ES_TRY(script, Script::parse(type, member.value));
      if (script->lang != "painless") return illegal_argument("script_lang not supported [" + script->lang + "]");
      continue;
    }
    ES_TRY(taken, pipeline->options.take(name, member, pipeline->paths));
    if (!taken) return unknown_field(type, member);
  }
  if (pipeline->paths.size() != 1 || !script || pipeline->window.window == 0) {
    return illegal_argument("Required one [buckets_path], [script] and [window] in [moving_fn] [" + std::string(name) +
                            "]");
  }
  ES_TRY(pipeline->expression, Expression::compile(std::move(*script), {}, Expression::Use::window));
  return std::shared_ptr<Pipeline>(std::move(pipeline));
}

ParsedPipeline parse_moving_percentiles(std::string_view type, std::string_view name, const JsonNode& body) {
  auto pipeline = std::make_shared<MovingPercentiles>();
  pipeline->name = name;
  PipelineOptions options;
  for (const JsonMember& member : body.members) {
    ES_TRY(bool taken, pipeline->window.take(type, member));
    if (taken) continue;
    // It shows the percentiles' own format, and takes buckets without readings as they are.
    if (member.name != "buckets_path") return unknown_field(type, member);
    ES_TRY(taken, options.take(name, member, pipeline->paths));
  }
  ES_CHECK(check_paths(*pipeline, type, body));
  if (pipeline->window.window == 0) return illegal_argument("Required [window]");
  return std::shared_ptr<Pipeline>(std::move(pipeline));
}

}  // namespace iot::query
