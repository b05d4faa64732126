// Buckets that each are a stretch of time: what `rate` divides by is how long they are.
#pragma once

#include <cstdint>

#include "query/aggregation.h"
#include "query/rounding.h"

namespace iot::query {

class SizedBuckets {
 public:
  virtual ~SizedBuckets() = default;

  /// Refused: the buckets are not of time, or of several times at once.
  virtual EsResult<void> check() const { return {}; }
  virtual const Rounding& rounding() const = 0;
  /// Where the stretch of `bucket` begins.
  virtual std::int64_t start_ms(Bucket bucket) const = 0;
};

}  // namespace iot::query
