// The cursor of the embedded store: a sweep over a sensor's sources in the order of time.
//
// A source that nothing else overlaps is a run of its own, which may be passed over by its summary. Where sources
// overlap they are opened as the sweep reaches them, and their readings merged in blocks, so that no more is in memory
// than what overlaps at one moment.
#pragma once

#include <memory>
#include <vector>

#include "base/metrics.h"
#include "store/embedded/chunk_stream.h"
#include "store/embedded/source.h"

namespace iot::store {

class MergingCursor final : public Cursor {
 public:
  /// `range` is not empty. `reader` is the sensor's. `decoded` and `damaged`, which counts chunks that could not be
  /// read, must outlive the cursor.
  MergingCursor(SensorId sensor, TimeRange range, Direction direction, std::vector<Source> in_memory,
                std::shared_ptr<ChunkReader> reader, DecodedChunks& decoded, Counter& damaged);

  Result<bool> next() override;
  std::optional<Summary> summary() const override;
  TimeRange bounds() const override;
  Result<Block> block() override;
  Result<KeptBlock> keep_block() override;
  Result<Block> values() override;
  Result<KeptBlock> keep_values() override;
  std::unique_ptr<UndecodedRun> detach() override;
  Result<std::span<const Summary>> parts() override;
  void divide() override;

 private:
  class Readers;
  class DetachedRun;

  bool ascending() const noexcept { return direction_ == Direction::ascending; }
  bool reaches_range(const Source& source) const noexcept;
  Result<const Source*> peek();
  Source pop();
  Result<OpenSource> open(const Source& source, Wanted wanted);
  Result<void> open_single(Wanted wanted);
  std::int64_t front_ns(const OpenSource& open) const noexcept;
  void take_single(Source source);
  bool next_part() noexcept;
  Result<bool> next_merged();
  TimeRange window(std::size_t leader, const Source* following) const noexcept;
  void merge(model::ColumnKind kind, TimeRange window);

  SensorId sensor_;
  TimeRange range_;
  Direction direction_;
  std::vector<Source> in_memory_;  ///< in the order of the sweep, the next one last
  std::shared_ptr<ChunkReader> reader_;
  std::unique_ptr<ChunkStream> stream_;  ///< null until it is needed
  DecodedChunks& decoded_;
  std::optional<Source> from_stream_;
  Counter& damaged_;

  std::shared_ptr<Readers> detached_readers_;  ///< null until a run is detached
  std::vector<OpenSource> open_;
  std::optional<Source> single_;  ///< the run, where nothing overlaps it
  std::optional<OpenSource> opened_single_;
  std::vector<Summary> parts_;          ///< of the run, once they were asked for
  std::optional<std::size_t> at_part_;  ///< where the run is walked through part by part: how many of them are done
  Columns merged_;
  Block block_;
  TimeRange bounds_;
};

/// A cursor over nothing.
std::unique_ptr<Cursor> empty_cursor();

}  // namespace iot::store
