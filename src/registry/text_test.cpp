#include "registry/text.h"

#include <gtest/gtest.h>

namespace iot::registry {
namespace {

TEST(Text, OfPeopleIsClean) {
  for (const auto* text : {"", "pump", "Pümpe №3", "温度", "🌡", "a b"}) {
    EXPECT_TRUE(is_clean_text(text, LineBreaks::refused)) << text;
  }
}

TEST(Text, RefusesControlCharacters) {
  using namespace std::string_literals;
  for (const auto& text : {"a\0b"s, "\x1F"s, "\x7F"s, "\xC2\x80"s, "\xC2\x9F"s, "\x1B[31m"s}) {
    EXPECT_FALSE(is_clean_text(text, LineBreaks::refused));
    EXPECT_FALSE(is_clean_text(text, LineBreaks::allowed));
  }
}

TEST(Text, TakesLineBreaksOnlyWhereTheyAreAllowed) {
  EXPECT_FALSE(is_clean_text("a\r\n\tb", LineBreaks::refused));
  EXPECT_TRUE(is_clean_text("a\r\n\tb", LineBreaks::allowed));
}

TEST(Text, RefusesWhatIsNotUtf8) {
  for (const auto* text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x80\x80", "\xE2\x82", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xC3(", "\xF0\x9F\x8C"}) {
    EXPECT_FALSE(is_clean_text(text, LineBreaks::allowed)) << text;
  }
  EXPECT_TRUE(is_clean_text("\xC2\xA0\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
                            LineBreaks::refused));
}

TEST(Text, FoldsLettersOfTheUsualScripts) {
  EXPECT_EQ(fold_case("PUMP Nr. 3"), "pump nr. 3");
  EXPECT_EQ(fold_case("ÄÖÜ×ÿÀÞß"), "äöü×ÿàþß");
  EXPECT_EQ(fold_case("ĀĂŁŃŊŠŹŻŽȘȚ"), "āăłńŋšźżžșț");
  EXPECT_EQ(fold_case("ΘΕΡΜΟΚΡΑΣΊΑ ΆΈΉΊΌΎΏ"), "θερμοκρασία άέήίόύώ");
  EXPECT_EQ(fold_case("NHIỆT ĐỘ NƯỚC Ơ Ÿ"), "nhiệt độ nước ơ ÿ");
  EXPECT_EQ(fold_case("Насос ЁЖ Ґ"), "насос ёж ґ");
}

TEST(Text, FoldingKeepsTheRest) {
  EXPECT_EQ(fold_case("温度🌡ẞ"), "温度🌡ẞ");
  EXPECT_EQ(fold_case("\xFFz\xC3"), "\xFFz\xC3");
}

TEST(Text, FoldingTwiceChangesNothing) {
  for (char32_t code = 0x80; code < 0x800; ++code) {
    std::string text{static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 0x3F))};
    const auto folded = fold_case(text);
    EXPECT_EQ(folded.size(), 2u);
    EXPECT_EQ(fold_case(folded), folded) << static_cast<std::uint32_t>(code);
  }
}

TEST(Text, PatternsEscapeWildcards) {
  EXPECT_EQ(contains_pattern(""), "%");
  EXPECT_EQ(contains_pattern("Ab"), "%ab%");
  EXPECT_EQ(contains_pattern("50%_!"), "%50!%!_!!%");
}

}  // namespace
}  // namespace iot::registry
