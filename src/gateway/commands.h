// Commands to devices on their way: which wait, which connection has which, and what became of them.
//
// The registry's database (registry/device_records.h) is what remembers; here are the waiting ones of each device, so
// that a device gets its commands without a question to the database. Each command is on one connection at a time: the
// one that listened last. When that ends before the device has said that it has the command, the command waits again,
// or goes to another connection: so a device may get one twice, and tells it by its id. A command that is sent over
// HTTP is with the device until it is confirmed, asked for again, or sent over a connection that listens.
//
// Thread-safe. One lock, under which connections are handed commands (Send); the registry and those who wait are called
// without it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/failure.h"
#include "base/fingerprint.h"
#include "base/metrics.h"
#include "gateway/command_messages.h"
#include "registry/device_records.h"

namespace iot::gateway {

struct CommandLimits {
  /// Sent on one connection and not confirmed; further ones wait.
  std::size_t in_flight_per_connection_max = 32;
  /// Long polls that wait: of one device, and of all.
  std::size_t polls_per_device_max = 4;
  std::size_t polls_max = 20'000;
  /// In the answer to one poll.
  std::size_t commands_per_poll_max = 100;
  std::size_t bytes_per_poll_max = 1u << 20;
  /// Names and payloads of all that wait, which are in memory; past it new ones are refused.
  std::size_t waiting_bytes_max = 256u << 20;
  /// The same of those that one user has sent.
  std::size_t waiting_bytes_per_user_max = 64u << 20;
  /// Answers of one device on their way to the registry; further ones are refused.
  std::size_t answers_per_device_max = 64;
  /// Changes of state on their way to the registry. Further ones wait here, the last one of each command: a device
  /// whose connections come and go does not fill the registry's queue.
  std::size_t writes_waiting_max = 256;
};

/// A connection that listens; 0: none.
using ListenerId = std::uint64_t;

class Commands {
 public:
  using Command = registry::DeviceCommand;
  using CommandId = registry::CommandId;
  /// Hands a command to a connection; false if that has no room now. Any thread, under the lock: take note and return.
  using Send = std::function<bool(const Command&)>;

  enum class PollOutcome : std::uint8_t {
    answered,   ///< with what there is: nothing, if the time is over
    withdrawn,  ///< the device's key was withdrawn meanwhile, or the device removed
  };
  struct Poll {
    Timestamp deadline;
    /// By which the device has proved itself; nothing: by a token.
    std::optional<Fingerprint> certificate;
    /// Of the registry when that was looked at.
    std::uint64_t registry_version = 0;
    /// Whether the client has gone: then it is given nothing. Under the lock.
    std::function<bool()> is_gone;
    /// Once, on any thread, also from within wait_for().
    std::function<void(PollOutcome, std::vector<Command>)> answer;
  };
  enum class PollRefusal : std::uint8_t { none, too_many_of_device, too_many };

  /// Reads what waits. `registry`, `clock` and `metrics` must outlive the object, which must outlive what the registry
  /// still has to write (Registry::stop()). Errors of the registry.
  static Result<std::unique_ptr<Commands>> open(registry::Registry& registry, const Clock& clock, Metrics& metrics,
                                                const CommandLimits& limits);

  /// Makes a command, and sends it if the device listens. The command as it is then; errors as
  /// registry::DeviceRecords::create_command, and Errc::overloaded past waiting_bytes_max.
  void create(registry::Actor actor, registry::NewCommand command, registry::Done<Command> done);

  /// From now on the device hears commands by `send`.
  ListenerId listen(DeviceId device, Send send);
  /// What the listener was sent and has not confirmed waits again.
  void stop_listening(DeviceId device, ListenerId listener);

  /// The device has the command, or has refused to take it.
  void delivered(DeviceId device, CommandId command);
  void refused(DeviceId device, CommandId command);
  /// The device has answered. Errors as registry::DeviceRecords::answer_command, and Errc::overloaded past
  /// answers_per_device_max.
  void answer(DeviceId device, CommandId command, std::string_view payload, registry::Done<Command> done);
  /// The same for who cannot be told to try again: done again by itself where the registry has no room, and never
  /// refused for its number, which the caller bounds.
  void note_answer(DeviceId device, CommandId command, std::string_view payload, registry::Done<Command> done);

