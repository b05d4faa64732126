// The bytes of Arrow's stream, read back by FlatBuffers' own verifier and by hand. That other programs read the same
// from them is tests/e2e/test_rows.py.
#include <cstring>
#include <map>

#include <gtest/gtest.h>

#include "rows/arrow_message_generated.h"
#include "rows/row_writer.h"

namespace iot::rows {
namespace {

using model::MappingType;

constexpr std::size_t no_limit = 1u << 30;

struct Message {
  const arrow::Message* message;
  std::string_view body;

  const arrow::RecordBatch& batch() const { return *message->header_as_RecordBatch(); }
  std::string_view buffer(unsigned i) const {
    const arrow::BufferPlace& place = *batch().buffers()->Get(i);
    return body.substr(static_cast<std::size_t>(place.offset()), static_cast<std::size_t>(place.bytes()));
  }
  template <class T>
  std::vector<T> column(unsigned buffer_index) const {
    const std::string_view bytes = buffer(buffer_index);
    std::vector<T> values(bytes.size() / sizeof(T));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
};

/// The messages of a stream, which must end with its end mark. Views `stream`.
std::vector<Message> messages_of(std::string_view stream) {
  std::vector<Message> messages;
  const auto word = [&] {
    std::uint32_t value = 0;
    EXPECT_GE(stream.size(), sizeof value);
    std::memcpy(&value, stream.data(), std::min(stream.size(), sizeof value));
    stream.remove_prefix(std::min(stream.size(), sizeof value));
    return value;
  };
  while (!stream.empty()) {
    EXPECT_EQ(word(), 0xFFFFFFFFu);
    const std::uint32_t bytes = word();
    if (bytes == 0) break;
    EXPECT_EQ(bytes % 8, 0u);
    flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(stream.data()), bytes);
    EXPECT_TRUE(arrow::VerifyMessageBuffer(verifier));
    const arrow::Message* message = arrow::GetMessage(stream.data());
    EXPECT_EQ(message->version(), arrow::Version::v5);
    stream.remove_prefix(bytes);
    const auto body_bytes = static_cast<std::size_t>(message->body_bytes());
    EXPECT_EQ(body_bytes % 8, 0u);
    messages.push_back({message, stream.substr(0, body_bytes)});
    stream.remove_prefix(body_bytes);
  }
  EXPECT_TRUE(stream.empty());
  return messages;
}

Table only_values(MappingType mapping) {
  return {.columns = {false, false, false, true}, .sources = {{DeviceId{3}, SensorId{4}, mapping}}};
}

store::Block block_of(const std::vector<std::int64_t>& times, const std::vector<double>& values) {
  store::Block block;
  block.times_ns = times;
  block.reals = values;
  return block;
}
store::Block block_of(const std::vector<std::int64_t>& times, const std::vector<std::int64_t>& values) {
  store::Block block;
  block.kind = model::ColumnKind::integer;
  block.times_ns = times;
  block.integers = values;
  return block;
}
store::Block block_of(const std::vector<std::int64_t>& times, const std::vector<std::string_view>& values) {
  store::Block block;
  block.kind = model::ColumnKind::text;
  block.times_ns = times;
  block.texts = values;
  return block;
}

template <class Values>
std::string stream_of(Table table, const Values& values, Places places = {nullptr, 0, 0}) {
  const std::vector<std::int64_t> times(values.size(), 7);
  const store::Block block = block_of(times, values);
  if (places.size() == 0) places.end = values.size();
  const auto writer = make_row_writer(Form::arrow, std::move(table));
  std::string out;
  writer->begin(out);
  EXPECT_EQ(writer->add(0, block, places, no_limit, out).value(), places.size());
  writer->end(out);
  return out;
}

TEST(ArrowRows, OfNothingAreASchemaDictionariesAndTheEnd) {
  const auto writer = make_row_writer(
      Form::arrow, {.sources = {{DeviceId{3}, SensorId{4}, MappingType::double_precision}}, .unit = "°C"});
  std::string out;
  writer->begin(out);
  writer->end(out);
  const auto messages = messages_of(out);
  ASSERT_EQ(messages.size(), 3u);
  const arrow::Schema& schema = *messages[0].message->header_as_Schema();
  std::vector<std::string> names;
  for (const arrow::Column* column : *schema.columns()) names.push_back(column->name()->str());
  EXPECT_EQ(names, (std::vector<std::string>{"timestamp", "device_id", "sensor_id", "value"}));
  const arrow::TimestampType& time = *schema.columns()->Get(0)->type_as_TimestampType();
  EXPECT_EQ(time.unit(), arrow::TimeUnit::nanosecond);
  EXPECT_EQ(time.zone()->str(), "UTC");
  EXPECT_EQ(schema.columns()->Get(1)->dictionary()->index()->bits(), 8);
  EXPECT_EQ(schema.columns()->Get(3)->type_as_FloatType()->size(), arrow::FloatSize::double_);
  std::map<std::string, std::string> metadata;
  for (const arrow::KeyValue* pair : *schema.metadata()) metadata[pair->key()->str()] = pair->value()->str();
  EXPECT_EQ(metadata,
            (std::map<std::string, std::string>{
                {"index", "3_4"}, {"device_id", "3"}, {"sensor_id", "4"}, {"mapping", "double"}, {"unit", "°C"}}));
  const arrow::DictionaryBatch& sensors = *messages[2].message->header_as_DictionaryBatch();
  EXPECT_EQ(sensors.dictionary(), 1);
  EXPECT_EQ(sensors.entries()->rows(), 1);
  EXPECT_EQ(messages[2].body.substr(static_cast<std::size_t>(sensors.entries()->buffers()->Get(2)->offset()), 1), "4");
}

TEST(ArrowRows, HaveTheirColumnsInBuffersThatAreAligned) {
  const Table table{.sources = {{DeviceId{3}, SensorId{4}, MappingType::double_precision}}};
  const std::string out = stream_of(table, std::vector<double>{0.5, -1, 2});
  const auto messages = messages_of(out);
  ASSERT_EQ(messages.size(), 4u);
  const Message& rows = messages[3];
  EXPECT_EQ(rows.batch().rows(), 3);
  EXPECT_EQ(rows.batch().lengths()->size(), 4u);
  EXPECT_EQ(rows.batch().buffers()->size(), 8u);
  for (const arrow::BufferPlace* place : *rows.batch().buffers()) EXPECT_EQ(place->offset() % 64, 0);
  EXPECT_EQ(rows.column<std::int64_t>(1), (std::vector<std::int64_t>{7, 7, 7}));
  EXPECT_EQ(rows.column<std::int8_t>(3), (std::vector<std::int8_t>{0, 0, 0}));
  EXPECT_EQ(rows.column<double>(7), (std::vector<double>{0.5, -1, 2}));
}

TEST(ArrowRows, KeepEachMappingInItsOwnWidth) {
  const auto last = [](const std::string& stream) { return messages_of(stream).back(); };
  std::string out = stream_of(only_values(MappingType::single_precision), std::vector<double>{0.5, -1});
  EXPECT_EQ(last(out).column<float>(1), (std::vector<float>{0.5f, -1.0f}));
  const std::vector<std::int64_t> numbers{-128, 0, 127};
  out = stream_of(only_values(MappingType::byte_integer), numbers);
  EXPECT_EQ(last(out).column<std::int8_t>(1), (std::vector<std::int8_t>{-128, 0, 127}));
  out = stream_of(only_values(MappingType::short_integer), numbers);
  EXPECT_EQ(last(out).column<std::int16_t>(1), (std::vector<std::int16_t>{-128, 0, 127}));
  out = stream_of(only_values(MappingType::integer), numbers);
  EXPECT_EQ(last(out).column<std::int32_t>(1), (std::vector<std::int32_t>{-128, 0, 127}));
  out = stream_of(only_values(MappingType::date), numbers);
  EXPECT_EQ(last(out).column<std::int64_t>(1), numbers);
  out = stream_of(only_values(MappingType::boolean), std::vector<std::int64_t>{1, 0, 0, 1, 0, 0, 0, 0, 1});
  EXPECT_EQ(last(out).column<std::uint8_t>(1), (std::vector<std::uint8_t>{0b1001, 1}));
}

TEST(ArrowRows, KeepTextsWithTheirOffsets) {
  const std::string out = stream_of(only_values(MappingType::keyword), std::vector<std::string_view>{"ab", "", "ä"});
  const Message rows = messages_of(out).back();
  EXPECT_EQ(rows.column<std::int32_t>(1), (std::vector<std::int32_t>{0, 2, 2, 4}));
  EXPECT_EQ(rows.buffer(2), "abä");
}

TEST(ArrowRows, KeepPlacesAsLatitudeAndLongitude) {
  const std::string out =
      stream_of(only_values(MappingType::geo_point), std::vector<std::string_view>{R"({"lat":41.12,"lon":-71.34})"});
  const auto messages = messages_of(out);
  EXPECT_EQ(messages[0].message->header_as_Schema()->columns()->Get(0)->children()->size(), 2u);
  const Message& rows = messages.back();
  EXPECT_EQ(rows.batch().lengths()->size(), 3u);
  EXPECT_EQ(rows.column<double>(2), std::vector<double>{41.12});
  EXPECT_EQ(rows.column<double>(4), std::vector<double>{-71.34});
}

TEST(ArrowRows, RefuseAPlaceThatIsNone) {
  const auto writer = make_row_writer(Form::arrow, only_values(MappingType::geo_point));
  const std::vector<std::int64_t> times{1};
  for (const std::string_view text :
       {"", "{}", R"({"lat":1,"lon":2)", R"({"lat":x,"lon":2})", R"({"lat":1,"lon":2}})"}) {
    const std::vector<std::string_view> texts{text};
    std::string out;
    EXPECT_FALSE(writer->add(0, block_of(times, texts), {nullptr, 0, 1}, no_limit, out)) << text;
    EXPECT_EQ(out, "");
  }
}

TEST(ArrowRows, ComeBackwardsAndFromChosenPlaces) {
  const std::vector<double> values{0, 1, 2, 3, 4};
  const std::vector<std::uint32_t> chosen{0, 3, 4};
  std::string out = stream_of(only_values(MappingType::double_precision), values, {nullptr, 1, 4, true});
  EXPECT_EQ(messages_of(out).back().column<double>(1), (std::vector<double>{3, 2, 1}));
  out = stream_of(only_values(MappingType::double_precision), values, {chosen.data(), 0, 3});
  EXPECT_EQ(messages_of(out).back().column<double>(1), (std::vector<double>{0, 3, 4}));
}

TEST(ArrowRows, EndABatchWhereEnoughIsWritten) {
  const auto writer = make_row_writer(Form::arrow, only_values(MappingType::text));
  const std::vector<std::int64_t> times(4, 0);
  const std::string large(1000, 'x');
  const std::vector<std::string_view> texts(4, large);
  const store::Block block = block_of(times, texts);
  std::string out;
  EXPECT_EQ(writer->add(0, block, {nullptr, 0, 4}, 10, out).value(), 1u);
  EXPECT_EQ(writer->add(0, block, {nullptr, 1, 4}, 2'500, out).value(), 2u);
  EXPECT_EQ(writer->add(0, block, {nullptr, 3, 4}, 2'500, out).value(), 1u);
}

TEST(ArrowRows, NumberManySourcesWithAsManyBitsAsTheyNeed) {
  for (const auto& [count, bits] : {std::pair{128, 8}, {129, 16}, {32'768, 16}, {32'769, 32}}) {
    Table table{.columns = {false, true, true, false}, .sources = {}};
    for (int i = 0; i < count; ++i) table.sources.push_back({DeviceId{1}, SensorId{i}, MappingType::boolean});
    const auto writer = make_row_writer(Form::arrow, std::move(table));
    const std::vector<std::int64_t> times{5, 6};
    store::Block block;
    block.times_ns = times;
    std::string out;
    writer->begin(out);
    EXPECT_TRUE(writer->add(static_cast<std::size_t>(count) - 1, block, {nullptr, 0, 2}, no_limit, out));
    writer->end(out);
    const auto messages = messages_of(out);
    const auto& columns = *messages[0].message->header_as_Schema()->columns();
    EXPECT_EQ(columns.Get(0)->dictionary()->index()->bits(), 8);
    EXPECT_EQ(columns.Get(1)->dictionary()->index()->bits(), bits);
    EXPECT_EQ(messages[2].message->header_as_DictionaryBatch()->entries()->rows(), count);
    const std::string_view indices = messages[3].buffer(3);
    ASSERT_EQ(indices.size(), static_cast<std::size_t>(2 * bits / 8));
    std::uint32_t second = 0;
    std::memcpy(&second, indices.data() + bits / 8, static_cast<std::size_t>(bits) / 8);
    EXPECT_EQ(second, static_cast<std::uint32_t>(count) - 1);
  }
}

}  // namespace
}  // namespace iot::rows
