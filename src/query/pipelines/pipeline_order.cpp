// Where pipelines may stand, and in which order they run.
#include <algorithm>
#include <utility>

#include "query/pipelines/pipeline.h"

namespace iot::query {
namespace {

using Kind = Aggregation::Outline::Kind;

template <class Pointers>
auto named(const Pointers& list, std::string_view name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& one) { return one->name == name; });
  return found == list.end() ? nullptr : &**found;
}

/// Orders by depth first: before a pipeline come those of its level that its paths name.
class Sorter {
 public:
  explicit Sorter(const Aggregations& level) : level_(level), states_(level.pipelines.size()) {}

  EsResult<void> visit(std::size_t i) {
    // The depth of the recursion is bounded by AggregationParser::aggregations_max.
    const Pipeline& pipeline = *level_.pipelines[i];
    if (states_[i] == State::done) return {};
    if (states_[i] == State::begun) {
      return illegal_argument("Cyclical dependency found with pipeline aggregator [" + pipeline.name + "]");
    }
    states_[i] = State::begun;
    for (const BucketsPath& path : pipeline.paths) {
      if (path.text() == "_count" || path.text() == "_key") continue;
      const std::string& first = path.names().front();
      if (const Aggregation* aggregation = named(level_.collecting, first)) {
        ES_CHECK(check_names(*aggregation, path));
        continue;
      }
      const auto found = std::find_if(level_.pipelines.begin(), level_.pipelines.end(),
                                      [&](const auto& one) { return one->name == first; });
      if (found == level_.pipelines.end()) {
        return illegal_argument("No aggregation found for path [" + path.text() + "]");
      }
      ES_CHECK(visit(static_cast<std::size_t>(found - level_.pipelines.begin())));
    }
    states_[i] = State::done;
    order_.push_back(level_.pipelines[i]);
    return {};
  }

  std::vector<std::shared_ptr<const Pipeline>> take() { return std::move(order_); }

 private:
  enum class State { untouched, begun, done };

  static EsResult<void> check_names(const Aggregation& first, const BucketsPath& path) {
    const Aggregation* here = &first;
    for (std::size_t i = 1; i < path.names().size(); ++i) {
      const std::string& name = path.names()[i];
      const bool is_last = i + 1 == path.names().size();
      if (is_last && (name == "_key" || name == "_count" || name == "_bucket_count")) return {};
      const Aggregation* next = named(here->outline.below, name);
      if (!next && !(is_last && named(here->outline.pipelines, name))) {
        return illegal_argument("No aggregation [" + name + "] found for path [" + path.text() + "]");
      }
      if (next) here = next;
    }
    return {};
  }

  const Aggregations& level_;
  std::vector<State> states_;
  std::vector<std::shared_ptr<const Pipeline>> order_;
};

/// Lists faults as Elasticsearch does: those of a level first, then those below.
class Validator {
 public:
  std::vector<std::string> faults;

  void level(const std::vector<const Aggregation*>& beside, const std::vector<const Pipeline*>& pipelines,
             const Aggregation* above) {
    for (const Pipeline* pipeline : pipelines) check(*pipeline, beside, above);
    for (const Aggregation* aggregation : beside) {
      level(aggregation->outline.below, aggregation->outline.pipelines, aggregation);
    }
  }

 private:
  void check(const Pipeline& pipeline, const std::vector<const Aggregation*>& beside, const Aggregation* above) {
    pipeline.validate(faults);
    switch (pipeline.place()) {
      case Pipeline::Place::beside_buckets:
        return check_beside(pipeline, beside);
      case Pipeline::Place::inside_histogram:
        return check_histogram(pipeline, above);
      case Pipeline::Place::inside_buckets:
        if (!above) faults.push_back(title(pipeline) + " must be declared inside of another aggregation");
        if (above && above->outline.kind == Kind::one_bucket) {
          faults.push_back(title(pipeline) + " must have a multi-bucket aggregation as parent");
        }
        return;
    }
  }

  void check_beside(const Pipeline& pipeline, const std::vector<const Aggregation*>& beside) {
    const BucketsPath& path = pipeline.paths.front();
    const Aggregation* aggregation = named(beside, path.names().front());
    if (!aggregation) {
      faults.push_back("buckets_path aggregation does not exist for aggregation [" + pipeline.name +
                       "]: " + path.text());
      return;
    }
    // A path may go through single buckets to the one that has many.
    const Aggregation* here = aggregation;
    for (std::size_t i = 1; i < path.names().size() && here && here->outline.kind == Kind::one_bucket; ++i) {
      here = named(here->outline.below, path.names()[i]);
    }
    if (here && (here->outline.kind == Kind::buckets || here->outline.kind == Kind::histogram)) return;
    faults.push_back("The first aggregation in buckets_path must be a multi-bucket aggregation for aggregation [" +
                     pipeline.name + "] found :" + aggregation->outline.type + " for buckets path: " + path.text());
  }

  void check_histogram(const Pipeline& pipeline, const Aggregation* above) {
    constexpr std::string_view one_of = " must have a histogram, date_histogram or auto_date_histogram as parent";
    if (!above) {
      faults.push_back(title(pipeline) + std::string(one_of) + " but doesn't have a parent");
    } else if (above->outline.kind != Kind::histogram) {
      faults.push_back(title(pipeline) + std::string(one_of));
    } else if (goes_over_gaps(pipeline) && above->outline.leaves_out_empty_buckets) {
      faults.push_back("parent histogram of " + title(pipeline) + " must have min_doc_count of 0");
    }
  }

  /// Differences are of the buckets that are there; to the others a gap is a bucket too.
  static bool goes_over_gaps(const Pipeline& pipeline) { return pipeline.type != "serial_diff"; }

  static std::string title(const Pipeline& pipeline) { return pipeline.type + " aggregation [" + pipeline.name + "]"; }
};

}  // namespace

EsResult<void> order_pipelines(Aggregations& level) {
  Sorter sorter(level);
  for (std::size_t i = 0; i < level.pipelines.size(); ++i) ES_CHECK(sorter.visit(i));
  level.pipelines = sorter.take();
  return {};
}

EsResult<void> validate_pipelines(const Aggregations& top) {
  constexpr std::size_t told_max = 20;
  std::vector<const Aggregation*> beside;
  std::vector<const Pipeline*> pipelines;
  for (const auto& one : top.collecting) beside.push_back(one.get());
  for (const auto& one : top.pipelines) pipelines.push_back(one.get());
  Validator validator;
  validator.level(beside, pipelines, nullptr);
  if (validator.faults.empty()) return {};
  std::string reason = "Validation Failed: ";
  for (std::size_t i = 0; i < std::min(told_max, validator.faults.size()); ++i) {
    reason += std::to_string(i + 1) + ": " + validator.faults[i] + ";";
  }
  return EsError(400, "action_request_validation_exception", reason);
}

}  // namespace iot::query
