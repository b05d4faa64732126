#include "server/readings_text.h"

#include <gtest/gtest.h>

namespace iot::server {
namespace {

std::string reading_of(ReadingsReader& reader, std::string_view record) {
  const auto line = reader.read(record);
  if (!line) return "refused: " + line.error().message;
  if (!*line) return "nothing";
  return (*line)->device.to_string() + " " + (*line)->reading;
}

TEST(ReadingsText, CsvBecomesWhatGatewaysTake) {
  ReadingsReader reader(ReadingsFormat::csv);
  EXPECT_EQ(reading_of(reader, "value,device_id,unit,sensor_id,timestamp\r\n"), "nothing");
  EXPECT_EQ(reading_of(reader, "1.50,3,m,4,1526717967"),
            R"(3 {"sensor_id":"4","timestamp":1526717967,"value":"1.50"})");
  EXPECT_EQ(reading_of(reader, "\"a \"\"b\"\", c\",3,m,4,2018-05-19T08:19:27Z"),
            R"(3 {"sensor_id":"4","timestamp":"2018-05-19T08:19:27Z","value":"a \"b\", c"})");
  EXPECT_EQ(reading_of(reader, "\"{\"\"a\"\":1}\",3,m,4,1"), R"(3 {"sensor_id":"4","timestamp":1,"value":{"a":1}})");
  EXPECT_EQ(reading_of(reader, "{no json,3,m,4,1"), R"(3 {"sensor_id":"4","timestamp":1,"value":"{no json"})");
  EXPECT_EQ(reading_of(reader, ""), "nothing");
}

TEST(ReadingsText, BadLinesAreNamed) {
  ReadingsReader without_column(ReadingsFormat::csv);
  EXPECT_NE(reading_of(without_column, "device_id,timestamp,value").find("no column sensor_id"), std::string::npos);
  ReadingsReader csv(ReadingsFormat::csv);
  EXPECT_EQ(reading_of(csv, "device_id,sensor_id,timestamp,value\n"), "nothing");
  EXPECT_NE(reading_of(csv, "3,4,1").find("too few"), std::string::npos);
  EXPECT_NE(reading_of(csv, "three,4,1,2").find("not a device id"), std::string::npos);
  EXPECT_NE(reading_of(csv, "3,4,1,a\"b\"").find("quote"), std::string::npos);
  ReadingsReader json(ReadingsFormat::json_lines);
  EXPECT_NE(reading_of(json, "[1]").find("not a JSON object"), std::string::npos);
  EXPECT_NE(reading_of(json, R"({"sensor_id":"4"})").find("device_id"), std::string::npos);
}

TEST(ReadingsText, ARecordWithAnOpenQuoteGoesOnInTheNextLine) {
  const ReadingsReader csv(ReadingsFormat::csv);
  EXPECT_TRUE(csv.needs_more("3,4,1,\"one\n"));
  EXPECT_FALSE(csv.needs_more("3,4,1,\"one\ntwo\"\n"));
  EXPECT_FALSE(ReadingsReader(ReadingsFormat::json_lines).needs_more("{\"a\":\"\\\"\"}"));
}

TEST(ReadingsText, WhatIsExportedReadsBack) {
  const std::vector<std::pair<model::MappingType, model::Value>> values{
      {model::MappingType::double_precision, -0.1},
      {model::MappingType::long_integer, std::int64_t{9'007'199'254'740'993}},
      {model::MappingType::keyword, std::string("007")},
      {model::MappingType::text, std::string("a \"quoted\",\nline")},
      {model::MappingType::object, std::string(R"({"a":[1,2]})")},
  };
  for (const auto format : {ReadingsFormat::csv, ReadingsFormat::json_lines}) {
    for (const auto& [mapping, value] : values) {
      const std::vector<std::int64_t> times{1'526'717'967'000'000'001};
      store::Block block;
      block.times_ns = times;
      block.kind = model::column_kind(mapping);
      std::string_view text;
      if (const auto* real = std::get_if<double>(&value)) block.reals = {real, 1};
      if (const auto* integer = std::get_if<std::int64_t>(&value)) block.integers = {integer, 1};
      if (const auto* string = std::get_if<std::string>(&value)) text = *string;
      block.texts = {&text, 1};
      const auto writer = rows::make_row_writer(format, {.sources = {{DeviceId{3}, SensorId{4}, mapping}}});
      std::string head, line;
      writer->begin(head);
      ASSERT_TRUE(writer->add(0, block, {nullptr, 0, 1}, 1, line));
      ReadingsReader reader(format);
      EXPECT_EQ(reading_of(reader, head), "nothing");
      const auto read = reading_of(reader, line);
      EXPECT_NE(read.find("\"timestamp\":\"2018-05-19T08:19:27.000000001Z\""), std::string::npos) << read;
      EXPECT_TRUE(read.starts_with("3 ")) << read;
    }
  }
}

TEST(ReadingsText, TheFormatFollowsTheNameUnlessItIsGiven) {
  EXPECT_EQ(readings_format("", "a.csv"), ReadingsFormat::csv);
  EXPECT_EQ(readings_format("", "a.jsonl"), ReadingsFormat::json_lines);
  EXPECT_EQ(readings_format("csv", "a.jsonl"), ReadingsFormat::csv);
  EXPECT_EQ(readings_format("jsonl", "-"), ReadingsFormat::json_lines);
}

}  // namespace
}  // namespace iot::server
