// The event log: where an acknowledged reading first becomes durable, and from where jobs and the store take it.
//
// Engines: log/embedded (segments on this machine's disk) and, when one machine is outgrown, Kafka. Callers see this
// header alone.
//
// Threads: append() may be called from any thread. The sink and the waiters are called on the log's own thread.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/failure.h"
#include "model/reading_batch.h"

namespace iot::log {

enum class Errc {
  overloaded = 1,  ///< More bytes wait than log.pending_bytes_max. Nothing was written; try again after a moment.
  disk_full,       ///< No room for the record. Nothing is acknowledged until there is; try again later.
  write_failed,    ///< The disk refused a write or a sync. Whether the record is there is not known; try again later.
  too_large,       ///< The record is larger than log.record_bytes_max. Send fewer readings at once.
  damaged,         ///< A record before the end of the log is damaged. Run `iotplatform verify`, then `--repair`.
  newer_format,    ///< Written by a newer version of the program. Use that version.
  shutting_down,   ///< stop() was called.
  position_gone,   ///< The position asked for has been removed by retention. Start at first().
};
ErrcInfo describe(Errc code) noexcept;
constexpr const char* errc_module(Errc) {
  return "log";
}

/// A record's place: 1, 2, 3, ... without gaps. 0 stands before the first.
struct Position {
  std::uint64_t value = 0;
  constexpr auto operator<=>(const Position&) const = default;
};

/// A record as it lies in the log. The view is valid during the call that gives it.
struct Record {
  Position position;
  std::string_view payload;  ///< an encoded model::ReadingBatch
};

/// Who makes durable records queryable: the reading store.
class CommitSink {
 public:
  virtual ~CommitSink() = default;
  /// Called after the records are durable and before anybody is told so, in the order of positions, on one thread.
  virtual void committed(std::span<const Record> records) noexcept = 0;
};

/// Who waits for one append. Must outlive the call of appended(), which comes exactly once for each append() that
/// returned success.
class AppendWaiter {
 public:
  /// The record's position once it is durable and the sink has it; else why it is not acknowledged. On the log's
  /// thread, so: hand over and return.
  virtual void appended(const Result<Position>& outcome) noexcept = 0;

 protected:
  ~AppendWaiter() = default;
};

/// Reads records in order, from a position on, up to what is durable. Not thread-safe; use one for each reader.
class LogReader {
 public:
  virtual ~LogReader() = default;
  /// The next record, or nothing at the present end (try again after the end has moved). The record's payload is valid
  /// until the next call.
  virtual Result<std::optional<Record>> next() = 0;
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  /// Takes the batch over into the log's own memory (the caller may reuse it at once) and returns; `waiter` hears when
  /// it is durable. An error means that nothing was taken and that the waiter will not be called.
  virtual Result<void> append(const model::ReadingBatch& batch, AppendWaiter& waiter) = 0;

  /// Bytes of an encoded batch that are not too many for append().
  virtual std::size_t record_bytes_max() const noexcept { return SIZE_MAX; }

  /// The first position still there (that of the next record, if there is none), and the last durable one.
  virtual Position first() const noexcept = 0;
  virtual Position last() const noexcept = 0;

  /// A reader whose first record is `from`. Errc::position_gone if that is no longer there.
  virtual Result<std::unique_ptr<LogReader>> read(Position from) = 0;

  /// Says that the store has everything up to `position` (included) on disk by itself, so that the segments before may
  /// go. Any thread.
  virtual void release(Position position) noexcept = 0;

  /// Success while appends are accepted; else why not, for /readyz. Any thread.
  virtual Result<void> healthy() const { return {}; }

  /// Finishes what was accepted, tells every waiter, and ends the log's thread. Further appends fail.
  virtual void stop() noexcept = 0;
};

}  // namespace iot::log
