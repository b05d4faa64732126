#include "mqtt/utf8.h"

#include <gtest/gtest.h>

namespace iot::mqtt {
namespace {

using T = TextTraits;

struct Sample {
  const char* name;
  std::string_view text;
  unsigned traits;
};

TEST(ScanText, SaysWhatATextHas) {
  const Sample samples[] = {
      {"nothing", "", 0},
      {"ASCII from its first to its last", " ~", 0},
      {"two bytes, first and last", "\xC2\xA0\xDF\xBF", 0},
      {"three bytes, first", "\xE0\xA0\x80", 0},
      {"before the surrogates", "\xED\x9F\xBF", 0},
      {"after the surrogates", "\xEE\x80\x80", 0},
      {"four bytes, first", "\xF0\x90\x80\x80", 0},
      {"U+2A6D4", "A\xF0\xAA\x9B\x94", 0},
      {"U+FEFF is a character", "\xEF\xBB\xBF", 0},
      {"U+0000", std::string_view("\0", 1), T::null},
      {"U+0001", "\x01", T::control},
      {"U+001F", "\x1F", T::control},
      {"U+007F", "\x7F", T::control},
      {"U+0080", "\xC2\x80", T::control},
      {"U+009F", "\xC2\x9F", T::control},
      {"plus", "a+b", T::wildcard},
      {"hash", "a#b", T::wildcard},
      {"the letters beside plus and hash", "*,\"$", 0},
      {"U+FDD0", "\xEF\xB7\x90", T::non_character},
      {"U+FDEF", "\xEF\xB7\xAF", T::non_character},
      {"U+FFFE", "\xEF\xBF\xBE", T::non_character},
      {"U+10FFFF", "\xF4\x8F\xBF\xBF", T::non_character},
      {"U+10FFFD", "\xF4\x8F\xBF\xBD", 0},
      {"U+D800", "\xED\xA0\x80", T::ill_formed},
      {"U+DFFF", "\xED\xBF\xBF", T::ill_formed},
      {"U+110000", "\xF4\x90\x80\x80", T::ill_formed},
      {"overlong two", "\xC1\xBF", T::ill_formed},
      {"overlong three", "\xE0\x9F\xBF", T::ill_formed},
      {"overlong four", "\xF0\x8F\xBF\xBF", T::ill_formed},
      {"a lead byte alone", "\xC3", T::ill_formed},
      {"cut in three", "\xE2\x82", T::ill_formed},
      {"cut in four", "\xF0\xAA\x9B", T::ill_formed},
      {"a follower alone", "\x80", T::ill_formed},
      {"a lead byte after a lead byte", "\xE2\xE2\x82", T::ill_formed},
      {"F5", "\xF5\x80\x80\x80", T::ill_formed},
      {"all of it", std::string_view("\0\x01+\xEF\xBF\xBE", 6), T::null | T::control | T::wildcard | T::non_character},
  };
  for (const Sample& sample : samples) {
    SCOPED_TRACE(sample.name);
    // Eight letters are looked at together: the sample stands at each place within them.
    for (std::size_t before = 0; before < 17; ++before) {
      for (const std::size_t after : {0u, 1u, 7u, 8u, 9u}) {
        const std::string text = std::string(before, 'x') + std::string(sample.text) + std::string(after, 'y');
        if ((sample.traits & T::ill_formed) != 0) {
          EXPECT_NE(scan_text(text) & T::ill_formed, 0u) << before << " " << after;
        } else {
          EXPECT_EQ(scan_text(text), sample.traits) << before << " " << after;
        }
      }
    }
  }
}

TEST(ScanText, KnowsEachCodePoint) {
  const auto encoded = [](std::uint32_t code) {
    std::string text;
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else if (code < 0x800) {
      text += static_cast<char>(0xC0 | code >> 6);
      text += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      text += static_cast<char>(0xE0 | code >> 12);
      text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
      text += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      text += static_cast<char>(0xF0 | code >> 18);
      text += static_cast<char>(0x80 | (code >> 12 & 0x3F));
      text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
      text += static_cast<char>(0x80 | (code & 0x3F));
    }
    return text;
  };
  for (std::uint32_t code = 0; code < 0x11'0000; ++code) {
    unsigned traits = 0;
    if (code == 0) traits = T::null;
    if ((code > 0 && code < 0x20) || (code >= 0x7F && code < 0xA0)) traits = T::control;
    if (code == '+' || code == '#') traits = T::wildcard;
    if (code >= 0xD800 && code < 0xE000) traits = T::ill_formed;
    if ((code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFF) >= 0xFFFE) traits = T::non_character;
    ASSERT_EQ(scan_text(encoded(code)), traits) << code;
  }
}

TEST(ScanText, FreeTextMayHaveLinesAndNamesMayNot) {
  EXPECT_TRUE(is_text("a\nb\tc"));
  EXPECT_FALSE(is_name("a\nb"));
  EXPECT_TRUE(is_name("a/+/#"));
  EXPECT_FALSE(is_text(std::string_view("a\0b", 3)));
  EXPECT_TRUE(is_utf8(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_utf8("\xFF"));
}

}  // namespace
}  // namespace iot::mqtt
