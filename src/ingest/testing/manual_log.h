// An event log for tests that acknowledges when the test says so.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "log/event_log.h"

namespace iot::ingest::testing {

class ManualLog final : public log::EventLog {
 public:
  /// What append() answers from now on; nothing: it takes the batch.
  void refuse_with(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    refusal_ = std::move(error);
  }

  /// Waits until `count` batches are waiting; false if that takes unreasonably long.
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, std::chrono::seconds(20), [&] { return waiters_.size() >= count; });
  }

  /// Tells all that wait. The caller then ends the group.
  void tell(const std::optional<Error>& error = {}) {
    std::vector<log::AppendWaiter*> told;
    {
      const std::lock_guard lock(mutex_);
      told.swap(waiters_);
      if (!error) stored_.insert(stored_.end(), taken_.begin(), taken_.end());
      taken_.clear();
    }
    for (log::AppendWaiter* waiter : told) {
      if (error) {
        waiter->appended(*error);
      } else {
        waiter->appended(log::Position{++position_});
      }
    }
  }

  /// The batches that were acknowledged.
  std::vector<model::ReadingBatch> stored() const {
    const std::lock_guard lock(mutex_);
    return stored_;
  }
  /// All that append() has taken, acknowledged or not.
  std::size_t appended() const {
    const std::lock_guard lock(mutex_);
    return stored_.size() + taken_.size();
  }

  Result<void> append(const model::ReadingBatch& batch, log::AppendWaiter& waiter) override {
    const std::lock_guard lock(mutex_);
    if (refusal_) return *refusal_;
    taken_.push_back(batch);
    waiters_.push_back(&waiter);
    arrived_.notify_all();
    return {};
  }
  log::Position first() const noexcept override { return {1}; }
  log::Position last() const noexcept override { return {position_}; }
  Result<std::unique_ptr<log::LogReader>> read(log::Position) override {
    return make_error(log::Errc::position_gone, "nothing is kept");
  }
  void release(log::Position) noexcept override {}
  Result<void> healthy() const override { return {}; }
  void stop() noexcept override {}

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::optional<Error> refusal_;
  std::vector<log::AppendWaiter*> waiters_;
  std::vector<model::ReadingBatch> taken_;
  std::vector<model::ReadingBatch> stored_;
  std::uint64_t position_ = 0;
};

}  // namespace iot::ingest::testing
