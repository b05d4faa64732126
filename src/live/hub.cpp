#include "live/hub.h"

#include <algorithm>
#include <utility>

#include "base/logging.h"

namespace iot::live {

namespace {

/// Records that one task on a worker reads for a subscriber before others have their turn.
constexpr std::size_t records_at_once = 2'000;
constexpr std::chrono::seconds log_failures_every{60};

}  // namespace

struct Hub::Shown {
  explicit Shown(const log::Record& shown) : record(shown) {}

  /// False (and logged) if the record is no batch, which would be our own mistake.
  bool decode() {
    if (is_decoded) return true;
    is_decoded = batch.decode(record.payload).has_value();
    if (!is_decoded) {
      log_error("a record of the event log is no batch of readings", {{"position", record.position.value}});
    }
    json.resize(batch.size());
    return is_decoded;
  }
  const std::shared_ptr<const std::string>& json_of(std::size_t index) {
    if (!json[index]) {
      auto text = std::make_shared<std::string>();
      append_reading_json(*text, batch, index);
      json[index] = std::move(text);
    }
    return json[index];
  }

  const log::Record& record;
  model::ReadingBatch batch;
  std::vector<std::shared_ptr<const std::string>> json;
  bool is_decoded = false;
};

bool Subscription::take(std::vector<Event>& events) {
  events.clear();
  const std::scoped_lock lock(mutex_);
  std::swap(events, queue_);
  queued_bytes_ = 0;
  return !events.empty();
}

bool Subscription::has_failed() const {
  const std::scoped_lock lock(mutex_);
  return mode_ == Mode::failed;
}

Hub::Hub(log::EventLog& log, Metrics& metrics, Options options, Follower* follower,
         std::optional<log::Position> follow_from)
    : log_(log),
      options_(std::move(options)),
      follower_(follower),
      events_(metrics.counter("iotplatform_live_events_total", "Readings handed to live subscribers")),
      fell_behind_(metrics.counter("iotplatform_live_fell_behind_total",
                                   "How often a live subscriber was too slow and went on from the event log")),
      missed_(metrics.counter("iotplatform_live_missed_total",
                              "How often the event log had been cut before a live subscriber had read it")),
      failed_(metrics.counter("iotplatform_live_failed_total",
                              "Live subscriptions that were ended because the event log could not be read")),
      next_(after(log.last()).record) {
  if (follow_from) next_ = std::min(next_, *follow_from);
  // There may be something to show since before the start.
  grown_ = follow_from.has_value();
  thread_ = std::thread([this] { run(); });
}

Hub::~Hub() {
  stop();
}

void Hub::stop() noexcept {
  std::call_once(stopped_, [this] {
    is_stopped_ = true;
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    work_.notify_one();
    if (thread_.joinable()) thread_.join();
  });
}

bool Hub::interested() const noexcept {
  return following_.load(std::memory_order_acquire) > 0 || (follower_ && follower_->interested());
}

void Hub::log_grew() noexcept {
  if (!interested()) return;
  {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(grown_, true)) return;
  }
  work_.notify_one();
}

bool Hub::wait_for_work() {
  std::unique_lock lock(mutex_);
  if (retry_at_) {
    // That the log grows does not make it readable.
    work_.wait_until(lock, *retry_at_, [this] { return stopping_; });
    retry_at_.reset();
  } else {
    work_.wait(lock, [this] { return grown_ || stopping_; });
  }
  grown_ = false;
  return !stopping_;
}

void Hub::run() noexcept {
  while (wait_for_work()) {
    try {
      follow();
    } catch (const std::exception& exception) {
      log_error("an exception escaped live readings; please report this", {{"what", exception.what()}});
    }
  }
}

