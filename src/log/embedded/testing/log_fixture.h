// A small language for tests of the event log: readings that carry a number, a sink and waiters that remember.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/testing/simulated_disk.h"
#include "log/embedded/embedded_log.h"

namespace iot::log::testing {

inline const std::string log_directory = "data/log";

/// A batch of one reading whose value is `number`; `text_bytes` more make it larger.
model::ReadingBatch batch_of(std::int64_t number, std::size_t text_bytes = 0);
/// The number that batch_of() put into a payload.
std::int64_t number_of(std::string_view payload);

/// A sink that remembers what it got.
class RememberingSink final : public CommitSink {
 public:
  void committed(std::span<const Record> records) noexcept override;
  std::vector<std::int64_t> numbers() const;
  std::vector<Position> positions() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::int64_t> numbers_;
  std::vector<Position> positions_;
};

/// Waits for one append.
class Waiter final : public AppendWaiter {
 public:
  void appended(const Result<Position>& outcome) noexcept override;
  /// Waits, for at most some seconds; then the test has failed and the program ends.
  const Result<Position>& outcome();
  bool is_told() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable told_;
  std::optional<Result<Position>> outcome_;
};

/// Waits until `condition` holds; false after some seconds.
template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

/// A log on a simulated disk, opened as often as a test likes.
class LogFixture {
 public:
  LogFixture() {
    // Small, so that a simulated disk need not copy megabytes of reserved zeros.
    options.segment_bytes = 16u << 10;
    options.retry_interval = std::chrono::milliseconds(1);
    options.clock = &clock;
  }

  Result<void> open(Position stored = {});
  /// open() that must succeed.
  void start(Position stored = {});
  void stop() { log.reset(); }

  /// Appends and waits.
  Result<Position> append(std::int64_t number, std::size_t text_bytes = 0);
  /// Appends the numbers from `first` to `last`, each in a group of its own; all must be acknowledged.
  void append_range(std::int64_t first, std::int64_t last, std::size_t text_bytes = 0);
  /// Appends them all as one group.
  void append_group(std::int64_t first, std::int64_t last);

  /// What a new start replays.
  std::vector<std::int64_t> replayed(Position stored = {});
  /// The numbers that a reader gives.
  std::vector<std::int64_t> read_from(Position from);

  std::vector<std::string> segments();

  ManualClock clock;
  iot::testing::SimulatedDisk disk;
  Metrics metrics;
  EmbeddedLogOptions options;
  std::unique_ptr<RememberingSink> sink = std::make_unique<RememberingSink>();
  std::unique_ptr<EmbeddedLog> log;
};

/// {first, first + 1, ..., last}.
std::vector<std::int64_t> range(std::int64_t first, std::int64_t last);

}  // namespace iot::log::testing
