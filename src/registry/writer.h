// The registry's one writer: a thread that takes all writes that have come meanwhile into one transaction, so that one
// fsync serves them all.
//
// Each write has a savepoint, and one that fails is undone alone. After the commit the snapshot is brought up to date
// once for the group; then listeners are told, then callbacks, in order. If the commit fails, all of the group fail
// with Errc::database_failed, and the snapshot stays as it was.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <soci/soci.h>

#include "base/clock.h"
#include "registry/counters.h"
#include "registry/pruner.h"
#include "registry/published_snapshot.h"
#include "registry/write_queue.h"
#include "registry/write_statements.h"
#include "registry/writer_stats.h"

namespace iot::registry {

class Writer {
 public:
  /// `published` and `clock` must outlive the writer. Loads the snapshot, and makes root if it is missing. Throws
  /// soci::soci_error.
  Writer(std::unique_ptr<soci::session> session, const RegistryLimits& limits, PublishedSnapshot& published,
         const Clock& clock);
  ~Writer() { stop(); }

  /// Any thread.
  void submit(WritePtr write);
  void on_sensors_removed(std::function<void(const std::vector<SensorId>&)> listener);
  void on_withdrawal(std::function<void(const Withdrawal&)> listener);
  WriterStats stats() const;

  /// Finishes what was taken; refuses what comes later.
  void stop() noexcept;

 private:
  void run();
  void commit_group(std::vector<WritePtr>& group);
  /// Runs and commits the group; what it changed is in next_ and `removed` then. Throws if nothing was committed.
  void transact(std::vector<WritePtr>& group, Removals& removed);
  void run_one(Write& write, Removals& removed);
  void tell_listeners(const Removals& removed);
  void store_counters();
  void prune();
  void roll_back();
  void fail_group(std::vector<WritePtr>& group, const Error& error);
  void make_root_if_missing();

  const RegistryLimits limits_;
  PublishedSnapshot& published_;
  const Clock& clock_;

  // The statements are part of the session and go before it.
  std::unique_ptr<soci::session> session_;
  WriteStatements sql_;
  Counters counters_;
  Counters stored_counters_;
  /// The published snapshot, and on top of it what the present group has done.
  Snapshot next_;
  Pruner changes_pruner_;
  Pruner audit_pruner_;

  std::mutex listeners_mutex_;
  std::vector<std::function<void(const std::vector<SensorId>&)>> sensor_listeners_;
  std::vector<std::function<void(const Withdrawal&)>> withdrawal_listeners_;

  std::atomic<std::uint64_t> groups_{0};
  std::atomic<std::uint64_t> groups_failed_{0};
  std::atomic<std::uint64_t> writes_{0};
  std::atomic<std::uint64_t> commit_ns_{0};

  WriteQueue queue_;
  std::mutex stop_mutex_;
  std::thread thread_;
};

}  // namespace iot::registry
