// The reading store: every reading once, by sensor and time, and quick to walk through.
//
// Engines: store/embedded (columnar chunks in RocksDB with a head in memory, the event log as its write-ahead log);
// when one machine is outgrown, Elasticsearch or OpenSearch, which answer queries themselves and have no cursor.
//
// Threads: any thread may read at any time and sees what was committed before its call began; committed() is called by
// the log's thread alone.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/failure.h"
#include "base/ids.h"
#include "log/event_log.h"
#include "model/mapping.h"
#include "model/value.h"

namespace iot::store {

enum class Errc {
  damaged = 1,   ///< A chunk's checksum does not match. Nothing of it is served; run `iotplatform verify`.
  io_failed,     ///< RocksDB could not read or write. See the message; try again later.
  newer_format,  ///< Written by a newer version of the program. Use that version.
  cancelled,     ///< The caller's CancelFlag was set.
  rolled_up,     ///< The readings have gone, only summaries of their periods are kept. Ask for those.
};
ErrcInfo describe(Errc code) noexcept;
constexpr const char* errc_module(Errc) {
  return "store";
}

/// Both ends included.
struct TimeRange {
  Timestamp first = timestamp_min;
  Timestamp last = timestamp_max;
};

/// What is known of a run's real values.
struct RealSummary {
  double min = 0, max = 0, sum = 0, first = 0, last = 0;
};
/// The same of integers, which would lose digits as doubles.
struct IntegerSummary {
  std::int64_t min = 0, max = 0, first = 0, last = 0;
  /// The exact sum, if it fits 64 bits.
  std::optional<std::int64_t> sum;
};

/// What is known of a run of readings without looking at each. The readings are distinct and lie in [first, last] with
/// none of the sensor's other readings among them.
struct Summary {
  using Numbers = RealSummary;
  using Integers = IntegerSummary;

  Timestamp first;
  Timestamp last;
  std::uint64_t count = 0;
  std::optional<Numbers> numbers;    ///< for ColumnKind::real
  std::optional<Integers> integers;  ///< for ColumnKind::integer
};

/// Makes one summary of two whose readings are distinct and have values of one kind. Sums are added as the summaries
/// come; the sum of integers is gone where it does not fit 64 bits.
void combine(Summary& into, const Summary& other);

/// One reading by itself.
struct Reading {
  Timestamp time;
  model::Value value;

  bool operator==(const Reading&) const = default;
};

/// Decoded readings in columns, ordered by time and, at one time, by value. Views are valid until the cursor's next
/// call.
struct Block {
  std::span<const std::int64_t> times_ns;
  model::ColumnKind kind = model::ColumnKind::real;
  std::span<const double> reals;            ///< for real
  std::span<const std::int64_t> integers;   ///< for integer
  std::span<const std::string_view> texts;  ///< for text

  std::size_t size() const noexcept {
    return kind == model::ColumnKind::real      ? reals.size()
           : kind == model::ColumnKind::integer ? integers.size()
                                                : texts.size();
  }
  /// The one at `at`; times and values must be there.
  Reading reading(std::size_t at) const;
};

/// A block with whatever its views point into.
struct KeptBlock {
  Block block;
  std::shared_ptr<const void> keeper;
};

/// A run that a cursor has passed and that is not decoded yet.
class UndecodedRun {
 public:
  virtual ~UndecodedRun() = default;

  /// The run's readings inside the range; the times may be missing unless they are asked for. Once; on any thread.
  virtual Result<KeptBlock> decode(bool with_times) = 0;
};

enum class Direction { ascending, descending };

/// Of a run whose readings have gone.
struct RolledUpRun {
  std::chrono::nanoseconds period{};  ///< of each part: a minute, an hour or a day
  Timestamp until;                    ///< from here on the sensor's readings are there
};

/// Walks through one sensor's readings in a time range, each once (what arrived twice is merged), on the state of the
/// store when it was made: readings that are committed later are not seen. Blocks and runs come in the cursor's
/// direction; inside a block readings are always ascending. One thread at a time; must not outlive the store.
///
/// Readings that have outlived their retention may have become summaries of minutes, hours or days (rolled_up()). Such
/// runs lie before all readings. A period is in the range if its first reading is.
class Cursor {
 public:
  virtual ~Cursor() = default;

