#include "store/embedded/store_world.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

namespace iot::store {

std::int64_t place_of(double value) {
  const auto bits = std::bit_cast<std::int64_t>(value);
  return bits < 0 ? static_cast<std::int64_t>(~static_cast<std::uint64_t>(bits) | std::uint64_t{1} << 63) : bits;
}

model::MappingType mapping_of(SensorId sensor) {
  switch (sensor.value % 3) {
    case 0:
      return model::MappingType::double_precision;
    case 1:
      return model::MappingType::long_integer;
    default:
      return model::MappingType::keyword;
  }
}

StoreWorld::StoreWorld(EmbeddedStoreOptions options) : StoreWorld(std::move(options), {}) {}

StoreWorld::StoreWorld(EmbeddedStoreOptions options, std::filesystem::path directory)
    : path_(directory.empty() ? temporary_.path() / "store" : std::move(directory)), options_(std::move(options)) {
  open();
}

StoreWorld::~StoreWorld() = default;

void StoreWorld::open() {
  metrics_ = std::make_unique<Metrics>();
  auto opened = EmbeddedStore::open(path_, options_, *metrics_, clock_);
  ASSERT_TRUE(opened) << opened.error().message;
  store_ = std::move(*opened);
  ASSERT_LE(store_->applied().value, log_.size());
  for (std::size_t i = store_->applied().value; i < log_.size(); ++i) {
    const log::Record record{{i + 1}, log_[i]};
    store_->committed({&record, 1});
  }
}

void StoreWorld::reopen() {
  store_.reset();
  open();
}

double StoreWorld::metric(const std::string& name) const {
  const std::string text = "\n" + metrics_->scrape();
  const auto at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}

void StoreWorld::add(SensorId sensor, std::int64_t time_ns, std::int64_t value) {
  const model::MappingType mapping = mapping_of(sensor);
  ModelReading reading{time_ns, value, {}};
  switch (model::column_kind(mapping)) {
    case model::ColumnKind::real:
      batch_.add_real(sensor, mapping, {time_ns}, static_cast<double>(value) / 8);
      reading.number = place_of(static_cast<double>(value) / 8);
      break;
    case model::ColumnKind::integer:
      batch_.add_integer(sensor, mapping, {time_ns}, value);
      break;
    case model::ColumnKind::text:
      reading.number = 0;
      reading.text = value == 0 ? "" : "value " + std::to_string(value);
      batch_.add_text(sensor, mapping, {time_ns}, reading.text);
      break;
  }
  model_[sensor.value].insert(std::move(reading));
}

void StoreWorld::commit() {
  std::string payload;
  batch_.encode(payload);
  batch_.clear();
  commit_payload(std::move(payload));
}

void StoreWorld::commit_payload(std::string payload) {
  log_.push_back(std::move(payload));
  const log::Record record{{log_.size()}, log_.back()};
  store_->committed({&record, 1});
}

std::set<SensorId> StoreWorld::sensors() const {
  std::set<SensorId> found;
  for (const auto& [sensor, readings] : model_) found.insert({sensor});
  return found;
}

Readings StoreWorld::expected(SensorId sensor, TimeRange range) const {
  Readings found;
  const auto of_sensor = model_.find(sensor.value);
  if (of_sensor == model_.end()) return found;
  for (const ModelReading& reading : of_sensor->second) {
    if (reading.time_ns >= range.first.ns && reading.time_ns <= range.last.ns) found.push_back(reading);
  }
  return found;
}

void StoreWorld::check(SensorId sensor, TimeRange range, Direction direction) {
  auto cursor = store_->scan(sensor, range, direction);
  ASSERT_TRUE(cursor) << cursor.error().message;
  const Readings found = read_all(**cursor, direction);
  const Readings wanted = expected(sensor, range);
  ASSERT_EQ(found.size(), wanted.size()) << "sensor " << sensor.value << " from " << range.first.ns << " to "
                                         << range.last.ns;
  ASSERT_TRUE(found == wanted) << "sensor " << sensor.value;
  ASSERT_TRUE(read_kept(sensor, range, direction) == wanted) << "sensor " << sensor.value << ", blocks kept";
  ASSERT_TRUE(read_detached(sensor, range, direction, 0, [] {}) == wanted) << "sensor " << sensor.value << ", detached";
}

namespace {

Readings joined(std::vector<KeptBlock> blocks, Direction direction) {
  if (direction == Direction::descending) std::reverse(blocks.begin(), blocks.end());
  Readings found;
  for (const KeptBlock& one : blocks) {
    for (ModelReading& reading : readings_of(one.block)) found.push_back(std::move(reading));
  }
  return found;
}

}  // namespace

Readings StoreWorld::read_kept(SensorId sensor, TimeRange range, Direction direction) {
  std::vector<KeptBlock> kept;
  {
    const auto cursor = std::move(store_->scan(sensor, range, direction)).value();
    while (cursor->next().value()) kept.push_back(cursor->keep_block().value());
  }
  // All at once, when the cursor is gone.
  return joined(std::move(kept), direction);
}

Readings StoreWorld::read_detached(SensorId sensor, TimeRange range, Direction direction, std::size_t threads,
                                   const std::function<void()>& meanwhile, std::size_t* detached) {
  std::vector<KeptBlock> kept;
  std::vector<std::unique_ptr<UndecodedRun>> undecoded;
  {
    const auto cursor = std::move(store_->scan(sensor, range, direction)).value();
    while (cursor->next().value()) {
      undecoded.push_back(cursor->detach());
      kept.push_back(undecoded.back() ? KeptBlock{} : cursor->keep_block().value());
    }
  }
  meanwhile();
  const auto decode = [&](std::size_t thread) {
    for (std::size_t i = thread; i < undecoded.size(); i += std::max<std::size_t>(threads, 1)) {
      if (!undecoded[i]) continue;
      kept[i] = undecoded[i]->decode(true).value();
    }
  };
  std::vector<std::thread> running;
  for (std::size_t thread = 0; thread < threads; ++thread) running.emplace_back(decode, thread);
  if (threads == 0) decode(0);
  for (std::thread& thread : running) thread.join();
  if (detached) *detached = std::erase_if(undecoded, [](const auto& run) { return run != nullptr; });
  return joined(std::move(kept), direction);
}

void StoreWorld::check_all() {
  for (const SensorId sensor : sensors()) {
    for (const Direction direction : {Direction::ascending, Direction::descending}) {
      check(sensor, {}, direction);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
  check_latest();
}

void StoreWorld::check_latest() {
  const std::set<SensorId> known = sensors();
  std::vector<SensorId> asked(known.begin(), known.end());
  asked.push_back({1'000'000});
  // Backwards once, for the order is only a matter of time.
  if (asked.size() % 2 == 1) std::reverse(asked.begin(), asked.end());
  const auto found = store_->latest(asked);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), asked.size());
  EXPECT_EQ(*found, store_->ReadingStore::latest(asked).value()) << "as cursors have it";
  const auto times = store_->newest_times(asked).value();
  EXPECT_EQ(times, store_->ReadingStore::newest_times(asked).value()) << "as info() has it";
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const Readings wanted = expected(asked[i]);
    const auto& reading = (*found)[i];
    ASSERT_EQ(reading.has_value(), !wanted.empty()) << "sensor " << asked[i].value;
    EXPECT_EQ(times[i], reading ? std::optional(reading->time) : std::nullopt);
    if (!reading) continue;
    ModelReading newest{reading->time.ns, 0, {}};
    if (const auto* real = std::get_if<double>(&reading->value)) newest.number = place_of(*real);
    if (const auto* integer = std::get_if<std::int64_t>(&reading->value)) newest.number = *integer;
    if (const auto* text = std::get_if<std::string>(&reading->value)) newest.text = *text;
    ASSERT_TRUE(newest == wanted.back()) << "sensor " << asked[i].value << " at " << newest.time_ns << " instead of "
                                         << wanted.back().time_ns;
  }
}

