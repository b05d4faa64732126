#include "store/embedded/merging_cursor.h"

#include <algorithm>
#include <mutex>

namespace iot::store {
namespace {

/// Readings in a block of merged sources, about.
constexpr std::size_t merged_block_readings = 16'384;
/// Of one source, when very many overlap.
constexpr std::size_t source_readings_min = 256;

std::size_t lower(std::span<const std::int64_t> times, std::int64_t time_ns) {
  return static_cast<std::size_t>(std::lower_bound(times.begin(), times.end(), time_ns) - times.begin());
}
std::size_t upper(std::span<const std::int64_t> times, std::int64_t time_ns) {
  return static_cast<std::size_t>(std::upper_bound(times.begin(), times.end(), time_ns) - times.begin());
}

class EmptyCursor final : public Cursor {
 public:
  Result<bool> next() override { return false; }
  std::optional<Summary> summary() const override { return {}; }
  TimeRange bounds() const override { return {}; }
  Result<Block> block() override { return Block{}; }
};

/// What was opened, or its fault counted.
Result<OpenSource> opened(Result<OpenSource> source, Counter& damaged) {
  if (!source && is(source.error(), Errc::damaged)) damaged.Increment();
  return source;
}

}  // namespace

/// Readers on the cursor's state of the database, kept from one run to the next: an iterator is dear to make.
class MergingCursor::Readers {
 public:
  explicit Readers(const ChunkReader& reader) : model_(reader.twin()) {}

  std::unique_ptr<ChunkReader> take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return model_->twin();
    auto reader = std::move(free_.back());
    free_.pop_back();
    return reader;
  }
  void give_back(std::unique_ptr<ChunkReader> reader) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(reader));
  }

 private:
  const std::unique_ptr<ChunkReader> model_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<ChunkReader>> free_;
};

class MergingCursor::DetachedRun final : public UndecodedRun {
 public:
  DetachedRun(Source source, TimeRange range, std::shared_ptr<Readers> readers, DecodedChunks& decoded,
              Counter& damaged)
      : source_(std::move(source)), range_(range), readers_(std::move(readers)), decoded_(decoded), damaged_(damaged) {}

  Result<KeptBlock> decode(bool with_times) override {
    auto reader = readers_->take();
    const Wanted wanted = with_times ? Wanted::times_and_values : Wanted::values;
    auto readings = opened(source_.open(range_, *reader, decoded_, wanted), damaged_);
    readers_->give_back(std::move(reader));
    if (!readings) return readings.error();
    return KeptBlock{readings->block(), std::move(readings->keeper)};
  }

 private:
  const Source source_;
  const TimeRange range_;
  const std::shared_ptr<Readers> readers_;
  DecodedChunks& decoded_;
  Counter& damaged_;
};

std::unique_ptr<Cursor> empty_cursor() {
  return std::make_unique<EmptyCursor>();
}

MergingCursor::MergingCursor(SensorId sensor, TimeRange range, Direction direction, std::vector<Source> in_memory,
                             std::shared_ptr<ChunkReader> reader, DecodedChunks& decoded, Counter& damaged)
    : sensor_(sensor),
      range_(range),
      direction_(direction),
      in_memory_(std::move(in_memory)),
      reader_(std::move(reader)),
      decoded_(decoded),
      damaged_(damaged) {
  std::erase_if(in_memory_, [this](const Source& source) { return !reaches_range(source); });
  std::sort(in_memory_.begin(), in_memory_.end(), [this](const Source& a, const Source& b) {
    return ascending() ? a.first_ns() > b.first_ns() : a.last_ns() < b.last_ns();
  });
}

bool MergingCursor::reaches_range(const Source& source) const noexcept {
  return source.last_ns() >= range_.first.ns && source.first_ns() <= range_.last.ns;
}

/// The source that the sweep reaches next, or null.
Result<const Source*> MergingCursor::peek() {
  if (!from_stream_) {
    if (!stream_) {
      auto opened = open_chunk_stream(*reader_, sensor_, range_, direction_);
      stream_ = opened ? std::move(*opened)
                       : std::make_unique<ListedChunks>(std::make_shared<ChunkList>(), range_, direction_);
      if (!opened) return opened.error();
    }
    IOT_TRY(const ChunkEntry* entry, stream_->peek());
    if (entry) from_stream_ = Source::on_disk(stream_->pop());
  }
  const Source* memory = in_memory_.empty() ? nullptr : &in_memory_.back();
  const Source* disk = from_stream_ ? &*from_stream_ : nullptr;
  if (!memory || !disk) return memory ? memory : disk;
  const bool memory_first = ascending() ? memory->first_ns() < disk->first_ns() : memory->last_ns() > disk->last_ns();
  return memory_first ? memory : disk;
}

