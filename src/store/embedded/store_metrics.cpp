#include "store/embedded/store_metrics.h"

namespace iot::store {

StoreMetrics::StoreMetrics(Metrics& metrics)
    : readings(metrics.counter("iotplatform_store_readings_total", "Readings taken from the event log")),
      undecodable_records(metrics.counter("iotplatform_store_undecodable_records_total",
                                          "Records of the event log that were skipped because they are not a batch")),
      stalls(metrics.counter("iotplatform_store_stalls_total", "Times that committing waited for memory")),
      chunks_written(metrics.counter("iotplatform_store_chunks_written_total", "Chunks written from heads")),
      chunks_merged(metrics.counter("iotplatform_store_chunks_merged_total", "Chunks that went into larger ones")),
      chunks_dropped(metrics.counter("iotplatform_store_chunks_dropped_total",
                                     "Chunks removed by retention or by the disk budget")),
      periods_rolled_up(metrics.counter("iotplatform_store_periods_rolled_up_total",
                                        "Minutes, hours or days that readings past their retention became")),
      damaged_chunks(metrics.counter("iotplatform_store_damaged_chunks_total", "Reads that met a damaged chunk")),
      failures(metrics.counter("iotplatform_store_failures_total", "Writes that failed and are tried again")),
      flush_seconds(
          metrics.histogram("iotplatform_store_flush_seconds", "Time to write all heads to disk", latency_bounds_s())),
      heads(metrics.gauge("iotplatform_store_heads", "Sensors with readings in memory")),
      head_bytes(metrics.gauge("iotplatform_store_head_bytes", "Memory of readings that wait to be written")),
      cache_bytes(metrics.gauge("iotplatform_store_cache_bytes", "Memory of RocksDB's caches and write buffers")),
      disk_bytes(metrics.gauge("iotplatform_store_disk_bytes", "Bytes of the store's files")),
      applied_position(metrics.gauge("iotplatform_store_applied_position",
                                     "Position of the event log up to which the store is on disk")) {}

}  // namespace iot::store
