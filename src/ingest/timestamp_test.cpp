#include <random>

#include <gtest/gtest.h>

#include "ingest/ingestor.h"

namespace iot::ingest {
namespace {

std::optional<std::int64_t> ns(std::string_view text) {
  const auto time = detect_timestamp(text);
  return time ? std::optional(time->ns) : std::nullopt;
}

TEST(DetectTimestamp, DetectsTheUnitByTheMagnitude) {
  EXPECT_EQ(ns("0"), 0);
  EXPECT_EQ(ns("1"), 1'000'000'000);
  EXPECT_EQ(ns("1526717967"), 1'526'717'967'000'000'000);
  EXPECT_EQ(ns("1526717967123"), 1'526'717'967'123'000'000);
  EXPECT_EQ(ns("1526717967123456"), 1'526'717'967'123'456'000);
  EXPECT_EQ(ns("1526717967123456789"), 1'526'717'967'123'456'789);
  // Each border, from below and at it. The largest seconds and milliseconds are beyond 2262.
  EXPECT_EQ(ns("9223372036"), 9'223'372'036'000'000'000);
  EXPECT_FALSE(ns("9223372037"));
  EXPECT_FALSE(ns("99999999999"));
  EXPECT_EQ(ns("100000000000"), 100'000'000'000'000'000);
  EXPECT_EQ(ns("9223372036854"), 9'223'372'036'854'000'000);
  EXPECT_FALSE(ns("9223372036855"));
  EXPECT_FALSE(ns("99999999999999"));
  EXPECT_EQ(ns("100000000000000"), 100'000'000'000'000'000);
  EXPECT_FALSE(ns("99999999999999999"));
  EXPECT_EQ(ns("100000000000000000"), 100'000'000'000'000'000);
  EXPECT_EQ(ns("9223372036854775807"), 9'223'372'036'854'775'807);
  EXPECT_FALSE(ns("9223372036854775808"));
}

TEST(DetectTimestamp, FractionsCountExactly) {
  EXPECT_EQ(ns("1526717967.123456789"), 1'526'717'967'123'456'789);
  EXPECT_EQ(ns("1526717967.1"), 1'526'717'967'100'000'000);
  EXPECT_EQ(ns("1526717967.1234567899"), 1'526'717'967'123'456'789);
  EXPECT_EQ(ns("1526717967123.456789"), 1'526'717'967'123'456'789);
  EXPECT_EQ(ns("1526717967123456789.9"), 1'526'717'967'123'456'789);
  EXPECT_EQ(ns("0.000000001"), 1);
  EXPECT_EQ(ns("0.0000000009"), 0);
  EXPECT_EQ(ns("99999999999.5"), std::nullopt);
}

TEST(DetectTimestamp, ExponentsAreTakenAtTheirWord) {
  EXPECT_EQ(ns("1.526717967e9"), 1'526'717'967'000'000'000);
  EXPECT_EQ(ns("1.526717967E+12"), 1'526'717'967'000'000'000);
  EXPECT_EQ(ns("15267179671e-1"), 1'526'717'967'100'000'000);
  EXPECT_EQ(ns("1e-400"), 0);
  EXPECT_EQ(ns("0e999999999999999999999"), 0);
  EXPECT_EQ(ns("1e18"), 1'000'000'000'000'000'000);
  EXPECT_FALSE(ns("1e19"));
  EXPECT_FALSE(ns("1e999999999999999999999"));
}

TEST(DetectTimestamp, RefusesWhatIsNoNumberOrNegative) {
  for (const char* text : {"", "-1", "-0.5", "-", "+1", ".5", "1.", "01", "1e", "1e+", "1x", " 1", "1 ", "0x1",
                           "1526717967x", "NaN", "--1", "1.2.3", "1e1.5"}) {
    EXPECT_FALSE(ns(text)) << text;
  }
}

TEST(DetectTimestamp, AgreesWithLongArithmetic) {
  const auto seed = std::random_device{}();
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t wanted = static_cast<std::int64_t>(random() >> (1 + random() % 60));
    const int fraction_digits = static_cast<int>(random() % 10);
    // As seconds with so many digits, which the number must not outgrow to be taken for seconds.
    std::string digits = std::to_string(wanted);
    if (digits.size() < 10) digits.insert(0, 10 - digits.size(), '0');
    std::string text = digits.substr(0, digits.size() - 9);
    const std::string fraction = digits.substr(digits.size() - 9).substr(0, static_cast<std::size_t>(fraction_digits));
    if (!fraction.empty()) text += "." + fraction;
    std::int64_t step = 1;
    for (int digit = fraction_digits; digit < 9; ++digit) step *= 10;
    ASSERT_EQ(ns(text), wanted / step * step) << text << ", seed " << seed;
  }
}

}  // namespace
}  // namespace iot::ingest
