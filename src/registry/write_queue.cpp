#include "registry/write_queue.h"

namespace iot::registry {
namespace {

// One transaction: large enough that its fsync costs nothing a write, small enough to end within a second.
constexpr std::size_t group_writes_max = 1'024;
constexpr std::size_t group_sensors_max = 20'000;

}  // namespace

Result<void> WriteQueue::push(WritePtr& write) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return make_error(Errc::shutting_down, "the registry is being closed");
    const std::size_t more = write->sensors();
    const bool sensors_fit = more == 0 || sensors_ == 0 || sensors_ + more <= sensors_max_;
    if (writes_.size() >= writes_max_ || !sensors_fit) {
      return make_error(Errc::overloaded,
                        std::to_string(writes_.size()) + " changes of the registry are waiting already");
    }
    sensors_ += more;
    writes_.push_back(std::move(write));
  }
  changed_.notify_one();
  return {};
}

std::vector<WritePtr> WriteQueue::take_group() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !writes_.empty(); });
  std::vector<WritePtr> group;
  std::size_t sensors = 0;
  while (!writes_.empty() && group.size() < group_writes_max) {
    const std::size_t more = writes_.front()->sensors();
    if (!group.empty() && sensors + more > group_sensors_max) break;
    sensors += more;
    group.push_back(std::move(writes_.front()));
    writes_.pop_front();
  }
  sensors_ -= sensors;
  return group;
}

void WriteQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

std::size_t WriteQueue::size() const {
  const std::lock_guard lock(mutex_);
  return writes_.size();
}

}  // namespace iot::registry
