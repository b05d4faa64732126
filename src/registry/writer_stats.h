// Figures of the registry's writer, for metrics.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace iot::registry {

struct WriterStats {
  std::size_t waiting = 0;           ///< writes in the queue now
  std::uint64_t groups = 0;          ///< transactions committed
  std::uint64_t groups_failed = 0;   ///< transactions that could not be committed
  std::uint64_t writes = 0;          ///< writes in committed transactions, those refused for their contents included
  std::chrono::nanoseconds busy{0};  ///< time spent in transactions, commits included
};

}  // namespace iot::registry
