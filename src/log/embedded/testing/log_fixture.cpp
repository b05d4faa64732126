#include "log/embedded/testing/log_fixture.h"

#include <cstdio>
#include <cstdlib>

#include "log/embedded/segment_directory.h"

namespace iot::log::testing {
namespace {

[[noreturn]] void give_up(std::string_view why) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(why.size()), why.data());
  std::abort();
}

/// Holds the log's thread inside the sink until it is opened, so that appends gather into one group.
class Gate final : public AppendWaiter {
 public:
  void appended(const Result<Position>&) noexcept override {
    std::unique_lock lock(mutex_);
    entered_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void wait_entered() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return entered_; });
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool entered_ = false;
  bool open_ = false;
};

}  // namespace

model::ReadingBatch batch_of(std::int64_t number, std::size_t text_bytes) {
  model::ReadingBatch batch;
  batch.device = DeviceId{3};
  batch.add_integer(SensorId{4}, model::MappingType::long_integer, Timestamp{number}, number);
  if (text_bytes > 0) {
    batch.add_text(SensorId{5}, model::MappingType::keyword, Timestamp{number}, std::string(text_bytes, 'x'));
  }
  return batch;
}

std::int64_t number_of(std::string_view payload) {
  model::ReadingBatch batch;
  if (!batch.decode(payload)) give_up("a record's payload is no batch");
  return batch.integer(0);
}

void RememberingSink::committed(std::span<const Record> records) noexcept {
  const std::scoped_lock lock(mutex_);
  for (const Record& record : records) {
    numbers_.push_back(number_of(record.payload));
    positions_.push_back(record.position);
  }
}

std::vector<std::int64_t> RememberingSink::numbers() const {
  const std::scoped_lock lock(mutex_);
  return numbers_;
}

std::vector<Position> RememberingSink::positions() const {
  const std::scoped_lock lock(mutex_);
  return positions_;
}

void Waiter::appended(const Result<Position>& outcome) noexcept {
  const std::scoped_lock lock(mutex_);
  if (outcome_) give_up("a waiter was told twice");
  outcome_ = outcome;
  told_.notify_all();
}

const Result<Position>& Waiter::outcome() {
  std::unique_lock lock(mutex_);
  const auto patience = std::chrono::seconds(60);
  if (!told_.wait_for(lock, patience, [this] { return outcome_.has_value(); })) give_up("a waiter was never told");
  return *outcome_;
}

bool Waiter::is_told() const {
  const std::scoped_lock lock(mutex_);
  return outcome_.has_value();
}

Result<void> LogFixture::open(Position stored) {
  log.reset();
  sink = std::make_unique<RememberingSink>();
  IOT_TRY(log, EmbeddedLog::open(disk, log_directory, options, metrics, stored, *sink));
  return {};
}

void LogFixture::start(Position stored) {
  if (const auto opened = open(stored); !opened) give_up(opened.error().message);
}

Result<Position> LogFixture::append(std::int64_t number, std::size_t text_bytes) {
  Waiter waiter;
  IOT_CHECK(log->append(batch_of(number, text_bytes), waiter));
  return waiter.outcome();
}

void LogFixture::append_range(std::int64_t first, std::int64_t last, std::size_t text_bytes) {
  for (std::int64_t number = first; number <= last; ++number) {
    if (const auto appended = append(number, text_bytes); !appended) give_up(appended.error().message);
  }
}

void LogFixture::append_group(std::int64_t first, std::int64_t last) {
  Gate gate;
  if (!log->append(batch_of(first), gate)) give_up("not accepted");
  gate.wait_entered();
  std::deque<Waiter> waiters;
  for (std::int64_t number = first + 1; number <= last; ++number) {
    if (!log->append(batch_of(number), waiters.emplace_back())) give_up("not accepted");
  }
  gate.open();
  for (Waiter& waiter : waiters) {
    if (!waiter.outcome()) give_up("not acknowledged");
  }
}

std::vector<std::int64_t> LogFixture::replayed(Position stored) {
  start(stored);
  return sink->numbers();
}

std::vector<std::int64_t> LogFixture::read_from(Position from) {
  std::vector<std::int64_t> numbers;
  auto reader = log->read(from);
  if (!reader) give_up(reader.error().message);
  while (true) {
    const auto record = (*reader)->next();
    if (!record) give_up(record.error().message);
    if (!*record) return numbers;
    numbers.push_back(number_of((*record)->payload));
  }
}

std::vector<std::string> LogFixture::segments() {
  std::vector<std::string> paths;
  for (const SegmentFile& segment : *list_segments(disk, log_directory)) paths.push_back(segment.path);
  return paths;
}

std::vector<std::int64_t> range(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t number = first; number <= last; ++number) numbers.push_back(number);
  return numbers;
}

}  // namespace iot::log::testing
