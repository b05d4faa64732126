#include "gateway/device_presence.h"

#include <algorithm>
#include <utility>

#include "base/logging.h"

namespace iot::gateway {

using registry::DeviceEvent;
using registry::DeviceEventKind;

namespace {

Timestamp after(Timestamp time, std::chrono::seconds duration) noexcept {
  return {time.ns + std::chrono::nanoseconds(duration).count()};
}

}  // namespace

Result<std::unique_ptr<DevicePresence>> DevicePresence::open(registry::Registry& registry, OpenConnections& connections,
                                                             const Clock& clock, Metrics& metrics,
                                                             const DevicePresenceLimits& limits) {
  std::unique_ptr<DevicePresence> presence(new DevicePresence(registry, connections, clock, metrics, limits));
  IOT_TRY(auto stored, presence->records_.presences());
  const std::lock_guard lock(presence->mutex_);
  for (Stored& one : stored) {
    if (one.silent_since.ns != 0) presence->silent_.Increment();
    presence->stored_.emplace(one.device, std::move(one));
  }
  presence->follow(clock.now());
  return presence;
}

DevicePresence::DevicePresence(registry::Registry& registry, OpenConnections& connections, const Clock& clock,
                               Metrics& metrics, const DevicePresenceLimits& limits)
    : registry_(registry),
      records_(registry.device_records()),
      connections_(connections),
      clock_(clock),
      limits_(limits),
      started_(clock.now()),
      silences_(metrics.counter("iotplatform_device_silences_total",
                                "Times that a device was silent for longer than its own limit")),
      silent_(metrics.gauge("iotplatform_devices_silent", "Devices that are silent for longer than their own limit")),
      next_store_(after(started_, limits.store_every)) {}

DeviceStanding DevicePresence::standing(DeviceId device) const {
  DeviceStanding standing;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = stored_.find(device); found != stored_.end()) {
      const Stored& stored = found->second;
      if (stored.last_seen.ns != 0) standing.last_seen = stored.last_seen;
      standing.protocol = static_cast<Protocol>(stored.protocol);
      standing.address = stored.address;
      standing.last_error = stored.last_error;
      standing.last_error_at = stored.last_error_at;
      if (stored.silent_since.ns != 0) standing.silent_since = stored.silent_since;
    }
  }
  const auto present = connections_.presence(device);
  if (!present) return standing;
  standing.connections = present->connections;
  standing.connected_since = present->connected_since;
  if (present->last_seen.ns != 0 && present->last_seen >= standing.last_seen.value_or(Timestamp{})) {
    standing.last_seen = present->last_seen;
    standing.protocol = present->protocol;
    standing.address = present->address;
  }
  if (!present->last_error.empty() && present->last_error_at >= standing.last_error_at) {
    standing.last_error = present->last_error;
    standing.last_error_at = present->last_error_at;
  }
  return standing;
}

DevicePresence::Stored& DevicePresence::stored(DeviceId device) {
  Stored& stored = stored_[device];
  stored.device = device;
  return stored;
}

Timestamp DevicePresence::last_seen(DeviceId device) const {
  const auto found = stored_.find(device);
  const Timestamp stored = found == stored_.end() ? Timestamp{} : found->second.last_seen;
  const auto present = connections_.presence(device);
  return present ? std::max(stored, present->last_seen) : stored;
}

void DevicePresence::tick() {
  const Timestamp now = clock_.now();
  std::vector<Write> writes;
  {
    const std::lock_guard lock(mutex_);
    const bool is_due = now >= next_store_;
    if (is_due) {
      next_store_ = after(now, limits_.store_every);
      look(now);
      follow(now);
    }
    find_silent(now);
    // One round at a time: if the database is slower than the devices, it gets fewer, newer states.
    if ((is_due || !events_.empty()) && writes_waiting_ == 0) writes = take_changes();
  }
  store(std::move(writes));
}

void DevicePresence::look(Timestamp now) {
  std::vector<std::pair<DeviceId, Presence>> news;
  connections_.each_device([&](DeviceId device, const Presence& present) {
    const auto found = stored_.find(device);
    const bool is_known = found != stored_.end();
    const bool was_seen = present.last_seen > (is_known ? found->second.last_seen : Timestamp{});
    const bool has_failed = present.last_error_at > (is_known ? found->second.last_error_at : Timestamp{});
    if (was_seen || has_failed) news.emplace_back(device, present);
  });
  for (auto& [device, present] : news) {
    Stored& one = stored(device);
    if (present.last_error_at > one.last_error_at) {
      one.last_error = std::move(present.last_error);
      one.last_error_at = present.last_error_at;
    }
    if (present.last_seen > one.last_seen) {
      one.last_seen = present.last_seen;
      one.protocol = static_cast<std::uint8_t>(present.protocol);
      one.address = std::move(present.address);
      if (one.silent_since.ns != 0) end_silence(one, now);
    }
    changed_.insert(device);
  }
}

