// Generated packets of all versions, there and back; cut at every byte; with bytes changed.
#include <random>

#include <gtest/gtest.h>

#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "mqtt/testing/hex.h"
#include "mqtt/testing/packet_generator.h"

namespace iot::mqtt {
namespace {

using testing::hex_of;
using testing::PacketGenerator;

struct Direction {
  Version version;
  Sender sender;
};

class RoundTrip : public ::testing::TestWithParam<Direction> {
 protected:
  FrameRules rules() const { return {GetParam().version, GetParam().sender, packet_bytes_max}; }

  /// What the bytes are, if they are one whole packet.
  std::optional<Packet> take(std::string_view bytes) const {
    const auto step = read_frame(bytes, rules());
    if (!step || !step->frame || step->frame->bytes != bytes.size()) return {};
    auto packet = decode(*step->frame, GetParam().version, GetParam().sender);
    if (!packet) return {};
    return *packet;
  }

  std::string bytes_of(const Packet& packet) const {
    std::string bytes;
    encode(bytes, GetParam().version, packet);
    return bytes;
  }

  const unsigned seed = std::random_device{}();
  PacketGenerator generator{seed};
};

TEST_P(RoundTrip, WhatIsEncodedIsDecodedTheSame) {
  SCOPED_TRACE(seed);
  for (int round = 0; round < 3000; ++round) {
    const Packet packet = generator.next(GetParam().version, GetParam().sender);
    const std::string bytes = bytes_of(packet);
    const auto back = take(bytes);
    ASSERT_TRUE(back) << hex_of(bytes);
    EXPECT_TRUE(*back == packet) << hex_of(bytes);
    EXPECT_EQ(hex_of(bytes_of(*back)), hex_of(bytes));
  }
}

TEST_P(RoundTrip, APacketCutAtAnyByteIsNotTakenForAnother) {
  SCOPED_TRACE(seed);
  for (int round = 0; round < 300; ++round) {
    const std::string bytes = bytes_of(generator.next(GetParam().version, GetParam().sender));
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      const auto step = read_frame(std::string_view(bytes).substr(0, cut), rules());
      ASSERT_TRUE(step) << hex_of(bytes) << " cut at " << cut;
      ASSERT_FALSE(step->frame) << hex_of(bytes) << " cut at " << cut;
      EXPECT_GT(step->bytes_needed, cut);
      EXPECT_LE(step->bytes_needed, bytes.size());
    }
  }
}

TEST_P(RoundTrip, ABodyCutAtAnyByteIsRefusedOrIsTheShorterPacketThatItSays) {
  SCOPED_TRACE(seed);
  for (int round = 0; round < 300; ++round) {
    const std::string bytes = bytes_of(generator.next(GetParam().version, GetParam().sender));
    const auto step = read_frame(bytes, rules());
    ASSERT_TRUE(step && step->frame);
    for (std::size_t cut = 0; cut < step->frame->body.size(); ++cut) {
      Frame shorter = *step->frame;
      shorter.body = shorter.body.substr(0, cut);
      const auto packet = decode(shorter, GetParam().version, GetParam().sender);
      if (!packet) continue;
      const std::string again = bytes_of(*packet);
      const auto back = take(again);
      ASSERT_TRUE(back && *back == *packet) << hex_of(bytes) << " with " << cut << " bytes of its body";
    }
  }
}

TEST_P(RoundTrip, ChangedBytesAreRefusedOrArePacketsThatRoundTripToo) {
  SCOPED_TRACE(seed);
  int taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = bytes_of(generator.next(GetParam().version, GetParam().sender));
    for (std::size_t changes = 1 + generator.below(3); changes > 0; --changes) {
      bytes[generator.below(bytes.size())] = static_cast<char>(generator.below(256));
    }
    const auto packet = take(bytes);
    if (!packet || std::holds_alternative<Connect>(*packet)) continue;
    ++taken;
    const std::string again = bytes_of(*packet);
    const auto back = take(again);
    ASSERT_TRUE(back && *back == *packet) << hex_of(bytes);
  }
  EXPECT_GT(taken, 100);
}

INSTANTIATE_TEST_SUITE_P(
    AllVersions, RoundTrip,
    ::testing::Values(Direction{Version::v3_1, Sender::client}, Direction{Version::v3_1, Sender::server},
                      Direction{Version::v3_1_1, Sender::client}, Direction{Version::v3_1_1, Sender::server},
                      Direction{Version::v5, Sender::client}, Direction{Version::v5, Sender::server}),
    [](const auto& instance) {
      const std::string version = instance.param.version == Version::v3_1     ? "V3_1"
                                  : instance.param.version == Version::v3_1_1 ? "V3_1_1"
                                                                              : "V5";
      return version + (instance.param.sender == Sender::client ? "Client" : "Server");
    });

}  // namespace
}  // namespace iot::mqtt
