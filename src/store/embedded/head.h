// The newest readings of one sensor, in memory, in the order in which they came: what is cheap to append to.
//
// A buffer's readings never change once they are there and are only ever added to, so a reader that took a HeadView
// under the lock reads on without it. A million sensors have a head each: a head is 24 bytes, and its first buffer 96.
//
// Where heads lie: store/embedded/head_set.h. Compressed readings: store/embedded/chunk.h.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include "base/ids.h"
#include "model/mapping.h"
#include "store/embedded/chunk.h"

namespace iot::store {

/// Bytes of texts, one after the other. Shared between the head that appends and readers of what lies before.
class TextBuffer {
 public:
  static boost::intrusive_ptr<TextBuffer> make(std::uint32_t capacity);
  static std::size_t allocation_bytes(std::uint32_t capacity) noexcept { return sizeof(TextBuffer) + capacity; }

  char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  std::uint32_t capacity() const noexcept { return capacity_; }

  /// How much is taken; for the head that appends alone.
  std::uint32_t used = 0;

  friend void intrusive_ptr_add_ref(TextBuffer* buffer) noexcept { ++buffer->references_; }
  friend void intrusive_ptr_release(TextBuffer* buffer) noexcept;

 private:
  explicit TextBuffer(std::uint32_t capacity) noexcept : capacity_(capacity) {}
  std::atomic<std::uint32_t> references_{0};
  std::uint32_t capacity_;
};

/// Columns of times and of 64-bit words: the bits of a real, an integer, or offset (high half) and length (low half) of
/// a text.
class HeadBuffer {
 public:
  static boost::intrusive_ptr<HeadBuffer> make(model::MappingType mapping, std::uint32_t capacity);
  static std::size_t allocation_bytes(std::uint32_t capacity) noexcept {
    return sizeof(HeadBuffer) + std::size_t{16} * capacity;
  }
  ~HeadBuffer() = default;

  std::int64_t* times() noexcept { return reinterpret_cast<std::int64_t*>(this + 1); }
  const std::int64_t* times() const noexcept { return reinterpret_cast<const std::int64_t*>(this + 1); }
  /// The value column seen as its type; which one it is follows from the mapping.
  template <class Value>
  const Value* values() const noexcept {
    static_assert(sizeof(Value) == 8);
    return reinterpret_cast<const Value*>(times() + capacity_);
  }
  // By memcpy, for what lies there are doubles or integers.
  std::uint64_t word(std::uint32_t index) const noexcept {
    std::uint64_t bits;
    std::memcpy(&bits, times() + capacity_ + index, sizeof bits);
    return bits;
  }
  void set(std::uint32_t index, std::int64_t time_ns, std::uint64_t word) noexcept {
    times()[index] = time_ns;
    std::memcpy(times() + capacity_ + index, &word, sizeof word);
  }

  std::uint32_t capacity() const noexcept { return capacity_; }
  model::MappingType mapping() const noexcept { return mapping_; }

  /// Replaced by a larger one as texts come; take a copy under the lock.
  boost::intrusive_ptr<TextBuffer> texts;

  friend void intrusive_ptr_add_ref(HeadBuffer* buffer) noexcept { ++buffer->references_; }
  friend void intrusive_ptr_release(HeadBuffer* buffer) noexcept;

 private:
  HeadBuffer(model::MappingType mapping, std::uint32_t capacity) noexcept : capacity_(capacity), mapping_(mapping) {}
  std::atomic<std::uint32_t> references_{0};
  std::uint32_t capacity_;
  model::MappingType mapping_;
};

/// The first `count` readings of a buffer: immutable, and valid for as long as it is held.
struct HeadView {
  boost::intrusive_ptr<HeadBuffer> buffer;
  boost::intrusive_ptr<TextBuffer> texts;
  std::uint32_t count = 0;
  /// So many at the front are in the order of readings, and distinct.
  std::uint32_t sorted = 0;

  model::MappingType mapping() const noexcept { return buffer->mapping(); }
  std::span<const std::int64_t> times() const noexcept { return {buffer->times(), count}; }
  std::string_view text(std::uint32_t index) const noexcept;

  /// Appends the readings [from, to) to `out`, whose texts then point into this view's.
  void append_to(Columns& out, std::uint32_t from, std::uint32_t to) const;
};

/// The same readings, sorted and distinct, in a buffer of their own that shares the texts.
HeadView sorted_view(const HeadView& view);

/// The id of no sensor: the registry gives out positive ones.
inline constexpr SensorId no_sensor{INT64_MIN};

struct Head {
  SensorId sensor = no_sensor;
  boost::intrusive_ptr<HeadBuffer> buffer;  ///< null: no head
  std::uint32_t count = 0;
  std::uint32_t sorted = 0;

  HeadView view() const { return {buffer, buffer->texts, count, sorted}; }

  /// Appends a real or an integer. The mapping must be the buffer's. Returns by how many bytes memory grew.
  std::size_t append(std::int64_t time_ns, std::uint64_t word) {
    // What comes twice in a row (a device that repeats itself) costs no memory.
    if (sorted == count && count > 0) {
      const std::int64_t last_ns = buffer->times()[count - 1];
      if (time_ns > last_ns) {
        ++sorted;
      } else if (time_ns == last_ns && word == buffer->word(count - 1)) {
        return 0;
      }
    } else if (count == 0) {
      sorted = 1;
    }
    std::size_t grown = 0;
    if (count == buffer->capacity()) [[unlikely]]
      grown = grow();
    buffer->set(count++, time_ns, word);
    return grown;
  }

  std::size_t append_text(std::int64_t time_ns, std::string_view text);

 private:
  std::size_t grow();
};

}  // namespace iot::store
