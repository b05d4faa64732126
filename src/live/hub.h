// Live readings: follows the event log behind the commit and hands what is new to whoever subscribed. It reads what is
// durable and never stands in its way: a hub that is late or a subscriber that is slow costs ingestion nothing.
//
// One thread follows the log for all who keep up; those who do not are read for on the workers, each from its own
// position (subscription.h). Nothing is read while nobody is interested.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/metrics.h"
#include "live/events.h"
#include "live/subscription.h"
#include "log/event_log.h"
#include "registry/snapshot.h"

namespace iot::live {

/// Somebody who is shown every record while interested(), besides the subscriptions: the MQTT broker's `readings/...`.
class Follower {
 public:
  virtual ~Follower() = default;
  /// Any thread; cheap.
  virtual bool interested() const noexcept = 0;
  /// While interested(): the first record that it wants. Any thread; cheap.
  virtual log::Position begin() const noexcept = 0;
  /// One record's readings, on the hub's thread; in order, but a record may come again. `json(index)` makes (once) what
  /// subscribers see of a reading.
  virtual void readings(log::Position record, const model::ReadingBatch& batch,
                        const std::function<const std::shared_ptr<const std::string>&(std::size_t)>& json,
                        const registry::Snapshot& snapshot) = 0;
};

class Hub {
 public:
  struct Options {
    std::size_t subscriptions_max = 10'000;
    SubscriptionLimits subscription = {};
    /// A disk that fails, or a process that is out of files, may do better after this.
    std::chrono::milliseconds retry_after{1'000};
    /// Runs a task soon, on a thread where it may block: for those who read the log on their own.
    std::function<void(std::function<void()>)> run_on_worker;
    /// The registry's present state (Registry::snapshot()). Any thread.
    std::function<registry::SnapshotPtr()> snapshot;
  };

  /// All must outlive the hub. `follower` may be null; it is shown the records from `follow_from` on (nothing: from
  /// now).
  Hub(log::EventLog& log, Metrics& metrics, Options options, Follower* follower,
      std::optional<log::Position> follow_from);
  /// Stops.
  ~Hub();

  /// Subscribes from a position on (nothing: from now). `wake` is called on any thread when events wait that were not
  /// there before; it must hand over and return. Null if there are too many subscriptions.
  std::shared_ptr<Subscription> subscribe(Viewer viewer, Wish wish, std::optional<Position> from,
                                          std::function<void()> wake);
  /// The subscriber has taken what waited: one that fell behind goes on.
  void resume(const std::shared_ptr<Subscription>& subscription);
  /// `wake` is not called any more, or is just being called.
  void unsubscribe(const std::shared_ptr<Subscription>& subscription);

  /// The log has grown. On the log's thread: two atomic reads where nobody is interested.
  void log_grew() noexcept;

  std::size_t subscriptions() const noexcept { return count_.load(std::memory_order_relaxed); }
  void stop() noexcept;

 private:
  /// A record on its way to those who want it: decoded once, each reading written once.
  struct Shown;

  void run() noexcept;
  bool wait_for_work();
  void follow();
  void show(Shown& shown, const registry::Snapshot& snapshot);
  void reading_failed(const Error& error);
  void fall_behind_all();
  bool interested() const noexcept;
  /// Under the lock: what came while nobody was interested is passed over.
  void skip_unwanted() noexcept;

  /// Adds those readings of the record that the subscription wants, from reading `begin` on, until its queue is full;
  /// true if it took all of them. Under its lock.
  bool add(Subscription& subscription, Shown& shown, std::uint32_t begin, const registry::Snapshot& snapshot);
  void read_for(const std::shared_ptr<Subscription>& subscription);
  enum class Progress { caught_up, full, more, failed, ended };
  Progress read_some(Subscription& subscription);
  bool join(const std::shared_ptr<Subscription>& subscription);
  void enlist(const std::shared_ptr<Subscription>& subscription);
  void delist(const std::shared_ptr<Subscription>& subscription);
  void schedule(const std::shared_ptr<Subscription>& subscription);
  /// Says that the log cannot be read: once for all who find that out, and again if it lasts.
  void log_failure(const Error& error);

  using List = std::vector<std::shared_ptr<Subscription>>;

  log::EventLog& log_;
  const Options options_;
  Follower* const follower_;
  Counter& events_;
  Counter& fell_behind_;
  Counter& missed_;
  Counter& failed_;

  std::mutex mutex_;
  std::condition_variable work_;
  // Under mutex_:
  bool grown_ = false;
  bool stopping_ = false;
  /// When the hub's thread tries again to read what could not be read.
  std::optional<std::chrono::steady_clock::time_point> retry_at_;
  /// The record that the hub's thread shows next: those who follow have everything before it.
  log::Position next_;
  /// Those who follow: by each device that they have named, or whose sensors; and those who want all that they may see.
  std::unordered_map<DeviceId, List> by_device_;
  List of_all_;
  // Of the hub's thread:
  std::unique_ptr<log::LogReader> reader_;
  log::Position reader_next_;  ///< what it reads next

  std::atomic<std::size_t> count_{0};
  std::atomic<std::size_t> following_{0};
  std::atomic<bool> is_stopped_{false};
  std::atomic<std::int64_t> failure_logged_at_s_{0};  ///< by the steady clock; 0: never
  std::once_flag stopped_;
  std::thread thread_;
};

}  // namespace iot::live
