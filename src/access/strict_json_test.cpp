#include "access/strict_json.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "access/base64url.h"

namespace iot::access {
namespace {

std::string read(std::string_view text, std::size_t depth_max = 4) {
  auto parsed = parse_strict_json(text, depth_max);
  if (const auto* fault = std::get_if<JsonFault>(&parsed)) return "fault: " + fault->message;
  return boost::json::serialize(std::get<boost::json::value>(parsed));
}

bool refused(std::string_view text, std::size_t depth_max = 4) {
  return read(text, depth_max).starts_with("fault");
}

TEST(StrictJson, ReadsEveryKindOfValue) {
  EXPECT_EQ(read(R"( {"a":[1,-2,3.5,true,false,null,"x\n"],"b":{"c":{}}} )"),
            R"({"a":[1,-2,3.5E0,true,false,null,"x\n"],"b":{"c":{}}})");
  EXPECT_EQ(read("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(read(R"("")"), R"("")");
}

TEST(StrictJson, RefusesAMemberGivenTwiceAndNamesIt) {
  auto parsed = parse_strict_json(R"({"a":1,"b":{"c":1,"d":[{"c":1}],"c":2}})", 8);
  ASSERT_TRUE(std::holds_alternative<JsonFault>(parsed));
  EXPECT_EQ(std::get<JsonFault>(parsed).field, "b.c");
  EXPECT_TRUE(refused(R"({"a":1,"\u0061":2})")) << "the same name in another spelling";
  EXPECT_FALSE(refused(R"([{"a":1},{"a":2}])"));
  EXPECT_FALSE(refused(R"({"a":1,"A":2})"));
}

TEST(StrictJson, RefusesWhatIsNoJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "{}x",
                           "{} {}",
                           "[1,]",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{'a':1}",
                           "01",
                           "1.",
                           ".5",
                           "+1",
                           "NaN",
                           "Infinity",
                           "nul",
                           "\"a",
                           "\"\x01\"",
                           "\"\xff\"",
                           "\"\xc0\xaf\"",
                           "\"\xed\xa0\x80\"",
                           "\"\\ud800\"",
                           "// x\n1",
                           "/**/1",
                           "\xEF\xBB\xBF{}"}) {
    EXPECT_TRUE(refused(text)) << text;
  }
  EXPECT_TRUE(refused(std::string_view("1\0", 2)));
}

TEST(StrictJson, BoundsTheDepth) {
  EXPECT_FALSE(refused("[[]]", 2));
  EXPECT_FALSE(refused("[[1]]", 2));
  EXPECT_TRUE(refused("[[[1]]]", 2));
  EXPECT_TRUE(refused(std::string(100'000, '['), 32));
}

TEST(Base64Url, HasOneTextForEachByteString) {
  for (const char* text : {"", "AA", "AAA", "AAAA", "-_-_", "_w"}) {
    const auto bytes = decode_base64url(text);
    ASSERT_TRUE(bytes) << text;
    EXPECT_EQ(encode_base64url(*bytes), text);
  }
  for (const char* text : {"A", "AAAAA", "AB", "AAB", "AA==", "A A", "AA\n", "A+", "A/", "\xC3\xA4", "A."}) {
    EXPECT_FALSE(decode_base64url(text)) << text;
  }
}

}  // namespace
}  // namespace iot::access
