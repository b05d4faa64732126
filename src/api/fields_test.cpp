#include "api/fields.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace iot::api {
namespace {

using std::chrono::seconds;

std::string all_fields_of(const std::vector<Fault>& faults) {
  std::string names;
  for (const Fault& fault : faults) names += fault.field + ";";
  return names;
}

TEST(Fields, NamesEveryFaultAtOnce) {
  const auto value =
      boost::json::parse(R"({"name":5,"sensor_id":"x","retention":"soon","mapping":{"type":"no"},"nam":1})");
  Fields fields(value, "[2].");
  EXPECT_EQ(fields.required_text("name"), "");
  EXPECT_EQ(fields.required_text("username"), "");
  EXPECT_FALSE(fields.required_id("sensor_id"));
  EXPECT_FALSE(fields.duration("retention"));
  EXPECT_FALSE(fields.mapping("mapping"));
  EXPECT_EQ(all_fields_of(fields.finish()),
            "[2].name;[2].username;[2].sensor_id;[2].retention;[2].mapping.type;[2].nam;");
}

TEST(Fields, WantsAnObject) {
  for (const char* text : {"[]", "1", "null", "\"x\""}) {
    const auto value = boost::json::parse(text);
    Fields fields(value);
    fields.required_text("name");
    EXPECT_EQ(fields.finish().size(), 1u) << text;
  }
}

TEST(Fields, ReadsIdsAsTextsAndIntegers) {
  const auto value =
      boost::json::parse(R"({"a":"12","b":12,"c":"012","d":1.0,"e":" 1","f":"-1","g":18446744073709551615})");
  Fields fields(value);
  EXPECT_EQ(fields.required_id("a"), 12);
  EXPECT_EQ(fields.required_id("b"), 12);
  EXPECT_FALSE(fields.required_id("c"));
  EXPECT_FALSE(fields.required_id("d"));
  EXPECT_FALSE(fields.required_id("e"));
  EXPECT_EQ(fields.required_id("f"), -1);
  EXPECT_FALSE(fields.required_id("g"));
}

TEST(Fields, ReadsDurations) {
  for (const auto& [text, expected] :
       std::vector<std::pair<std::string, seconds>>{{"1s", seconds(1)},
                                                    {"90s", seconds(90)},
                                                    {"15m", seconds(900)},
                                                    {"12h", seconds(43'200)},
                                                    {"30d", seconds(2'592'000)},
                                                    {"2w", seconds(1'209'600)},
                                                    {"36525d", seconds(3'155'760'000)}}) {
    EXPECT_EQ(parse_duration(text), expected) << text;
  }
  for (const char* text :
       {"", "s", "0s", "-1s", "1", "1x", "1 d", " 1d", "1d ", "1.5h", "36526d", "99999999999999999999d", "+1d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  const auto value =
      boost::json::parse(R"({"a":1,"b":0,"c":3155760000,"d":3155760001,"e":null,"f":1.5,"g":"30d","h":-1})");
  Fields fields(value);
  EXPECT_EQ(fields.duration("a"), std::optional(seconds(1)));
  EXPECT_FALSE(fields.duration("b"));
  EXPECT_EQ(fields.duration("c"), std::optional(seconds(3'155'760'000)));
  EXPECT_FALSE(fields.duration("d"));
  ASSERT_TRUE(fields.duration("e")) << "null is said";
  EXPECT_FALSE(*fields.duration("e")) << "and says: none";
  EXPECT_FALSE(fields.duration("f"));
  EXPECT_EQ(fields.duration("g"), std::optional(seconds(2'592'000)));
  EXPECT_FALSE(fields.duration("h"));
  EXPECT_FALSE(fields.duration("absent"));
}

TEST(Fields, ReadsAgesOfRollups) {
  const auto value = boost::json::parse(
      R"({"a":{"minutes":"365d","hours":86400,"days":"forever"},"b":{},"c":null,"d":{"minutes":null,"days":60},
          "e":5,"f":{"minutes":"soon","weeks":1,"days":0},"g":"forever"})");
  Fields fields(value, "[1].");
  EXPECT_EQ(fields.rollups("a").value(), (model::Rollups{seconds(31'536'000), seconds(86'400), model::forever}));
  EXPECT_EQ(fields.rollups("b").value(), model::Rollups{}) << "none is kept, whatever the device says";
  ASSERT_TRUE(fields.rollups("c")) << "null is said";
  EXPECT_FALSE(*fields.rollups("c")) << "and says: as the device";
  EXPECT_EQ(fields.rollups("d").value(), (model::Rollups{seconds(0), seconds(0), seconds(60)}));
  EXPECT_FALSE(fields.rollups("absent"));
  for (const char* bad : {"e", "f", "g"}) EXPECT_FALSE(fields.rollups(bad)) << bad;
  EXPECT_EQ(all_fields_of(fields.finish()), "[1].e;[1].f.minutes;[1].f.days;[1].f.weeks;[1].g;");
}

TEST(Fields, ReadsMappingsAsObjectsAndAsTextsOfJson) {
  const auto value = boost::json::parse(
      R"({"a":{"type":"long"},"b":"{\"type\":\"double\"}","c":"double","d":"[]","e":{"type":5},"f":{},"g":{"type":"long","index":true},"h":"{\"type\":\"long\",\"type\":\"long\"}"})");
  Fields fields(value);
  EXPECT_EQ(fields.mapping("a"), model::MappingType::long_integer);
  EXPECT_EQ(fields.mapping("b"), model::MappingType::double_precision);
  for (const char* bad : {"c", "d", "e", "f", "g", "h"}) EXPECT_FALSE(fields.mapping(bad)) << bad;
  EXPECT_EQ(all_fields_of(fields.finish()), "c;d;e;f;g.index;h;");
}

TEST(CamelCase, MakesNamesOfCodes) {
  EXPECT_EQ(camel_case("device_not_found"), "DeviceNotFound");
  EXPECT_EQ(camel_case("forbidden"), "Forbidden");
  EXPECT_EQ(camel_case(""), "");
}

}  // namespace
}  // namespace iot::api
