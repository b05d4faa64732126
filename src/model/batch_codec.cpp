// ReadingBatch::encode and decode: docs/formats/reading-batch.md.
//
// One column at a time, through plain pointers into memory that is known to suffice: this runs once for each reading on
// its way in, and once more at the store.
#include <algorithm>
#include <cstring>
#include <limits>

#include "base/bytes.h"
#include "model/reading_batch.h"

namespace iot::model {
namespace {

constexpr std::uint8_t format_version = 1;
constexpr std::uint8_t flag_one_sensor = 1;
constexpr std::uint8_t flag_one_mapping = 2;
constexpr std::uint8_t flags_known = flag_one_sensor | flag_one_mapping;

constexpr std::size_t varint_bytes_max = 10;
constexpr std::size_t header_bytes_max = 2 + 2 * varint_bytes_max + sizeof(std::int64_t);
/// Sensor, mapping, time and value of one reading, without its text.
constexpr std::size_t reading_bytes_max = 3 * varint_bytes_max + 1;

char* write_varint(char* to, std::uint64_t value) noexcept {
  while (value >= 0x80) {
    *to++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<char>(value);
  return to;
}

/// Reads varints of which each is known to be of use only when the whole column was there: errors are looked at once.
class ColumnReader {
 public:
  explicit ColumnReader(std::string_view bytes) noexcept : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool ok() const noexcept { return ok_; }
  std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  std::uint64_t varint() noexcept {
    if (at_ != end_ && static_cast<std::uint8_t>(*at_) < 0x80) return static_cast<std::uint8_t>(*at_++);
    ByteReader reader({at_, remaining()});
    const std::uint64_t value = reader.varint();
    if (!reader.ok()) ok_ = false;
    at_ = end_ - reader.remaining();
    return value;
  }

  /// Nothing may be read from the returned place if ok() is false afterwards.
  const char* bytes(std::size_t count) noexcept {
    const char* taken = at_;
    if (count > remaining()) {
      ok_ = false;
      at_ = end_;
    } else {
      at_ += count;
    }
    return taken;
  }

 private:
  const char* at_;
  const char* end_;
  bool ok_ = true;
};

template <class T>
bool all_the_same(const std::vector<T>& column) noexcept {
  return std::all_of(column.begin(), column.end(), [&](const T& one) { return one == column.front(); });
}

constexpr bool is_text(MappingType mapping) noexcept {
  return column_kind(mapping) == ColumnKind::text;
}

Error damaged(std::string_view what) {
  return make_error(Errc::damaged_batch, "not an encoded reading batch: " + std::string(what));
}

void decode_sensors(ColumnReader& reader, bool one_for_all, std::vector<SensorId>& sensors) noexcept {
  std::uint64_t sensor = 0;
  for (SensorId& id : sensors) {
    if (!one_for_all || &id == &sensors[0]) sensor += static_cast<std::uint64_t>(unzigzag(reader.varint()));
    id.value = static_cast<std::int64_t>(sensor);
  }
}

Result<void> decode_mappings(ColumnReader& reader, bool one_for_all, std::vector<MappingType>& mappings) {
  const std::size_t count = one_for_all ? 1 : mappings.size();
  const char* numbers = reader.bytes(count);
  if (!reader.ok()) return damaged("cut short");
  std::uint8_t highest = 0;
  for (std::size_t index = 0; index < count; ++index) {
    highest = std::max(highest, static_cast<std::uint8_t>(numbers[index]));
  }
  if (highest >= mapping_type_count) return damaged("unknown mapping");
  std::memcpy(mappings.data(), numbers, count);
  if (one_for_all) std::fill(mappings.begin(), mappings.end(), mappings[0]);
  return {};
}

Result<void> decode_times(ColumnReader& reader, std::vector<std::int64_t>& times_ns) {
  const char* first = reader.bytes(sizeof(std::int64_t));
  if (!reader.ok()) return damaged("cut short");
  auto time = load_little<std::int64_t>(first);
  bool in_range = time >= timestamp_min.ns;
  times_ns[0] = time;
  for (std::size_t index = 1; index < times_ns.size(); ++index) {
    in_range &= !__builtin_add_overflow(time, unzigzag(reader.varint()), &time);
    in_range &= time >= timestamp_min.ns;
    times_ns[index] = time;
  }
  if (!reader.ok()) return damaged("cut short");
  if (!in_range) return damaged("time out of range");
  return {};
}

/// Values of which none is a text.
Result<void> decode_words(ColumnReader& reader, std::vector<std::uint64_t>& words) {
  const char* bytes = reader.bytes(words.size() * sizeof words[0]);
  if (!reader.ok()) return damaged("cut short");
  std::memcpy(words.data(), bytes, words.size() * sizeof words[0]);
  return {};
}

Result<void> decode_values(ColumnReader& reader, const std::vector<MappingType>& mappings,
                           std::vector<std::uint64_t>& words, std::string& texts) {
  std::uint64_t text_bytes = 0;
  for (std::size_t index = 0; index < words.size(); ++index) {
    if (!is_text(mappings[index])) {
      const char* word = reader.bytes(sizeof words[0]);
      if (!reader.ok()) return damaged("cut short");
      words[index] = load_little<std::uint64_t>(word);
      continue;
    }
    const std::uint64_t length = reader.varint();
    if (!reader.ok() || length > reader.remaining()) return damaged("cut short");
    if (text_bytes + length > std::numeric_limits<std::uint32_t>::max()) return damaged("too much text");
    words[index] = text_bytes << 32 | length;
    text_bytes += length;
  }
  const char* bytes = reader.bytes(text_bytes);
  if (!reader.ok()) return damaged("cut short");
  texts.assign(bytes, text_bytes);
  return {};
}

char* encode_sensors(char* to, bool one_for_all, const std::vector<SensorId>& sensors) noexcept {
  std::uint64_t before = 0;
  for (std::size_t index = 0; index < (one_for_all ? 1 : sensors.size()); ++index) {
    const auto sensor = static_cast<std::uint64_t>(sensors[index].value);
    to = write_varint(to, zigzag(static_cast<std::int64_t>(sensor - before)));
    before = sensor;
  }
  return to;
}

char* encode_times(char* to, const std::vector<std::int64_t>& times_ns) noexcept {
  store_little(to, times_ns[0]);
  to += sizeof times_ns[0];
  for (std::size_t index = 1; index < times_ns.size(); ++index) {
    const auto difference =
        static_cast<std::uint64_t>(times_ns[index]) - static_cast<std::uint64_t>(times_ns[index - 1]);
    to = write_varint(to, zigzag(static_cast<std::int64_t>(difference)));
  }
  return to;
}

char* encode_values(char* to, const std::vector<MappingType>& mappings, const std::vector<std::uint64_t>& words,
                    std::string_view texts) noexcept {
  for (std::size_t index = 0; index < words.size(); ++index) {
    if (is_text(mappings[index])) {
      to = write_varint(to, words[index] & 0xFFFF'FFFFu);
    } else {
      store_little(to, words[index]);
      to += sizeof words[0];
    }
  }
  return std::copy(texts.begin(), texts.end(), to);
}

}  // namespace

void ReadingBatch::encode(std::string& out) const {
  const std::size_t count = size();
  const bool one_sensor = all_the_same(sensors_);
  const bool one_mapping = all_the_same(mappings_);

  const std::size_t start = out.size();
  out.resize(start + header_bytes_max + count * reading_bytes_max + texts_.size());
  char* to = out.data() + start;
  *to++ = static_cast<char>(format_version);
  *to++ = static_cast<char>((one_sensor ? flag_one_sensor : 0) | (one_mapping ? flag_one_mapping : 0));
  to = write_varint(to, zigzag(device.value));
  to = write_varint(to, count);

  if (count > 0) {
    to = encode_sensors(to, one_sensor, sensors_);
    const std::size_t mapping_count = one_mapping ? 1 : count;
    std::memcpy(to, mappings_.data(), mapping_count);
    to = encode_times(to + mapping_count, times_ns_);
    if (one_mapping && !is_text(mappings_[0])) {
      std::memcpy(to, words_.data(), count * sizeof words_[0]);
      to += count * sizeof words_[0];
    } else {
      to = encode_values(to, mappings_, words_, texts_);
    }
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
}

Result<void> ReadingBatch::decode(std::string_view bytes) {
  clear();
  auto decoded = decode_columns(bytes);
  if (!decoded) clear();
  return decoded;
}

Result<void> ReadingBatch::decode_columns(std::string_view bytes) {
  if (bytes.size() < 2) return damaged("cut short");
  if (static_cast<std::uint8_t>(bytes[0]) != format_version) return damaged("unknown version");
  const auto flags = static_cast<std::uint8_t>(bytes[1]);
  if ((flags & ~flags_known) != 0) return damaged("unknown flags");

  ColumnReader reader(bytes.substr(2));
  device.value = unzigzag(reader.varint());
  const std::uint64_t declared = reader.varint();
  if (!reader.ok()) return damaged("cut short");
  // Each reading takes a byte at least, so a count that would ask for more memory than that is refused here.
  if (declared > reader.remaining()) return damaged("more readings than bytes");
  const auto count = static_cast<std::size_t>(declared);
  if (count > 0) {
    sensors_.resize(count);
    mappings_.resize(count);
    times_ns_.resize(count);
    words_.resize(count);
    decode_sensors(reader, (flags & flag_one_sensor) != 0, sensors_);
    const bool one_mapping = (flags & flag_one_mapping) != 0;
    IOT_CHECK(decode_mappings(reader, one_mapping, mappings_));
    IOT_CHECK(decode_times(reader, times_ns_));
    if (one_mapping && !is_text(mappings_[0])) {
      IOT_CHECK(decode_words(reader, words_));
    } else {
      IOT_CHECK(decode_values(reader, mappings_, words_, texts_));
    }
  }
  if (reader.remaining() != 0) return damaged("bytes after the end");
  return {};
}

}  // namespace iot::model