void Hub::follow() {
  while (interested()) {
    log::Position from;
    {
      const std::scoped_lock lock(mutex_);
      if (stopping_) return;
      skip_unwanted();
      from = next_;
    }
    // While nobody was interested, the log went on.
    if (!reader_ || reader_next_ != from) {
      auto reader = log_.read(from);
      if (!reader) return reading_failed(reader.error());
      reader_ = std::move(*reader);
      reader_next_ = from;
    }
    const auto record = reader_->next();
    if (!record) return reading_failed(record.error());
    if (!*record) break;
    Shown shown(**record);
    reader_next_ = after(shown.record.position).record;
    const registry::SnapshotPtr snapshot = options_.snapshot();
    if (follower_ && follower_->interested() && shown.decode()) {
      follower_->readings(
          shown.record.position, shown.batch,
          [&](std::size_t index) -> const std::shared_ptr<const std::string>& { return shown.json_of(index); },
          *snapshot);
    }
    const std::scoped_lock lock(mutex_);
    // Meanwhile the last who followed may have gone, and one come who follows from an earlier place.
    if (next_ != from) continue;
    show(shown, *snapshot);
    next_ = reader_next_;
  }
}

void Hub::skip_unwanted() noexcept {
  if (following_.load(std::memory_order_relaxed) > 0 || !follower_ || !follower_->interested()) return;
  const log::Position begin = follower_->begin();
  if (begin > next_) next_ = std::max(next_, std::min(begin, after(log_.last()).record));
}

void Hub::reading_failed(const Error& error) {
  reader_.reset();
  const std::scoped_lock lock(mutex_);
  if (is(error, log::Errc::position_gone)) {
    log_warning("live readings begin anew", {{"reason", error.message}});
    missed_.Increment();
    fall_behind_all();
    const log::Position first = log_.first();
    grown_ = next_ < first;
    next_ = std::max(next_, first);
    if (grown_) return;
  } else {
    log_failure(error);
    // Another attempt may find the disk well again; what is damaged stays so.
    if (failure_of(error) == Failure::data_loss) fall_behind_all();
  }
  retry_at_ = std::chrono::steady_clock::now() + options_.retry_after;
}

void Hub::log_failure(const Error& error) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const std::int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  std::int64_t before = failure_logged_at_s_.load();
  if (before != 0 && now_s - before < log_failures_every.count()) return;
  if (!failure_logged_at_s_.compare_exchange_strong(before, now_s)) return;
  log_error("the event log cannot be read for live readings", {{"reason", error.message}});
}

/// The log was cut before the hub had read it, or is damaged: each subscriber finds out for itself.
void Hub::fall_behind_all() {
  List all = of_all_;
  for (const auto& [device, list] : by_device_) all.insert(all.end(), list.begin(), list.end());
  for (const auto& subscription : all) {
    {
      const std::scoped_lock one(subscription->mutex_);
      if (subscription->mode_ != Subscription::Mode::following) continue;
      subscription->mode_ = Subscription::Mode::reading;
      subscription->next_ = std::max(subscription->next_, Position{next_, 0});
    }
    delist(subscription);
    schedule(subscription);
  }
}

void Hub::show(Shown& shown, const registry::Snapshot& snapshot) {
  const auto device = device_of_batch(shown.record.payload);
  const auto named = device ? by_device_.find(*device) : by_device_.end();
  if (of_all_.empty() && named == by_device_.end()) return;
  if (!shown.decode()) return;
  List fallen;
  const auto give = [&](const List& list) {
    for (const auto& subscription : list) {
      bool was_empty = false;
      bool has_events = false;
      {
        const std::scoped_lock lock(subscription->mutex_);
        const Position& next = subscription->next_;
        if (subscription->mode_ != Subscription::Mode::following || next.record > shown.record.position) continue;
        was_empty = subscription->queue_.empty();
        const std::uint32_t begin = next.record == shown.record.position ? next.readings : 0;
        if (!add(*subscription, shown, begin, snapshot)) {
          subscription->mode_ = Subscription::Mode::lagging;
          fallen.push_back(subscription);
        }
        has_events = !subscription->queue_.empty();
      }
      if (was_empty && has_events) subscription->wake_();
    }
  };
  if (named != by_device_.end()) give(named->second);
  give(of_all_);
  for (const auto& subscription : fallen) {
    fell_behind_.Increment();
    delist(subscription);
  }
}

