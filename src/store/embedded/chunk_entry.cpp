#include "store/embedded/chunk_entry.h"

#include "base/bytes.h"
#include "base/crc32c.h"
#include "store/embedded/key_bytes.h"

namespace iot::store {
namespace {

/// How an index value goes on.
enum class IndexForm : std::uint8_t { inlined = 0, described = 1, rolled_up = 2 };

Result<void> read_described(ByteReader reader, IndexForm form, std::string_view value, const IndexKey& key,
                            ChunkEntry& entry) {
  const auto damaged = [] { return make_error(Errc::damaged, "an index entry of the reading store is damaged"); };
  if (value.size() < 4 || crc32c(value.substr(0, value.size() - 4)) != load_little<std::uint32_t>(value.end() - 4)) {
    return damaged();
  }
  entry.info.format = reader.fixed<std::uint8_t>();
  const auto mapping = reader.fixed<std::uint8_t>();
  if (mapping >= model::mapping_type_count) return damaged();
  entry.info.mapping = static_cast<model::MappingType>(mapping);
  Summary& summary = entry.info.summary;
  summary.first = {key.first_ns};
  summary.last = {static_cast<std::int64_t>(static_cast<std::uint64_t>(key.first_ns) + reader.varint())};
  summary.count = reader.varint();
  entry.chunk_bytes = reader.varint();
  read_values(reader, model::column_kind(entry.info.mapping), summary);
  const bool is_whole =
      reader.ok() && (form == IndexForm::described ? reader.remaining() == 4 : reader.remaining() > 4);
  if (!is_whole || summary.last < summary.first) return damaged();
  entry.rollup = reader.bytes(reader.remaining() - 4);
  return {};
}

}  // namespace

void put_values(std::string& out, const Summary& summary) {
  if (summary.numbers) {
    const auto& n = *summary.numbers;
    for (const double value : {n.min, n.max, n.sum, n.first, n.last}) put_fixed(out, value);
  } else if (summary.integers) {
    const auto& n = *summary.integers;
    for (const std::int64_t value : {n.min, n.max, n.first, n.last}) put_varint(out, zigzag(value));
    out.push_back(n.sum ? 1 : 0);
    if (n.sum) put_varint(out, zigzag(*n.sum));
  }
}

void read_values(ByteReader& reader, model::ColumnKind kind, Summary& summary) {
  if (kind == model::ColumnKind::real) {
    auto& n = summary.numbers.emplace();
    for (double* value : {&n.min, &n.max, &n.sum, &n.first, &n.last}) *value = reader.fixed<double>();
  } else if (kind == model::ColumnKind::integer) {
    auto& n = summary.integers.emplace();
    for (std::int64_t* value : {&n.min, &n.max, &n.first, &n.last}) *value = reader.signed_varint();
    if (reader.fixed<std::uint8_t>() != 0) n.sum = reader.signed_varint();
  }
}

std::string index_prefix(SensorId sensor) {
  return sensor_key('i', sensor);
}

std::string index_prefix(SensorId sensor, unsigned span_class) {
  std::string key = index_prefix(sensor);
  key.push_back(static_cast<char>(span_class));
  return key;
}

std::string index_key(SensorId sensor, unsigned span_class, std::int64_t first_ns, std::uint64_t sequence) {
  std::string key = index_prefix(sensor, span_class);
  put_big(key, ordered(first_ns));
  put_big(key, sequence);
  return key;
}

std::string index_key(const ChunkEntry& entry) {
  return index_key(entry.sensor, span_class_of(entry.first_ns(), entry.last_ns()), entry.first_ns(), entry.sequence);
}

std::string chunk_key(const ChunkEntry& entry) {
  std::string key = sensor_key('c', entry.sensor);
  put_big(key, ordered(entry.first_ns()));
  put_big(key, entry.sequence);
  return key;
}

std::optional<IndexKey> parse_index_key(std::string_view key) noexcept {
  if (key.size() != 26 || key[0] != 'i') return {};
  return IndexKey{{unordered(load_big(key.substr(1)))},
                  static_cast<std::uint8_t>(key[9]),
                  unordered(load_big(key.substr(10))),
                  load_big(key.substr(18))};
}

std::string index_value(const ChunkEntry& entry, std::string_view chunk) {
  std::string value;
  if (entry.is_inlined()) {
    value.push_back(static_cast<char>(IndexForm::inlined));
    value += chunk;
    return value;
  }
  value.push_back(static_cast<char>(entry.rollup.empty() ? IndexForm::described : IndexForm::rolled_up));
  value.push_back(static_cast<char>(entry.info.format));
  value.push_back(static_cast<char>(entry.info.mapping));
  put_varint(value, static_cast<std::uint64_t>(entry.last_ns()) - static_cast<std::uint64_t>(entry.first_ns()));
  put_varint(value, entry.info.summary.count);
  put_varint(value, entry.chunk_bytes);
  put_values(value, entry.info.summary);
  value += entry.rollup;
  put_fixed(value, crc32c(value));
  return value;
}

Result<ChunkEntry> parse_index_entry(std::string_view key_bytes, std::string_view value) {
  const auto key = parse_index_key(key_bytes);
  if (!key || value.empty()) return make_error(Errc::damaged, "an index entry of the reading store is damaged");
  ChunkEntry entry;
  entry.sensor = key->sensor;
  entry.sequence = key->sequence;
  ByteReader reader(value);
  const auto form = static_cast<IndexForm>(reader.fixed<std::uint8_t>());
  switch (form) {
    case IndexForm::inlined: {
      const std::string_view chunk = value.substr(1);
      IOT_TRY(entry.info, read_chunk_info(chunk));
      entry.chunk_bytes = chunk.size();
      entry.inlined = chunk;
      break;
    }
    case IndexForm::described:
    case IndexForm::rolled_up:
      IOT_CHECK(read_described(reader, form, value, *key, entry));
      break;
    default:
      return make_error(Errc::newer_format, "the reading store was written by a newer version of the program");
  }
  if (entry.first_ns() != key->first_ns) {
    return make_error(Errc::damaged, "an index entry of the reading store does not belong to its key");
  }
  return entry;
}

std::string position_key(std::size_t shard) {
  std::string key("p");
  key.push_back(static_cast<char>(shard));
  return key;
}

std::string tombstone_key(SensorId sensor) {
  return sensor_key('t', sensor);
}

std::optional<SensorId> parse_tombstone_key(std::string_view key) noexcept {
  if (key.size() != 9 || key[0] != 't') return {};
  return SensorId{unordered(load_big(key.substr(1)))};
}

std::string number_value(std::uint64_t number) {
  std::string value;
  put_fixed(value, number);
  return value;
}

std::optional<std::uint64_t> parse_number_value(std::string_view value) noexcept {
  if (value.size() != 8) return {};
  return load_little<std::uint64_t>(value.data());
}

}  // namespace iot::store
