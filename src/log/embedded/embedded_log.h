// The event log on this machine's disk: segments in one directory, one write and one sync for all that waited.
//
// Format, and what a reader sees after each kind of crash: docs/formats/event-log.md. Why it is so:
// docs/decisions/0002-event-log.md. One process at a time: the data directory's lock sees to that.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "log/embedded/log_metrics.h"
#include "log/embedded/repair.h"
#include "log/embedded/retention.h"
#include "log/embedded/segment_list.h"
#include "log/embedded/segment_writer.h"
#include "log/event_log.h"

namespace iot::log {

struct EmbeddedLogOptions {
  /// Bytes that wait or are being written, together; past it append() says Errc::overloaded.
  std::size_t pending_bytes_max = 64u << 20;
  /// One record; past it append() says Errc::too_large. Never more than pending_bytes_max.
  std::size_t record_bytes_max = 16u << 20;
  /// A new segment is begun where the next group would make one longer than this.
  std::uint64_t segment_bytes = 64u << 20;
  /// Released segments are kept for late jobs while the log is not larger than this,
  std::uint64_t retain_bytes = 256u << 20;
  /// and their last record is not older than this.
  std::chrono::seconds retain_age = std::chrono::hours(24);
  /// When many waited for the last sync, so long at most until as many wait again (less where they are few): a little
  /// latency for far fewer syncs.
  std::chrono::microseconds gather_max{1000};
  /// How often a log that failed is tried again.
  std::chrono::milliseconds retry_interval{500};
  /// Called on the log's thread once after each group, when its last waiter has been told.
  std::function<void()> on_group_end;
  const Clock* clock = &system_clock();
};

class EmbeddedLog final : public EventLog {
 public:
  /// Opens the log in `path` (which is made where it is missing), cuts what a crash left unfinished, hands the records
  /// after `replay_from` to `sink` and starts the log's thread. `replay_from`: the store has everything up to here,
  /// included. `files`, `metrics`, `sink` and the clock must outlive the log.
  /// Errc::damaged: a record that was durable is damaged; the message says where and what to do. Errc::newer_format.
  /// Errc::disk_full, Errc::write_failed or a system error: the disk does not let it start.
  static Result<std::unique_ptr<EmbeddedLog>> open(FileSystem& files, const std::string& path,
                                                   EmbeddedLogOptions options, Metrics& metrics, Position replay_from,
                                                   CommitSink& sink);

  /// Reads everything and says what is wrong; changes nothing. The log must not be open.
  static Result<VerifyReport> verify(FileSystem& files, const std::string& path) { return verify_log(files, path); }
  /// Keeps everything that is whole, and the damaged files aside. The log must not be open.
  static Result<RepairReport> repair(FileSystem& files, const std::string& path) { return repair_log(files, path); }

  /// Stops.
  ~EmbeddedLog() override;

  Result<void> append(const model::ReadingBatch& batch, AppendWaiter& waiter) override;
  Position first() const noexcept override { return segments_.first(); }
  Position last() const noexcept override { return {segments_.end().value - 1}; }
  Result<std::unique_ptr<LogReader>> read(Position from) override;
  void release(Position position) noexcept override;
  void stop() noexcept override;

  /// Success while readings are accepted; else why not. For /readyz. Any thread.
  std::size_t record_bytes_max() const noexcept override { return options_.record_bytes_max; }
  Result<void> healthy() const override;

  /// Bytes of records on disk, and a way to have fewer: removes released segments, oldest first and whether retention
  /// would keep them or not, until `bytes` are freed or none is left. Returns what was freed. Any thread.
  std::uint64_t disk_bytes() const { return segments_.bytes(); }
  std::uint64_t drop_oldest(std::uint64_t bytes) noexcept;

  /// How many records open() handed to the sink.
  std::uint64_t replayed_records() const noexcept { return replayed_records_; }

 private:
  /// Records begun one behind the other, and who waits for each.
  struct Group {
    std::string bytes;
    std::vector<AppendWaiter*> waiters;
  };

  EmbeddedLog(FileSystem& files, const std::string& path, EmbeddedLogOptions options, Metrics& metrics,
              CommitSink& sink);

  Result<void> recover(const std::string& path, Position replay_from);
  void run() noexcept;
  /// Takes what waits as the active group; false when the log is to end.
  bool wait_for_work();
  /// Waits for those to come back who were told at the end of the last group.
  void gather(std::unique_lock<std::mutex>& lock);
  void commit() noexcept;
  void acknowledge(Position first) noexcept;
  void refuse(const Error& error) noexcept;
  void try_to_recover() noexcept;
  void end_group(Group& group) noexcept;
  void show_segments() noexcept;

  FileSystem& files_;
  EmbeddedLogOptions options_;
  CommitSink& sink_;
  LogMetrics metrics_;
  SegmentList segments_;
  SegmentWriter writer_;
  Retention retention_;
  std::uint64_t replayed_records_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable work_;
  // Under mutex_:
  Group pending_;
  std::size_t active_bytes_ = 0;
  std::optional<Error> refusal_;
  bool is_idle_ = false;
  /// How many waited when the last group ended, that group's included; 0 where nobody is to be waited for.
  std::size_t expected_waiters_ = 0;
  /// Not all who were expected came in time.
  bool gathered_in_vain_ = false;
  /// Not 0 while gather() waits for so many.
  std::size_t gather_until_ = 0;
  bool retention_due_ = false;
  bool stopping_ = false;

  // Of the log's thread alone:
  Group active_;
  std::vector<Record> records_;

  std::once_flag stopped_;
  std::thread thread_;
};

}  // namespace iot::log
