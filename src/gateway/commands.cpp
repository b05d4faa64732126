#include "gateway/commands.h"

#include <algorithm>
#include <optional>

#include "base/logging.h"

namespace iot::gateway {

using registry::CommandAnswer;
using registry::CommandProgress;
using registry::CommandState;

namespace {

/// Of a command, or of one that is about to be.
std::size_t bytes_of(const auto& command) noexcept {
  // What an entry takes beside its texts, about.
  constexpr std::size_t entry_bytes = 256;
  return command.name.size() + command.payload.size() + entry_bytes;
}

/// How long drain() waits before it offers again what the registry had no room for.
constexpr std::chrono::milliseconds retry_interval{20};

}  // namespace

struct Commands::Later {
  bool has_progress = false;
  struct Answer {
    std::function<void(PollOutcome, std::vector<Command>)> call;
    PollOutcome outcome;
    std::vector<Command> commands;
  };
  std::vector<Answer> answers;
};

Result<std::unique_ptr<Commands>> Commands::open(registry::Registry& registry, const Clock& clock, Metrics& metrics,
                                                 const CommandLimits& limits) {
  std::unique_ptr<Commands> commands(new Commands(registry, clock, metrics, limits));
  IOT_TRY(auto waiting, commands->records_.waiting_commands());
  Later later;
  commands->load(std::move(waiting), later);
  commands->run(later);
  registry.on_withdrawal([raw = commands.get()](const registry::Withdrawal& withdrawal) { raw->withdraw(withdrawal); });
  return commands;
}

Commands::Commands(registry::Registry& registry, const Clock& clock, Metrics& metrics, const CommandLimits& limits)
    : registry_(registry),
      records_(registry.device_records()),
      clock_(clock),
      limits_(limits),
      created_(metrics.counter("iotplatform_commands_created_total", "Commands to devices that were taken")),
      delivered_(metrics.counter("iotplatform_commands_delivered_total", "Commands that devices have received")),
      expired_(metrics.counter("iotplatform_commands_expired_total", "Commands whose time was over before that")),
      answered_(metrics.counter("iotplatform_commands_answered_total", "Commands that devices have answered")),
      answers_refused_(
          metrics.counter("iotplatform_command_answers_refused_total",
                          "Answers to commands that were not taken: there is no such command, or too many at once")),
      polls_refused_(metrics.counter("iotplatform_command_polls_refused_total",
                                     "Long polls for commands that were refused because too many wait")) {}

void Commands::load(std::vector<Command> waiting, Later& later) {
  const std::lock_guard lock(mutex_);
  for (Command& command : waiting) {
    // The connection that it was sent on is gone with the process that had it.
    if (command.state == CommandState::sent) set_state(command, CommandState::queued, later);
    insert(std::move(command));
  }
}

void Commands::insert(Command command) {
  count_bytes(command.user, static_cast<std::ptrdiff_t>(bytes_of(command)));
  expiries_.emplace(command.expires, std::pair(command.device, command.id));
  auto& entries = devices_[command.device].entries;
  const CommandId id = command.id;
  entries.emplace(id, Entry{std::move(command), 0});
}

void Commands::erase(Device& device, std::map<CommandId, Entry>::iterator found) {
  const Entry& entry = found->second;
  count_bytes(entry.command.user, -static_cast<std::ptrdiff_t>(bytes_of(entry.command)));
  for (Listener& listener : device.listeners) {
    if (listener.id == entry.holder) --listener.in_flight;
  }
  const auto [first, last] = expiries_.equal_range(entry.command.expires);
  const auto due = std::find_if(first, last, [&](const auto& one) { return one.second.second == entry.command.id; });
  if (due != last) expiries_.erase(due);
  device.entries.erase(found);
}

void Commands::count_bytes(UserId user, std::ptrdiff_t bytes) {
  waiting_bytes_ += static_cast<std::size_t>(bytes);
  std::size_t& of_user = bytes_by_user_[user];
  of_user += static_cast<std::size_t>(bytes);
  if (of_user == 0) bytes_by_user_.erase(user);
}

bool Commands::has_room(UserId user, std::size_t bytes) const {
  const auto of_user = bytes_by_user_.find(user);
  return waiting_bytes_ + bytes <= limits_.waiting_bytes_max &&
         (of_user == bytes_by_user_.end() ? 0 : of_user->second) + bytes <= limits_.waiting_bytes_per_user_max;
}

void Commands::set_state(Command& command, CommandState state, Later& later) {
  command.state = state;
  ++command.revision;
  if (state == CommandState::sent) command.sent = clock_.now();
  if (state == CommandState::delivered) command.delivered = clock_.now();
  unstored_[command.id] = {command.id, state, command.revision, command.sent, command.delivered};
  later.has_progress = true;
}

void Commands::create(registry::Actor actor, registry::NewCommand command, registry::Done<Command> done) {
  const UserId user = actor.user;
  const auto bytes = static_cast<std::ptrdiff_t>(bytes_of(command));
  bool has_room_now = false;
  {
    const std::lock_guard lock(mutex_);
    has_room_now = has_room(user, bytes_of(command));
    // Held until it is known whether it is made, so that many at once do not pass together.
    if (has_room_now) count_bytes(user, bytes);
  }
  if (!has_room_now) {
    return done(make_error(registry::Errc::overloaded, "too many commands wait for devices: try again later"));
  }
  const auto made_or_not = [this, user, bytes, done = std::move(done)](Result<Command> made) {
    Later later;
    {
      const std::lock_guard lock(mutex_);
      count_bytes(user, -bytes);
      if (made) {
        insert(*made);
        Device& device = devices_[made->device];
        offer(made->device, device, later);
        *made = device.entries.at(made->id).command;
      }
    }
    if (made) created_.Increment();
    run(later);
    done(std::move(made));
  };
  records_.create_command(std::move(actor), std::move(command), made_or_not);
}

ListenerId Commands::listen(DeviceId id, Send send) {
  Later later;
  ListenerId listener = 0;
  {
    const std::lock_guard lock(mutex_);
    listener = ++last_number_;
    Device& device = devices_[id];
    device.listeners.push_back({listener, std::move(send), 0});
    offer(id, device, later);
  }
  run(later);
  return listener;
}

void Commands::stop_listening(DeviceId id, ListenerId listener) {
  Later later;
  {
    const std::lock_guard lock(mutex_);
    const auto found = devices_.find(id);
    if (found == devices_.end()) return;
    Device& device = found->second;
    std::erase_if(device.listeners, [&](const Listener& one) { return one.id == listener; });
    for (auto& [command, entry] : device.entries) {
      if (entry.holder != listener) continue;
      entry.holder = 0;
      set_state(entry.command, CommandState::queued, later);
    }
    offer(id, device, later);
    forget_if_empty(id);
  }
  run(later);
}

void Commands::offer(DeviceId id, Device& device, Later& later) {
  if (!device.listeners.empty()) {
    Listener& listener = device.listeners.back();
    for (auto& [command, entry] : device.entries) {
      if (listener.in_flight >= limits_.in_flight_per_connection_max) break;
      if (!is_free(entry)) continue;
      if (!listener.send(entry.command)) {
        if (!std::exchange(device.is_crowded, true)) crowded_.push_back(id);
        break;
      }
      entry.holder = listener.id;
      ++listener.in_flight;
      set_state(entry.command, CommandState::sent, later);
    }
    return;
  }
  while (!device.polls.empty() &&
         std::ranges::any_of(device.entries, [](const auto& one) { return is_free(one.second); })) {
    WaitingPoll waiting = std::move(device.polls.back());
    device.polls.pop_back();
    --polls_;
    const bool is_gone = waiting.poll.is_gone();
    later.answers.push_back({std::move(waiting.poll.answer), PollOutcome::answered,
                             is_gone ? std::vector<Command>() : take_for_poll(device, later)});
    // One poll takes what there is.
    if (!is_gone) break;
  }
}

std::vector<Commands::Command> Commands::take_for_poll(Device& device, Later& later) {
  std::vector<Command> taken;
  std::size_t bytes = 0;
  for (auto& [command, entry] : device.entries) {
    if (!is_free(entry)) continue;
    bytes += bytes_of(entry.command);
    if (taken.size() >= limits_.commands_per_poll_max || (bytes > limits_.bytes_per_poll_max && !taken.empty())) break;
    if (entry.command.state == CommandState::queued) set_state(entry.command, CommandState::sent, later);
    taken.push_back(entry.command);
  }
  return taken;
}

Commands::PollRefusal Commands::wait_for(DeviceId id, Poll poll) {
  Later later;
  PollRefusal refusal = PollRefusal::none;
  {
    const std::lock_guard lock(mutex_);
    const auto found = devices_.find(id);
    if (found != devices_.end()) end_polls_of_the_gone(found->second, later);
    // What it was let in by may have been withdrawn before anybody knew of this poll: then it asks again, at once.
    const bool may_be_withdrawn = poll.registry_version != registry_.version();
    const auto taken =
        found == devices_.end() || may_be_withdrawn ? std::vector<Command>() : take_for_poll(found->second, later);
    if (may_be_withdrawn || !taken.empty() || is_stopped_ || poll.deadline <= clock_.now()) {
      later.answers.push_back({std::move(poll.answer), PollOutcome::answered, taken});
    } else if (polls_ >= limits_.polls_max) {
      refusal = PollRefusal::too_many;
    } else if (found != devices_.end() && found->second.polls.size() >= limits_.polls_per_device_max) {
      refusal = PollRefusal::too_many_of_device;
    } else {
      const std::uint64_t number = ++last_number_;
      poll_deadlines_.emplace(poll.deadline, std::pair(id, number));
      devices_[id].polls.push_back({number, std::move(poll)});
      ++polls_;
    }
  }
  if (refusal != PollRefusal::none) polls_refused_.Increment();
  run(later);
  return refusal;
}

void Commands::finish(DeviceId id, CommandId command, CommandState state, Later& later) {
  const auto found = devices_.find(id);
  if (found == devices_.end()) return;
  Device& device = found->second;
  const auto entry = device.entries.find(command);
  if (entry == device.entries.end()) return;
  set_state(entry->second.command, state, later);
  if (state == CommandState::delivered) delivered_.Increment();
  if (state == CommandState::expired) expired_.Increment();
  erase(device, entry);
  offer(id, device, later);
  forget_if_empty(id);
}

void Commands::delivered(DeviceId device, CommandId command) {
  Later later;
  {
    const std::lock_guard lock(mutex_);
    finish(device, command, CommandState::delivered, later);
  }
  run(later);
}

void Commands::refused(DeviceId device, CommandId command) {
  Later later;
  {
    const std::lock_guard lock(mutex_);
    finish(device, command, CommandState::failed, later);
  }
  run(later);
}

void Commands::delivered_through(DeviceId id, CommandId last) {
  Later later;
  {
    const std::lock_guard lock(mutex_);
    const auto found = devices_.find(id);
    if (found == devices_.end()) return;
    std::vector<CommandId> received;
    for (const auto& [command, entry] : found->second.entries) {
      if (command > last) break;
      // What it never got cannot be among what it has.
      if (is_free(entry) && entry.command.state == CommandState::sent) received.push_back(command);
    }
    for (const CommandId command : received) finish(id, command, CommandState::delivered, later);
  }
  run(later);
}

void Commands::answered(const Command& command) {
  answered_.Increment();
  Later later;
  {
    const std::lock_guard lock(mutex_);
    const auto found = devices_.find(command.device);
    if (found == devices_.end()) return;
    const auto entry = found->second.entries.find(command.id);
    if (entry == found->second.entries.end()) return;
    // Answered before it was confirmed: the answer says both.
    delivered_.Increment();
    erase(found->second, entry);
    offer(command.device, found->second, later);
    forget_if_empty(command.device);
  }
  run(later);
}

void Commands::end_polls(Device& device, Later& later) {
  for (WaitingPoll& waiting : device.polls) {
    later.answers.push_back({std::move(waiting.poll.answer), PollOutcome::answered, {}});
  }
  polls_ -= device.polls.size();
  device.polls.clear();
}

void Commands::end_polls_of_the_gone(Device& device, Later& later) {
  std::erase_if(device.polls, [&](WaitingPoll& waiting) {
    if (!waiting.poll.is_gone()) return false;
    later.answers.push_back({std::move(waiting.poll.answer), PollOutcome::answered, {}});
    --polls_;
    return true;
  });
}

void Commands::forget_if_empty(DeviceId id) {
  const auto found = devices_.find(id);
  if (found != devices_.end() && found->second.is_empty()) devices_.erase(found);
}

void Commands::withdraw(const registry::Withdrawal& withdrawal) {
  Later later;
  {
    const std::lock_guard lock(mutex_);
    for (const registry::RevokedKey& key : withdrawal.keys) {
      if (key.kind != registry::SubjectKind::device) continue;
      const auto found = devices_.find(DeviceId{key.id});
      if (found == devices_.end()) continue;
      const bool is_removed = !key.key_version;
      withdraw_polls(found->second, later, [&](const Poll& poll) { return is_removed || !poll.certificate; });
      while (is_removed && !found->second.entries.empty()) erase(found->second, found->second.entries.begin());
      forget_if_empty(DeviceId{key.id});
    }
    for (const registry::RemovedCertificate& removed : withdrawal.certificates) {
      const auto found = devices_.find(removed.device);
      if (found == devices_.end()) continue;
      withdraw_polls(found->second, later, [&](const Poll& poll) { return poll.certificate == removed.fingerprint; });
      forget_if_empty(removed.device);
    }
  }
  run(later);
}

void Commands::withdraw_polls(Device& device, Later& later, const std::function<bool(const Poll&)>& is_meant) {
  polls_ -= std::erase_if(device.polls, [&](WaitingPoll& waiting) {
    if (!is_meant(waiting.poll)) return false;
    later.answers.push_back({std::move(waiting.poll.answer), PollOutcome::withdrawn, {}});
    return true;
  });
}

void Commands::tick() {
  Later later;
  {
    const std::lock_guard lock(mutex_);
    const Timestamp now = clock_.now();
    while (!expiries_.empty() && expiries_.begin()->first <= now) {
      const auto [device, command] = expiries_.begin()->second;
      expiries_.erase(expiries_.begin());
      finish(device, command, CommandState::expired, later);
    }
    while (!poll_deadlines_.empty() && poll_deadlines_.begin()->first <= now) {
      const auto [id, number] = poll_deadlines_.begin()->second;
      poll_deadlines_.erase(poll_deadlines_.begin());
      const auto found = devices_.find(id);
      if (found == devices_.end()) continue;
      auto& polls = found->second.polls;
      const auto poll = std::ranges::find(polls, number, &WaitingPoll::number);
      if (poll == polls.end()) continue;
      later.answers.push_back({std::move(poll->poll.answer), PollOutcome::answered, {}});
      polls.erase(poll);
      --polls_;
      forget_if_empty(id);
    }
    for (const DeviceId id : std::exchange(crowded_, {})) {
      const auto found = devices_.find(id);
      if (found == devices_.end()) continue;
      found->second.is_crowded = false;
      offer(id, found->second, later);
    }
  }
  run(later);
  store_progress();
  retry_answers();
}

void Commands::stop() {
  Later later;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    for (auto& [id, device] : devices_) end_polls(device, later);
  }
  run(later);
}

