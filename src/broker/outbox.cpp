#include "broker/outbox.h"

#include <algorithm>
#include <utility>

#include <boost/assert.hpp>

namespace iot::broker {

bool Outbox::has_room(const Limits& limits, std::size_t bytes) const noexcept {
  // Ids must differ among all that are on their way.
  const std::size_t messages_max = std::min<std::size_t>(limits.messages_max, 65'535);
  // Not as many as there are entries: after a start numbers may be missing between them.
  const bool has_id = kept_.empty() || next_number_ - kept_.front().number < 65'535;
  return messages_ < messages_max && has_id && bytes_ + bytes <= limits.bytes_max;
}

void Outbox::append(Queue& queue, Outgoing&& outgoing) {
  if (queue.full()) queue.set_capacity(std::max<std::size_t>(4, queue.capacity() * 2));
  queue.push_back(std::move(outgoing));
}

void Outbox::account(const Outgoing& outgoing) noexcept {
  ++messages_;
  bytes_ += outgoing.message->memory_bytes();
}

void Outbox::discount(const Outgoing& outgoing) noexcept {
  --messages_;
  bytes_ -= outgoing.message->memory_bytes();
}

std::uint64_t Outbox::put(Outgoing outgoing) {
  account(outgoing);
  outgoing.stage = Outgoing::Stage::waiting;
  if (outgoing.qos == mqtt::Qos::at_most_once) {
    append(unkept_, std::move(outgoing));
    return 0;
  }
  outgoing.number = next_number_++;
  append(kept_, std::move(outgoing));
  return next_number_ - 1;
}

void Outbox::restore(Outgoing outgoing, bool is_released) {
  BOOST_ASSERT(cursor_ == 0 && (kept_.empty() || outgoing.number > kept_.back().number));
  using enum Outgoing::Stage;
  outgoing.stage = is_released ? released : outgoing.number <= sent_through_ ? sent : waiting;
  account(outgoing);
  next_number_ = std::max(next_number_, outgoing.number + 1);
  append(kept_, std::move(outgoing));
}

void Outbox::assume_all_sent() noexcept {
  for (Outgoing& outgoing : kept_) {
    if (outgoing.stage == Outgoing::Stage::waiting) outgoing.stage = Outgoing::Stage::sent;
  }
  sent_through_ = next_number_ - 1;
}

std::optional<Outbox::Next> Outbox::next(std::uint64_t durable, std::size_t in_flight_max) const noexcept {
  if (cursor_ < kept_.size() && in_flight_ < in_flight_max) {
    const Outgoing& outgoing = kept_[cursor_];
    if (outgoing.commit <= durable) {
      switch (outgoing.stage) {
        case Outgoing::Stage::waiting:
          return Next{Next::Kind::publish, &outgoing, false};
        case Outgoing::Stage::sent:
          return Next{Next::Kind::publish, &outgoing, true};
        case Outgoing::Stage::released:
          return Next{Next::Kind::release, &outgoing, false};
        case Outgoing::Stage::done:
          break;
      }
    }
  }
  if (!unkept_.empty()) return Next{Next::Kind::publish, &unkept_.front(), false};
  return {};
}

void Outbox::sent(const Next& next) {
  if (!next.is_kept()) {
    take_unkept();
    return;
  }
  Outgoing& outgoing = kept_[cursor_];
  if (outgoing.stage == Outgoing::Stage::waiting) outgoing.stage = Outgoing::Stage::sent;
  sent_through_ = std::max(sent_through_, outgoing.number);
  ++cursor_;
  ++in_flight_;
  settle();
}

Outgoing Outbox::drop(const Next& next) {
  return next.is_kept() ? finish(cursor_) : take_unkept();
}

Outgoing Outbox::take_unkept() {
  Outgoing outgoing = std::move(unkept_.front());
  unkept_.pop_front();
  discount(outgoing);
  if (unkept_.empty()) unkept_.set_capacity(0);
  return outgoing;
}

Outgoing Outbox::finish(std::size_t index) {
  Outgoing& outgoing = kept_[index];
  discount(outgoing);
  Outgoing finished = std::move(outgoing);
  outgoing.message.reset();
  outgoing.stage = Outgoing::Stage::done;
  settle();
  return finished;
}

void Outbox::settle() {
  while (cursor_ < kept_.size() && kept_[cursor_].stage == Outgoing::Stage::done) ++cursor_;
  while (!kept_.empty() && kept_.front().stage == Outgoing::Stage::done) {
    kept_.pop_front();
    --cursor_;
  }
  if (kept_.empty()) kept_.set_capacity(0);
}

std::size_t Outbox::find(std::uint16_t packet_id) const noexcept {
  if (kept_.empty() || packet_id == 0) return kept_.size();
  // Fewer than 65,535 numbers lie between the first and the last, so an id stands for one of them.
  const std::uint16_t first = packet_id_of(kept_.front().number);
  const std::size_t offset = (packet_id + 65'535u - first) % 65'535u;
  const auto begin = kept_.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(cursor_);
  const std::uint64_t number = kept_.front().number + offset;
  const auto found = std::lower_bound(begin, end, number,
                                      [](const Outgoing& one, std::uint64_t wanted) { return one.number < wanted; });
  if (found == end || found->number != number || found->stage == Outgoing::Stage::done) return kept_.size();
  return static_cast<std::size_t>(found - begin);
}

void Outbox::commit_release(std::uint16_t packet_id, std::uint64_t commit) noexcept {
  const std::size_t index = find(packet_id);
  if (index < kept_.size()) kept_[index].commit = commit;
}

Outbox::Acknowledged Outbox::acknowledge(mqtt::PacketType type, std::uint16_t packet_id, bool failed) {
  const std::size_t index = find(packet_id);
  if (index == kept_.size()) return {Acknowledged::Result::unknown, {}};
  Outgoing& outgoing = kept_[index];
  const bool is_qos_1 = outgoing.qos == mqtt::Qos::at_least_once;
  switch (type) {
    case mqtt::PacketType::puback:
      if (!is_qos_1) return {Acknowledged::Result::wrong, {}};
      break;
    case mqtt::PacketType::pubrec:
      if (is_qos_1) return {Acknowledged::Result::wrong, {}};
      if (failed) break;
      outgoing.stage = Outgoing::Stage::released;
      return {Acknowledged::Result::released, {}};
    case mqtt::PacketType::pubcomp:
      if (is_qos_1 || outgoing.stage != Outgoing::Stage::released) return {Acknowledged::Result::wrong, {}};
      break;
    default:
      return {Acknowledged::Result::wrong, {}};
  }
  --in_flight_;
  return {Acknowledged::Result::finished, finish(index)};
}

std::size_t Outbox::reset() {
  cursor_ = 0;
  in_flight_ = 0;
  for (Outgoing& outgoing : kept_) {
    if (!outgoing.ends_with_connection || outgoing.stage == Outgoing::Stage::done) continue;
    discount(outgoing);
    outgoing.message.reset();
    outgoing.stage = Outgoing::Stage::done;
  }
  settle();
  const std::size_t forgotten = unkept_.size();
  while (!unkept_.empty()) take_unkept();
  return forgotten;
}

}  // namespace iot::broker
