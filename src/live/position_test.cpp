#include "live/position.h"

#include <gtest/gtest.h>

namespace iot::live {
namespace {

TEST(Position, ReadsWhatItWrites) {
  for (const Position position :
       {Position{{1}, 0}, Position{{17}, 2}, Position{{~std::uint64_t{0}}, ~std::uint32_t{0}}}) {
    EXPECT_EQ(parse_position(position.to_string()), position) << position.to_string();
  }
}

TEST(Position, AnyOtherFormIsNone) {
  for (const char* text : {"", ".", "1", "1.", ".1", "1.2.3", "-1.0", "1.-1", " 1.0", "1.0 ", "a.b", "0x1.0", "1,0",
                           "18446744073709551616.0", "1.4294967296"}) {
    EXPECT_FALSE(parse_position(text)) << text;
  }
}

TEST(Position, OrdersByRecordAndThenByReading) {
  EXPECT_LT((Position{{1}, 9}), (Position{{2}, 0}));
  EXPECT_LT((Position{{2}, 0}), (Position{{2}, 1}));
  EXPECT_LT((Position{{2}, 5}), after({2}));
}

}  // namespace
}  // namespace iot::live
