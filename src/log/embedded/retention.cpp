#include "log/embedded/retention.h"

#include <cerrno>

#include "base/logging.h"

namespace iot::log {

void Retention::release(Position position) noexcept {
  std::uint64_t released = released_.load();
  while (released < position.value && !released_.compare_exchange_weak(released, position.value)) {
  }
}

bool Retention::is_due(const OldestSegment& oldest) const noexcept {
  if (segments_.bytes() > options_.retain_bytes) return true;
  const auto age = std::chrono::nanoseconds(options_.clock->now().ns - oldest.last_written.ns);
  return age > options_.retain_age;
}

template <class Wanted>
std::optional<std::uint64_t> Retention::remove_oldest_if(Wanted wanted) noexcept {
  const auto oldest = segments_.oldest();
  if (!oldest || oldest->last.value > released_.load() || !wanted(*oldest)) return {};
  // The directory is synced for each, so that a crash never leaves a younger segment removed and an older one not.
  auto removed = files_.remove(oldest->segment->path);
  // It is gone already where the sync after an earlier attempt failed.
  if (removed || removed.error().code.value() == ENOENT) removed = files_.sync_directory(directory_);
  if (!removed) {
    log_warning("a segment of the event log could not be removed",
                {{"file", oldest->segment->path}, {"error", removed.error().message}});
    return {};
  }
  segments_.remove_oldest();
  return oldest->bytes;
}

void Retention::enforce() noexcept {
  const std::scoped_lock lock(removal_);
  while (remove_oldest_if([this](const OldestSegment& oldest) { return is_due(oldest); })) {
  }
}

std::uint64_t Retention::drop_oldest(std::uint64_t bytes) noexcept {
  const std::scoped_lock lock(removal_);
  std::uint64_t freed = 0;
  while (freed < bytes) {
    const auto removed = remove_oldest_if([](const OldestSegment&) { return true; });
    if (!removed) break;
    freed += *removed;
  }
  return freed;
}

}  // namespace iot::log