  /// Moves on to the next run of readings; false at the end. After true either block() or, to pass over the run without
  /// decoding it, summary() may be asked; or neither.
  virtual Result<bool> next() = 0;

  /// What is known of the run, if it lies wholly inside the range and its summary is exact; else nothing: ask block().
  virtual std::optional<Summary> summary() const = 0;

  /// The bounds of the run as far as known without decoding it: no reading of it lies outside.
  virtual TimeRange bounds() const = 0;

  /// The run's readings inside the range, decoded; at most some tens of thousands.
  virtual Result<Block> block() = 0;

  /// The same, for whoever needs them longer than until the next call. Unless overridden, a copy.
  virtual Result<KeptBlock> keep_block();

  /// As block() and keep_block() for who needs the values alone: the times may be missing.
  virtual Result<Block> values() { return block(); }
  virtual Result<KeptBlock> keep_values() { return keep_block(); }

  /// The run, to be decoded on another thread while the cursor goes on; it may outlive the cursor, not the store. Null
  /// where that gains nothing, as the run is decoded already: ask block().
  virtual std::unique_ptr<UndecodedRun> detach() { return nullptr; }

  /// What is known of parts of the run (its hours, say), in order of time and also of those outside the range; none
  /// where nothing is. Valid until the cursor's next call but divide().
  virtual Result<std::span<const Summary>> parts() { return std::span<const Summary>(); }

  /// After parts() gave some: each of them that reaches into the range will be a run of its own, to which next() goes
  /// on. The run as it is now is not asked for any more.
  virtual void divide() {}

  /// True if the run's readings are no more: then block() and its like give Errc::rolled_up, summary() is always there,
  /// and parts() are the periods whose first reading lies in the range, each with all its readings, so that the run may
  /// end after the range. It is not divided.
  virtual bool rolled_up() const { return false; }
  /// Only of a run that is rolled up.
  virtual RolledUpRun rolled_up_run() const { return {}; }
};

/// What a sensor holds: for lists, retention and GUI. Counts and times are those of readings that are there.
struct SeriesInfo {
  std::uint64_t count_max = 0;  ///< readings, counting those twice that arrived twice and are not merged yet
  std::optional<Timestamp> first;
  std::optional<Timestamp> last;
  std::uint64_t disk_bytes = 0;  ///< with what is rolled up
};

class ReadingStore : public log::CommitSink {
 public:
  /// A cursor over `sensor`; an unknown sensor has no readings.
  virtual Result<std::unique_ptr<Cursor>> scan(SensorId sensor, TimeRange range, Direction direction) = 0;

  /// The newest reading's time, without decoding where possible.
  virtual Result<SeriesInfo> info(SensorId sensor) = 0;

  /// The newest reading of each of `sensors`, in their order, and of several at one time the one that comes last;
  /// nothing where there is none. Much cheaper than cursors, and than a call for each: ask for some thousand at a time,
  /// and for sensors in order of id. Unless overridden, by cursors. The errors of one sensor are those of the call.
  virtual Result<std::vector<std::optional<Reading>>> latest(std::span<const SensorId> sensors);

  /// The times of latest(), without decoding anything. Unless overridden, by info().
  virtual Result<std::vector<std::optional<Timestamp>>> newest_times(std::span<const SensorId> sensors);

  /// Removes all readings of a sensor, for good, before it returns. Readings of it in the log that are not yet
  /// applied must not come after.
  virtual Result<void> remove(SensorId sensor) = 0;
};

}  // namespace iot::store
