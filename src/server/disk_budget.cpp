#include "server/disk_budget.h"

#include <algorithm>
#include <chrono>

#include "base/logging.h"

namespace iot::server {
namespace {

/// Often enough that a fast writer (some 20 MB a second on disk) overshoots little, seldom enough to cost nothing.
constexpr std::chrono::seconds period{5};
/// What is freed beyond the need, so that it is not needed again at once.
constexpr std::uint64_t slack_share = 50;
/// A log that takes less than this share is not worth writing small chunks for.
constexpr std::uint64_t log_share = 8;
/// Files that a flush has replaced go a moment after it: until then they would be counted, and readings removed for
/// them.
constexpr std::chrono::milliseconds settling_period{100};
constexpr int settling_looks = 20;

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
  const std::uint64_t before = measure();
  if (before <= bytes_max_) {
    is_told_ = false;
    return;
  }
  auto made_room = make_room(bytes_max_ - bytes_max_ / slack_share);
  const std::uint64_t now = measure();
  const std::uint64_t freed = before - std::min(before, now);
  if (freed > 0) {
    freed_.Increment(static_cast<double>(freed));
    log_warning("removed the oldest readings to stay within store.disk_bytes_max",
                {{"used_bytes", now}, {"freed_bytes", freed}});
  }
  if (now <= bytes_max_ || is_told_) return;
  // Once, not every few seconds.
  is_told_ = true;
  log_error("store.disk_bytes_max is exceeded and no more readings can be removed",
            {{"used_bytes", now},
             {"reason", made_room ? "what is left is each sensor's newest" : made_room.error().message}});
}

std::uint64_t DiskBudget::measure() {
  const std::uint64_t used = directory_bytes(engines_.directory().path());
  used_.Set(static_cast<double>(used));
  return used;
}

void DiskBudget::await_removed_files() {
  std::uint64_t last = measure();
  for (int look = 0; look < settling_looks; ++look) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, settling_period, [&] { return stopping_; })) return;
    const std::uint64_t now = measure();
    if (now >= last) return;
    last = now;
  }
}

Result<void> DiskBudget::make_room(std::uint64_t bytes_wanted) {
  const auto too_much = [&] {
    const std::uint64_t used = measure();
    return used - std::min(used, bytes_wanted);
  };
  // What the log keeps for late jobs is in the store too, so it goes before any reading does.
  if (const auto bytes = too_much(); bytes > 0) engines_.log().drop_oldest(bytes);
  // Where the log is large because the store has not written yet what is in it, the store does so first.
  if (too_much() > 0 && engines_.log().disk_bytes() > bytes_max_ / log_share) {
    IOT_CHECK(engines_.store().flush());
    if (const auto bytes = too_much(); bytes > 0) engines_.log().drop_oldest(bytes);
    await_removed_files();
  }
  if (const auto bytes = too_much(); bytes > 0) IOT_CHECK(engines_.store().drop_oldest(bytes));
  return {};
}

}  // namespace iot::server
