#include "store/embedded/chunk_db.h"

#include <algorithm>

#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include "store/embedded/rocks_options.h"

namespace iot::store {
namespace {

rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
std::string_view view(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

/// A sensor with more chunks is walked through page by page.
constexpr std::size_t listed_chunks_max = 1'024;
/// Of the memory that the database may take.
constexpr std::size_t list_share = 8;

/// Makes the directory so that it is there after a power loss: its name is on disk before anything in it is relied on.
Result<void> make_directory(const std::filesystem::path& directory) {
  std::error_code error;
  if (!std::filesystem::create_directory(directory, error)) {
    if (!error) return {};
    return system_error(error.value(), "making " + directory.string());
  }
  const std::filesystem::path parent = directory.has_parent_path() ? directory.parent_path() : ".";
  const int descriptor = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced) return system_error(reason, "syncing " + parent.string());
  return {};
}

}  // namespace

Error rocks_error(const rocksdb::Status& status, std::string_view doing) {
  const Errc code = status.IsCorruption() ? Errc::damaged : Errc::io_failed;
  std::string message(doing);
  message += ": " + status.ToString();
  if (code == Errc::damaged) message += "; run `iotplatform verify`";
  return make_error(code, std::move(message));
}

std::string describe(const ChunkEntry& entry) {
  return "sensor " + entry.sensor.to_string() + " from " + std::to_string(entry.first_ns()) + " to " +
         std::to_string(entry.last_ns()) + " ns";
}

ChunkBatch::ChunkBatch() : batch_(std::make_unique<rocksdb::WriteBatch>()) {}
ChunkBatch::~ChunkBatch() = default;
ChunkBatch::ChunkBatch(ChunkBatch&&) noexcept = default;
ChunkBatch& ChunkBatch::operator=(ChunkBatch&&) noexcept = default;

Result<void> ChunkBatch::put(SensorId sensor, std::uint64_t sequence, const EncodedChunk& chunk) {
  ChunkEntry entry;
  IOT_TRY(entry.info, read_chunk_info(chunk.bytes));
  entry.sensor = sensor;
  entry.sequence = sequence;
  entry.chunk_bytes = chunk.bytes.size();
  if (!entry.is_inlined()) entry.rollup = chunk.rollup;
  batch_->Put(slice(index_key(entry)), slice(index_value(entry, chunk.bytes)));
  if (!entry.is_inlined()) batch_->Put(slice(chunk_key(entry)), slice(chunk.bytes));
  sequence_ = std::max(sequence_, sequence);
  touch(sensor);
  return {};
}

void ChunkBatch::touch(SensorId sensor) {
  if (sensors_.empty() || sensors_.back() != sensor) sensors_.push_back(sensor);
}

void ChunkBatch::erase(const ChunkEntry& entry) {
  touch(entry.sensor);
  batch_->Delete(slice(index_key(entry)));
  if (!entry.is_inlined()) batch_->Delete(slice(chunk_key(entry)));
}

void ChunkBatch::erase_index_key(std::string_view key) {
  if (const auto parsed = parse_index_key(key)) touch(parsed->sensor);
  batch_->Delete(slice(key));
}

void ChunkBatch::put_number(std::string_view key, std::uint64_t number) {
  batch_->Put(slice(key), slice(number_value(number)));
}

void ChunkBatch::erase_number(std::string_view key) {
  batch_->Delete(slice(key));
}

void ChunkBatch::put_rollup(SensorId sensor, std::string_view key, std::string_view value) {
  touch(sensor);
  batch_->Put(slice(key), slice(value));
}

void ChunkBatch::erase_rollup(SensorId sensor, std::string_view key) {
  touch(sensor);
  batch_->Delete(slice(key));
}

std::size_t ChunkBatch::bytes() const noexcept {
  return batch_->GetDataSize();
}
bool ChunkBatch::empty() const noexcept {
  return batch_->Count() == 0;
}

ChunkReader::ChunkReader(const ChunkDb& db, bool keeps_blocks) : db_(db), keeps_blocks_(keeps_blocks) {}
ChunkReader::~ChunkReader() = default;

std::unique_ptr<ChunkReader> ChunkReader::twin() const {
  std::unique_ptr<ChunkReader> other(new ChunkReader(db_, keeps_blocks_));
  other->snapshot_ = snapshot_;
  other->state_ = state_;
  other->sensor_ = sensor_;
  other->list_ = list_;
  return other;
}

rocksdb::Iterator& ChunkReader::iterator() const {
  if (iterator_) return *iterator_;
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_.get();
  options.fill_cache = keeps_blocks_;
  if (!keeps_blocks_) options.readahead_size = 1u << 20;
  iterator_.reset(db_.db_->NewIterator(options));
  return *iterator_;
}

Result<std::shared_ptr<const ChunkList>> ChunkReader::list() {
  if (!list_ && sensor_) {
    IOT_TRY(list_, read_list());
    if (list_) db_.offer(*sensor_, state_, list_);
  }
  return list_;
}

Result<RolledUp> ChunkReader::rolled_up() {
  return list_ ? list_->rolled_up : rolled_up(*sensor_);
}

Result<RolledUp> ChunkReader::rolled_up(SensorId sensor) const {
  const std::string key = rolled_up_key(sensor);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_.get();
  std::string value;
  const rocksdb::Status status = db_.db_->Get(options, slice(key), &value);
  if (status.IsNotFound()) return RolledUp{};
  if (!status.ok()) return rocks_error(status, "reading the reading store");
  auto found = parse_rolled_up(key, value);
  if (found) return found;
  Error error = found.error();
  error.message = "sensor " + sensor.to_string() + ": " + error.message;
  return error;
}

Result<std::shared_ptr<const ChunkList>> ChunkReader::read_list() {
  auto list = std::make_shared<ChunkList>();
  IOT_TRY(list->rolled_up, rolled_up(*sensor_));
  const std::string prefix = index_prefix(*sensor_);
  for (seek(prefix); at(prefix); next()) {
    if (list->entries.size() == listed_chunks_max) return std::shared_ptr<const ChunkList>{};
    auto entry = parse_index_entry(key(), value());
    if (!entry) {
      Error error = entry.error();
      const auto parsed = parse_index_key(key());
      error.message = "sensor " + sensor_->to_string() + " from " + std::to_string(parsed ? parsed->first_ns : 0) +
                      " ns: " + error.message;
      return error;
    }
    list->entries.push_back(std::move(*entry));
  }
  IOT_CHECK(status());
  std::sort(list->entries.begin(), list->entries.end(),
            [](const ChunkEntry& a, const ChunkEntry& b) { return a.first_ns() < b.first_ns(); });
  list->by_last_too =
      std::is_sorted(list->entries.begin(), list->entries.end(),
                     [](const ChunkEntry& a, const ChunkEntry& b) { return a.last_ns() < b.last_ns(); });
  return std::shared_ptr<const ChunkList>(std::move(list));
}

void ChunkReader::seek(std::string_view key) {
  iterator().Seek(slice(key));
}
void ChunkReader::seek_for_previous(std::string_view key) {
  iterator().SeekForPrev(slice(key));
}
void ChunkReader::next() {
  iterator().Next();
}
void ChunkReader::previous() {
  iterator().Prev();
}
bool ChunkReader::at(std::string_view prefix) const {
  return iterator().Valid() && iterator().key().starts_with(slice(prefix));
}
std::string_view ChunkReader::key() const {
  return view(iterator().key());
}
std::string_view ChunkReader::value() const {
  return view(iterator().value());
}

Result<void> ChunkReader::status() const {
  if (iterator().Valid() || iterator().status().ok()) return {};
  return rocks_error(iterator().status(), "reading the reading store");
}

Result<std::string_view> ChunkReader::bytes(const ChunkEntry& entry) {
  if (entry.is_inlined()) return std::string_view(entry.inlined);
  const std::string key = chunk_key(entry);
  rocksdb::Iterator& found = iterator();
  found.Seek(slice(key));
  if (!found.Valid() && !found.status().ok()) return status().error();
  if (!found.Valid() || found.key() != slice(key)) {
    return make_error(Errc::damaged, "the chunk is missing; run `iotplatform verify`");
  }
  return view(found.value());
}

Result<void> ChunkReader::decode(const ChunkEntry& entry, Columns& columns) {
  const auto decode = [&]() -> Result<void> {
    IOT_TRY(const std::string_view chunk, bytes(entry));
    IOT_CHECK(decode_chunk(chunk, columns));
    // A chunk that stands under another chunk's key is sound by itself, and wrong all the same.
    if (columns.size() != entry.info.summary.count || columns.times_ns.front() != entry.first_ns() ||
        columns.times_ns.back() != entry.last_ns()) {
      return make_error(Errc::damaged, "the chunk holds other readings than its index entry says");
    }
    return {};
  };
  auto decoded = decode();
  if (decoded) return {};
  Error error = decoded.error();
  error.message = describe(entry) + ": " + error.message;
  return error;
}

ChunkDb::ChunkDb(std::filesystem::path directory, std::unique_ptr<rocksdb::DB> db, std::size_t list_bytes_max)
    : directory_(std::move(directory)), db_(std::move(db)), lists_(list_bytes_max) {
  snapshot_ = take_snapshot();
}

ChunkDb::~ChunkDb() {
  snapshot_.reset();
  db_->Close();
}

std::shared_ptr<const rocksdb::Snapshot> ChunkDb::take_snapshot() {
  return {db_->GetSnapshot(), [db = db_.get()](const rocksdb::Snapshot* snapshot) { db->ReleaseSnapshot(snapshot); }};
}

void ChunkDb::offer(SensorId sensor, std::uint64_t state, std::shared_ptr<const ChunkList> list) const {
  std::size_t bytes = sizeof(ChunkList);
  for (const ChunkEntry& entry : list->entries)
    bytes += sizeof(ChunkEntry) + entry.inlined.capacity() + entry.rollup.capacity();
  const std::lock_guard lock(state_mutex_);
  // Written to meanwhile, to whichever sensor: the next query lists it again.
  if (state == state_) lists_.offer(sensor, std::move(list), bytes);
}

Result<std::unique_ptr<ChunkDb>> ChunkDb::open(const std::filesystem::path& directory, std::size_t memory_bytes_max,
                                               Mode mode) {
  if (mode == Mode::read_write) IOT_CHECK(make_directory(directory));
  rocksdb::DB* opened = nullptr;
  const rocksdb::Options options = rocks_options(memory_bytes_max);
  const rocksdb::Status status = mode == Mode::read_only
                                     ? rocksdb::DB::OpenForReadOnly(options, directory.string(), &opened)
                                     : rocksdb::DB::Open(options, directory.string(), &opened);
  if (!status.ok()) return rocks_error(status, "opening the reading store in " + directory.string());
  std::unique_ptr<ChunkDb> db(
      new ChunkDb(directory, std::unique_ptr<rocksdb::DB>(opened), memory_bytes_max / list_share));
  IOT_CHECK(db->read_format(mode));
  return db;
}

Result<void> ChunkDb::read_format(Mode mode) {
  IOT_TRY(const auto format, number(format_key));
  if (format && *format > database_format_rolled_up) {
    return make_error(Errc::newer_format, "the reading store in " + directory_.string() +
                                              " was written by a newer version of the program; use that version");
  }
  if (!format && mode == Mode::read_write) {
    // On disk with the first chunks: an empty database needs no format.
    ChunkBatch batch;
    batch.put_number(format_key, database_format);
    IOT_CHECK(write(std::move(batch)));
  }
  IOT_TRY(const auto sequence, number(sequence_key));
  sequence_ = sequence.value_or(0);
  return {};
}

std::unique_ptr<ChunkReader> ChunkDb::reader(Use use) const {
  std::unique_ptr<ChunkReader> reader(new ChunkReader(*this, use == Use::query));
  const std::lock_guard lock(state_mutex_);
  reader->snapshot_ = snapshot_;
  return reader;
}

std::unique_ptr<ChunkReader> ChunkDb::reader(SensorId sensor) const {
  std::unique_ptr<ChunkReader> reader(new ChunkReader(*this, true));
  reader->sensor_ = sensor;
  const std::lock_guard lock(state_mutex_);
  reader->snapshot_ = snapshot_;
  reader->state_ = state_;
  reader->list_ = lists_.find(sensor);
  return reader;
}

Result<void> ChunkDb::write(ChunkBatch batch) {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  if (batch.sequence_ > 0) batch.put_number(sequence_key, batch.sequence_);
  rocksdb::Status status = db_->Write(options, batch.batch_.get());
  if (!status.ok() && db_->Resume().ok()) status = db_->Write(options, batch.batch_.get());
  if (!status.ok()) return rocks_error(status, "writing to the reading store");
  auto written = take_snapshot();
  const std::lock_guard lock(state_mutex_);
  ++state_;
  // The old one goes after the lock.
  snapshot_.swap(written);
  for (const SensorId sensor : batch.sensors_) lists_.erase(sensor);
  return {};
}

Result<void> ChunkDb::sync() {
  rocksdb::FlushOptions options;
  options.wait = true;
  options.allow_write_stall = true;
  rocksdb::Status status = db_->Flush(options);
  // After a full disk RocksDB refuses everything until it is told that there is room again.
  if (!status.ok() && db_->Resume().ok()) status = db_->Flush(options);
  if (!status.ok()) return rocks_error(status, "syncing the reading store");
  return {};
}

Result<std::optional<std::uint64_t>> ChunkDb::number(std::string_view key) const {
  std::string value;
  const rocksdb::Status status = db_->Get({}, slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::uint64_t>{};
  if (!status.ok()) return rocks_error(status, "reading the reading store");
  const auto number = parse_number_value(value);
  if (!number) return make_error(Errc::damaged, "a position of the reading store is damaged; run `iotplatform verify`");
  return number;
}

Result<std::map<std::int64_t, std::uint64_t>> ChunkDb::tombstones() const {
  std::map<std::int64_t, std::uint64_t> found;
  const auto at = reader(Use::sweep);
  for (at->seek(tombstone_begin); at->at(tombstone_begin); at->next()) {
    const auto sensor = parse_tombstone_key(at->key());
    const auto position = parse_number_value(at->value());
    if (!sensor || !position)
      return make_error(Errc::damaged, "the reading store's list of removed sensors is damaged");
    found[sensor->value] = *position;
  }
  IOT_CHECK(at->status());
  return found;
}

Result<void> ChunkDb::compact() {
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  const rocksdb::Status status = db_->CompactRange(options, nullptr, nullptr);
  if (!status.ok()) return rocks_error(status, "compacting the reading store");
  // CompactRange() may return while the thread that did it still removes the old files; pausing waits for that.
  if (db_->PauseBackgroundWork().ok()) db_->ContinueBackgroundWork();
  return {};
}

Result<void> ChunkDb::verify_checksums() {
  const rocksdb::Status status = db_->VerifyChecksum();
  if (!status.ok()) return rocks_error(status, "checking the reading store's files");
  return {};
}

std::uint64_t ChunkDb::disk_bytes() const {
  std::uint64_t total = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator at(directory_, error), end; !error && at != end; at.increment(error)) {
    // A file that a compaction has removed meanwhile counts as nothing.
    std::error_code gone;
    if (const auto bytes = at->file_size(gone); !gone) total += bytes;
  }
  return total;
}

std::uint64_t ChunkDb::memory_bytes() const {
  std::uint64_t total = 0;
  for (const auto& property : {rocksdb::DB::Properties::kBlockCacheUsage, rocksdb::DB::Properties::kCurSizeAllMemTables,
                               rocksdb::DB::Properties::kEstimateTableReadersMem}) {
    std::uint64_t bytes = 0;
    if (db_->GetIntProperty(property, &bytes)) total += bytes;
  }
  return total + lists_.bytes();
}

}  // namespace iot::store
