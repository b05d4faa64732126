#include "store/embedded/rocks_options.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/table.h>

#include "base/logging.h"

#ifdef __SANITIZE_THREAD__
/// The thread sanitizer sees what RocksDB and zstd do to memory through memcpy and the like, but not the atomics by
/// which their own code, built without it, keeps threads apart.
extern "C" const char* __tsan_default_suppressions() {
  return "race:librocksdb.so\nrace:libzstd.so\nmutex:librocksdb.so\ndeadlock:librocksdb.so\n";
}
#endif

namespace iot::store {
namespace {

/// RocksDB's own log file would grow beside the data; its warnings go to ours.
class LogForwarder final : public rocksdb::Logger {
 public:
  LogForwarder() : Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
  using Logger::Logv;

  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < GetInfoLogLevel()) return;
    char text[512];
    std::vsnprintf(text, sizeof text, format, arguments);
    if (level >= rocksdb::InfoLogLevel::ERROR_LEVEL) {
      log_error("RocksDB reports an error", {{"text", text}});
    } else {
      log_warning("RocksDB warns", {{"text", text}});
    }
  }
  void Logv(const char* format, va_list arguments) override {
    Logv(rocksdb::InfoLogLevel::INFO_LEVEL, format, arguments);
  }
};

}  // namespace

rocksdb::Options rocks_options(std::size_t memory_bytes_max) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.info_log = std::make_shared<LogForwarder>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;

  // Two write buffers of a sixteenth each: one is filled while the other goes to disk.
  options.write_buffer_size = std::clamp<std::size_t>(memory_bytes_max / 16, 1u << 20, 16u << 20);
  options.max_write_buffer_number = 2;
  options.arena_block_size = 256u << 10;
  options.max_background_jobs = 2;
  options.max_open_files = 256;
  options.max_file_opening_threads = 1;
  options.skip_stats_update_on_db_open = true;

  options.level_compaction_dynamic_level_bytes = true;
  options.target_file_size_base = 32u << 20;
  options.max_bytes_for_level_base = 64u << 20;
  // How much room a compaction may need for the time it runs, so that freeing space is possible on a full disk.
  options.max_compaction_bytes = 256u << 20;

  // Chunks are compressed already and stay as they are, for RocksDB keeps a block that does not shrink by an eighth.
  // The index entries and the small chunks inside them shrink by more than half.
  options.compression = rocksdb::kZSTD;
  options.compression_opts.level = 3;

  rocksdb::BlockBasedTableOptions table;
  table.block_size = 16u << 10;
  table.block_cache = rocksdb::NewLRUCache(std::max<std::size_t>(memory_bytes_max / 2, 2u << 20), 2);
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace iot::store
