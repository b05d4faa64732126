#include "query/json_fields.h"

#include <string>

#include <gtest/gtest.h>

namespace iot::query {
namespace {

TEST(ParseReal, ReadsNumbers) {
  EXPECT_EQ(parse_real("1.5"), 1.5);
  EXPECT_EQ(parse_real("-2e3"), -2000.0);
  EXPECT_EQ(parse_real("1.7976931348623157e308"), 1.7976931348623157e308);
}

TEST(ParseReal, TakesWhatIsTooSmallForZero) {
  EXPECT_EQ(parse_real("1e-400"), 0.0);
  EXPECT_EQ(parse_real("-0." + std::string(400, '0') + "1"), 0.0);
}

TEST(ParseReal, HasNothingForWhatIsTooLarge) {
  for (const std::string& text : {std::string("1e400"), std::string("-1e400"), std::string(400, '9')}) {
    EXPECT_EQ(parse_real(text), std::nullopt) << text;
  }
}

TEST(ParseReal, HasNothingForWhatIsNoNumber) {
  for (const char* text : {"", "abc", "1.5x", "inf", "nan"}) EXPECT_EQ(parse_real(text), std::nullopt) << text;
}

}  // namespace
}  // namespace iot::query
