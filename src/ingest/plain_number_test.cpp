#include "ingest/plain_number.h"

#include <bit>
#include <charconv>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace iot::ingest {
namespace {

TEST(PlainNumber, TakesUsualNumbersAlone) {
  for (const char* text : {"", "-", ".", "1.", ".5", "-.5", "01", "-01", "00", "1e5", "+1", "1 ", " 1", "1.2.3", "0x1",
                           "1234567890123456", "12345678901234567", "NaN"}) {
    EXPECT_FALSE(parse_plain_number(text)) << text;
  }
  for (const char* text :
       {"0", "-0", "0.5", "-0.5", "1", "12.50", "123456789012345", "-123456789012345", "0.00000000000001"}) {
    EXPECT_TRUE(parse_plain_number(text)) << text;
  }
}

TEST(PlainNumber, IsTheNearestDouble) {
  const auto seed = std::random_device{}();
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200'000; ++i) {
    std::string text = std::to_string(random() % 1'000'000'000'000'000u >> random() % 50);
    if (const std::size_t point = random() % 16; point > 0 && point < text.size()) text.insert(point, ".");
    if (random() % 2) text.insert(0, "-");
    const auto number = parse_plain_number(text);
    ASSERT_TRUE(number) << text << ", seed " << seed;
    double nearest = 0;
    std::from_chars(text.data(), text.data() + text.size(), nearest);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(to_double(*number)), std::bit_cast<std::uint64_t>(nearest))
        << text << ", seed " << seed;
  }
}

}  // namespace
}  // namespace iot::ingest