  /// Over HTTP: everything up to `id` has been received.
  void delivered_through(DeviceId device, CommandId id);
  /// Gives the device what waits and is not on its way over a connection, or, while that is nothing, waits for it.
  PollRefusal wait_for(DeviceId device, Poll poll);

  /// Ends what is past its time. Several times a second.
  void tick();
  /// Ends polls, and lets none wait from now on.
  void stop();
  /// Waits until what has happened is stored, or `deadline` has passed. Before Registry::stop(); not from a callback.
  void drain(std::chrono::steady_clock::time_point deadline);

  /// How many commands of the device wait or are on their way.
  std::size_t waiting(DeviceId device) const;
  /// How many polls wait.
  std::size_t polls() const;

 private:
  struct Entry {
    Command command;
    ListenerId holder = 0;
  };
  struct Listener {
    ListenerId id = 0;
    Send send;
    std::size_t in_flight = 0;
  };
  struct WaitingPoll {
    std::uint64_t number = 0;
    Poll poll;
  };
  struct Device {
    std::map<CommandId, Entry> entries;
    std::vector<Listener> listeners;  ///< the latest last
    std::vector<WaitingPoll> polls;
    bool is_crowded = false;  ///< is in crowded_

    bool is_empty() const noexcept { return entries.empty() && listeners.empty() && polls.empty(); }
  };
  using Devices = std::unordered_map<DeviceId, Device>;
  /// What is done once the lock is free.
  struct Later;
  struct UnstoredAnswer {
    registry::CommandAnswer answer;
    registry::Done<Command> done;
  };

  Commands(registry::Registry& registry, const Clock& clock, Metrics& metrics, const CommandLimits& limits);
  void load(std::vector<Command> waiting, Later& later);
  void withdraw(const registry::Withdrawal& withdrawal);

  // Under the lock:
  void insert(Command command);
  void erase(Device& device, std::map<CommandId, Entry>::iterator entry);
  void set_state(Command& command, registry::CommandState state, Later& later);
  void finish(DeviceId device, CommandId command, registry::CommandState state, Later& later);
  /// Sends what can be sent to who listens or polls.
  void offer(DeviceId id, Device& device, Later& later);
  std::vector<Command> take_for_poll(Device& device, Later& later);
  void end_polls(Device& device, Later& later);
  void withdraw_polls(Device& device, Later& later, const std::function<bool(const Poll&)>& is_meant);
  void end_polls_of_the_gone(Device& device, Later& later);
  void forget_if_empty(DeviceId id);
  static bool is_free(const Entry& entry) noexcept { return entry.holder == 0; }

  void run(Later& later);
  /// Hands on what the registry may be given.
  void store_progress();
  void stored(const registry::CommandProgress& progress, const Result<void>& outcome);
  void store_answer(UnstoredAnswer answer);
  void retry_answers();
  /// One more of the device is on its way, unless that makes more than `count_max`: then false.
  bool begin_answer(DeviceId device, std::size_t count_max);
  void end_answer(DeviceId device);
  void answered(const Command& command);
  /// Under the lock.
  void count_bytes(UserId user, std::ptrdiff_t bytes);
  bool has_room(UserId user, std::size_t bytes) const;

  registry::Registry& registry_;
  registry::DeviceRecords& records_;
  const Clock& clock_;
  const CommandLimits limits_;
  Counter& created_;
  Counter& delivered_;
  Counter& expired_;
  Counter& answered_;
  Counter& answers_refused_;
  Counter& polls_refused_;

  mutable std::mutex mutex_;
  std::condition_variable stored_;
  // Under the lock, all of it:
  Devices devices_;
  std::multimap<Timestamp, std::pair<DeviceId, CommandId>> expiries_;
  std::multimap<Timestamp, std::pair<DeviceId, std::uint64_t>> poll_deadlines_;
  /// Devices whose connection had no room: looked at again with the next tick.
  std::vector<DeviceId> crowded_;
  std::size_t waiting_bytes_ = 0;
  std::unordered_map<UserId, std::size_t> bytes_by_user_;
  std::size_t polls_ = 0;
  std::uint64_t last_number_ = 0;
  bool is_stopped_ = false;
  /// What the registry has not been given yet, or had no room for.
  std::map<CommandId, registry::CommandProgress> unstored_;
  std::size_t writes_waiting_ = 0;
  std::vector<UnstoredAnswer> unstored_answers_;
  std::unordered_map<DeviceId, std::size_t> answers_;  ///< on their way
};

}  // namespace iot::gateway
