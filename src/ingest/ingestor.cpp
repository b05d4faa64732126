#include "ingest/ingestor.h"

#include <mutex>
#include <utility>

#include <boost/asio/post.hpp>

namespace iot::ingest {

namespace {

class Relay;

/// One message that waits for the log. Kept by its relay for the next message.
struct Waiter final : log::AppendWaiter {
  explicit Waiter(Relay& owner) : relay(owner) {}
  void appended(const Result<log::Position>& result) noexcept override;

  Relay& relay;
  Waiter* next = nullptr;
  Ingestor::Done done;
  std::size_t readings = 0;
  Result<log::Position> outcome = log::Position{};
};

/// A first-in, first-out list of waiters.
struct WaiterList {
  Waiter* first = nullptr;
  Waiter** last = &first;

  WaiterList() = default;
  WaiterList(const WaiterList&) = delete;
  bool empty() const noexcept { return !first; }
  void push(Waiter& waiter) noexcept {
    waiter.next = nullptr;
    *last = &waiter;
    last = &waiter.next;
  }
  /// Moves all of `other` to the end.
  void append(WaiterList& other) noexcept {
    if (other.empty()) return;
    *last = std::exchange(other.first, nullptr);
    last = std::exchange(other.last, &other.first);
  }
};

/// The way back from the log's thread to one event loop.
class Relay : public std::enable_shared_from_this<Relay> {
 public:
  Relay(boost::asio::any_io_executor executor, Counter& acknowledged, Counter& failed)
      : executor_(std::move(executor)), acknowledged_(acknowledged), failed_(failed) {}

  // On the loop.
  Waiter& take() {
    if (!free_) return *all_.emplace_back(std::make_unique<Waiter>(*this));
    return *std::exchange(free_, free_->next);
  }
  void give_back(Waiter& waiter) noexcept {
    waiter.done = nullptr;
    waiter.next = std::exchange(free_, &waiter);
  }

  // On the log's thread.
  void told(Waiter& waiter) noexcept { group_.push(waiter); }
  void group_ended() noexcept {
    if (group_.empty()) return;
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      wake = inbox_.empty();
      inbox_.append(group_);
    }
    // Whoever found the inbox empty wakes the loop, which takes all that is there by then.
    if (wake) boost::asio::post(executor_, [self = shared_from_this()] { self->deliver(); });
  }

 private:
  void deliver() {
    WaiterList delivered;
    {
      const std::lock_guard lock(mutex_);
      delivered.append(inbox_);
    }
    std::size_t acknowledged = 0;
    std::size_t failed = 0;
    for (Waiter* waiter = delivered.first; waiter;) {
      Waiter& present = *std::exchange(waiter, waiter->next);
      (present.outcome ? acknowledged : failed) += present.readings;
      const Ingestor::Done done = std::move(present.done);
      const Result<log::Position> outcome = std::move(present.outcome);
      // Given back first: what `done` submits may use it again.
      give_back(present);
      done(outcome);
    }
    if (acknowledged > 0) acknowledged_.Increment(static_cast<double>(acknowledged));
    if (failed > 0) failed_.Increment(static_cast<double>(failed));
  }

  boost::asio::any_io_executor executor_;
  Counter& acknowledged_;
  Counter& failed_;
  // Of the loop.
  std::vector<std::unique_ptr<Waiter>> all_;
  Waiter* free_ = nullptr;
  // Of the log's thread.
  WaiterList group_;
  // Of both.
  std::mutex mutex_;
  WaiterList inbox_;
};

void Waiter::appended(const Result<log::Position>& result) noexcept {
  outcome = result;
  relay.told(*this);
}

}  // namespace

struct Ingestor::State {
  explicit State(log::EventLog& event_log) : log(event_log) {}
  log::EventLog& log;
  Counter* refused = nullptr;
  std::vector<std::shared_ptr<Relay>> relays;
};

Ingestor::Ingestor(log::EventLog& log, Metrics& metrics, std::vector<boost::asio::any_io_executor> executors)
    : state_(std::make_unique<State>(log)) {
  const auto readings = [&](const char* outcome) -> Counter& {
    return metrics.counter("iotplatform_ingest_readings_total", "Readings handed to the event log, by outcome",
                           {{"outcome", outcome}});
  };
  state_->refused = &readings("refused");
  for (auto& executor : executors) {
    state_->relays.push_back(
        std::make_shared<Relay>(std::move(executor), readings("acknowledged"), readings("failed")));
  }
}

Ingestor::~Ingestor() = default;

void Ingestor::submit(std::size_t thread_index, const model::ReadingBatch& batch, Done done) {
  Relay& relay = *state_->relays[thread_index];
  Waiter& waiter = relay.take();
  waiter.done = std::move(done);
  waiter.readings = batch.size();
  // From here on the log's thread may have the waiter already, unless the log refuses.
  if (auto appended = state_->log.append(batch, waiter); !appended) {
    state_->refused->Increment(static_cast<double>(batch.size()));
    const Done refused = std::move(waiter.done);
    relay.give_back(waiter);
    refused(std::move(appended).error());
  }
}

std::size_t Ingestor::record_bytes_max() const noexcept {
  return state_->log.record_bytes_max();
}

void Ingestor::group_ended() noexcept {
  for (auto& relay : state_->relays) relay->group_ended();
}

}  // namespace iot::ingest
