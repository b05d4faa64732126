#include "broker/ack_queue.h"

#include <algorithm>
#include <utility>

namespace iot::broker {

void AckQueue::push(Entry entry) {
  pubacks_ += is_puback(entry);
  packets_ += is_packet(entry);
  if (entries_.full()) entries_.set_capacity(std::max<std::size_t>(8, entries_.capacity() * 2));
  entries_.push_back(std::move(entry));
}

bool AckQueue::awaits_batch(mqtt::PacketType type, std::uint16_t packet_id) const noexcept {
  return std::ranges::any_of(entries_, [&](const Entry& entry) {
    return entry.batch != 0 && entry.type == type && entry.packet_id == packet_id;
  });
}

const AckQueue::Entry* AckQueue::due(std::uint64_t durable) const noexcept {
  if (entries_.empty()) return nullptr;
  const Entry& first = entries_.front();
  return first.batch == 0 && first.commit <= durable ? &first : nullptr;
}

void AckQueue::pop() {
  const Entry& first = entries_.front();
  pubacks_ -= is_puback(first);
  packets_ -= is_packet(first);
  entries_.pop_front();
}

}  // namespace iot::broker
