// What the embedded event log counts.
#pragma once

#include "base/metrics.h"

namespace iot::log {

struct LogMetrics {
  explicit LogMetrics(Metrics& metrics);

  Counter& records;
  Counter& bytes;
  Counter& groups;
  Histogram& group_records;
  Histogram& sync_seconds;
  Counter& write_failures;
  Counter& full_failures;
  Counter& overloads;
  Counter& torn_tails;
  Counter& replayed_records;
  Gauge& segments;
  Gauge& segment_bytes;
  Gauge& last_position;
  Gauge& is_healthy;
};

inline LogMetrics::LogMetrics(Metrics& metrics)
    : records(metrics.counter("iotplatform_log_appended_records_total", "Records made durable in the event log")),
      bytes(metrics.counter("iotplatform_log_appended_bytes_total", "Bytes made durable in the event log")),
      groups(metrics.counter("iotplatform_log_groups_total", "Groups of records written with one sync")),
      group_records(metrics.histogram("iotplatform_log_group_records", "Records in one group",
                                      {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384})),
      sync_seconds(metrics.histogram("iotplatform_log_sync_seconds", "Time to write and sync one group in seconds",
                                     latency_bounds_s())),
      write_failures(metrics.counter("iotplatform_log_failures_total", "Groups that could not be written",
                                     {{"reason", "write_failed"}})),
      full_failures(metrics.counter("iotplatform_log_failures_total", "Groups that could not be written",
                                    {{"reason", "disk_full"}})),
      overloads(metrics.counter("iotplatform_log_overloads_total", "Records refused because too many bytes waited")),
      torn_tails(
          metrics.counter("iotplatform_log_torn_tails_total", "Starts that cut an unfinished write off the log")),
      replayed_records(
          metrics.counter("iotplatform_log_replayed_records_total", "Records handed to the store at start")),
      segments(metrics.gauge("iotplatform_log_segments", "Segments of the event log")),
      segment_bytes(metrics.gauge("iotplatform_log_bytes", "Bytes of records in the event log's segments")),
      last_position(metrics.gauge("iotplatform_log_last_position", "Position of the last durable record")),
      is_healthy(metrics.gauge("iotplatform_log_healthy", "1 while the event log can be written")) {}

}  // namespace iot::log
