#include "net/read_buffer.h"

#include <algorithm>
#include <cstring>

namespace iot::net {

std::span<char> ReadBuffer::free_space() {
  const std::size_t size = end_ - begin_;
  if (end_ == capacity_) {
    if (begin_ >= size && begin_ > 0) {
      // At least half is free at the front: moving costs less than it makes room for.
      std::memcpy(storage_.get(), storage_.get() + begin_, size);
    } else {
      const std::size_t larger = std::max(initial_bytes, 2 * capacity_);
      // The padding is read, never looked at, but reading what was never written would worry the sanitizers.
      auto storage = std::make_unique_for_overwrite<char[]>(larger + padding_bytes);
      std::memset(storage.get() + larger, 0, padding_bytes);
      if (size > 0) std::memcpy(storage.get(), storage_.get() + begin_, size);
      storage_ = std::move(storage);
      capacity_ = larger;
    }
    begin_ = 0;
    end_ = size;
  }
  return {storage_.get() + end_, capacity_ - end_};
}

void ReadBuffer::consume(std::size_t count) noexcept {
  begin_ += count;
  if (begin_ == end_) begin_ = end_ = 0;
}

void ReadBuffer::take_out(std::size_t offset, std::size_t count) noexcept {
  std::memmove(storage_.get() + begin_ + count, storage_.get() + begin_, offset);
  begin_ += count;
}

void ReadBuffer::release() noexcept {
  if (begin_ != end_) return;
  storage_.reset();
  capacity_ = begin_ = end_ = 0;
}

}  // namespace iot::net
