#include "mqtt/frame.h"

#include <gtest/gtest.h>

#include "mqtt/errc.h"
#include "mqtt/testing/hex.h"

namespace iot::mqtt {
namespace {

using testing::bytes_of;

FrameRules from_client(std::optional<Version> version, std::size_t bytes_max = packet_bytes_max) {
  return {version, Sender::client, bytes_max};
}

/// The reason of a refusal; success for bytes that are not refused.
ReasonCode refusal(std::string_view hex, const FrameRules& rules) {
  const auto step = read_frame(bytes_of(hex), rules);
  return step ? ReasonCode::success : reason_code(step.error());
}

TEST(ReadFrame, FindsAPacketAndLeavesWhatFollows) {
  const std::string bytes = bytes_of("30 05 0001 61 6869 C000");
  const auto step = read_frame(bytes, from_client(Version::v5));
  ASSERT_TRUE(step && step->frame);
  EXPECT_EQ(step->frame->type, PacketType::publish);
  EXPECT_EQ(step->frame->flags, 0);
  EXPECT_EQ(step->frame->body, bytes_of("0001 61 6869"));
  EXPECT_EQ(step->frame->bytes, 7u);
  const auto next = read_frame(std::string_view(bytes).substr(7), from_client(Version::v5));
  ASSERT_TRUE(next && next->frame);
  EXPECT_EQ(next->frame->type, PacketType::pingreq);
}

TEST(ReadFrame, SaysHowMuchIsMissing) {
  const auto needed = [](std::string_view hex) {
    const auto step = read_frame(bytes_of(hex), from_client(Version::v5));
    EXPECT_TRUE(step && !step->frame) << hex;
    return step ? step->bytes_needed : 0;
  };
  EXPECT_EQ(needed(""), 2u);
  EXPECT_EQ(needed("30"), 2u);
  EXPECT_EQ(needed("30 80"), 3u);
  EXPECT_EQ(needed("30 8080"), 4u);
  EXPECT_EQ(needed("30 808080"), 5u);
  EXPECT_EQ(needed("30 7F"), 129u);
  EXPECT_EQ(needed("30 8001 00"), 131u);
  EXPECT_EQ(needed("30 FFFFFF7F"), packet_bytes_max);
}

TEST(ReadFrame, TakesRemainingLengthsOfOneToFourBytes) {
  for (const std::size_t length : {0u, 127u, 128u, 16'383u, 16'384u, 2'097'151u, 2'097'152u}) {
    std::string bytes = "\x30";
    std::size_t rest = length;
    do {
      bytes.push_back(static_cast<char>((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0)));
      rest >>= 7;
    } while (rest > 0);
    const std::size_t header = bytes.size();
    bytes.append(length, 'x');
    const auto step = read_frame(bytes, from_client(Version::v5));
    ASSERT_TRUE(step && step->frame) << length;
    EXPECT_EQ(step->frame->body.size(), length);
    EXPECT_EQ(step->frame->bytes, header + length);
  }
  EXPECT_EQ(refusal("30 FFFFFFFF", from_client(Version::v5)), ReasonCode::malformed_packet);
  EXPECT_EQ(refusal("10 FFFFFFFF7F", from_client({})), ReasonCode::malformed_packet);
}

TEST(ReadFrame, OnlyV5InsistsOnTheShortestRemainingLength) {
  EXPECT_EQ(refusal("30 8100 61", from_client(Version::v5)), ReasonCode::malformed_packet);
  EXPECT_EQ(refusal("30 8100 61", from_client(Version::v3_1_1)), ReasonCode::success);
}

TEST(ReadFrame, RefusesAPacketThatIsTooLargeBeforeItsBodyArrives) {
  const auto rules = [](std::size_t bytes_max) { return from_client(Version::v5, bytes_max); };
  EXPECT_EQ(refusal("30 14", rules(23)), ReasonCode::success);
  EXPECT_EQ(refusal("30 14", rules(22)), ReasonCode::success);
  EXPECT_EQ(refusal("30 14", rules(21)), ReasonCode::packet_too_large);
}

TEST(ReadFrame, LetsNothingInBeforeConnect) {
  for (unsigned type = 0; type < 16; ++type) {
    std::string bytes(1, static_cast<char>(type << 4));
    bytes.push_back('\0');
    const auto step = read_frame(bytes, from_client({}));
    EXPECT_EQ(step.has_value(), type == 1) << type;
  }
}

TEST(ReadFrame, LetsInWhatTheOtherSideMaySend) {
  struct Row {
    const char* first_byte;
    bool client_v3;
    bool client_v5;
    bool server_v3;
    bool server_v5;
  };
  const Row rows[] = {
      {"00", false, false, false, false}, {"10", true, true, false, false}, {"20", false, false, true, true},
      {"30", true, true, true, true},     {"40", true, true, true, true},   {"50", true, true, true, true},
      {"62", true, true, true, true},     {"70", true, true, true, true},   {"82", true, true, false, false},
      {"90", false, false, true, true},   {"A2", true, true, false, false}, {"B0", false, false, true, true},
      {"C0", true, true, false, false},   {"D0", false, false, true, true}, {"E0", true, true, false, true},
      {"F0", false, true, false, true},
  };
  const auto is_let_in = [](const char* first_byte, Version version, Sender sender) {
    return read_frame(bytes_of(std::string(first_byte) + "00"), {version, sender, 10}).has_value();
  };
  for (const Row& row : rows) {
    EXPECT_EQ(is_let_in(row.first_byte, Version::v3_1, Sender::client), row.client_v3) << row.first_byte;
    EXPECT_EQ(is_let_in(row.first_byte, Version::v3_1_1, Sender::client), row.client_v3) << row.first_byte;
    EXPECT_EQ(is_let_in(row.first_byte, Version::v5, Sender::client), row.client_v5) << row.first_byte;
    EXPECT_EQ(is_let_in(row.first_byte, Version::v3_1, Sender::server), row.server_v3) << row.first_byte;
    EXPECT_EQ(is_let_in(row.first_byte, Version::v3_1_1, Sender::server), row.server_v3) << row.first_byte;
    EXPECT_EQ(is_let_in(row.first_byte, Version::v5, Sender::server), row.server_v5) << row.first_byte;
  }
}

TEST(ReadFrame, ChecksTheFlagsOfEachType) {
  // 3.1 says nothing by them, but in PUBLISH.
  const auto is_let_in = [](unsigned byte, Version version, Sender sender) {
    std::string bytes(1, static_cast<char>(byte));
    bytes.push_back('\0');
    return read_frame(bytes, {version, sender, 10}).has_value();
  };
  for (unsigned flags = 0; flags < 16; ++flags) {
    for (const unsigned type : {4u, 5u, 6u, 7u, 8u, 10u, 12u, 14u, 15u}) {
      const bool is_good = flags == (type == 6 || type == 8 || type == 10 ? 2u : 0u);
      EXPECT_EQ(is_let_in(type << 4 | flags, Version::v5, Sender::client), is_good) << type << " " << flags;
      EXPECT_EQ(is_let_in(type << 4 | flags, Version::v3_1, Sender::client), type != 15) << type << " " << flags;
    }
    for (const unsigned type : {2u, 9u, 11u, 13u}) {
      EXPECT_EQ(is_let_in(type << 4 | flags, Version::v3_1_1, Sender::server), flags == 0) << type << " " << flags;
    }
    const bool is_good = (flags >> 1 & 3) != 3 && ((flags & 8) == 0 || (flags >> 1 & 3) != 0);
    for (const Version version : {Version::v3_1, Version::v3_1_1, Version::v5}) {
      EXPECT_EQ(is_let_in(3u << 4 | flags, version, Sender::client), is_good) << flags;
    }
  }
}

TEST(ReadFrame, NamesTheFault) {
  const auto sentence = [](std::string_view hex) {
    const auto step = read_frame(bytes_of(hex), from_client(Version::v5, 100));
    return step ? std::string() : step.error().message;
  };
  EXPECT_EQ(sentence("36 00"), "PUBLISH has QoS 3");
  EXPECT_EQ(sentence("38 00"), "PUBLISH has QoS 0 and DUP");
  EXPECT_EQ(sentence("20 00"), "CONNACK from a client");
  EXPECT_EQ(sentence("83 00"), "SUBSCRIBE has flags that are reserved");
  EXPECT_EQ(sentence("30 63"), "PUBLISH of 101 bytes; at most 100 are taken");
}

}  // namespace
}  // namespace iot::mqtt
