#include "live/hub.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <deque>

#include <gtest/gtest.h>

#include "live/testing/memory_log.h"

namespace iot::live {
namespace {

using testing::MemoryLog;

/// Remembers which records it was shown.
class ScriptedFollower final : public Follower {
 public:
  void want_from(std::uint64_t record) {
    begin_ = record;
    interested_ = true;
  }
  std::vector<std::uint64_t> await(std::size_t count) {
    std::unique_lock lock(mutex_);
    shown_changed_.wait_for(lock, std::chrono::seconds(20), [&] { return shown_.size() >= count; });
    return shown_;
  }

  bool interested() const noexcept override { return interested_; }
  log::Position begin() const noexcept override { return {begin_}; }
  void readings(log::Position record, const model::ReadingBatch&,
                const std::function<const std::shared_ptr<const std::string>&(std::size_t)>&,
                const registry::Snapshot&) override {
    const std::scoped_lock lock(mutex_);
    shown_.push_back(record.value);
    shown_changed_.notify_all();
  }

 private:
  std::atomic<bool> interested_{false};
  std::atomic<std::uint64_t> begin_{0};
  std::mutex mutex_;
  std::condition_variable shown_changed_;
  std::vector<std::uint64_t> shown_;
};

/// A place in the code that waits until the test has seen somebody there, and lets it go on.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    if (!is_shut_) return;
    is_reached_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !is_shut_; });
  }
  void shut() {
    const std::scoped_lock lock(mutex_);
    is_shut_ = true;
    is_reached_ = false;
  }
  [[nodiscard]] bool await() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [this] { return is_reached_; });
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    is_shut_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_shut_ = false;
  bool is_reached_ = false;
};

constexpr DeviceId device{3};
constexpr DeviceId other_device{4};
constexpr SensorId sensor{7}, second_sensor{8}, foreign_sensor{9};
constexpr ConsumerId consumer{1};

registry::SnapshotPtr make_snapshot(const std::vector<SensorId>& grants) {
  auto snapshot = std::make_shared<registry::Snapshot>();
  snapshot->version = 1;
  const auto add_sensor = [&](SensorId id, DeviceId of) {
    snapshot->sensors.set(id, {of, model::MappingType::long_integer, {}});
  };
  add_sensor(sensor, device);
  add_sensor(second_sensor, device);
  add_sensor(foreign_sensor, other_device);
  registry::ConsumerEntry entry;
  for (const SensorId granted : grants) entry.grants.set(granted, {});
  snapshot->consumers.set(consumer, entry);
  return snapshot;
}

class HubTest : public ::testing::Test {
 protected:
  HubTest() : snapshot_(make_snapshot({sensor, second_sensor})) {}
  ~HubTest() override {
    snapshot_gate_.open();
    if (hub_) hub_->stop();
    stop_worker();
  }

  void start(std::size_t queued_bytes_max = 1u << 20) {
    worker_ = std::thread([this] { work(); });
    Hub::Options options;
    options.subscriptions_max = 3;
    options.subscription.queued_bytes_max = queued_bytes_max;
    options.retry_after = std::chrono::milliseconds(1);
    options.snapshot = [this] {
      snapshot_gate_.pass();
      const std::scoped_lock lock(mutex_);
      return snapshot_;
    };
    options.run_on_worker = [this](std::function<void()> task) {
      const std::scoped_lock lock(mutex_);
      tasks_.push_back(std::move(task));
      changed_.notify_all();
    };
    hub_.emplace(log_, metrics_, std::move(options), &follower_, std::nullopt);
  }

