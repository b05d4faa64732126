// What the embedded store counts.
#pragma once

#include "base/metrics.h"

namespace iot::store {

struct StoreMetrics {
  explicit StoreMetrics(Metrics& metrics);

  Counter& readings;
  Counter& undecodable_records;
  Counter& stalls;
  Counter& chunks_written;
  Counter& chunks_merged;
  Counter& chunks_dropped;
  Counter& periods_rolled_up;
  Counter& damaged_chunks;
  Counter& failures;
  Histogram& flush_seconds;
  Gauge& heads;
  Gauge& head_bytes;
  Gauge& cache_bytes;
  Gauge& disk_bytes;
  Gauge& applied_position;
};

}  // namespace iot::store
