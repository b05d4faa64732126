#include "base/json_writer.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace iot {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string real(double number) {
  std::string out;
  append_json_real(out, number);
  return out;
}

TEST(JsonWriter, PutsTheCommas) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("a").begin_array().integer(-1).boolean(true).null().begin_object().end_object().end_array();
  json.key("b").string("x").key("c").real(1.5).end_object();
  EXPECT_EQ(out, R"({"a":[-1,true,null,{}],"b":"x","c":1.5})");
}

TEST(JsonWriter, EscapesWhatJsonForbids) {
  EXPECT_EQ(quoted("a\"\\\n\x01"), R"("a\"\\\n\u0001")");
  EXPECT_EQ(quoted("äöü€😀"), "\"äöü€😀\"");
}

TEST(JsonWriter, FindsWhatToEscapeWhereverItStands) {
  for (int byte = 0; byte < 256; ++byte) {
    const char letter[] = {static_cast<char>(byte), 0};
    const std::string alone = quoted(std::string_view(letter, 1));
    const std::string shown = alone.substr(1, alone.size() - 2);
    for (std::size_t before = 0; before < 20; ++before) {
      for (const std::size_t after : {0, 1, 7, 8, 9}) {
        const std::string text = std::string(before, 'x') + static_cast<char>(byte) + std::string(after, 'y');
        ASSERT_EQ(quoted(std::string_view(text)),
                  '"' + std::string(before, 'x') + shown + std::string(after, 'y') + '"')
            << byte;
      }
    }
  }
}

TEST(JsonWriter, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(quoted("\xFF"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(quoted("\xC0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(quoted("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonWriter, TellsUtf8FromOtherBytes) {
  for (const auto* good : {"", "a", "äöü€😀"}) EXPECT_TRUE(is_utf8(good)) << good;
  for (const auto* bad : {"\xFF", "a\xC0\x80", "\xE2\x82", "\xED\xA0\x80", "\x80"}) EXPECT_FALSE(is_utf8(bad)) << bad;
}

TEST(JsonWriter, WritesDecimalsAsTheStandardLibraryDoes) {
  const auto expected = [](double number) {
    char text[40];
    std::string shortest(text, std::to_chars(text, text + sizeof text, number).ptr);
    return shortest.find_first_of(".e") == std::string::npos ? shortest + ".0" : shortest;
  };
  const auto check = [&](double number) {
    for (const double sign : {1.0, -1.0}) {
      ASSERT_EQ(real(sign * number), expected(sign * number));
      ASSERT_EQ(real(sign * std::nextafter(number, 0)), expected(sign * std::nextafter(number, 0)));
      ASSERT_EQ(real(sign * std::nextafter(number, 1e9)), expected(sign * std::nextafter(number, 1e9)));
    }
  };
  std::mt19937 random(1);
  for (int decimals = 0; decimals <= 6; ++decimals) {
    const double scale = std::pow(10, decimals);
    for (int i = 0; i < 2000; ++i) check(i / scale);
    for (int i = -50; i < 50; ++i) check((100'000 * scale + i) / scale);
    for (int i = 0; i < 5000; ++i) check(static_cast<double>(random()) / scale);
  }
}

TEST(JsonWriter, WritesTheShortestRealThatReadsBack) {
  EXPECT_EQ(real(91827364.0), "91827364.0");
  EXPECT_EQ(real(0.1), "0.1");
  EXPECT_EQ(real(-0.0), "-0.0");
  EXPECT_EQ(real(1e300), "1e+300");
  EXPECT_EQ(real(std::numeric_limits<double>::quiet_NaN()), "null");
  std::string out;
  JsonWriter(out).real(0.1f);
  EXPECT_EQ(out, "0.1");
}

}  // namespace
}  // namespace iot
