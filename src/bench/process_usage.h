// What a server's process used so far, from /proc: the load generator's view of the other side.
#pragma once

#include <cstdint>
#include <vector>

#include "base/failure.h"

namespace iot::bench {

/// Of one process or of several that are one server; user and system time of all threads. To a hundredth of a second.
/// Errc::no_such_process.
Result<double> cpu_seconds(const std::vector<int>& pids);

/// CPU seconds of this process.
double own_cpu_seconds() noexcept;

struct MemoryUsage {
  std::uint64_t resident_bytes = 0;   ///< all, of the program's files too
  std::uint64_t anonymous_bytes = 0;  ///< what it has allocated
};
/// Errc::no_such_process.
Result<MemoryUsage> memory_of(const std::vector<int>& pids);

/// Lets this process have so many open files; the error says how to raise the limit.
Result<void> allow_open_files(std::uint64_t count);

}  // namespace iot::bench
