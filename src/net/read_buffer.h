// The bytes that a connection received and has not answered yet: one contiguous run, always followed by the spare bytes
// that simdjson wants after a document, so that a body is parsed where it arrived.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace iot::net {

class ReadBuffer {
 public:
  /// Readable bytes (of any content) that follow the received ones.
  static constexpr std::size_t padding_bytes = 64;
  /// Holds a usual request, token included.
  static constexpr std::size_t initial_bytes = 4096;

  std::string_view bytes() const noexcept { return {storage_.get() + begin_, end_ - begin_}; }
  /// The same, for what is decoded in place.
  char* writable() noexcept { return storage_.get() + begin_; }
  std::size_t capacity() const noexcept { return capacity_; }

  /// Room for at least one more byte after bytes(): moves them to the front or doubles the storage when there is none.
  /// Views of bytes() are invalid afterwards.
  std::span<char> free_space();
  /// The first `count` bytes of the free space have been written.
  void commit(std::size_t count) noexcept { end_ += count; }
  /// Forgets the first `count` bytes; the others stay where they are.
  void consume(std::size_t count) noexcept;
  /// Takes `count` bytes out from behind the first `offset`, which move up. Views of bytes() are invalid afterwards.
  void take_out(std::size_t offset, std::size_t count) noexcept;
  /// Gives the memory back if nothing is in it.
  void release() noexcept;

 private:
  std::unique_ptr<char[]> storage_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace iot::net
