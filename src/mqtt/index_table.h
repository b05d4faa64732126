// A hash table of 32-bit ids, for things that lie in a vector and are found by what they are: it holds no keys itself,
// the caller compares. Eight bytes a slot, three quarters of them filled at most. Id 0 stands for nothing.
#pragma once

#include <cassert>
#include <cstdint>
#include <vector>

namespace iot::mqtt {

class IndexTable {
 public:
  std::size_t size() const noexcept { return size_; }
  std::size_t memory_bytes() const noexcept { return slots_.capacity() * sizeof(Slot); }

  /// The id with this hash for which is_wanted(id) holds, or 0.
  template <class IsWanted>
  std::uint32_t find(std::uint32_t hash, IsWanted&& is_wanted) const {
    if (size_ == 0) return 0;
    for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.id == 0) return 0;
      if (slot.hash == hash && is_wanted(slot.id)) return slot.id;
    }
  }

  /// Adds an id that is not there.
  void insert(std::uint32_t hash, std::uint32_t id) {
    assert(id != 0);
    if ((size_ + 1) * 4 > slots_.size() * 3) grow();
    place({hash, id});
    ++size_;
  }

  /// Takes out an id that is there.
  void erase(std::uint32_t hash, std::uint32_t id) noexcept {
    std::size_t gap = hash & mask();
    while (slots_[gap].id != id) {
      assert(slots_[gap].id != 0);
      gap = (gap + 1) & mask();
    }
    // What follows moves up, so that no search ends at the gap too early; no slot is left to be skipped later.
    for (std::size_t at = (gap + 1) & mask(); slots_[at].id != 0; at = (at + 1) & mask()) {
      const std::size_t wanted = slots_[at].hash & mask();
      const bool may_move = ((at - wanted) & mask()) >= ((at - gap) & mask());
      if (!may_move) continue;
      slots_[gap] = slots_[at];
      gap = at;
    }
    slots_[gap] = {};
    --size_;
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t id = 0;
  };

  std::size_t mask() const noexcept { return slots_.size() - 1; }

  void place(Slot slot) noexcept {
    std::size_t at = slot.hash & mask();
    while (slots_[at].id != 0) at = (at + 1) & mask();
    slots_[at] = slot;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 16 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.id != 0) place(slot);
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace iot::mqtt
