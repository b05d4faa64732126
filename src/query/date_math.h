// Date math: "now-1h/d", "2018-01-01||+1M/d". https://www.elastic.co/guide: Common options, Date math.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "query/date_format.h"

namespace iot::query {

struct DateMathOptions {
  Timestamp now;
  /// Whether what is left out or rounded away is filled up to its last moment, as `gt` and `lte` want it.
  FillUp fill = FillUp::first;
  TimeZone zone;
};

/// The moment that `text` names. Rounding up with "/" ends a millisecond before the next unit, as in Elasticsearch,
/// also where times are finer. Errors are met on the shard.
EsResult<Moment> evaluate_date(std::string_view text, const DateFormat& format, const DateMathOptions& options);

}  // namespace iot::query
