// Opens and decodes the indices of a search before its walk reaches them, on other threads. Aggregating stays on the
// search's thread and in its order, so that answers are the same to the last bit however many threads there are.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "query/aggregation.h"
#include "query/execution.h"
#include "query/series_plan.h"
#include "store/reading_store.h"

namespace iot::query {

/// Threads that read ahead, shared by all searches. They are started when they are first used.
class ReadAheadThreads {
 public:
  explicit ReadAheadThreads(std::size_t threads);
  /// No search may be running.
  ~ReadAheadThreads();

  /// Runs `work` on a thread that has nothing to do; false if there is none.
  bool try_run(std::function<void()> work);
  std::size_t size() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// One search's cursors, in the order of its plans. Used on the search's thread.
class ReadAhead {
 public:
  /// `aggregations` may be null, where readings are only counted. All of these must outlive the object.
  ReadAhead(store::ReadingStore& store, ReadAheadThreads& threads, std::span<const SeriesPlan> plans,
            const Aggregations* aggregations, const Execution& execution);
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  /// Waits for the threads that still work for it.
  ~ReadAhead();

  /// A cursor over plan `index`: 0, then 1, and so on. Its block() may be asked for runs of which use_of() says
  /// RunUse::readings, once. `direction` is that of NewestFirst for the aggregations.
  Result<std::unique_ptr<store::Cursor>> cursor(std::size_t index, store::Direction direction);

 private:
  struct Piece;
  class Reader;
  class PieceCursor;

  /// The next piece that nobody reads and that the walk will reach soon. Under the mutex.
  std::optional<std::size_t> claim();
  std::size_t room() const noexcept;
  void read(Reader& reader, std::size_t index, std::unique_lock<std::mutex>& lock);
  std::unique_ptr<Reader> take_reader() noexcept;
  void work_ahead() noexcept;
  void start_threads();

  store::ReadingStore& store_;
  ReadAheadThreads& threads_;
  const std::span<const SeriesPlan> plans_;
  const Aggregations* const aggregations_;
  const Execution execution_;           ///< as it was at first, for other threads to copy
  std::unique_ptr<Reader> own_reader_;  ///< made when it is first used

  std::mutex mutex_;
  std::condition_variable was_read_;
  // Under mutex_:
  std::vector<std::unique_ptr<Reader>> idle_readers_;
  std::vector<Piece> pieces_;
  std::size_t position_ = 0;   ///< what the walk is at
  std::size_t unclaimed_ = 1;  ///< the first piece that nobody has taken; piece 0 is the walk's own
  std::size_t working_ = 0;    ///< threads
  bool is_over_ = false;
};

}  // namespace iot::query