Readings readings_of(const Block& block) {
  Readings readings;
  for (std::size_t i = 0; i < block.size(); ++i) {
    ModelReading reading{block.times_ns[i], 0, {}};
    switch (block.kind) {
      case model::ColumnKind::real:
        reading.number = place_of(block.reals[i]);
        break;
      case model::ColumnKind::integer:
        reading.number = block.integers[i];
        break;
      case model::ColumnKind::text:
        reading.text = block.texts[i];
        break;
    }
    readings.push_back(std::move(reading));
  }
  return readings;
}

namespace {

void check_summary(const Summary& summary, const Block& block) {
  ASSERT_EQ(summary.count, block.size());
  ASSERT_EQ(summary.first.ns, block.times_ns.front());
  ASSERT_EQ(summary.last.ns, block.times_ns.back());
  if (block.kind == model::ColumnKind::real) {
    ASSERT_TRUE(summary.numbers);
    EXPECT_EQ(summary.numbers->min, *std::min_element(block.reals.begin(), block.reals.end()));
    EXPECT_EQ(summary.numbers->max, *std::max_element(block.reals.begin(), block.reals.end()));
    EXPECT_EQ(summary.numbers->first, block.reals.front());
    EXPECT_EQ(summary.numbers->last, block.reals.back());
  } else if (block.kind == model::ColumnKind::integer) {
    ASSERT_TRUE(summary.integers);
    EXPECT_EQ(summary.integers->min, *std::min_element(block.integers.begin(), block.integers.end()));
    EXPECT_EQ(summary.integers->max, *std::max_element(block.integers.begin(), block.integers.end()));
  }
}

}  // namespace

Readings read_all(Cursor& cursor, Direction direction) {
  std::vector<Readings> runs;
  while (true) {
    auto more = cursor.next();
    EXPECT_TRUE(more) << more.error().message;
    if (!more || !*more) break;
    const auto summary = cursor.summary();
    auto block = cursor.block();
    EXPECT_TRUE(block) << block.error().message;
    if (!block) break;
    if (summary) check_summary(*summary, *block);
    runs.push_back(readings_of(*block));
    if (!runs.back().empty()) {
      EXPECT_GE(runs.back().front().time_ns, cursor.bounds().first.ns);
      EXPECT_LE(runs.back().back().time_ns, cursor.bounds().last.ns);
    }
  }
  if (direction == Direction::descending) std::reverse(runs.begin(), runs.end());
  Readings all;
  for (Readings& run : runs) all.insert(all.end(), run.begin(), run.end());
  EXPECT_TRUE(std::adjacent_find(all.begin(), all.end(), std::greater_equal<>{}) == all.end())
      << "not in order, or a reading twice";
  return all;
}

}  // namespace iot::store
