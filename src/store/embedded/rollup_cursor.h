// A cursor over a sensor's rolled-up time, and one cursor after another.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "store/embedded/chunk_db.h"

namespace iot::store {

/// Each run is a block, or what of it lies in the range; its parts are periods.
class RollupCursor final : public Cursor {
 public:
  /// Periods whose first reading lies in `range`, which is not empty. `rolled_up` is of the reader's moment. `reader`
  /// may be used by others between calls; `damaged`, which counts blocks that could not be read, must outlive the
  /// cursor.
  RollupCursor(SensorId sensor, TimeRange range, Direction direction, RolledUp rolled_up,
               std::shared_ptr<ChunkReader> reader, Counter& damaged);

  Result<bool> next() override;
  std::optional<Summary> summary() const override;
  TimeRange bounds() const override;
  Result<Block> block() override;
  Result<std::span<const Summary>> parts() override;
  bool rolled_up() const override { return true; }
  RolledUpRun rolled_up_run() const override;

 private:
  /// Where a lane goes on, and its next block.
  struct Place {
    Lane lane;
    std::string resume;  ///< the key to go on at; empty at the end
    std::optional<RollupBlock> block;
  };

  bool ascending() const noexcept { return direction_ == Direction::ascending; }
  Result<void> find_lanes();
  Result<void> load(Place& place);
  Result<bool> take(RollupBlock block);
  bool is_cut() const noexcept;
  Result<void> decode();

  TimeRange range_;
  Direction direction_;
  RolledUp rolled_up_;
  std::shared_ptr<ChunkReader> reader_;
  Counter& damaged_;
  SensorId sensor_;
  bool started_ = false;
  std::vector<Place> places_;

  std::optional<RollupBlock> current_;
  std::vector<Summary> decoded_;    ///< all periods of the current block, once they were asked for
  std::span<const Summary> parts_;  ///< those of them in the range
};

/// All of `first`, then all of `second`.
std::unique_ptr<Cursor> one_after_another(std::unique_ptr<Cursor> first, std::unique_ptr<Cursor> second);

}  // namespace iot::store