/// Takes what peek() gave.
Source MergingCursor::pop() {
  const auto next = peek();
  const bool from_disk = from_stream_ && *next == &*from_stream_;
  if (from_disk) {
    Source source = std::move(*from_stream_);
    from_stream_.reset();
    return source;
  }
  Source source = std::move(in_memory_.back());
  in_memory_.pop_back();
  return source;
}

Result<OpenSource> MergingCursor::open(const Source& source, Wanted wanted) {
  return opened(source.open(range_, *reader_, decoded_, wanted), damaged_);
}

/// The next reading's time.
std::int64_t MergingCursor::front_ns(const OpenSource& open) const noexcept {
  return open.slice.times_ns[ascending() ? open.from : open.to - 1];
}

Result<bool> MergingCursor::next() {
  if (at_part_ && next_part()) return true;
  at_part_.reset();
  parts_.clear();
  single_.reset();
  opened_single_.reset();
  std::erase_if(open_, [](const OpenSource& open) { return open.spent(); });

  while (open_.empty()) {
    IOT_TRY(const Source* first, peek());
    if (!first) return false;
    Source source = pop();
    IOT_TRY(const Source* second, peek());
    const bool alone =
        !second || (ascending() ? second->first_ns() > source.last_ns() : second->last_ns() < source.first_ns());
    if (alone) {
      take_single(std::move(source));
      return true;
    }
    IOT_TRY(OpenSource opened, open(source, Wanted::times_and_values));
    // A chunk may span the range and have nothing in it.
    if (!opened.spent()) open_.push_back(std::move(opened));
  }
  return next_merged();
}

void MergingCursor::take_single(Source source) {
  bounds_ = {{std::max(source.first_ns(), range_.first.ns)}, {std::min(source.last_ns(), range_.last.ns)}};
  single_ = std::move(source);
}

Result<bool> MergingCursor::next_merged() {
  const auto leads = [this](const OpenSource& a, const OpenSource& b) {
    if (front_ns(a) != front_ns(b)) return ascending() ? front_ns(a) < front_ns(b) : front_ns(a) > front_ns(b);
    return ascending() ? a.slice.kind < b.slice.kind : a.slice.kind > b.slice.kind;
  };
  const auto leader = [this, &leads] { return std::min_element(open_.begin(), open_.end(), leads); };
  const Source* following = nullptr;
  while (true) {
    IOT_TRY(following, peek());
    if (!following) break;
    const std::int64_t now_ns = front_ns(*leader());
    if (ascending() ? following->first_ns() > now_ns : following->last_ns() < now_ns) break;
    IOT_TRY(OpenSource opened, open(pop(), Wanted::times_and_values));
    if (!opened.spent()) open_.push_back(std::move(opened));
  }
  const auto first = leader();
  const model::ColumnKind kind = first->slice.kind;
  merge(kind, window(static_cast<std::size_t>(first - open_.begin()), following));
  return true;
}

/// The times of which all readings of the leader's kind can be given now: nothing that is not open reaches into it, no
/// reading of another kind lies in it, and it holds about a block's readings.
TimeRange MergingCursor::window(std::size_t leader, const Source* following) const noexcept {
  const std::int64_t now_ns = front_ns(open_[leader]);
  const model::ColumnKind kind = open_[leader].slice.kind;
  const std::size_t source_readings = std::max(source_readings_min, merged_block_readings / open_.size());
  std::int64_t end_ns = ascending() ? range_.last.ns : range_.first.ns;
  // Moves the end to before `time_ns`, but never before now.
  const auto stop_before = [this, now_ns, &end_ns](std::int64_t time_ns) {
    if (ascending()) {
      end_ns = std::min(end_ns, time_ns > now_ns ? time_ns - 1 : now_ns);
    } else {
      end_ns = std::max(end_ns, time_ns < now_ns ? time_ns + 1 : now_ns);
    }
  };
  if (following) stop_before(ascending() ? following->first_ns() : following->last_ns());
  for (const OpenSource& open : open_) {
    if (open.slice.kind != kind) {
      stop_before(front_ns(open));
    } else if (open.to - open.from > source_readings) {
      stop_before(open.slice.times_ns[ascending() ? open.from + source_readings : open.to - 1 - source_readings]);
    }
  }
  return ascending() ? TimeRange{{now_ns}, {end_ns}} : TimeRange{{end_ns}, {now_ns}};
}

