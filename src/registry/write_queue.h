// Writes on their way to the writer thread. Bounded; what does not fit is refused at once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "registry/write.h"

namespace iot::registry {

class WriteQueue {
 public:
  /// Bounds on writes and on sensors in them. A write that alone is larger than `sensors_max` fits an empty queue.
  WriteQueue(std::size_t writes_max, std::size_t sensors_max) noexcept
      : writes_max_(writes_max), sensors_max_(sensors_max) {}

  /// Takes over `write` and moves it out; Errc::overloaded or Errc::shutting_down if not, and `write` stays. Any
  /// thread.
  Result<void> push(WritePtr& write);

  /// Waits for writes, and takes what has come, but no more than one transaction should hold. Empty once the queue is
  /// closed and drained.
  std::vector<WritePtr> take_group();

  /// Refuses further writes.
  void close();

  std::size_t size() const;

 private:
  const std::size_t writes_max_;
  const std::size_t sensors_max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<WritePtr> writes_;
  std::size_t sensors_ = 0;
  bool closed_ = false;
};

}  // namespace iot::registry
