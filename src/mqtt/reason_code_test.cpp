#include "mqtt/reason_code.h"

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "mqtt/errc.h"

namespace iot::mqtt {
namespace {

TEST(ReasonCode, StandsInThePacketsOfTheStandardsTable) {
  using enum PacketType;
  const std::vector<unsigned> publish_answer{0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99};
  const std::map<PacketType, std::vector<unsigned>> table{
      {connack, {0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
                 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F}},
      {puback, publish_answer},
      {pubrec, publish_answer},
      {pubrel, {0x00, 0x92}},
      {pubcomp, {0x00, 0x92}},
      {suback, {0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2}},
      {unsuback, {0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91}},
      {disconnect, {0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x93,
                    0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2}},
      {auth, {0x00, 0x18, 0x19}},
      {publish, {}},
      {subscribe, {}},
  };
  for (const auto& [type, codes] : table) {
    for (unsigned code = 0; code < 256; ++code) {
      const bool is_there = std::find(codes.begin(), codes.end(), code) != codes.end();
      EXPECT_EQ(may_carry(type, static_cast<ReasonCode>(code)), is_there) << to_string(type) << " " << code;
      if (!is_there) continue;
      EXPECT_NE(to_string(static_cast<ReasonCode>(code)), "unknown") << code;
    }
  }
}

TEST(ReasonCode, BecomesAReturnCodeAndBack) {
  for (std::uint8_t code = 0; code <= 5; ++code) {
    EXPECT_EQ(connect_return_code(reason_of_connect_return_code(code)), code);
  }
  EXPECT_EQ(reason_of_connect_return_code(6), ReasonCode::unspecified_error);
  EXPECT_EQ(connect_return_code(ReasonCode::banned), 5);
  EXPECT_EQ(connect_return_code(ReasonCode::server_busy), 3);
}

TEST(ReasonCode, IsWhatAnErrorOfThisModuleSays) {
  EXPECT_EQ(reason_code(make_error(Errc::too_large, "")), ReasonCode::packet_too_large);
  EXPECT_EQ(reason_code(make_error(Errc::ping_with_body, "")), ReasonCode::malformed_packet);
  EXPECT_TRUE(closes_silently(make_error(Errc::ping_with_body, "")));
  EXPECT_FALSE(closes_silently(make_error(Errc::malformed, "")));
  EXPECT_EQ(reason_code(system_error(5, "reading")), ReasonCode::unspecified_error);
  EXPECT_EQ(failure_of(make_error(Errc::too_large, "")), Failure::too_large);
  EXPECT_EQ(failure_of(make_error(Errc::malformed, "")), Failure::invalid);
}

}  // namespace
}  // namespace iot::mqtt
