#include "model/value.h"

#include <gtest/gtest.h>

#include "model/reading_id.h"

namespace iot::model {
namespace {

std::string json_of(MappingType mapping, const Value& value) {
  std::string json;
  append_value_json(json, mapping, value);
  return json;
}

TEST(Mapping, NamesComeBack) {
  for (std::size_t number = 0; number < mapping_type_count; ++number) {
    const auto type = static_cast<MappingType>(number);
    EXPECT_EQ(parse_mapping_type(to_string(type)), type);
  }
  EXPECT_EQ(to_string(MappingType::double_precision), "double");
  EXPECT_EQ(to_string(MappingType::object), "object");
  for (const auto* name : {"", "Double", "int", "date_nanos", "double "}) EXPECT_FALSE(parse_mapping_type(name));
}

TEST(ValueJson, ShowsEachTypeInItsOwnForm) {
  EXPECT_EQ(json_of(MappingType::double_precision, 0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(json_of(MappingType::single_precision, static_cast<double>(0.3f)), "0.3");
  EXPECT_EQ(json_of(MappingType::long_integer, std::int64_t{INT64_MIN}), "-9223372036854775808");
  EXPECT_EQ(json_of(MappingType::boolean, std::int64_t{1}), "true");
  EXPECT_EQ(json_of(MappingType::keyword, std::string("a\"b")), "\"a\\\"b\"");
  EXPECT_EQ(json_of(MappingType::object, std::string("{\"a\":1}")), "{\"a\":1}");
}

TEST(ReadingId, IsTheSameForTheSameReading) {
  // The id by other means: printf '4\n91827364.0' | sha256sum, and base64 of the time and its first seven bytes.
  const Timestamp time{1'526'717'967'000'000'000};
  const auto id = reading_id(SensorId{4}, time, "91827364.0");
  EXPECT_EQ(id, "FS_95u891gB4xpY4BsXT");
  EXPECT_NE(id, reading_id(SensorId{5}, time, "91827364.0"));
  EXPECT_NE(id, reading_id(SensorId{4}, time, "91827364.5"));
  EXPECT_NE(id, reading_id(SensorId{4}, Timestamp{time.ns + 1}, "91827364.0"));
}

TEST(ReadingId, IsTheSameOneAfterTheOther) {
  ReadingIds ids(SensorId{4});
  for (std::int64_t i = 0; i < 200; ++i) {
    // Texts of one, two and three of the hash's blocks.
    const std::string value = '"' + std::string(static_cast<std::size_t>(i), 'x') + '"';
    const auto id = ids.id(Timestamp{i}, value);
    EXPECT_EQ(std::string_view(id.data(), id.size()), reading_id(SensorId{4}, Timestamp{i}, value));
  }
  const auto id = ids.id(Timestamp{1'526'717'967'000'000'000}, "91827364.0");
  EXPECT_EQ(std::string_view(id.data(), id.size()), "FS_95u891gB4xpY4BsXT");
}

TEST(ReadingId, GivesItsTimeBack) {
  for (const std::int64_t ns : {std::int64_t{0}, std::int64_t{1}, std::int64_t{1'526'717'967'123'456'789}, INT64_MAX}) {
    EXPECT_EQ(time_of_reading_id(reading_id(SensorId{1}, Timestamp{ns}, "true")), Timestamp{ns});
  }
}

TEST(ReadingId, OtherTextsHaveNoTime) {
  for (const auto* id : {"", "short", "AAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA",
                         "AAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAA/A", "gAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_FALSE(time_of_reading_id(id)) << id;
  }
}

}  // namespace
}  // namespace iot::model
