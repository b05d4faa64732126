// How percentiles are shown, and where moving_percentiles finds them.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "query/aggregation.h"
#include "query/quantile_sketch.h"
#include "query/value_source.h"

namespace iot::query {

struct PercentilesForm {
  std::vector<double> points{1, 5, 25, 50, 75, 95, 99};
  bool keyed = true;
  NumberLook look = NumberLook::plain;
};

class PercentilesSource {
 public:
  virtual ~PercentilesSource() = default;
  /// Null for a bucket without numbers; valid while the collector is.
  virtual QuantileSketch* sketch(Bucket bucket) = 0;
  virtual const PercentilesForm& form() const = 0;
};

/// Appends `values`; null for a number that is not there.
void write_percentiles(JsonWriter& json, const PercentilesForm& form, std::span<const std::optional<double>> values);

}  // namespace iot::query
