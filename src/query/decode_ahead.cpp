#include "query/decode_ahead.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace iot::query {
namespace {

/// So many runs ahead in all; most of them cost nothing.
constexpr std::size_t runs_ahead_max = 256;
/// Fewer are not worth starting a thread for.
constexpr std::size_t worth_starting = 4;

}  // namespace

struct DecodeAhead::Run {
  enum class Stage { undecoded, being_decoded, decoded };

  std::optional<store::Summary> summary;
  store::TimeRange bounds;
  RunNeed need = RunNeed::nothing;
  // Under the mutex, but for who has claimed it:
  Stage stage = Stage::decoded;
  std::unique_ptr<store::UndecodedRun> undecoded;
  Result<store::KeptBlock> block = store::KeptBlock{};
};

DecodeAhead::DecodeAhead(std::unique_ptr<store::Cursor> inner, ReadAheadThreads& threads, std::size_t readings_alone,
                         std::size_t window_max, std::function<Result<RunNeed>(store::Cursor&)> need)
    : inner_(std::move(inner)),
      threads_(threads),
      readings_alone_(readings_alone),
      window_max_(window_max),
      need_(std::move(need)) {}

DecodeAhead::~DecodeAhead() {
  std::unique_lock lock(mutex_);
  undecoded_.clear();
  was_decoded_.wait(lock, [this] { return working_ == 0; });
}

Result<bool> DecodeAhead::next() {
  is_ahead_ = is_ahead_ || readings_ >= readings_alone_;
  return is_ahead_ ? next_ahead() : inner_->next();
}

Result<bool> DecodeAhead::next_ahead() {
  if (current_) window_ = std::min(window_ * 2, window_max_);
  while (!is_at_end_ && !fault_ && needed_ahead_ < window_ && ahead_.size() < runs_ahead_max) {
    if (auto looked = look_ahead(); !looked) fault_ = std::move(looked).error();
  }
  if (ahead_.empty()) {
    current_.reset();
    if (fault_) return *fault_;
    return false;
  }
  current_ = std::move(ahead_.front());
  ahead_.pop_front();
  if (current_->need != RunNeed::nothing) --needed_ahead_;
  const std::scoped_lock lock(mutex_);
  // Now it is the walk's own: runs are claimed in their order.
  if (current_->stage == Run::Stage::undecoded) undecoded_.pop_front();
  start_threads();
  return true;
}

/// Takes the next of the inner cursor's runs among those ahead.
Result<void> DecodeAhead::look_ahead() {
  IOT_TRY(const bool more, inner_->next());
  is_at_end_ = !more;
  if (!more) return {};
  auto run = std::make_shared<Run>();
  IOT_TRY(run->need, need_(*inner_));
  if (run->need == RunNeed::parts) return {};
  run->summary = inner_->summary();
  run->bounds = inner_->bounds();
  if (run->need != RunNeed::nothing) {
    run->undecoded = inner_->detach();
    if (run->undecoded) {
      run->stage = Run::Stage::undecoded;
    } else {
      run->block = run->need == RunNeed::values ? inner_->keep_values() : inner_->keep_block();
    }
    ++needed_ahead_;
  }
  ahead_.push_back(run);
  if (!run->undecoded) return {};
  const std::scoped_lock lock(mutex_);
  undecoded_.push_back(std::move(run));
  return {};
}

/// Under the mutex.
void DecodeAhead::start_threads() {
  if (undecoded_.size() < worth_starting) return;
  while (working_ < threads_.size() && threads_.try_run([this] { work(); })) ++working_;
}

void DecodeAhead::work() noexcept {
  std::unique_lock lock(mutex_);
  while (const RunPtr run = claim()) decode(*run, lock);
  --working_;
  // Under the mutex: the object may be gone as soon as it is free.
  was_decoded_.notify_all();
}

DecodeAhead::RunPtr DecodeAhead::claim() noexcept {
  if (undecoded_.empty()) return nullptr;
  RunPtr run = std::move(undecoded_.front());
  undecoded_.pop_front();
  return run;
}

void DecodeAhead::decode(Run& run, std::unique_lock<std::mutex>& lock) noexcept {
  run.stage = Run::Stage::being_decoded;
  lock.unlock();
  try {
    run.block = run.undecoded->decode(run.need == RunNeed::times_and_values);
  } catch (const std::exception& exception) {
    // Told where the walk reaches the run: on this thread nobody would hear of it.
    run.block = make_error(store::Errc::io_failed, std::string("readings could not be read: ") + exception.what());
  }
  run.undecoded.reset();
  lock.lock();
  run.stage = Run::Stage::decoded;
  was_decoded_.notify_all();
}

std::optional<store::Summary> DecodeAhead::summary() const {
  return is_ahead_ ? current_->summary : inner_->summary();
}

store::TimeRange DecodeAhead::bounds() const {
  return is_ahead_ ? current_->bounds : inner_->bounds();
}

Result<std::span<const store::Summary>> DecodeAhead::parts() {
  return is_ahead_ ? std::span<const store::Summary>() : inner_->parts();
}

void DecodeAhead::divide() {
  if (!is_ahead_) inner_->divide();
}

Result<store::Block> DecodeAhead::block() {
  return is_ahead_ ? block_ahead() : count(inner_->block());
}

Result<store::Block> DecodeAhead::values() {
  return is_ahead_ ? block_ahead() : count(inner_->values());
}

Result<store::Block> DecodeAhead::count(Result<store::Block> block) {
  // A text takes as long as so many numbers.
  constexpr std::size_t numbers_a_text = 16;
  if (block) readings_ += block->size() * (block->kind == model::ColumnKind::text ? numbers_a_text : 1);
  return block;
}

Result<store::Block> DecodeAhead::block_ahead() {
  if (current_->need == RunNeed::nothing) {
    return make_error(store::Errc::io_failed, "a run of readings was passed over, but is needed");
  }
  std::unique_lock lock(mutex_);
  if (current_->stage == Run::Stage::undecoded) decode(*current_, lock);
  while (current_->stage != Run::Stage::decoded) {
    // Another thread is at it: meanwhile there is something else to decode.
    if (const RunPtr other = claim()) {
      decode(*other, lock);
    } else {
      was_decoded_.wait(lock);
    }
  }
  if (!current_->block) return current_->block.error();
  return current_->block->block;
}

}  // namespace iot::query
