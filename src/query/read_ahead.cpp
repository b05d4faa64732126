#include "query/read_ahead.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "query/newest_first.h"

namespace iot::query {
namespace {

/// So many pieces before the walk at most, and so much of each: what a search holds decoded stays within some
/// megabytes.
constexpr std::size_t pieces_ahead_max = 16;
constexpr std::size_t blocks_max = 4;
constexpr std::size_t runs_max = 1024;

/// Threads are started when there is room for so many pieces: that costs as much as a small piece.
constexpr std::size_t room_for_starting = pieces_ahead_max / 2;

}  // namespace

struct ReadAheadThreads::State {
  explicit State(std::size_t threads) : size(threads) {}
  const std::size_t size;
  std::atomic<std::size_t> busy{0};
  std::once_flag started;
  std::optional<boost::asio::thread_pool> pool;
};

ReadAheadThreads::ReadAheadThreads(std::size_t threads) : state_(std::make_unique<State>(threads)) {}

ReadAheadThreads::~ReadAheadThreads() {
  if (state_->pool) state_->pool->join();
}

std::size_t ReadAheadThreads::size() const noexcept {
  return state_->size;
}

bool ReadAheadThreads::try_run(std::function<void()> work) {
  if (state_->busy.fetch_add(1) >= state_->size) {
    --state_->busy;
    return false;
  }
  std::call_once(state_->started, [this] { state_->pool.emplace(state_->size); });
  boost::asio::post(*state_->pool, [state = state_.get(), work = std::move(work)] {
    work();
    --state->busy;
  });
  return true;
}

/// One plan's readings, as far as they were read ahead.
struct ReadAhead::Piece {
  struct ReadRun {
    std::optional<store::Summary> summary;
    store::TimeRange bounds;
    std::optional<store::KeptBlock> block;  ///< of runs that are needed decoded
  };
  enum class Stage { unread, being_read, read };

  Stage stage = Stage::unread;
  store::Direction direction = store::Direction::ascending;
  Result<void> outcome{};
  std::vector<ReadRun> runs;
  std::unique_ptr<store::Cursor> rest;  ///< what comes after the runs
  bool is_whole = false;                ///< nothing does
  bool rest_is_at_run = false;          ///< `rest` is at a run already
};

/// Reads pieces, on one thread. Which runs are needed decoded its own collectors say, as the search's are at another
/// series.
class ReadAhead::Reader {
 public:
  Reader(const ReadAhead& owner, const Execution& execution)
      : store_(owner.store_),
        execution_(execution),
        collectors_(owner.aggregations_ ? *owner.aggregations_ : no_aggregations_, execution_) {
    std::vector<const Series*> all;
    for (const SeriesPlan& plan : owner.plans_) all.push_back(plan.series);
    is_usable_ = collectors_.prepare(all).has_value();
  }

  Piece read(const SeriesPlan& plan) {
    Piece piece;
    try {
      piece.outcome = read(plan, piece);
    } catch (const std::exception& exception) {
      // Told where the walk reaches the piece: on this thread nobody would hear of it.
      piece.outcome =
          make_error(store::Errc::io_failed, std::string("readings could not be read: ") + exception.what());
    }
    piece.stage = Piece::Stage::read;
    return piece;
  }

 private:
  Result<void> read(const SeriesPlan& plan, Piece& piece) {
    // The walk does the same, and says what is wrong.
    const bool is_begun = is_usable_ && collectors_.begin(*plan.series);
    NewestFirst newest(is_begun ? &collectors_ : nullptr);
    piece.direction = newest.direction();
    IOT_TRY(piece.rest, store_.scan(plan.series->index.sensor, plan.range, piece.direction));
    if (!is_begun) return {};
    for (std::size_t blocks = 0; blocks < blocks_max && piece.runs.size() < runs_max;) {
      IOT_TRY(const bool more, piece.rest->next());
      piece.is_whole = !more;
      if (!more) break;
      // The walk's collectors are told of its periods, one by one.
      piece.rest_is_at_run = piece.rest->rolled_up();
      if (piece.rest_is_at_run) {
        IOT_CHECK(piece.rest->parts());
        break;
      }
      Piece::ReadRun run{piece.rest->summary(), piece.rest->bounds(), {}};
      const Run seen = run_of(run.summary, run.bounds);
      if (use_of(seen, plan.filter, &collectors_, newest.is_past(seen)) == RunUse::readings) {
        IOT_TRY(const auto parts, piece.rest->parts());
        if (parts_decide(parts, plan, &collectors_)) {
          piece.rest->divide();
          continue;
        }
        const bool with_times = needs_times(plan.filter, &collectors_);
        IOT_TRY(run.block, with_times ? piece.rest->keep_block() : piece.rest->keep_values());
        ++blocks;
        if (newest.wants_any()) newest.given(seen.bounds, matches(plan, seen, run.block->block));
      }
      piece.runs.push_back(std::move(run));
    }
    return {};
  }

  std::size_t matches(const SeriesPlan& plan, const Run& run, const store::Block& block) {
    return plan.filter.over(run) == Truth::all ? block.size() : select(plan.filter, block, mask_, list_).size();
  }

  store::ReadingStore& store_;
  const Aggregations no_aggregations_;
  Execution execution_;
  Collectors collectors_;
  bool is_usable_ = false;
  std::vector<std::uint8_t> mask_;
  std::vector<std::uint32_t> list_;
};

/// First what was read ahead, then the rest.
class ReadAhead::PieceCursor final : public store::Cursor {
 public:
  explicit PieceCursor(Piece piece) : piece_(std::move(piece)) {}

