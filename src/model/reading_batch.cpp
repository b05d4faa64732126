#include "model/reading_batch.h"

#include <cassert>
#include <limits>

namespace iot::model {

void ReadingBatch::clear() noexcept {
  sensors_.clear();
  mappings_.clear();
  times_ns_.clear();
  words_.clear();
  texts_.clear();
}

void ReadingBatch::go_back(Mark mark) noexcept {
  sensors_.resize(mark.readings);
  mappings_.resize(mark.readings);
  times_ns_.resize(mark.readings);
  words_.resize(mark.readings);
  texts_.resize(mark.text_bytes);
}

void ReadingBatch::add_word(SensorId sensor, MappingType mapping, Timestamp time, std::uint64_t word) {
  sensors_.push_back(sensor);
  mappings_.push_back(mapping);
  times_ns_.push_back(time.ns);
  words_.push_back(word);
}

void ReadingBatch::add_real(SensorId sensor, MappingType mapping, Timestamp time, double value) {
  assert(column_kind(mapping) == ColumnKind::real);
  add_word(sensor, mapping, time, std::bit_cast<std::uint64_t>(value));
}

void ReadingBatch::add_integer(SensorId sensor, MappingType mapping, Timestamp time, std::int64_t value) {
  assert(column_kind(mapping) == ColumnKind::integer);
  add_word(sensor, mapping, time, static_cast<std::uint64_t>(value));
}

void ReadingBatch::add_text(SensorId sensor, MappingType mapping, Timestamp time, std::string_view value) {
  assert(column_kind(mapping) == ColumnKind::text);
  // Requests are bounded far below this, so more is a mistake of ours.
  assert(texts_.size() + value.size() <= std::numeric_limits<std::uint32_t>::max());
  add_word(sensor, mapping, time, std::uint64_t{texts_.size()} << 32 | value.size());
  texts_ += value;
}

void ReadingBatch::add(SensorId sensor, MappingType mapping, Timestamp time, const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) {
    add_real(sensor, mapping, time, *real);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    add_integer(sensor, mapping, time, *integer);
  } else {
    add_text(sensor, mapping, time, *std::get_if<std::string>(&value));
  }
}

}  // namespace iot::model
