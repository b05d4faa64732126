// The present snapshot, as readers on any thread see it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "registry/snapshot.h"

namespace iot::registry {

class PublishedSnapshot {
 public:
  SnapshotPtr get() const noexcept {
    const std::lock_guard lock(mutex_);
    return current_;
  }

  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

  /// One thread at a time.
  void publish(const Snapshot& snapshot) {
    auto next = std::make_shared<const Snapshot>(snapshot);
    {
      const std::lock_guard lock(mutex_);
      current_.swap(next);
    }
    // After the snapshot: who sees the new version gets the new snapshot. The old one is let go outside of the lock,
    // because that may free much.
    version_.store(snapshot.version, std::memory_order_release);
  }

 private:
  mutable std::mutex mutex_;
  SnapshotPtr current_ = std::make_shared<const Snapshot>();
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace iot::registry
