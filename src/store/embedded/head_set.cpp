#include "store/embedded/head_set.h"

#include <cassert>

namespace iot::store {
namespace {

constexpr std::size_t initial_slots = 16;
/// What a part costs besides its readings: the list's entry, the chunk's string.
constexpr std::size_t part_overhead_bytes = 160;

}  // namespace

std::size_t memory_bytes(const HeadView& view) noexcept {
  return HeadBuffer::allocation_bytes(view.buffer->capacity()) +
         (view.texts ? TextBuffer::allocation_bytes(view.texts->capacity()) : 0);
}

HeadSet::HeadSet() : bytes(initial_slots * sizeof(Head)), table_(initial_slots), mask_(initial_slots - 1) {}

Head* HeadSet::find(SensorId sensor) noexcept {
  Head& head = table_[slot_of(sensor)];
  return head.buffer ? &head : nullptr;
}

Head& HeadSet::find_or_add(SensorId sensor) {
  assert(sensor != no_sensor);
  std::size_t slot = slot_of(sensor);
  if (table_[slot].sensor == no_sensor) {
    if ((used_slots_ + 1) * 4 > table_.size() * 3) {
      grow_table();
      slot = slot_of(sensor);
    }
    ++used_slots_;
    table_[slot].sensor = sensor;
  }
  return table_[slot];
}

void HeadSet::grow_table() {
  std::vector<Head> old(table_.size() * 2);
  old.swap(table_);
  mask_ = table_.size() - 1;
  bytes += old.size() * sizeof(Head);
  for (Head& head : old) {
    if (head.sensor != no_sensor) table_[slot_of(head.sensor)] = std::move(head);
  }
}

void HeadSet::seal(Head& head) {
  auto& parts = parts_[head.sensor];
  parts.push_back({head.view(), nullptr});
  bytes += part_overhead_bytes;
  unencoded.push_back(head.sensor);
  head.buffer = nullptr;
  head.count = head.sorted = 0;
  --head_count_;
}

const std::vector<Part>* HeadSet::parts(SensorId sensor) const noexcept {
  const auto found = parts_.find(sensor);
  return found == parts_.end() ? nullptr : &found->second;
}

std::vector<Part>* HeadSet::parts(SensorId sensor) noexcept {
  const auto found = parts_.find(sensor);
  return found == parts_.end() ? nullptr : &found->second;
}

std::size_t HeadSet::remove(SensorId sensor) {
  std::size_t freed = 0;
  if (Head* head = find(sensor)) {
    freed += memory_bytes(head->view());
    head->buffer = nullptr;
    head->count = head->sorted = 0;
    --head_count_;
  }
  if (const auto found = parts_.find(sensor); found != parts_.end()) {
    for (const Part& part : found->second) {
      freed += part_overhead_bytes + (part.chunk ? part.chunk->memory_bytes() : memory_bytes(part.raw));
    }
    parts_.erase(found);
  }
  bytes -= freed;
  return freed;
}

std::vector<SensorId> HeadSet::sensors() const {
  std::vector<SensorId> found;
  found.reserve(head_count_ + parts_.size());
  for (const auto& [sensor, parts] : parts_) found.push_back(sensor);
  for (const Head& head : table_) {
    if (head.buffer && !parts_.contains(head.sensor)) found.push_back(head.sensor);
  }
  return found;
}

}  // namespace iot::store
