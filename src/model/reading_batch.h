// Readings of one device on their way from a gateway through the event log into the store, in columns.
//
// Encoded form: docs/formats/reading-batch.md. A batch may be cleared and filled again, and keeps its memory.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/mapping.h"
#include "model/value.h"

namespace iot::model {

class ReadingBatch {
 public:
  DeviceId device;

  std::size_t size() const noexcept { return times_ns_.size(); }
  bool empty() const noexcept { return times_ns_.empty(); }
  void clear() noexcept;

  /// A place between readings, to go back to.
  struct Mark {
    std::size_t readings = 0;
    std::size_t text_bytes = 0;
  };
  Mark mark() const noexcept { return {times_ns_.size(), texts_.size()}; }
  /// Takes out what was added since `mark` was taken.
  void go_back(Mark mark) noexcept;

  void add_real(SensorId sensor, MappingType mapping, Timestamp time, double value);
  void add_integer(SensorId sensor, MappingType mapping, Timestamp time, std::int64_t value);
  void add_text(SensorId sensor, MappingType mapping, Timestamp time, std::string_view value);
  void add(SensorId sensor, MappingType mapping, Timestamp time, const Value& value);

  SensorId sensor(std::size_t index) const noexcept { return sensors_[index]; }
  MappingType mapping(std::size_t index) const noexcept { return mappings_[index]; }
  Timestamp time(std::size_t index) const noexcept { return {times_ns_[index]}; }
  /// For column_kind(mapping(index)) == real.
  double real(std::size_t index) const noexcept { return std::bit_cast<double>(words_[index]); }
  /// For integer.
  std::int64_t integer(std::size_t index) const noexcept { return static_cast<std::int64_t>(words_[index]); }
  /// For text. The view is valid until the batch is changed.
  std::string_view text(std::size_t index) const noexcept {
    const std::uint64_t word = words_[index];
    return std::string_view(texts_).substr(word >> 32, word & 0xFFFF'FFFFu);
  }
  /// The bits of a real or an integer.
  std::uint64_t word(std::size_t index) const noexcept { return words_[index]; }

  /// Appends the encoded form.
  void encode(std::string& out) const;
  /// Replaces the contents by what was encoded; Errc::damaged_batch (and an empty batch) if `bytes` is anything else.
  Result<void> decode(std::string_view bytes);

 private:
  Result<void> decode_columns(std::string_view bytes);
  void add_word(SensorId sensor, MappingType mapping, Timestamp time, std::uint64_t word);

  std::vector<SensorId> sensors_;
  std::vector<MappingType> mappings_;
  std::vector<std::int64_t> times_ns_;
  /// Bits of a double, an int64, or offset (high half) and length (low half) of a text.
  std::vector<std::uint64_t> words_;
  std::string texts_;
};

}  // namespace iot::model