std::size_t Commands::waiting(DeviceId device) const {
  const std::lock_guard lock(mutex_);
  const auto found = devices_.find(device);
  return found == devices_.end() ? 0 : found->second.entries.size();
}

std::size_t Commands::polls() const {
  const std::lock_guard lock(mutex_);
  return polls_;
}

void Commands::run(Later& later) {
  if (later.has_progress) store_progress();
  for (Later::Answer& answer : later.answers) answer.call(answer.outcome, std::move(answer.commands));
}

void Commands::store_progress() {
  std::vector<CommandProgress> taken;
  {
    const std::lock_guard lock(mutex_);
    while (!unstored_.empty() && writes_waiting_ < limits_.writes_waiting_max) {
      taken.push_back(unstored_.begin()->second);
      unstored_.erase(unstored_.begin());
      ++writes_waiting_;
    }
  }
  for (const CommandProgress& progress : taken) {
    records_.update_command(progress, [this, progress](const Result<void>& outcome) { stored(progress, outcome); });
  }
}

void Commands::stored(const CommandProgress& progress, const Result<void>& outcome) {
  {
    const std::lock_guard lock(mutex_);
    --writes_waiting_;
    // A newer state that waits is kept; where there is none, this one is tried again with the next tick.
    if (!outcome && failure_of(outcome.error()) == Failure::unavailable) unstored_.try_emplace(progress.id, progress);
    stored_.notify_all();
  }
  // Not after a failure, which may be told from within store_progress().
  if (outcome) store_progress();
}

void Commands::drain(std::chrono::steady_clock::time_point deadline) {
  const auto is_settled = [&] { return unstored_.empty() && writes_waiting_ == 0 && answers_.empty(); };
  for (;;) {
    store_progress();
    retry_answers();
    std::unique_lock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (stored_.wait_until(lock, std::min(deadline, now + retry_interval), is_settled)) return;
    if (now < deadline) continue;
    return log_error("what became of commands could not be stored in time",
                     {{"states", unstored_.size() + writes_waiting_}, {"devices_with_answers", answers_.size()}});
  }
}

}  // namespace iot::gateway