  /// One record of readings (sensor, value), and the hub told of it.
  void commit(DeviceId of, const std::vector<std::pair<SensorId, std::int64_t>>& readings) {
    model::ReadingBatch batch;
    batch.device = of;
    for (const auto& [id, value] : readings) {
      batch.add_integer(id, model::MappingType::long_integer, Timestamp{1'000'000'000 + value}, value);
    }
    log_.add(batch);
    hub_->log_grew();
  }
  void commit(std::int64_t value) { commit(device, {{sensor, value}}); }

  std::shared_ptr<Subscription> subscribe(Wish wish = {}, std::optional<Position> from = {}) {
    return hub_->subscribe({Viewer::Kind::consumer, consumer.value}, std::move(wish), from, [this] {
      const std::scoped_lock lock(mutex_);
      ++wakes_;
      changed_.notify_all();
    });
  }

  /// What the subscription gets until it has `count` events, waiting with a deadline.
  std::vector<Event> take(const std::shared_ptr<Subscription>& subscription, std::size_t count) {
    std::vector<Event> all, some;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (all.size() < count) {
      if (subscription->take(some)) all.insert(all.end(), some.begin(), some.end());
      hub_->resume(subscription);
      if (all.size() >= count) break;
      std::unique_lock lock(mutex_);
      const std::size_t before = wakes_;
      if (!changed_.wait_until(lock,
                               std::min(deadline, std::chrono::steady_clock::now() + std::chrono::milliseconds(50)),
                               [&] { return wakes_ != before; }) &&
          std::chrono::steady_clock::now() >= deadline) {
        ADD_FAILURE() << "only " << all.size() << " of " << count << " events came";
        break;
      }
    }
    return all;
  }

  static std::vector<std::int64_t> values(const std::vector<Event>& events) {
    std::vector<std::int64_t> found;
    for (const Event& event : events) {
      const std::size_t at = event.json->find("\"value\":");
      found.push_back(at == std::string::npos ? -1 : std::stoll(event.json->substr(at + 8)));
    }
    return found;
  }

  void set_grants(const std::vector<SensorId>& grants) {
    const std::scoped_lock lock(mutex_);
    snapshot_ = make_snapshot(grants);
  }

  /// Waits until what the worker has to do now is done.
  void let_worker_finish() {
    std::unique_lock lock(mutex_);
    bool is_done = false;
    tasks_.push_back([&] {
      const std::scoped_lock task_lock(mutex_);
      is_done = true;
      changed_.notify_all();
    });
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return is_done; });
  }

  /// Waits for the subscription's end.
  bool fails(const std::shared_ptr<Subscription>& subscription) {
    std::unique_lock lock(mutex_);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!subscription->has_failed() && std::chrono::steady_clock::now() < deadline) {
      changed_.wait_for(lock, std::chrono::milliseconds(50));
    }
    return subscription->has_failed();
  }

  MemoryLog log_;
  Metrics metrics_;
  ScriptedFollower follower_;
  Gate snapshot_gate_;
  std::optional<Hub> hub_;

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return !tasks_.empty() || stopping_; });
      if (stopping_) return;
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }
  void stop_worker() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    if (worker_.joinable()) worker_.join();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  registry::SnapshotPtr snapshot_;
  std::deque<std::function<void()>> tasks_;
  std::size_t wakes_ = 0;
  bool stopping_ = false;
  std::thread worker_;
};

