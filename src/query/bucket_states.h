// What metric aggregations share: a state for each bucket, and how numbers are shown.
#pragma once

#include <string>
#include <vector>

#include "base/json_writer.h"
#include "query/aggregation.h"

namespace iot::query {

/// A state for each bucket, counted against the search's memory as buckets come.
template <class State>
class BucketStates {
 public:
  explicit BucketStates(Execution& execution) : execution_(execution) {}

  /// Of a new bucket, a new one. Valid until the next call.
  State& at(Bucket bucket) {
    if (bucket >= states_.size()) {
      execution_.charge((bucket + 1 - states_.size()) * sizeof(State));
      states_.resize(bucket + 1);
    }
    return states_[bucket];
  }
  /// Null for a bucket that at() has not met.
  State* find(Bucket bucket) noexcept { return bucket < states_.size() ? &states_[bucket] : nullptr; }

 private:
  Execution& execution_;
  std::vector<State> states_;
};

/// A double as Java's Double.toString writes it, which is how Elasticsearch makes names of members from numbers:
/// "0.001", "1.0E7".
std::string java_number(double value);

/// A number, or "NaN", "Infinity" and "-Infinity" as strings.
void write_any_real(JsonWriter& json, double value);

}  // namespace iot::query
