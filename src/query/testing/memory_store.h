// A reading store in memory for tests: serves exact blocks and summaries in both directions, in runs of a chosen size.
//
// Not for use by several threads while it is filled.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/value.h"
#include "store/reading_store.h"

namespace iot::query {

class MemoryStore final : public store::ReadingStore {
 public:
  struct Series {
    model::ColumnKind kind = model::ColumnKind::real;
    std::vector<std::int64_t> times_ns;
    std::vector<double> reals;
    std::vector<std::int64_t> integers;
    std::vector<std::string> texts;
    std::vector<std::string_view> views;
  };

  std::size_t run_readings_max = 4096;
  bool gives_summaries = true;
  /// Called with each block that is decoded, on the thread that decodes: to count them, or to move a clock.
  std::function<void()> on_block;
  /// The n-th call from now on that can fail (from 0) does.
  void fail_from_now(std::int64_t at) noexcept {
    fails_at_ = at;
    calls_ = 0;
  }

  void add(SensorId sensor, model::MappingType mapping, Timestamp time, const model::Value& value);
  /// Orders and merges what was added; call before reading.
  void seal();
  /// Of a sensor that has none, an empty one.
  const Series& series(SensorId sensor) const;
  std::uint64_t blocks_decoded() const noexcept { return blocks_decoded_; }

  void committed(std::span<const log::Record>) noexcept override {}
  Result<std::unique_ptr<store::Cursor>> scan(SensorId sensor, store::TimeRange range,
                                              store::Direction direction) override;
  Result<store::SeriesInfo> info(SensorId sensor) override;
  Result<void> remove(SensorId sensor) override;

 private:
  class Walker;
  bool fails() noexcept { return fails_at_ >= 0 && calls_++ == fails_at_; }

  std::map<SensorId, Series> series_;
  std::atomic<std::uint64_t> blocks_decoded_{0};
  std::int64_t fails_at_ = -1;
  std::atomic<std::int64_t> calls_{0};
};

}  // namespace iot::query
