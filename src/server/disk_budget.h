// Keeps the data directory within store.disk_bytes_max: the oldest readings go first, never unacknowledged or newest
// ones.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "base/metrics.h"
#include "server/engines.h"

namespace iot::server {

class DiskBudget {
 public:
  /// Looks every few seconds, on a thread of its own, until destroyed. `engines` and `metrics` must outlive it.
  DiskBudget(std::uint64_t bytes_max, Engines& engines, Metrics& metrics);
  ~DiskBudget();

 private:
  void run();
  void look();
  /// Bytes of the data directory.
  std::uint64_t measure();
  /// Waits until the directory gets no smaller by itself.
  void await_removed_files();
  /// Removes what is oldest until the data directory has so many bytes, or nothing more may go.
  Result<void> make_room(std::uint64_t bytes_wanted);

  const std::uint64_t bytes_max_;
  Engines& engines_;
  Gauge& used_;
  Counter& freed_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool is_told_ = false;  ///< that there is no room to be made
  std::thread thread_;
};

}  // namespace iot::server