void DevicePresence::end_silence(Stored& stored, Timestamp now) {
  log_info("a silent device is back",
           {{"device", stored.device.value}, {"silent_s", (now.ns - stored.silent_since.ns) / 1'000'000'000}});
  stored.silent_since = {};
  silent_.Decrement();
  events_.push_back({0, stored.device, DeviceEventKind::back, now, stored.last_seen});
  if (const auto watch = watched_.find(stored.device); watch != watched_.end()) schedule(stored.device, watch->second);
}

void DevicePresence::follow(Timestamp now) {
  const registry::SnapshotPtr snapshot = registry_.snapshot();
  if (followed_version_ == snapshot->version) return;
  followed_version_ = snapshot->version;
  const auto is_gone = [&](DeviceId device) { return !snapshot->devices.contains(device); };
  std::erase_if(stored_, [&](const auto& one) {
    if (!is_gone(one.first)) return false;
    if (one.second.silent_since.ns != 0) silent_.Decrement();
    return true;
  });
  std::erase_if(changed_, is_gone);
  std::erase_if(watched_, [&](const auto& one) {
    const auto* const entry = snapshot->devices.find(one.first);
    if (entry && entry->silent_after) return false;
    // Who has no limit any more is not silent any more, and nobody has heard from it.
    const auto found = stored_.find(one.first);
    if (found == stored_.end()) return true;
    if (found->second.silent_since.ns != 0) silent_.Decrement();
    found->second.silent_since = found->second.watched_since = {};
    changed_.insert(one.first);
    return true;
  });
  snapshot->devices.for_each([&](DeviceId device, const registry::DeviceEntry& entry) {
    if (entry.silent_after) watch(device, *entry.silent_after, now);
  });
}

void DevicePresence::watch(DeviceId device, std::chrono::seconds limit, Timestamp now) {
  const auto [found, is_new] = watched_.try_emplace(device, Watch{limit, {}});
  if (!is_new && found->second.limit == limit) return;
  found->second.limit = limit;
  Stored& one = stored(device);
  if (one.watched_since.ns == 0) {
    one.watched_since = now;
    changed_.insert(device);
  }
  schedule(device, found->second);
}

void DevicePresence::schedule(DeviceId device, Watch& watch) {
  const Stored& one = stored(device);
  const Timestamp seen = last_seen(device);
  const Timestamp since = seen.ns != 0 ? seen : one.watched_since;
  watch.due = std::max(after(since, watch.limit), after(started_, limits_.settle));
  due_.emplace(watch.due, device);
}

void DevicePresence::find_silent(Timestamp now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto [due, device] = *due_.begin();
    due_.erase(due_.begin());
    const auto found = watched_.find(device);
    // Scheduled anew meanwhile.
    if (found == watched_.end() || found->second.due != due) continue;
    Stored& one = stored(device);
    if (one.silent_since.ns != 0) continue;
    schedule(device, found->second);
    if (found->second.due > now) continue;
    due_.erase(std::prev(due_.upper_bound(found->second.due)));
    one.silent_since = now;
    changed_.insert(device);
    const Timestamp seen = last_seen(device);
    events_.push_back({0, device, DeviceEventKind::silent, now, seen});
    silences_.Increment();
    silent_.Increment();
    log_warning("a device is silent for longer than it may be",
                {{"device", device.value}, {"limit_s", found->second.limit.count()}});
  }
}

std::vector<DevicePresence::Write> DevicePresence::take_changes() {
  std::vector<Write> writes;
  // A silence and its state are stored together.
  if (!events_.empty()) {
    Write& first = writes.emplace_back();
    for (const DeviceEvent& event : events_) {
      if (changed_.erase(event.device) > 0) first.presences.push_back(stored_.at(event.device));
    }
    first.events = std::exchange(events_, {});
  }
  for (const DeviceId device : std::exchange(changed_, {})) {
    if (writes.empty() || writes.back().presences.size() >= limits_.devices_per_write_max) writes.emplace_back();
    writes.back().presences.push_back(stored_.at(device));
  }
  writes_waiting_ += writes.size();
  return writes;
}

void DevicePresence::store(std::vector<Write> writes) {
  for (Write& write : writes) {
    auto shared = std::make_shared<Write>(std::move(write));
    records_.store_presence(shared->presences, shared->events,
                            [this, shared](const Result<void>& outcome) { stored_one(*shared, outcome); });
  }
}

void DevicePresence::stored_one(const Write& write, const Result<void>& outcome) {
  const std::lock_guard lock(mutex_);
  --writes_waiting_;
  if (!outcome) {
    log_warning("how devices were last seen could not be stored; it is tried again",
                {{"devices", write.presences.size()}, {"reason", outcome.error().message}});
    for (const Stored& one : write.presences) {
      if (stored_.contains(one.device)) changed_.insert(one.device);
    }
    for (const DeviceEvent& event : write.events) {
      if (stored_.contains(event.device)) events_.push_back(event);
    }
  }
  written_.notify_all();
}

void DevicePresence::stop() {
  std::vector<Write> writes;
  {
    std::unique_lock lock(mutex_);
    written_.wait(lock, [&] { return writes_waiting_ == 0; });
    look(clock_.now());
    writes = take_changes();
  }
  store(std::move(writes));
  std::unique_lock lock(mutex_);
  written_.wait(lock, [&] { return writes_waiting_ == 0; });
}

}  // namespace iot::gateway