  Result<bool> next() override {
    if (at_ < piece_.runs.size()) {
      // What is behind is not needed any more.
      if (at_ > 0) piece_.runs[at_ - 1].block.reset();
      ++at_;
      return true;
    }
    is_in_rest_ = true;
    if (piece_.is_whole) return false;
    if (std::exchange(piece_.rest_is_at_run, false)) return true;
    return piece_.rest->next();
  }
  std::optional<store::Summary> summary() const override {
    return is_in_rest_ ? piece_.rest->summary() : run().summary;
  }
  store::TimeRange bounds() const override { return is_in_rest_ ? piece_.rest->bounds() : run().bounds; }
  Result<store::Block> values() override { return is_in_rest_ ? piece_.rest->values() : block(); }
  Result<store::Block> block() override {
    if (is_in_rest_) return piece_.rest->block();
    if (!run().block) return make_error(store::Errc::io_failed, "a run of readings was passed over, but is needed");
    return run().block->block;
  }
  Result<store::KeptBlock> keep_block() override {
    if (is_in_rest_) return piece_.rest->keep_block();
    IOT_CHECK(block());
    return *run().block;
  }
  Result<store::KeptBlock> keep_values() override { return is_in_rest_ ? piece_.rest->keep_values() : keep_block(); }
  std::unique_ptr<store::UndecodedRun> detach() override { return is_in_rest_ ? piece_.rest->detach() : nullptr; }
  // What was read ahead is divided already.
  Result<std::span<const store::Summary>> parts() override {
    return is_in_rest_ ? piece_.rest->parts() : std::span<const store::Summary>();
  }
  void divide() override {
    if (is_in_rest_) piece_.rest->divide();
  }
  bool rolled_up() const override { return is_in_rest_ && piece_.rest->rolled_up(); }
  store::RolledUpRun rolled_up_run() const override { return piece_.rest->rolled_up_run(); }

 private:
  const Piece::ReadRun& run() const { return piece_.runs[at_ - 1]; }

  Piece piece_;
  std::size_t at_ = 0;  ///< one more than the run's place
  bool is_in_rest_ = false;
};

ReadAhead::ReadAhead(store::ReadingStore& store, ReadAheadThreads& threads, std::span<const SeriesPlan> plans,
                     const Aggregations* aggregations, const Execution& execution)
    : store_(store), threads_(threads), plans_(plans), aggregations_(aggregations), execution_(execution) {
  pieces_.resize(plans.size());
  idle_readers_.reserve(threads.size());
}

ReadAhead::~ReadAhead() {
  std::unique_lock lock(mutex_);
  is_over_ = true;
  was_read_.wait(lock, [this] { return working_ == 0; });
}

/// Under the mutex. Threads that find no room go back to where other searches get them.
void ReadAhead::start_threads() {
  while (working_ < threads_.size() && working_ < room() && threads_.try_run([this] { work_ahead(); })) ++working_;
}

/// Null without memory for one: then the walk reads everything by itself, and says so if it cannot.
std::unique_ptr<ReadAhead::Reader> ReadAhead::take_reader() noexcept {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_readers_.empty()) {
      auto reader = std::move(idle_readers_.back());
      idle_readers_.pop_back();
      return reader;
    }
  }
  try {
    return std::make_unique<Reader>(*this, execution_);
  } catch (const std::exception&) {
    return nullptr;
  }
}

void ReadAhead::work_ahead() noexcept {
  auto reader = take_reader();
  std::unique_lock lock(mutex_);
  while (reader && !is_over_) {
    const auto index = claim();
    if (!index) break;
    read(*reader, *index, lock);
  }
  if (reader) idle_readers_.push_back(std::move(reader));
  --working_;
  // Under the mutex: the object may be gone as soon as it is free.
  was_read_.notify_all();
}

/// How many more pieces may be read now.
std::size_t ReadAhead::room() const noexcept {
  const std::size_t end = std::min(pieces_.size(), position_ + 1 + pieces_ahead_max);
  return end - std::min(end, unclaimed_);
}

std::optional<std::size_t> ReadAhead::claim() {
  if (room() == 0) return {};
  pieces_[unclaimed_].stage = Piece::Stage::being_read;
  return unclaimed_++;
}

void ReadAhead::read(Reader& reader, std::size_t index, std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  Piece piece = reader.read(plans_[index]);
  lock.lock();
  pieces_[index] = std::move(piece);
  if (index == position_) was_read_.notify_all();
}

Result<std::unique_ptr<store::Cursor>> ReadAhead::cursor(std::size_t index, store::Direction direction) {
  const auto scan = [&] { return store_.scan(plans_[index].series->index.sensor, plans_[index].range, direction); };
  std::unique_lock lock(mutex_);
  position_ = index;
  if (room() >= std::min(room_for_starting, pieces_.size() - 1)) start_threads();
  Piece& piece = pieces_[index];
  if (piece.stage == Piece::Stage::unread) {
    // Nobody has begun: no need to keep what is read.
    piece.stage = Piece::Stage::being_read;
    // At the first piece the threads may be further already.
    unclaimed_ = std::max(unclaimed_, index + 1);
    lock.unlock();
    return scan();
  }
  while (piece.stage != Piece::Stage::read) {
    // Another thread is at it: meanwhile there is something else to read.
    if (const auto other = claim()) {
      lock.unlock();
      if (!own_reader_) own_reader_ = std::make_unique<Reader>(*this, execution_);
      lock.lock();
      read(*own_reader_, *other, lock);
    } else {
      was_read_.wait(lock);
    }
  }
  IOT_CHECK(std::move(piece.outcome));
  // Read by collectors that could not be begun.
  if (piece.direction != direction) return scan();
  return std::unique_ptr<store::Cursor>(std::make_unique<PieceCursor>(std::move(piece)));
}

}  // namespace iot::query
