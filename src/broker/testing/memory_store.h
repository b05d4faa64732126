// A session store in memory that is as durable as the test says: nothing is, until commit() is called. What a crash
// leaves is durable_records().
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "broker/session_store.h"

namespace iot::broker::testing {

class MemoryStore final : public SessionStore {
 public:
  using Records = std::map<std::string, std::string, std::less<>>;

  MemoryStore() = default;
  /// After a crash.
  explicit MemoryStore(Records records) : records_(std::move(records)) {}

  Result<void> load(const std::function<void(std::string_view, std::string_view)>& visit) override {
    for (const auto& [key, value] : records_) visit(key, value);
    return {};
  }
  void write(const StoreBatch& batch) override {
    const std::scoped_lock lock(mutex_);
    pending_.push_back(batch);
  }
  std::uint64_t durable() const noexcept override {
    const std::scoped_lock lock(mutex_);
    return durable_;
  }
  std::size_t pending_bytes() const noexcept override {
    const std::scoped_lock lock(mutex_);
    std::size_t bytes = 0;
    for (const StoreBatch& batch : pending_) bytes += batch.bytes();
    return bytes;
  }
  Result<void> healthy() const override { return {}; }
  void stop() noexcept override {}

  /// The first `count_max` writes that wait become durable; how many those were. Broker::committed() is the caller's.
  std::size_t commit(std::size_t count_max = SIZE_MAX) {
    const std::scoped_lock lock(mutex_);
    std::size_t count = 0;
    for (; count < count_max && !pending_.empty(); ++count, ++durable_) {
      pending_.front().visit(Image{records_});
      pending_.pop_front();
    }
    return count;
  }
  std::size_t pending() const {
    const std::scoped_lock lock(mutex_);
    return pending_.size();
  }
  const Records& durable_records() const noexcept { return records_; }

 private:
  struct Image {
    Records& records;
    void put(std::string_view key, std::string_view value) { records[std::string(key)] = value; }
    void erase(std::string_view key) { records.erase(std::string(key)); }
  };

  mutable std::mutex mutex_;
  Records records_;
  std::deque<StoreBatch> pending_;
  std::uint64_t durable_ = 0;
};

}  // namespace iot::broker::testing
