// Apache Arrow's IPC streaming format: a schema, a dictionary for each column of ids, record batches, an end mark. Each
// is a message (arrow_message.fbs) with a body of plain little-endian buffers behind it.
#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <map>
#include <tuple>
#include <type_traits>
#include <utility>

#include "model/entities.h"
#include "rows/arrow_message_generated.h"
#include "rows/row_writer.h"

namespace iot::rows {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using model::MappingType;

static_assert(std::endian::native == std::endian::little, "buffers are written as they lie in memory");

/// Where a buffer begins in a body, as Arrow recommends it; a message's own length is a multiple of eight.
constexpr std::size_t buffer_alignment = 64;
constexpr std::size_t message_alignment = 8;
constexpr std::uint32_t continuation = 0xFFFFFFFF;

constexpr std::int64_t device_dictionary = 0;
constexpr std::int64_t sensor_dictionary = 1;

constexpr std::size_t rounded_up(std::size_t bytes, std::size_t alignment) noexcept {
  return (bytes + alignment - 1) / alignment * alignment;
}

void append_word(std::string& out, std::uint32_t word) {
  out.append(reinterpret_cast<const char*>(&word), sizeof word);
}

/// The body of one message: told first how large each buffer is, and later what is in it.
class Body {
 public:
  void clear() noexcept {
    places_.clear();
    bytes_ = 0;
  }
  void add(std::size_t bytes) {
    places_.emplace_back(static_cast<std::int64_t>(bytes_), static_cast<std::int64_t>(bytes));
    bytes_ += rounded_up(bytes, buffer_alignment);
  }
  /// The map of which rows are null: none is.
  void add_validity() { add(0); }