bool Hub::add(Subscription& subscription, Shown& shown, std::uint32_t begin, const registry::Snapshot& snapshot) {
  const model::ReadingBatch& batch = shown.batch;
  const log::Position record = shown.record.position;
  for (std::uint32_t index = begin; index < batch.size(); ++index) {
    const SensorId sensor = batch.sensor(index);
    if (!subscription.wish_.has(batch.device, sensor)) continue;
    if (!may_see(subscription.viewer_, batch.device, sensor, snapshot)) continue;
    if (subscription.queued_bytes_ >= subscription.limits_.queued_bytes_max) {
      subscription.next_ = {record, index};
      return false;
    }
    const auto& json = shown.json_of(index);
    subscription.queue_.push_back({Event::Kind::reading, {record, index + 1}, json});
    subscription.queued_bytes_ += json->size() + sizeof(Event);
    events_.Increment();
  }
  subscription.next_ = after(record);
  return true;
}

std::shared_ptr<Subscription> Hub::subscribe(Viewer viewer, Wish wish, std::optional<Position> from,
                                             std::function<void()> wake) {
  if (count_.fetch_add(1, std::memory_order_relaxed) >= options_.subscriptions_max) {
    count_.fetch_sub(1, std::memory_order_relaxed);
    return nullptr;
  }
  std::shared_ptr<Subscription> subscription(
      new Subscription(viewer, std::move(wish), options_.subscription, std::move(wake)));
  subscription->listed_ = subscription->wish_.devices;
  if (!subscription->wish_.sensors.empty()) {
    const registry::SnapshotPtr snapshot = options_.snapshot();
    for (const SensorId sensor : subscription->wish_.sensors) {
      const registry::SensorEntry* const entry = snapshot->sensors.find(sensor);
      if (entry) subscription->listed_.push_back(entry->device);
    }
    std::ranges::sort(subscription->listed_);
    const auto repeated = std::ranges::unique(subscription->listed_);
    subscription->listed_.erase(repeated.begin(), repeated.end());
  }
  subscription->next_ = from ? *from : after(log_.last());
  schedule(subscription);
  return subscription;
}

void Hub::unsubscribe(const std::shared_ptr<Subscription>& subscription) {
  const std::scoped_lock lock(mutex_);
  {
    const std::scoped_lock one(subscription->mutex_);
    if (std::exchange(subscription->mode_, Subscription::Mode::ended) == Subscription::Mode::ended) return;
    subscription->queue_.clear();
  }
  delist(subscription);
  count_.fetch_sub(1, std::memory_order_relaxed);
}

void Hub::resume(const std::shared_ptr<Subscription>& subscription) {
  {
    const std::scoped_lock lock(subscription->mutex_);
    if (subscription->mode_ != Subscription::Mode::lagging) return;
    if (subscription->queued_bytes_ > subscription->limits_.queued_bytes_max / 2) return;
    subscription->mode_ = Subscription::Mode::reading;
  }
  schedule(subscription);
}

void Hub::schedule(const std::shared_ptr<Subscription>& subscription) {
  if (is_stopped_.load(std::memory_order_relaxed)) return;
  options_.run_on_worker([this, subscription] { read_for(subscription); });
}

void Hub::read_for(const std::shared_ptr<Subscription>& subscription) {
  const Progress progress = read_some(*subscription);
  subscription->wake_();
  switch (progress) {
    case Progress::caught_up:
      // What came meanwhile is read first.
      if (join(subscription)) return;
      break;
    case Progress::more:
      break;
    case Progress::full: {
      const std::scoped_lock lock(subscription->mutex_);
      if (subscription->mode_ != Subscription::Mode::reading) return;
      if (subscription->queued_bytes_ > subscription->limits_.queued_bytes_max / 2) {
        subscription->mode_ = Subscription::Mode::lagging;
        return;
      }
      break;
    }
    case Progress::failed:
    case Progress::ended:
      return;
  }
  schedule(subscription);
}

