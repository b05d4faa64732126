// How RocksDB is set up. For chunk_db.cpp alone: shows RocksDB's headers.
#pragma once

#include <cstddef>

#include <rocksdb/options.h>

namespace iot::store {

/// Options within `memory_bytes_max` for caches and write buffers together.
rocksdb::Options rocks_options(std::size_t memory_bytes_max);

}  // namespace iot::store
