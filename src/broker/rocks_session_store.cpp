#include "broker/rocks_session_store.h"

#include <cstdarg>
#include <cstdio>

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include "base/logging.h"

namespace iot::broker {

ErrcInfo describe(Errc code) noexcept {
  switch (code) {
    case Errc::damaged:
      return {"damaged", Failure::data_loss};
    case Errc::unavailable:
      return {"unavailable", Failure::unavailable};
  }
  return {"unknown", Failure::internal};
}

namespace {

/// How often a disk that refuses is tried again.
constexpr std::chrono::milliseconds retry_interval{500};
/// How many tries stop() waits for.
constexpr int last_tries = 4;

/// RocksDB's own log file would grow beside the data; its errors come back from its calls.
class SilentLog final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::Options options() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.info_log = std::make_shared<SilentLog>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.write_buffer_size = 2u << 20;
  options.max_write_buffer_number = 2;
  options.arena_block_size = 64u << 10;
  options.max_total_wal_size = 16u << 20;
  options.max_open_files = 64;
  options.max_file_opening_threads = 1;
  options.max_background_jobs = 1;
  // Files as large as what is in them: most platforms have few sessions, and a disk budget counts every block.
  options.allow_fallocate = false;
  // What a crash tore is not acknowledged; anything else that is wrong must not be passed over.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.paranoid_checks = true;
  return options;
}

Error error_of(const rocksdb::Status& status, const char* doing) {
  const std::string text = std::string(doing) + ": " + status.ToString();
  if (status.IsCorruption()) {
    return make_error(Errc::damaged, "the store of MQTT sessions is damaged (" + text +
                                         "); restore a backup, or remove its directory to begin without sessions");
  }
  return make_error(Errc::unavailable, "the store of MQTT sessions: " + text);
}

rocksdb::ReadOptions read_everything() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  options.fill_cache = false;
  options.total_order_seek = true;
  return options;
}

}  // namespace

struct RocksSessionStore::Database {
  std::unique_ptr<rocksdb::DB> db;
};

Result<std::unique_ptr<RocksSessionStore>> RocksSessionStore::open(const std::string& path, Metrics& metrics,
                                                                   std::function<void()> on_committed) {
  rocksdb::DB* db = nullptr;
  if (const auto status = rocksdb::DB::Open(options(), path, &db); !status.ok()) return error_of(status, "opening");
  auto database = std::make_unique<Database>();
  database->db.reset(db);
  std::unique_ptr<RocksSessionStore> store(
      new RocksSessionStore(std::move(database), metrics, std::move(on_committed)));
  store->thread_ = std::thread([raw = store.get()] { raw->run(); });
  return store;
}

RocksSessionStore::RocksSessionStore(std::unique_ptr<Database> database, Metrics& metrics,
                                     std::function<void()> on_committed)
    : database_(std::move(database)),
      on_committed_(std::move(on_committed)),
      groups_(metrics.counter("iotplatform_mqtt_store_groups_total", "Synced writes of MQTT sessions and messages")),
      batches_(metrics.counter("iotplatform_mqtt_store_batches_total", "Changes of MQTT sessions and messages")),
      sync_seconds_(
          metrics.histogram("iotplatform_mqtt_store_sync_seconds", "Time of one synced write", latency_bounds_s())) {}

RocksSessionStore::~RocksSessionStore() {
  stop();
}

Result<void> RocksSessionStore::load(const std::function<void(std::string_view, std::string_view)>& visit) {
  const std::unique_ptr<rocksdb::Iterator> iterator(database_->db->NewIterator(read_everything()));
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    visit(iterator->key().ToStringView(), iterator->value().ToStringView());
  }
  if (!iterator->status().ok()) return error_of(iterator->status(), "reading");
  return {};
}

void RocksSessionStore::write(const StoreBatch& batch) {
  bool wake = false;
  {
    const std::scoped_lock lock(mutex_);
    wake = pending_.empty();
    pending_.append(batch);
    ++written_;
    pending_bytes_.store(pending_.bytes(), std::memory_order_relaxed);
  }
  if (wake) work_.notify_one();
}

void RocksSessionStore::run() noexcept {
  StoreBatch taken;
  for (;;) {
    std::uint64_t through = 0;
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [this] { return !pending_.empty() || stopping_; });
      if (pending_.empty()) return;
      std::swap(taken, pending_);
      through = written_;
    }
    if (!commit(taken)) return;
    batches_.Increment(static_cast<double>(through - durable_.load(std::memory_order_relaxed)));
    durable_.store(through, std::memory_order_release);
    taken.clear();
    {
      const std::scoped_lock lock(mutex_);
      pending_bytes_.store(pending_.bytes(), std::memory_order_relaxed);
    }
    on_committed_();
  }
}

bool RocksSessionStore::commit(const StoreBatch& batch) {
  struct Visitor {
    rocksdb::WriteBatch& out;
    void put(std::string_view key, std::string_view value) { out.Put(key, value); }
    void erase(std::string_view key) { out.Delete(key); }
  };
  rocksdb::WriteBatch changes;
  batch.visit(Visitor{changes});
  rocksdb::WriteOptions synced;
  synced.sync = true;
  int tries_left = last_tries;
  for (;;) {
    const auto begin = std::chrono::steady_clock::now();
    auto status = database_->db->Write(synced, &changes);
    if (status.ok()) {
      sync_seconds_.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
      groups_.Increment();
      const std::scoped_lock lock(mutex_);
      if (refusal_) log_info("MQTT sessions can be written again");
      refusal_.reset();
      return true;
    }
    std::unique_lock lock(mutex_);
    if (!refusal_)
      log_error("MQTT sessions cannot be written; nothing is acknowledged until they can",
                {{"reason", status.ToString()}});
    refusal_ = error_of(status, "writing");
    if (stopping_ && --tries_left == 0) return false;
    work_.wait_for(lock, retry_interval);
    lock.unlock();
    // After an error RocksDB refuses everything until it is told to go on.
    database_->db->Resume().PermitUncheckedError();
  }
}

Result<void> RocksSessionStore::healthy() const {
  const std::scoped_lock lock(mutex_);
  if (refusal_) return *refusal_;
  return {};
}

void RocksSessionStore::stop() noexcept {
  std::call_once(stopped_, [this] {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    work_.notify_one();
    if (thread_.joinable()) thread_.join();
  });
}

Result<std::size_t> RocksSessionStore::verify(const std::string& path) {
  rocksdb::DB* opened = nullptr;
  rocksdb::Options settings = options();
  settings.create_if_missing = false;
  if (const auto status = rocksdb::DB::OpenForReadOnly(settings, path, &opened); !status.ok()) {
    return error_of(status, "opening");
  }
  const std::unique_ptr<rocksdb::DB> db(opened);
  const std::unique_ptr<rocksdb::Iterator> iterator(db->NewIterator(read_everything()));
  std::size_t records = 0;
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) ++records;
  if (!iterator->status().ok()) return error_of(iterator->status(), "reading");
  return records;
}

}  // namespace iot::broker