  const std::vector<arrow::BufferPlace>& places() const noexcept { return places_; }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::vector<arrow::BufferPlace> places_;
  std::size_t bytes_ = 0;
};

/// Makes room for a buffer of `bytes` at the end of `out`, with its padding, and gives its place.
char* append_buffer(std::string& out, std::size_t bytes) {
  const std::size_t at = out.size();
  out.resize(at + rounded_up(bytes, buffer_alignment));
  return out.data() + at;
}

void append_message(std::string& out, FlatBufferBuilder& builder, arrow::Header kind, Offset<void> header,
                    std::size_t body_bytes) {
  builder.Finish(
      arrow::CreateMessage(builder, arrow::Version::v5, kind, header, static_cast<std::int64_t>(body_bytes)));
  const std::size_t bytes = rounded_up(builder.GetSize(), message_alignment);
  append_word(out, continuation);
  append_word(out, static_cast<std::uint32_t>(bytes));
  out.append(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
  out.append(bytes - builder.GetSize(), '\0');
  builder.Clear();
}

/// As many bits as indices of `count` entries need.
int index_bits(std::size_t count) noexcept {
  if (count <= 1u << 7) return 8;
  return count <= 1u << 15 ? 16 : 32;
}

/// The ids of the sources, each text once, and which of them each source has.
struct Dictionary {
  std::vector<std::string> texts;
  std::vector<std::uint32_t> of_source;

  void add(std::int64_t id) {
    const auto [found, is_new] = known_.emplace(id, static_cast<std::uint32_t>(texts.size()));
    if (is_new) texts.push_back(std::to_string(id));
    of_source.push_back(found->second);
  }
  int bits() const noexcept { return index_bits(texts.size()); }

 private:
  std::map<std::int64_t, std::uint32_t> known_;
};

/// {"lat":41.12,"lon":-71.34}, as the store keeps it.
std::optional<std::pair<double, double>> read_place(std::string_view text) noexcept {
  const auto take = [&text](std::string_view expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
  };
  const auto number = [&text](double& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc();
  };
  std::pair<double, double> place;
  if (!take("{\"lat\":") || !number(place.first) || !take(",\"lon\":") || !number(place.second) || text != "}")
    return {};
  return place;
}

/// Bytes of a value of fixed size in its buffer; 0 where that is not so.
std::size_t value_bytes(MappingType mapping) noexcept {
  switch (mapping) {
    case MappingType::double_precision:
    case MappingType::long_integer:
    case MappingType::date:
      return 8;
    case MappingType::single_precision:
    case MappingType::integer:
      return 4;
    case MappingType::short_integer:
      return 2;
    case MappingType::byte_integer:
      return 1;
    case MappingType::boolean:
    case MappingType::keyword:
    case MappingType::text:
    case MappingType::geo_point:
    case MappingType::object:
      return 0;
  }
  return 0;
}

template <class To, class From>
void put_column(char* to, const From* from, Places places) noexcept {
  if constexpr (std::is_same_v<To, From>) {
    if (!places.list && !places.reversed) {
      std::memcpy(to, from + places.begin, places.size() * sizeof(To));
      return;
    }
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    const To value = static_cast<To>(from[places[i]]);
    std::memcpy(to + i * sizeof(To), &value, sizeof(To));
  }
}

void put_constant(char* to, std::uint32_t value, int bits, std::size_t count) noexcept {
  if (bits == 8) {
    std::memset(to, static_cast<int>(value), count);
    return;
  }
  const std::size_t bytes = static_cast<std::size_t>(bits) / 8;
  for (std::size_t i = 0; i < count; ++i) std::memcpy(to + i * bytes, &value, bytes);
}

class ArrowWriter final : public RowWriter {
 public:
  explicit ArrowWriter(Table table) : table_(std::move(table)) {
    for (const Source& source : table_.sources) {
      devices_.add(source.device.value);
      sensors_.add(source.sensor.value);
    }
    if (!table_.sources.empty()) mapping_ = table_.sources.front().mapping;
  }

  void begin(std::string& out) override {
    append_schema(out);
    // All entries are known now, so that no later message has to change a dictionary: not every reader takes that.
    if (table_.columns.device_id) append_dictionary(out, device_dictionary, devices_.texts);
    if (table_.columns.sensor_id) append_dictionary(out, sensor_dictionary, sensors_.texts);
  }

  Result<std::size_t> add(std::size_t source, const store::Block& block, Places places, std::size_t bytes_max,
                          std::string& out) override {
    places = places.first(rows_within(block, places, bytes_max));
    if (table_.columns.value && mapping_ == MappingType::geo_point) IOT_CHECK(read_geo_points(block, places));
    lay_out(places.size());
    append_batch_message(out, places.size());
    if (table_.columns.timestamp) {
      put_column<std::int64_t>(append_buffer(out, places.size() * 8), block.times_ns.data(), places);
    }
    if (table_.columns.device_id) append_ids(out, devices_, source, places.size());
    if (table_.columns.sensor_id) append_ids(out, sensors_, source, places.size());
    if (table_.columns.value) append_values(out, block, places);
    return places.size();
  }

  void end(std::string& out) override {
    append_word(out, continuation);
    append_word(out, 0);
  }

 private:
  using Metadata = std::vector<Offset<arrow::KeyValue>>;

  bool is_text() const noexcept {
    return mapping_ == MappingType::keyword || mapping_ == MappingType::text || mapping_ == MappingType::object;
  }

  /// How many rows a batch of about `bytes_max` has, at least one. Notes the bytes of their texts.
  std::size_t rows_within(const store::Block& block, Places places, std::size_t bytes_max) noexcept {
    text_bytes_ = 0;
    constexpr std::size_t row_bytes = 24;  // two words, two ids, an offset
    const std::size_t rows_max = std::max<std::size_t>(1, bytes_max / row_bytes);
    if (!table_.columns.value || !is_text()) return std::min(places.size(), rows_max);
    std::size_t rows = 0;
    while (rows < places.size() && rows < rows_max) {
      const std::size_t more = block.texts[places[rows]].size();
      if (rows > 0 && text_bytes_ + more + rows * row_bytes > bytes_max) break;
      text_bytes_ += more;
      ++rows;
    }
    return rows;
  }

  Result<void> read_geo_points(const store::Block& block, Places places) {
    latitudes_.resize(places.size());
    longitudes_.resize(places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto place = read_place(block.texts[places[i]]);
      if (!place) {
        return make_error(model::Errc::value_does_not_fit,
                          "a geo_point is not kept as one: " + std::string(block.texts[places[i]]));
      }
      std::tie(latitudes_[i], longitudes_[i]) = *place;
    }
    return {};
  }

  /// The buffers of a batch of `rows`, in the order in which they are written.
  void lay_out(std::size_t rows) {
    body_.clear();
    lengths_.clear();
    const arrow::ColumnLength length(static_cast<std::int64_t>(rows), 0);
    const auto fixed = [&](std::size_t bytes) {
      lengths_.push_back(length);
      body_.add_validity();
      body_.add(rows * bytes);
    };
    if (table_.columns.timestamp) fixed(8);
    if (table_.columns.device_id) fixed(static_cast<std::size_t>(devices_.bits()) / 8);
    if (table_.columns.sensor_id) fixed(static_cast<std::size_t>(sensors_.bits()) / 8);
    if (!table_.columns.value) return;
    if (mapping_ == MappingType::geo_point) {
      lengths_.push_back(length);
      body_.add_validity();
      fixed(8);
      fixed(8);
    } else if (mapping_ == MappingType::boolean) {
      lengths_.push_back(length);
      body_.add_validity();
      body_.add((rows + 7) / 8);
    } else if (is_text()) {
      lengths_.push_back(length);
      body_.add_validity();
      // One offset more than there are rows.
      body_.add((rows + 1) * sizeof(std::int32_t));
      body_.add(text_bytes_);
    } else {
      fixed(value_bytes(mapping_));
    }
  }

  void append_batch_message(std::string& out, std::size_t rows) {
    const auto batch =
        arrow::CreateRecordBatch(builder_, static_cast<std::int64_t>(rows), builder_.CreateVectorOfStructs(lengths_),
                                 builder_.CreateVectorOfStructs(body_.places()));
    // What one allocation takes in, with some room for the message.
    constexpr std::size_t message_bytes = 1024;
    out.reserve(out.size() + body_.bytes() + message_bytes);
    append_message(out, builder_, arrow::Header::RecordBatch, batch.Union(), body_.bytes());
  }

  static void append_ids(std::string& out, const Dictionary& dictionary, std::size_t source, std::size_t rows) {
    const std::size_t bytes = static_cast<std::size_t>(dictionary.bits()) / 8;
    put_constant(append_buffer(out, rows * bytes), dictionary.of_source[source], dictionary.bits(), rows);
  }

  void append_values(std::string& out, const store::Block& block, Places places) const {
    const std::size_t rows = places.size();
    const auto buffer = [&] { return append_buffer(out, rows * value_bytes(mapping_)); };
    switch (mapping_) {
      case MappingType::double_precision:
        return put_column<double>(buffer(), block.reals.data(), places);
      case MappingType::single_precision:
        return put_column<float>(buffer(), block.reals.data(), places);
      case MappingType::long_integer:
      case MappingType::date:
        return put_column<std::int64_t>(buffer(), block.integers.data(), places);
      case MappingType::integer:
        return put_column<std::int32_t>(buffer(), block.integers.data(), places);
      case MappingType::short_integer:
        return put_column<std::int16_t>(buffer(), block.integers.data(), places);
      case MappingType::byte_integer:
        return put_column<std::int8_t>(buffer(), block.integers.data(), places);
      case MappingType::boolean: {
        char* const bits = append_buffer(out, (rows + 7) / 8);
        for (std::size_t i = 0; i < rows; ++i) {
          if (block.integers[places[i]] != 0) bits[i / 8] = static_cast<char>(bits[i / 8] | 1 << i % 8);
        }
        return;
      }
      case MappingType::geo_point:
        std::memcpy(append_buffer(out, rows * sizeof(double)), latitudes_.data(), rows * sizeof(double));
        std::memcpy(append_buffer(out, rows * sizeof(double)), longitudes_.data(), rows * sizeof(double));
        return;
      case MappingType::keyword:
      case MappingType::text:
      case MappingType::object:
        return append_texts(out, rows, text_bytes_, [&](std::size_t i) { return block.texts[places[i]]; });
    }
  }

  /// Offsets and bytes of `rows` texts.
  template <class TextOf>
  static void append_texts(std::string& out, std::size_t rows, std::size_t text_bytes, TextOf&& text_of) {
    char* const offsets = append_buffer(out, (rows + 1) * sizeof(std::int32_t));
    std::int32_t at = 0;
    std::memcpy(offsets, &at, sizeof at);
    for (std::size_t i = 0; i < rows; ++i) {
      at += static_cast<std::int32_t>(text_of(i).size());
      std::memcpy(offsets + (i + 1) * sizeof at, &at, sizeof at);
    }
    char* to = append_buffer(out, text_bytes);
    for (std::size_t i = 0; i < rows; ++i) {
      const std::string_view text = text_of(i);
      std::memcpy(to, text.data(), text.size());
      to += text.size();
    }
  }

  void append_dictionary(std::string& out, std::int64_t id, const std::vector<std::string>& texts) {
    std::size_t text_bytes = 0;
    for (const std::string& text : texts) text_bytes += text.size();
    body_.clear();
    body_.add_validity();
    body_.add((texts.size() + 1) * sizeof(std::int32_t));
    body_.add(text_bytes);
    lengths_.assign(1, {static_cast<std::int64_t>(texts.size()), 0});
    const auto entries = arrow::CreateRecordBatch(builder_, static_cast<std::int64_t>(texts.size()),
                                                  builder_.CreateVectorOfStructs(lengths_),
                                                  builder_.CreateVectorOfStructs(body_.places()));
    append_message(out, builder_, arrow::Header::DictionaryBatch,
                   arrow::CreateDictionaryBatch(builder_, id, entries).Union(), body_.bytes());
    append_texts(out, texts.size(), text_bytes, [&](std::size_t i) { return std::string_view(texts[i]); });
  }

  void append_schema(std::string& out) {
    std::vector<Offset<arrow::Column>> columns;
    if (table_.columns.timestamp) columns.push_back(column("timestamp", timestamp_type()));
    if (table_.columns.device_id) columns.push_back(id_column("device_id", device_dictionary, devices_.bits()));
    if (table_.columns.sensor_id) columns.push_back(id_column("sensor_id", sensor_dictionary, sensors_.bits()));
    if (table_.columns.value) columns.push_back(value_column());
    const auto all = builder_.CreateVector(columns);
    const Metadata metadata = schema_metadata();
    append_message(out, builder_, arrow::Header::Schema,
                   arrow::CreateSchema(builder_, arrow::Endian::little, all, builder_.CreateVector(metadata)).Union(),
                   0);
  }

  Offset<arrow::KeyValue> pair(std::string_view key, std::string_view value) {
    const auto key_text = builder_.CreateString(key.data(), key.size());
    return arrow::CreateKeyValue(builder_, key_text, builder_.CreateString(value.data(), value.size()));
  }

  /// Of one sensor's readings, whose they are.
  Metadata schema_metadata() {
    if (table_.sources.size() != 1) return {};
    const Source& source = table_.sources.front();
    return {pair("index", model::index_name(source.device, source.sensor)),
            pair("device_id", source.device.to_string()), pair("sensor_id", source.sensor.to_string()),
            pair("mapping", model::to_string(source.mapping)), pair("unit", table_.unit.value_or(""))};
  }

  struct Type {
    arrow::ValueType kind;
    Offset<void> type;
  };
  Type timestamp_type() {
    const auto zone = builder_.CreateString("UTC");
    return {arrow::ValueType::TimestampType,
            arrow::CreateTimestampType(builder_, arrow::TimeUnit::nanosecond, zone).Union()};
  }
  Type integer_type(int bits) {
    return {arrow::ValueType::IntegerType, arrow::CreateIntegerType(builder_, bits, true).Union()};
  }
  Type float_type(arrow::FloatSize size) {
    return {arrow::ValueType::FloatType, arrow::CreateFloatType(builder_, size).Union()};
  }
  Type utf8_type() { return {arrow::ValueType::Utf8Type, arrow::CreateUtf8Type(builder_).Union()}; }
  Type value_type() {
    switch (mapping_) {
      case MappingType::double_precision:
        return float_type(arrow::FloatSize::double_);
      case MappingType::single_precision:
        return float_type(arrow::FloatSize::single);
      case MappingType::long_integer:
      case MappingType::integer:
      case MappingType::short_integer:
      case MappingType::byte_integer:
        return integer_type(static_cast<int>(value_bytes(mapping_)) * 8);
      case MappingType::boolean:
        return {arrow::ValueType::BooleanType, arrow::CreateBooleanType(builder_).Union()};
      case MappingType::date:
        return timestamp_type();
      case MappingType::geo_point:
        return {arrow::ValueType::StructType, arrow::CreateStructType(builder_).Union()};
      case MappingType::keyword:
      case MappingType::text:
      case MappingType::object:
        break;
    }
    return utf8_type();
  }

  Offset<arrow::Column> column(const char* name, Type type, const std::vector<Offset<arrow::Column>>& children = {},
                               Offset<arrow::DictionaryUse> dictionary = 0, const Metadata& metadata = {}) {
    const auto name_text = builder_.CreateString(name);
    const auto children_of = builder_.CreateVector(children);
    const auto metadata_of = builder_.CreateVector(metadata);
    return arrow::CreateColumn(builder_, name_text, false, type.kind, type.type, dictionary, children_of, metadata_of);
  }
  Offset<arrow::Column> id_column(const char* name, std::int64_t dictionary, int bits) {
    const auto index = arrow::CreateIntegerType(builder_, bits, true);
    return column(name, utf8_type(), {}, arrow::CreateDictionaryUse(builder_, dictionary, index));
  }
  Offset<arrow::Column> value_column() {
    std::vector<Offset<arrow::Column>> children;
    if (mapping_ == MappingType::geo_point) {
      for (const char* name : {"lat", "lon"}) children.push_back(column(name, float_type(arrow::FloatSize::double_)));
    }
    Metadata metadata;
    if (table_.unit) metadata.push_back(pair("unit", *table_.unit));
    return column("value", value_type(), children, 0, metadata);
  }

  const Table table_;
  /// Of all sources.
  MappingType mapping_ = MappingType::double_precision;
  Dictionary devices_;
  Dictionary sensors_;
  FlatBufferBuilder builder_;
  // Of the batch that is being written.
  Body body_;
  std::vector<arrow::ColumnLength> lengths_;
  std::size_t text_bytes_ = 0;
  std::vector<double> latitudes_;
  std::vector<double> longitudes_;
};

}  // namespace

std::unique_ptr<RowWriter> make_arrow_writer(Table table) {
  return std::make_unique<ArrowWriter>(std::move(table));
}

}  // namespace iot::rows
