// The last number given out of each kind. Numbers are never given twice, not even those of things that were deleted: a
// token of a device that is gone must never fit a later one.
#pragma once

#include <cstdint>

namespace iot::registry {

struct Counters {
  std::int64_t users = 0;
  std::int64_t devices = 0;
  std::int64_t sensors = 0;
  std::int64_t consumers = 0;
  std::int64_t changes = 0;
  std::int64_t audit = 0;
  std::int64_t commands = 0;
  std::int64_t events = 0;
  std::int64_t dashboards = 0;

  friend bool operator==(const Counters&, const Counters&) = default;
};

}  // namespace iot::registry
