// Decodes the runs of one series before its walk reaches them, on other threads. What the walk does with them stays on
// its own thread and in its order, as in read_ahead.h, which does the same for many series.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

#include "query/read_ahead.h"
#include "store/reading_store.h"

namespace iot::query {

/// What a walk will want of a run.
enum class RunNeed {
  nothing,  ///< its bounds and its summary alone
  values,
  times_and_values,
  parts,  ///< the cursor was told to divide it: its parts come next
};

/// Gives what `inner` gives, in its order. Used on the search's thread.
///
/// It begins by passing calls on: most walks are so short that handing anything to a thread takes longer than they do.
class DecodeAhead final : public store::Cursor {
 public:
  /// `need` is asked of each run that `inner` is at, some runs before the walk reaches it; what is needed then may turn
  /// out not to be, but not the other way round. After `readings_alone` readings at most `window_max` runs are decoded
  /// ahead. `threads` must outlive the object.
  DecodeAhead(std::unique_ptr<store::Cursor> inner, ReadAheadThreads& threads, std::size_t readings_alone,
              std::size_t window_max, std::function<Result<RunNeed>(store::Cursor&)> need);
  /// Waits for the threads that still work for it.
  ~DecodeAhead() override;

  Result<bool> next() override;
  std::optional<store::Summary> summary() const override;
  store::TimeRange bounds() const override;
  /// Only of runs of which it was needed.
  Result<store::Block> block() override;
  Result<store::Block> values() override;
  // What is looked at ahead is divided there.
  Result<std::span<const store::Summary>> parts() override;
  void divide() override;

 private:
  struct Run;
  using RunPtr = std::shared_ptr<Run>;

  Result<bool> next_ahead();
  Result<void> look_ahead();
  Result<store::Block> block_ahead();
  Result<store::Block> count(Result<store::Block> block);
  void start_threads();
  void work() noexcept;
  /// The next run that nobody decodes, or null. Under the mutex, as decode() begins and ends.
  RunPtr claim() noexcept;
  void decode(Run& run, std::unique_lock<std::mutex>& lock) noexcept;

  const std::unique_ptr<store::Cursor> inner_;
  ReadAheadThreads& threads_;
  const std::size_t readings_alone_;
  const std::size_t window_max_;
  const std::function<Result<RunNeed>(store::Cursor&)> need_;
  std::size_t readings_ = 0;  ///< given while it passes calls on
  bool is_ahead_ = false;
  RunPtr current_;
  std::list<RunPtr> ahead_;
  std::size_t needed_ahead_ = 0;  ///< those of them that are needed decoded
  std::size_t window_ = 1;        ///< so many of those; grows as the walk goes on, since it may end soon
  std::optional<Error> fault_;    ///< of looking ahead: told when the walk has got so far
  bool is_at_end_ = false;

  std::mutex mutex_;
  std::condition_variable was_decoded_;
  // Under mutex_:
  std::list<RunPtr> undecoded_;  ///< those ahead that nobody has claimed
  std::size_t working_ = 0;      ///< threads
};

}  // namespace iot::query