void MergingCursor::merge(model::ColumnKind kind, TimeRange window) {
  std::vector<Slice> slices;
  for (OpenSource& open : open_) {
    if (open.slice.kind != kind) continue;
    const auto times = open.slice.times_ns.subspan(open.from, open.to - open.from);
    if (ascending()) {
      const std::size_t taken = upper(times, window.last.ns);
      slices.push_back(open.slice.sub(open.from, open.from + taken));
      open.from += taken;
    } else {
      const std::size_t kept = lower(times, window.first.ns);
      slices.push_back(open.slice.sub(open.from + kept, open.to));
      open.to = open.from + kept;
    }
    if (slices.back().size() == 0) slices.pop_back();
  }
  if (slices.size() == 1) {
    block_ = slices[0].block();
  } else {
    merge_slices(slices, merged_);
    block_ = {merged_.times_ns, kind, merged_.reals, merged_.integers, merged_.texts};
  }
  bounds_ = {{block_.times_ns.front()}, {block_.times_ns.back()}};
}

/// Goes to the next part that reaches into the range.
bool MergingCursor::next_part() noexcept {
  while (*at_part_ < parts_.size()) {
    const std::size_t done = (*at_part_)++;
    const Summary& part = parts_[ascending() ? done : parts_.size() - 1 - done];
    if (part.last < range_.first || part.first > range_.last) continue;
    bounds_ = {std::max(part.first, range_.first), std::min(part.last, range_.last)};
    return true;
  }
  return false;
}

std::optional<Summary> MergingCursor::summary() const {
  if (!single_) return {};
  const Summary* known = single_->summary();
  if (at_part_) known = &parts_[ascending() ? *at_part_ - 1 : parts_.size() - *at_part_];
  if (!known || known->first < range_.first || known->last > range_.last) return {};
  return *known;
}

TimeRange MergingCursor::bounds() const {
  return bounds_;
}

Result<std::span<const Summary>> MergingCursor::parts() {
  if (single_ && !at_part_ && parts_.empty()) {
    IOT_TRY(parts_, single_->parts());
  }
  return at_part_ ? std::span<const Summary>() : std::span<const Summary>(parts_);
}

void MergingCursor::divide() {
  if (single_ && !parts_.empty()) at_part_ = 0;
}

Result<void> MergingCursor::open_single(Wanted wanted) {
  // Where it is cut by the range or a part of it is asked for, its times say where.
  if (at_part_ || single_->reaches_past(range_)) wanted = Wanted::times_and_values;
  const bool is_there = opened_single_ && (wanted == Wanted::values || !opened_single_->slice.times_ns.empty());
  if (is_there) return {};
  IOT_TRY(opened_single_, open(*single_, wanted));
  return {};
}

Result<Block> MergingCursor::block() {
  if (!single_) return block_;
  IOT_CHECK(open_single(Wanted::times_and_values));
  if (!at_part_) return opened_single_->block();
  const Slice& all = opened_single_->slice;
  return all.sub(lower(all.times_ns, bounds_.first.ns), upper(all.times_ns, bounds_.last.ns)).block();
}

Result<KeptBlock> MergingCursor::keep_block() {
  // What is merged is cheap to copy beside the merging, and may lie in sources that are still needed.
  if (!single_) return Cursor::keep_block();
  IOT_TRY(const Block read, block());
  return KeptBlock{read, opened_single_->keeper};
}

Result<Block> MergingCursor::values() {
  if (!single_ || at_part_) return block();
  IOT_CHECK(open_single(Wanted::values));
  return opened_single_->block();
}

Result<KeptBlock> MergingCursor::keep_values() {
  if (!single_) return Cursor::keep_block();
  IOT_TRY(const Block read, values());
  return KeptBlock{read, opened_single_->keeper};
}

std::unique_ptr<UndecodedRun> MergingCursor::detach() {
  // A part of a chunk shares it with its other parts; a head is decoded as it is.
  if (!single_ || at_part_ || opened_single_ || single_->is_head()) return nullptr;
  if (!detached_readers_) detached_readers_ = std::make_shared<Readers>(*reader_);
  return std::make_unique<DetachedRun>(*single_, range_, detached_readers_, decoded_, damaged_);
}

}  // namespace iot::store
