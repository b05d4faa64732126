#include <gtest/gtest.h>

#include "base/time_text.h"
#include "rows/row_writer.h"
#include "rows/time_column.h"

namespace iot::rows {
namespace {

using model::MappingType;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t start = 1'526'717'967 * second;
constexpr std::size_t no_limit = 1u << 30;

store::Block block_of(const std::vector<std::int64_t>& times) {
  store::Block block;
  block.times_ns = times;
  return block;
}
store::Block reals(const std::vector<std::int64_t>& times, const std::vector<double>& values) {
  store::Block block = block_of(times);
  block.reals = values;
  return block;
}
store::Block integers(const std::vector<std::int64_t>& times, const std::vector<std::int64_t>& values) {
  store::Block block = block_of(times);
  block.kind = model::ColumnKind::integer;
  block.integers = values;
  return block;
}
store::Block texts(const std::vector<std::int64_t>& times, const std::vector<std::string_view>& values) {
  store::Block block = block_of(times);
  block.kind = model::ColumnKind::text;
  block.texts = values;
  return block;
}

Table table_of(MappingType mapping) {
  return {.sources = {{DeviceId{3}, SensorId{4}, mapping}}};
}

std::string written(Form form, Table table, const store::Block& block) {
  const auto writer = make_row_writer(form, std::move(table));
  std::string out;
  writer->begin(out);
  EXPECT_EQ(writer->add(0, block, {nullptr, 0, block.size()}, no_limit, out).value(), block.size());
  writer->end(out);
  return out;
}

TEST(CsvRows, HaveAHeaderAndARowForEachReading) {
  EXPECT_EQ(written(Form::csv, table_of(MappingType::double_precision),
                    reals({start, start + 1, start + 86'400 * second}, {0.1, -0.0, 1e300})),
            "timestamp,device_id,sensor_id,value\r\n"
            "2018-05-19T08:19:27.000000000Z,3,4,0.1\r\n"
            "2018-05-19T08:19:27.000000001Z,3,4,-0.0\r\n"
            "2018-05-20T08:19:27.000000000Z,3,4,1e+300\r\n");
}

TEST(CsvRows, OfNothingAreAHeaderAlone) {
  const auto writer = make_row_writer(Form::csv, table_of(MappingType::byte_integer));
  std::string out;
  writer->begin(out);
  writer->end(out);
  EXPECT_EQ(out, "timestamp,device_id,sensor_id,value\r\n");
}

TEST(CsvRows, WriteEachMappingInItsForm) {
  const auto value = [](MappingType mapping, const store::Block& block) {
    Table table = table_of(mapping);
    table.columns = {false, false, false, true};
    const std::string out = written(Form::csv, std::move(table), block);
    EXPECT_TRUE(out.starts_with("value\r\n") && out.ends_with("\r\n")) << out;
    return out.substr(7, out.size() - 9);
  };
  EXPECT_EQ(value(MappingType::single_precision, reals({0}, {static_cast<double>(0.1f)})), "0.1");
  EXPECT_EQ(value(MappingType::double_precision, reals({0}, {21})), "21.0");
  EXPECT_EQ(value(MappingType::long_integer, integers({0}, {INT64_MIN})), "-9223372036854775808");
  EXPECT_EQ(value(MappingType::boolean, integers({0}, {1})), "true");
  EXPECT_EQ(value(MappingType::date, integers({0}, {start + 5})), "2018-05-19T08:19:27.000000005Z");
  EXPECT_EQ(value(MappingType::keyword, texts({0}, {"7"})), "\"7\"");
  EXPECT_EQ(value(MappingType::keyword, texts({0}, {""})), "\"\"");
  EXPECT_EQ(value(MappingType::text, texts({0}, {"a,\"b\"\r\nc"})), "\"a,\"\"b\"\"\r\nc\"");
  EXPECT_EQ(value(MappingType::object, texts({0}, {R"({"a":[1]})"})), R"("{""a"":[1]}")");
}

TEST(CsvRows, HaveTheColumnsThatWereAskedFor) {
  const auto header_and_row = [](Columns columns) {
    Table table = table_of(MappingType::long_integer);
    table.columns = columns;
    table.times = TimeText::epoch_ns;
    return written(Form::csv, std::move(table), integers({start}, {7}));
  };
  EXPECT_EQ(header_and_row({}), "timestamp,device_id,sensor_id,value\r\n1526717967000000000,3,4,7\r\n");
  EXPECT_EQ(header_and_row({true, false, false, true}), "timestamp,value\r\n1526717967000000000,7\r\n");
  EXPECT_EQ(header_and_row({false, true, true, false}), "device_id,sensor_id\r\n3,4\r\n");
  EXPECT_EQ(header_and_row({false, true, false, true}), "device_id,value\r\n3,7\r\n");
  EXPECT_EQ(header_and_row({true, false, true, false}), "timestamp,sensor_id\r\n1526717967000000000,4\r\n");
  EXPECT_EQ(header_and_row({false, false, false, true}), "value\r\n7\r\n");
}

TEST(JsonLineRows, AreOneObjectEach) {
  EXPECT_EQ(written(Form::json_lines, table_of(MappingType::keyword), texts({start, start + 1}, {"a\"\n", "ä"})),
            "{\"timestamp\":\"2018-05-19T08:19:27.000000000Z\",\"device_id\":\"3\",\"sensor_id\":\"4\",\"value\":"
            "\"a\\\"\\n\"}\n"
            "{\"timestamp\":\"2018-05-19T08:19:27.000000001Z\",\"device_id\":\"3\",\"sensor_id\":\"4\",\"value\":"
            "\"ä\"}\n");
  Table table = table_of(MappingType::geo_point);
  table.columns = {false, false, true, true};
  EXPECT_EQ(written(Form::json_lines, table, texts({0}, {R"({"lat":1,"lon":2})"})),
            "{\"sensor_id\":\"4\",\"value\":{\"lat\":1,\"lon\":2}}\n");
  table = table_of(MappingType::boolean);
  table.columns = {true, false, false, true};
  table.times = TimeText::epoch_ns;
  EXPECT_EQ(written(Form::json_lines, table, integers({5}, {0})), "{\"timestamp\":5,\"value\":false}\n");
}

TEST(Rows, NameTheSourceThatTheyAreOf) {
  const Table table{.columns = {false, true, true, true},
                    .sources = {{DeviceId{3}, SensorId{4}, MappingType::long_integer},
                                {DeviceId{3}, SensorId{5}, MappingType::keyword}}};
  const auto writer = make_row_writer(Form::csv, table);
  std::string out;
  writer->begin(out);
  EXPECT_TRUE(writer->add(0, integers({0}, {1}), {nullptr, 0, 1}, no_limit, out));
  EXPECT_TRUE(writer->add(1, texts({0}, {"b"}), {nullptr, 0, 1}, no_limit, out));
  EXPECT_EQ(out, "device_id,sensor_id,value\r\n3,4,1\r\n3,5,\"b\"\r\n");
}

TEST(Rows, StopWhereEnoughIsWrittenButNeverBeforeTheFirst) {
  const auto writer = make_row_writer(Form::csv, table_of(MappingType::long_integer));
  const std::vector<std::int64_t> times(100, 0), values(100, 1);
  const store::Block block = integers(times, values);
  std::string out;
  EXPECT_EQ(writer->add(0, block, {nullptr, 0, 100}, 1, out).value(), 1u);
  const std::size_t row_bytes = out.size();
  EXPECT_EQ(writer->add(0, block, {nullptr, 1, 100}, 10 * row_bytes, out).value(), 10u);
  EXPECT_EQ(out.size(), 11 * row_bytes);
}

TEST(Places, AreTakenFromTheFrontInEitherDirection) {
  const auto all = [](Places places) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < places.size(); ++i) found.push_back(places[i]);
    return found;
  };
  const std::vector<std::uint32_t> list{1, 4, 5, 9};
  using Found = std::vector<std::size_t>;
  EXPECT_EQ(all({nullptr, 2, 5}), (Found{2, 3, 4}));
  EXPECT_EQ(all({nullptr, 2, 5, true}), (Found{4, 3, 2}));
  EXPECT_EQ(all({list.data(), 0, 4, true}), (Found{9, 5, 4, 1}));
  EXPECT_EQ(all(Places{list.data(), 0, 4, true}.after(1)), (Found{5, 4, 1}));
  EXPECT_EQ(all(Places{list.data(), 0, 4, true}.first(3)), (Found{9, 5, 4}));
  EXPECT_EQ(all(Places{list.data(), 0, 4}.after(1).first(2)), (Found{4, 5}));
}

TEST(TimeColumn, WritesWhatFormatTimestampDoes) {
  TimeColumn column;
  std::uint64_t random = 0;
  for (int i = 0; i < 10'000; ++i) {
    // Steps from nanoseconds to years, back and forth, also to before 1970.
    random = random * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
    const auto any = static_cast<std::int64_t>(random);
    const std::int64_t time = i % 3 == 0 ? any % (86'400 * second) : any;
    std::string out;
    column.append(out, {time});
    ASSERT_EQ(out, format_timestamp({time})) << time;
  }
}

}  // namespace
}  // namespace iot::rows
