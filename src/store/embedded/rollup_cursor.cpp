#include "store/embedded/rollup_cursor.h"

#include <algorithm>

namespace iot::store {
namespace {

class ChainedCursor final : public Cursor {
 public:
  ChainedCursor(std::unique_ptr<Cursor> first, std::unique_ptr<Cursor> second)
      : at_(std::move(first)), second_(std::move(second)) {}

  Result<bool> next() override {
    IOT_TRY(const bool more, at_->next());
    if (more || !second_) return more;
    at_ = std::move(second_);
    return at_->next();
  }
  std::optional<Summary> summary() const override { return at_->summary(); }
  TimeRange bounds() const override { return at_->bounds(); }
  Result<Block> block() override { return at_->block(); }
  Result<KeptBlock> keep_block() override { return at_->keep_block(); }
  Result<Block> values() override { return at_->values(); }
  Result<KeptBlock> keep_values() override { return at_->keep_values(); }
  std::unique_ptr<UndecodedRun> detach() override { return at_->detach(); }
  Result<std::span<const Summary>> parts() override { return at_->parts(); }
  void divide() override { at_->divide(); }
  bool rolled_up() const override { return at_->rolled_up(); }
  RolledUpRun rolled_up_run() const override { return at_->rolled_up_run(); }

 private:
  std::unique_ptr<Cursor> at_;
  std::unique_ptr<Cursor> second_;  ///< null once it is its turn
};

}  // namespace

std::unique_ptr<Cursor> one_after_another(std::unique_ptr<Cursor> first, std::unique_ptr<Cursor> second) {
  return std::make_unique<ChainedCursor>(std::move(first), std::move(second));
}

RollupCursor::RollupCursor(SensorId sensor, TimeRange range, Direction direction, RolledUp rolled_up,
                           std::shared_ptr<ChunkReader> reader, Counter& damaged)
    : range_(range),
      direction_(direction),
      rolled_up_(rolled_up),
      reader_(std::move(reader)),
      damaged_(damaged),
      sensor_(sensor) {}

Result<void> RollupCursor::find_lanes() {
  for (const Period period : {Period::day, Period::hour, Period::minute}) {
    for (const model::ColumnKind kind : {model::ColumnKind::real, model::ColumnKind::integer}) {
      const Lane lane{sensor_, period, kind};
      const std::string prefix = rollup_prefix(lane);
      // Blocks do not overlap: only the last one that begins before the range may reach into it.
      reader_->seek_for_previous(rollup_key(lane, ascending() ? range_.first.ns : range_.last.ns));
      if (ascending() && !reader_->at(prefix)) reader_->seek(prefix);
      if (reader_->at(prefix)) places_.push_back({lane, std::string(reader_->key()), {}});
    }
  }
  return reader_->status();
}

/// The lane's next block that reaches into the range, if there is one.
Result<void> RollupCursor::load(Place& place) {
  if (place.block || place.resume.empty()) return {};
  const std::string prefix = rollup_prefix(place.lane);
  for (reader_->seek(place.resume); reader_->at(prefix) && !place.block;
       ascending() ? reader_->next() : reader_->previous()) {
    auto block = parse_rollup_block(reader_->key(), reader_->value());
    if (!block) {
      damaged_.Increment();
      return block.error();
    }
    if (ascending() ? block->total.first > range_.last : block->total.last < range_.first) break;
    if (block->total.first <= range_.last && block->total.last >= range_.first) place.block = std::move(*block);
  }
  IOT_CHECK(reader_->status());
  place.resume = place.block && reader_->at(prefix) ? std::string(reader_->key()) : std::string();
  return {};
}

Result<bool> RollupCursor::next() {
  if (!std::exchange(started_, true)) IOT_CHECK(find_lanes());
  while (true) {
    Place* found = nullptr;
    for (Place& place : places_) {
      IOT_CHECK(load(place));
      if (!place.block) continue;
      const bool comes_first = !found || (ascending() ? place.block->total.first < found->block->total.first
                                                      : place.block->total.first > found->block->total.first);
      if (comes_first) found = &place;
    }
    if (!found) return false;
    IOT_TRY(const bool has_any, take(*std::exchange(found->block, std::nullopt)));
    if (has_any) return true;
  }
}

/// False if none of its periods has its first reading in the range.
Result<bool> RollupCursor::take(RollupBlock block) {
  current_ = std::move(block);
  decoded_.clear();
  if (!is_cut()) return true;
  IOT_CHECK(decode());
  return !parts_.empty();
}

bool RollupCursor::is_cut() const noexcept {
  return current_->total.first < range_.first || current_->total.last > range_.last;
}

Result<void> RollupCursor::decode() {
  if (!decoded_.empty()) return {};
  auto decoded = periods_of(*current_);
  if (!decoded) {
    damaged_.Increment();
    return decoded.error();
  }
  decoded_ = std::move(*decoded);
  const auto from = std::partition_point(decoded_.begin(), decoded_.end(),
                                         [&](const Summary& part) { return part.first < range_.first; });
  const auto to =
      std::partition_point(from, decoded_.end(), [&](const Summary& part) { return part.first <= range_.last; });
  parts_ = {from, to};
  return {};
}

std::optional<Summary> RollupCursor::summary() const {
  if (!is_cut()) return current_->total;
  return total_of(parts_);
}

TimeRange RollupCursor::bounds() const {
  if (!is_cut()) return {current_->total.first, current_->total.last};
  return {parts_.front().first, parts_.back().last};
}

Result<Block> RollupCursor::block() {
  return make_error(Errc::rolled_up, describe(*current_) + ": the readings are not kept any more");
}

Result<std::span<const Summary>> RollupCursor::parts() {
  IOT_CHECK(decode());
  return parts_;
}

RolledUpRun RollupCursor::rolled_up_run() const {
  return {std::chrono::nanoseconds(nanoseconds(current_->lane.period)), {rolled_up_.until_ns}};
}

}  // namespace iot::store
