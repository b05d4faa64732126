// global: one bucket of all readings of the indices, whatever the query. The search walks through them once more.
#pragma once

#include "query/aggregation.h"

namespace iot::query {

class GlobalCollector {
 public:
  virtual ~GlobalCollector() = default;
  /// What is asked of the readings, and its aggregations.
  virtual const Aggregations& aggregations() const noexcept = 0;
  virtual Collectors& collectors() noexcept = 0;
  virtual void set_count(std::uint64_t count) noexcept = 0;
};

}  // namespace iot::query
