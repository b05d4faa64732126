#include "store/embedded/text_codec.h"

#include <random>

#include <gtest/gtest.h>

namespace iot::store {
namespace {

constexpr std::size_t bytes_max = 1 << 20;
using Texts = std::vector<std::string_view>;

std::string encode(const Texts& texts, Effort effort = Effort::fast) {
  std::string bytes;
  encode_texts(texts, effort, bytes);
  return bytes;
}

void expect_comes_back(const Texts& texts) {
  for (const Effort effort : {Effort::fast, Effort::dense}) {
    const std::string encoded = encode(texts, effort);
    ByteReader in(encoded);
    Texts decoded(texts.size());
    std::string bytes = "what was there before";
    ASSERT_TRUE(decode_texts(in, bytes_max, decoded, bytes));
    ASSERT_TRUE(in.empty());
    const std::string moved = std::move(bytes);
    ASSERT_EQ(decoded, texts);
  }
}

TEST(TextCodec, GivesBackAnyBytes) {
  using namespace std::string_view_literals;
  expect_comes_back({""});
  expect_comes_back({"", "", ""});
  expect_comes_back({"a"});
  expect_comes_back({"\0\0\xFF"sv, "\n", "", "straße"});
  expect_comes_back(Texts(3000, "the same"));
}

TEST(TextCodec, GivesBackFewAndManyDifferentTexts) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (const std::size_t different : {2, 10, 60, 64, 65, 500, 100'000}) {
    std::vector<std::string> owned;
    for (int i = 0; i < 2000; ++i) {
      const std::size_t which = random() % different;
      owned.push_back(std::string(which % 40, static_cast<char>('a' + which % 7)) + std::to_string(which));
    }
    expect_comes_back({owned.begin(), owned.end()});
  }
}

TEST(TextCodec, StoresRepeatedTextsOnce) {
  std::mt19937_64 random(1);
  Texts texts;
  for (int i = 0; i < 10'000; ++i) texts.push_back(random() % 2 == 0 ? "running" : "stopped by the operator");
  EXPECT_LT(encode(texts).size() * 8, 10'000 + 8 * 120u) << "a bit each";
}

TEST(TextCodec, CompressesTextsThatAreAlike) {
  std::vector<std::string> owned;
  for (int i = 0; i < 1000; ++i) owned.push_back("{\"lat\":52.51" + std::to_string(i) + ",\"lon\":13.40}");
  EXPECT_LT(encode({owned.begin(), owned.end()}).size(), 1000u * 8);
}

TEST(TextCodec, NoticesEveryCutAndTooManyBytes) {
  std::vector<std::string> owned;
  for (int i = 0; i < 200; ++i) owned.push_back("value " + std::to_string(i));
  Texts many(owned.begin(), owned.end());
  for (Texts texts : {many, Texts(200, "same"), Texts{"a", "b"}}) {
    const std::string encoded = encode(texts);
    std::string bytes;
    for (std::size_t cut = 0; cut < encoded.size(); ++cut) {
      ByteReader in(std::string_view(encoded).substr(0, cut));
      ASSERT_FALSE(decode_texts(in, bytes_max, texts, bytes)) << cut;
    }
    std::size_t total = 0;
    if (texts.size() == many.size() && texts[0] != texts[1]) {
      for (const auto text : texts) total += text.size();
      ByteReader enough(encoded);
      EXPECT_TRUE(decode_texts(enough, total, texts, bytes));
      ByteReader too_small(encoded);
      EXPECT_FALSE(decode_texts(too_small, total - 1, texts, bytes));
    }
  }
}

}  // namespace
}  // namespace iot::store