TEST_F(HubTest, WhatIsCommittedComesInOrderWithItsPosition) {
  start();
  const auto subscription = subscribe();
  commit(device, {{sensor, 1}, {second_sensor, 2}});
  commit(3);
  const auto events = take(subscription, 3);
  ASSERT_EQ(values(events), (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(events[0].position.to_string(), "1.1");
  EXPECT_EQ(events[1].position.to_string(), "1.2");
  EXPECT_EQ(events[2].position.to_string(), "2.1");
  EXPECT_EQ(*events[0].json,
            R"({"timestamp":"1970-01-01T00:00:01.000000001Z","device_id":"3","sensor_id":"7","value":1})");
}

TEST_F(HubTest, OnlyWhatIsGrantedAndWishedForComes) {
  start();
  const auto all = subscribe();
  const auto one = subscribe({{}, {second_sensor}});
  const auto none = subscribe({{other_device}, {}});
  let_worker_finish();
  commit(other_device, {{foreign_sensor, 1}});
  commit(device, {{sensor, 2}, {second_sensor, 3}});
  EXPECT_EQ(values(take(all, 2)), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(values(take(one, 1)), (std::vector<std::int64_t>{3}));
  set_grants({foreign_sensor});
  commit(device, {{sensor, 4}});
  commit(other_device, {{foreign_sensor, 5}});
  EXPECT_EQ(values(take(all, 1)), (std::vector<std::int64_t>{5}));
  EXPECT_EQ(values(take(none, 1)), (std::vector<std::int64_t>{5}));
}

TEST_F(HubTest, ASubscriptionGoesOnBehindItsPosition) {
  start();
  for (std::int64_t value = 1; value <= 5; ++value) commit(device, {{sensor, 10 * value}, {sensor, 10 * value + 1}});
  const auto subscription = subscribe({}, Position{{2}, 1});
  EXPECT_EQ(values(take(subscription, 7)), (std::vector<std::int64_t>{21, 30, 31, 40, 41, 50, 51}));
  commit(60);
  EXPECT_EQ(values(take(subscription, 1)), (std::vector<std::int64_t>{60}));
}

TEST_F(HubTest, WhoIsSlowMissesNothingAndHoldsLittle) {
  start(2'000);
  const auto subscription = subscribe();
  std::vector<std::int64_t> expected;
  for (std::int64_t value = 0; value < 3'000; ++value) {
    commit(value);
    expected.push_back(value);
  }
  std::vector<Event> some;
  std::vector<std::int64_t> found;
  while (found.size() < expected.size() && !HasFailure()) {
    const auto events = take(subscription, 1);
    std::size_t bytes = 0;
    for (const Event& event : events) bytes += event.json->size();
    // One event may go beyond the limit; take() may have looked twice.
    EXPECT_LE(bytes, 2 * (2'000 + 200));
    const auto more = values(events);
    found.insert(found.end(), more.begin(), more.end());
  }
  EXPECT_EQ(found, expected);
}

TEST_F(HubTest, WhatTheLogHasNoMoreIsSaidToBeMissed) {
  start();
  for (std::int64_t value = 1; value <= 6; ++value) commit(value);
  log_.cut_before(4);
  const auto subscription = subscribe({}, Position{{2}, 0});
  const auto events = take(subscription, 4);
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].kind, Event::Kind::missed);
  EXPECT_EQ(*events[0].json, R"({"from":"2.0","to":"4.0"})");
  EXPECT_EQ(values({events.begin() + 1, events.end()}), (std::vector<std::int64_t>{4, 5, 6}));
}

TEST_F(HubTest, APositionBeyondTheEndMeansFromNowOn) {
  start();
  commit(1);
  const auto subscription = subscribe({}, Position{{1'000}, 5});
  // It is there once it has been woken for the first time; until then what comes may be before it.
  std::int64_t value = 2;
  std::vector<Event> events;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!subscription->take(events) && std::chrono::steady_clock::now() < deadline) commit(value++);
  ASSERT_FALSE(events.empty());
  EXPECT_GE(values(events).front(), 2);
}

TEST_F(HubTest, ThereIsALimitToSubscriptionsAndEndingOneMakesRoom) {
  start();
  const auto first = subscribe();
  const auto second = subscribe();
  const auto third = subscribe();
  ASSERT_TRUE(first && second && third);
  EXPECT_FALSE(subscribe());
  hub_->unsubscribe(second);
  hub_->unsubscribe(second);
  EXPECT_EQ(hub_->subscriptions(), 2u);
  const auto again = subscribe();
  ASSERT_TRUE(again);
  EXPECT_FALSE(subscribe());
  commit(1);
  EXPECT_EQ(values(take(again, 1)), (std::vector<std::int64_t>{1}));
  std::vector<Event> none;
  EXPECT_FALSE(second->take(none));
}

TEST_F(HubTest, AFollowerIsShownNothingFromBeforeItWasInterested) {
  start();
  for (std::int64_t value = 1; value <= 3; ++value) commit(value);
  follower_.want_from(4);
  commit(4);
  EXPECT_EQ(follower_.await(1), (std::vector<std::uint64_t>{4}));
}

TEST_F(HubTest, NorIfASubscriptionFollowsAtTheSameTime) {
  start();
  for (std::int64_t value = 1; value <= 3; ++value) commit(value);
  follower_.want_from(4);
  const auto subscription = subscribe();
  let_worker_finish();
  commit(4);
  EXPECT_EQ(follower_.await(1), (std::vector<std::uint64_t>{4}));
  EXPECT_EQ(values(take(subscription, 1)), (std::vector<std::int64_t>{4}));
}

TEST_F(HubTest, WhoComesWhileTheLastOneGoesLosesNothing) {
  start();
  const auto first = subscribe();
  commit(1);
  EXPECT_EQ(values(take(first, 1)), (std::vector<std::int64_t>{1}));
  // The second has read the log to its end, and is about to follow.
  Gate about_to_follow;
  about_to_follow.shut();
  const auto second =
      hub_->subscribe({Viewer::Kind::consumer, consumer.value}, {}, {}, [&] { about_to_follow.pass(); });
  ASSERT_TRUE(about_to_follow.await());
  // The hub goes on for the first, who leaves while a record is on its way.
  commit(2);
  EXPECT_EQ(values(take(first, 1)), (std::vector<std::int64_t>{2}));
  snapshot_gate_.shut();
  commit(3);
  ASSERT_TRUE(snapshot_gate_.await());
  hub_->unsubscribe(first);
  about_to_follow.open();
  let_worker_finish();
  snapshot_gate_.open();
  EXPECT_EQ(values(take(second, 2)), (std::vector<std::int64_t>{2, 3}));
  hub_->unsubscribe(second);
}

TEST_F(HubTest, ADamagedLogEndsTheSubscription) {
  start();
  log_.fail_from(3, make_error(log::Errc::damaged, "damaged"));
  for (std::int64_t value = 1; value <= 4; ++value) commit(value);
  const auto reading = subscribe({}, Position{{1}, 0});
  EXPECT_EQ(values(take(reading, 2)), (std::vector<std::int64_t>{1, 2}));
  EXPECT_TRUE(fails(reading));
  EXPECT_EQ(log_.failures(), 1u) << "it does not try again and again";
  EXPECT_EQ(hub_->subscriptions(), 1u);
  hub_->unsubscribe(reading);
  EXPECT_EQ(hub_->subscriptions(), 0u);
}

TEST_F(HubTest, DamageThatTheHubMeetsEndsWhoFollows) {
  start();
  const auto following = subscribe();
  let_worker_finish();
  commit(1);
  EXPECT_EQ(values(take(following, 1)), (std::vector<std::int64_t>{1}));
  log_.fail_from(2, make_error(log::Errc::damaged, "damaged"));
  commit(2);
  EXPECT_TRUE(fails(following));
  EXPECT_EQ(log_.failures(), 2u) << "once by the hub, once for the subscription";
}

TEST_F(HubTest, WhenTheDiskFailsForAMomentWhoFollowsGoesOnAfterIt) {
  start();
  const auto following = subscribe();
  let_worker_finish();
  follower_.want_from(1);
  commit(1);
  EXPECT_EQ(values(take(following, 1)), (std::vector<std::int64_t>{1}));
  log_.fail_from(2, system_error(EMFILE, "opening"));
  commit(2);
  log_.await_failures(3);
  log_.fail_from(0, {});
  EXPECT_EQ(values(take(following, 1)), (std::vector<std::int64_t>{2}));
  EXPECT_FALSE(following->has_failed());
  EXPECT_EQ(follower_.await(2), (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(HubTest, AFollowerGoesOnWhereACutLogBegins) {
  start();
  // While it is not interested, the hub does not look at the log.
  for (std::int64_t value = 1; value <= 4; ++value) commit(value);
  log_.cut_before(4);
  follower_.want_from(2);
  commit(5);
  EXPECT_EQ(follower_.await(2), (std::vector<std::uint64_t>{4, 5}));
}

}  // namespace
}  // namespace iot::live
