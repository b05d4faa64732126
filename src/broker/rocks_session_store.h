// The session store on this machine's disk: one small RocksDB, and a thread that writes in one synced batch all that
// arrived meanwhile.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/metrics.h"
#include "broker/session_store.h"

namespace iot::broker {

enum class Errc {
  damaged =
      1,  ///< The session store cannot be read. Restore a backup, or remove its directory: sessions are lost then.
  unavailable,  ///< The disk refuses; see the message. Tried again until it takes them.
};
ErrcInfo describe(Errc code) noexcept;
constexpr const char* errc_module(Errc) {
  return "broker";
}

class RocksSessionStore final : public SessionStore {
 public:
  /// Opens or makes the store in the directory `path`. `on_committed` is called on the store's thread whenever
  /// durable() has grown. `metrics` must outlive the store.
  static Result<std::unique_ptr<RocksSessionStore>> open(const std::string& path, Metrics& metrics,
                                                         std::function<void()> on_committed);
  /// Stops.
  ~RocksSessionStore() override;

  Result<void> load(const std::function<void(std::string_view, std::string_view)>& visit) override;
  void write(const StoreBatch& batch) override;
  std::uint64_t durable() const noexcept override { return durable_.load(std::memory_order_acquire); }
  std::size_t pending_bytes() const noexcept override { return pending_bytes_.load(std::memory_order_relaxed); }
  Result<void> healthy() const override;
  void stop() noexcept override;

  /// Reads everything and checks every checksum; how many records there are. The store must not be open.
  static Result<std::size_t> verify(const std::string& path);

 private:
  struct Database;

  RocksSessionStore(std::unique_ptr<Database> database, Metrics& metrics, std::function<void()> on_committed);
  void run() noexcept;
  /// False if the store is to stop though the disk refuses.
  bool commit(const StoreBatch& batch);

  std::unique_ptr<Database> database_;
  std::function<void()> on_committed_;
  Counter& groups_;
  Counter& batches_;
  Histogram& sync_seconds_;

  mutable std::mutex mutex_;
  std::condition_variable work_;
  // Under mutex_:
  StoreBatch pending_;
  std::uint64_t written_ = 0;  ///< the last commit number given
  std::optional<Error> refusal_;
  bool stopping_ = false;

  std::atomic<std::uint64_t> durable_{0};
  std::atomic<std::size_t> pending_bytes_{0};
  std::once_flag stopped_;
  std::thread thread_;
};

}  // namespace iot::broker
