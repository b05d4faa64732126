// An event log for tests of its readers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "log/event_log.h"

namespace iot::live::testing {

/// Records in memory, cut at the front or unreadable when the test says so.
class MemoryLog final : public log::EventLog {
 public:
  void add(const model::ReadingBatch& batch) {
    const std::scoped_lock lock(mutex_);
    std::string bytes;
    batch.encode(bytes);
    records_[++last_] = std::move(bytes);
  }
  void cut_before(std::uint64_t position) {
    const std::scoped_lock lock(mutex_);
    records_.erase(records_.begin(), records_.lower_bound(position));
  }
  /// From this record on nothing can be read; no error: all can be again.
  void fail_from(std::uint64_t position, std::optional<Error> error) {
    const std::scoped_lock lock(mutex_);
    fails_from_ = position;
    failure_ = std::move(error);
  }
  std::size_t failures() const {
    const std::scoped_lock lock(mutex_);
    return failures_;
  }
  void await_failures(std::size_t count) {
    std::unique_lock lock(mutex_);
    failed_.wait_for(lock, std::chrono::seconds(20), [&] { return failures_ >= count; });
  }

  Result<void> append(const model::ReadingBatch&, log::AppendWaiter&) override { return {}; }
  log::Position first() const noexcept override {
    const std::scoped_lock lock(mutex_);
    return {records_.empty() ? last_ + 1 : records_.begin()->first};
  }
  log::Position last() const noexcept override {
    const std::scoped_lock lock(mutex_);
    return {last_};
  }
  Result<std::unique_ptr<log::LogReader>> read(log::Position from) override {
    if (from < first()) return make_error(log::Errc::position_gone, "gone");
    return std::unique_ptr<log::LogReader>(std::make_unique<Reader>(*this, from.value));
  }
  void release(log::Position) noexcept override {}
  void stop() noexcept override {}

 private:
  struct Reader final : log::LogReader {
    Reader(MemoryLog& log, std::uint64_t from) : log_(log), next_(from) {}
    Result<std::optional<log::Record>> next() override {
      const std::scoped_lock lock(log_.mutex_);
      if (next_ > log_.last_) return std::optional<log::Record>();
      if (log_.failure_ && next_ >= log_.fails_from_) {
        ++log_.failures_;
        log_.failed_.notify_all();
        return *log_.failure_;
      }
      const auto found = log_.records_.find(next_);
      if (found == log_.records_.end()) return make_error(log::Errc::position_gone, "gone");
      payload_ = found->second;
      return std::optional<log::Record>(log::Record{{next_++}, payload_});
    }
    MemoryLog& log_;
    std::uint64_t next_;
    std::string payload_;
  };

  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::string> records_;
  std::uint64_t last_ = 0;
  std::uint64_t fails_from_ = 0;
  std::optional<Error> failure_;
  std::size_t failures_ = 0;
  std::condition_variable failed_;
};

}  // namespace iot::live::testing