Hub::Progress Hub::read_some(Subscription& subscription) {
  Position next;
  {
    const std::scoped_lock lock(subscription.mutex_);
    if (subscription.mode_ != Subscription::Mode::reading) return Progress::ended;
    next = subscription.next_;
  }
  // A position that the log has not reached (of another data directory, say) is the present end.
  if (next.record.value > log_.last().value + 1) next = after(log_.last());
  auto reader = log_.read(next.record);
  const registry::SnapshotPtr snapshot = options_.snapshot();
  for (std::size_t count = 0; count < records_at_once; ++count) {
    auto record = reader ? (*reader)->next() : Result<std::optional<log::Record>>(reader.error());
    if (!record) {
      const log::Position first = log_.first();
      const std::scoped_lock lock(subscription.mutex_);
      if (first <= next.record) {
        // Who subscribed is told, and may come back with its position: waiting is its part.
        log_failure(record.error());
        failed_.Increment();
        subscription.mode_ = Subscription::Mode::failed;
        return Progress::failed;
      }
      missed_.Increment();
      const Position to{first, 0};
      auto json =
          std::make_shared<std::string>("{\"from\":\"" + next.to_string() + "\",\"to\":\"" + to.to_string() + "\"}");
      subscription.queue_.push_back({Event::Kind::missed, to, std::move(json)});
      subscription.next_ = to;
      return Progress::more;
    }
    const std::scoped_lock lock(subscription.mutex_);
    if (subscription.mode_ != Subscription::Mode::reading) return Progress::ended;
    if (!*record) {
      subscription.next_ = next;
      return Progress::caught_up;
    }
    Shown shown(**record);
    const auto device = device_of_batch(shown.record.payload);
    const bool is_of_interest = subscription.listed_.empty()
                                    ? subscription.wish_.sensors.empty()
                                    : device && std::ranges::binary_search(subscription.listed_, *device);
    const std::uint32_t begin = next.record == shown.record.position ? next.readings : 0;
    if (is_of_interest && shown.decode() && !add(subscription, shown, begin, *snapshot)) return Progress::full;
    next = after(shown.record.position);
    subscription.next_ = next;
  }
  return Progress::more;
}

bool Hub::join(const std::shared_ptr<Subscription>& subscription) {
  const std::scoped_lock lock(mutex_);
  {
    const std::scoped_lock one(subscription->mutex_);
    if (subscription->mode_ != Subscription::Mode::reading) return true;
    // The hub's own reader must not be past what this one has; where nobody follows, it goes where we are.
    if (interested()) {
      skip_unwanted();
    } else {
      next_ = subscription->next_.record;
    }
    if (subscription->next_.record < next_) return false;
    subscription->mode_ = Subscription::Mode::following;
  }
  enlist(subscription);
  // The log may have grown since it was read to its end.
  grown_ = true;
  work_.notify_one();
  return true;
}

void Hub::enlist(const std::shared_ptr<Subscription>& subscription) {
  following_.fetch_add(1, std::memory_order_release);
  const bool wants_all = subscription->wish_.devices.empty() && subscription->wish_.sensors.empty();
  if (wants_all) of_all_.push_back(subscription);
  for (const DeviceId device : subscription->listed_) by_device_[device].push_back(subscription);
}

void Hub::delist(const std::shared_ptr<Subscription>& subscription) {
  std::size_t found = std::erase(of_all_, subscription);
  for (const DeviceId device : subscription->listed_) {
    const auto list = by_device_.find(device);
    if (list == by_device_.end()) continue;
    found += std::erase(list->second, subscription);
    if (list->second.empty()) by_device_.erase(list);
  }
  if (found > 0) following_.fetch_sub(1, std::memory_order_release);
}

}  // namespace iot::live
