// What devices answer to commands, on its way to the registry.
#include <utility>

#include "gateway/commands.h"

namespace iot::gateway {

void Commands::answer(DeviceId device, CommandId command, std::string_view payload, registry::Done<Command> done) {
  if (!begin_answer(device, limits_.answers_per_device_max)) {
    answers_refused_.Increment();
    return done(make_error(registry::Errc::overloaded, "too many answers of this device are on their way"));
  }
  CommandResponse response = read_response(payload);
  records_.answer_command({device, command, response.has_failed, std::move(response.json)},
                          [this, device, done = std::move(done)](Result<Command> outcome) {
                            end_answer(device);
                            outcome ? answered(*outcome) : answers_refused_.Increment();
                            done(std::move(outcome));
                          });
}

void Commands::note_answer(DeviceId device, CommandId command, std::string_view payload, registry::Done<Command> done) {
  begin_answer(device, SIZE_MAX);
  CommandResponse response = read_response(payload);
  store_answer({{device, command, response.has_failed, std::move(response.json)}, std::move(done)});
}

void Commands::store_answer(UnstoredAnswer answer) {
  records_.answer_command(answer.answer, [this, answer](Result<Command> outcome) {
    if (!outcome && failure_of(outcome.error()) == Failure::unavailable) {
      const std::lock_guard lock(mutex_);
      return unstored_answers_.push_back(answer);
    }
    end_answer(answer.answer.device);
    outcome ? answered(*outcome) : answers_refused_.Increment();
    answer.done(std::move(outcome));
  });
}

void Commands::retry_answers() {
  std::vector<UnstoredAnswer> answers;
  {
    const std::lock_guard lock(mutex_);
    answers.swap(unstored_answers_);
  }
  for (UnstoredAnswer& answer : answers) store_answer(std::move(answer));
}

bool Commands::begin_answer(DeviceId device, std::size_t count_max) {
  const std::lock_guard lock(mutex_);
  std::size_t& count = answers_[device];
  if (count >= count_max) return false;
  ++count;
  return true;
}

void Commands::end_answer(DeviceId device) {
  const std::lock_guard lock(mutex_);
  const auto found = answers_.find(device);
  if (--found->second == 0) answers_.erase(found);
  stored_.notify_all();
}

}  // namespace iot::gateway
