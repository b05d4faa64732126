#include "server/disk_budget.h"

#include <chrono>

#include "base/logging.h"

namespace iot::server {
namespace {

/// Often enough that a fast writer (some 20 MB a second on disk) overshoots little, seldom enough to cost nothing.
constexpr std::chrono::seconds period{5};
/// What is freed beyond the need, so that it is not needed again at once.
constexpr std::uint64_t slack_share = 50;

}  // namespace

DiskBudget::DiskBudget(std::uint64_t bytes_max, Engines& engines, Metrics& metrics)
    : bytes_max_(bytes_max),
      engines_(engines),
      used_(metrics.gauge("iotplatform_disk_used_bytes", "Size of the data directory when last looked at")),
      freed_(metrics.counter("iotplatform_disk_budget_freed_bytes_total",
                             "Oldest readings removed to stay within store.disk_bytes_max")),
      thread_([this] { run(); }) {}

DiskBudget::~DiskBudget() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void DiskBudget::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    look();
    lock.lock();
    changed_.wait_for(lock, period, [&] { return stopping_; });
  }
}

void DiskBudget::look() {
  const std::uint64_t used = directory_bytes(engines_.directory().path());
  used_.Set(static_cast<double>(used));
  if (used <= bytes_max_) return;
  const std::uint64_t wanted = used - bytes_max_ + bytes_max_ / slack_share;
  // What the log keeps for late jobs is in the store too, so it goes before any reading does.
  std::uint64_t freed = engines_.log().drop_oldest(wanted);
  if (freed < wanted) {
    const auto from_store = engines_.store().drop_oldest(wanted - freed);
    if (!from_store) {
      log_error("the disk budget is exceeded and readings could not be removed",
                {{"used_bytes", used}, {"reason", from_store.error().message}});
      return;
    }
    freed += *from_store;
  }
  freed_.Increment(static_cast<double>(freed));
  log_warning("removed the oldest readings to stay within store.disk_bytes_max",
              {{"used_bytes", used}, {"freed_bytes", freed}});
}

}  // namespace iot::server
