#include "mqtt/forward.h"

#include <random>

#include <gtest/gtest.h>

#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "mqtt/testing/hex.h"
#include "mqtt/testing/packet_generator.h"

namespace iot::mqtt {
namespace {

using testing::bytes_of;
using testing::hex_of;

std::string encoded(Version version, const OutgoingPublish& packet) {
  std::string out;
  encode(out, version, packet);
  EXPECT_EQ(out.size(), encoded_bytes(version, packet));
  std::string head;
  encode_head(head, version, packet);
  EXPECT_EQ(head + std::string(packet.payload), out);
  return hex_of(out);
}

TEST(OutgoingPublish, HasWhatTheSubscriberGets) {
  const std::string user_property = bytes_of("26 0001 6E 0001 76");
  const std::uint32_t ids[] = {5, 200};
  OutgoingPublish packet{.topic = "a",
                         .payload = "hi",
                         .forwarded = Properties::trusted(user_property),
                         .qos = Qos::at_least_once,
                         .retain = true,
                         .packet_id = 0x0102,
                         .topic_alias = 3,
                         .message_expiry_s = 9,
                         .subscription_ids = ids};
  EXPECT_EQ(encoded(Version::v5, packet),
            "33"
            "1C"
            "000161"
            "0102"
            "14"
            "230003"
            "0B05"
            "0BC801"
            "2600016E000176"
            "0200000009"
            "6869");
  EXPECT_EQ(encoded(Version::v3_1_1, packet),
            "33070001610102"
            "6869");
  packet.qos = Qos::at_most_once;
  packet.retain = false;
  packet.topic = "";
  packet.forwarded = {};
  packet.message_expiry_s = {};
  packet.subscription_ids = {};
  EXPECT_EQ(encoded(Version::v5, packet),
            "3008"
            "0000"
            "03230003"
            "6869");
}

TEST(OutgoingPublish, KnowsItsSizeAtEachWidthOfTheLength) {
  // 2 of fixed header and 3 of topic are around the payload where the length has one byte.
  for (const auto& [payload_bytes, packet_bytes] :
       std::vector<std::pair<std::size_t, std::size_t>>{{0, 5},
                                                        {124, 129},
                                                        {125, 131},
                                                        {16'380, 16'386},
                                                        {16'381, 16'388},
                                                        {2'097'148, 2'097'155},
                                                        {2'097'149, 2'097'157}}) {
    const std::string payload(payload_bytes, 'x');
    const OutgoingPublish packet{.topic = "a", .payload = payload};
    std::string out;
    encode(out, Version::v3_1_1, packet);
    EXPECT_EQ(out.size(), packet_bytes);
    EXPECT_EQ(encoded_bytes(Version::v3_1_1, packet), packet_bytes);
  }
  // What could not be sent is measured all the same; the payload is never read.
  const std::string_view endless(nullptr, remaining_length_max);
  EXPECT_GT(encoded_bytes(Version::v3_1_1, {.topic = "a", .payload = endless}), packet_bytes_max);
}

TEST(OutgoingPublish, GetsAnotherPacketId) {
  std::string packet;
  encode(packet, Version::v5,
         OutgoingPublish{.topic = "a/b", .payload = std::string(300, 'x'), .qos = Qos::exactly_once, .packet_id = 1});
  std::string wanted;
  encode(wanted, Version::v5,
         OutgoingPublish{.topic = "a/b",
                         .payload = std::string(300, 'x'),
                         .qos = Qos::exactly_once,
                         .duplicate = true,
                         .packet_id = 0xFFFE});
  patch_packet_id(packet, 0xFFFE, true);
  EXPECT_EQ(packet, wanted);
  patch_packet_id(packet, 0xFFFE, false);
  EXPECT_EQ(packet[0] & 0x0F, 0x04);
  // Within an output that holds others too.
  std::string output = "before" + packet + "after";
  patch_packet_id(std::span(output).subspan(6), 0x0102, true);
  patch_packet_id(packet, 0x0102, true);
  EXPECT_EQ(output, "before" + packet + "after");
}

Properties forwarded(std::string_view hex, std::string& bytes, std::string& scratch) {
  bytes = bytes_of(hex);
  return forwarded_properties({.properties = Properties::trusted(bytes)}, scratch);
}

TEST(ForwardedProperties, AreAViewWhereTheyLieTogether) {
  std::string bytes;
  std::string scratch = "untouched";
  EXPECT_EQ(hex_of(forwarded("23 0001 0101 030001 78 0B05", bytes, scratch).raw()), "010103000178");
  EXPECT_EQ(hex_of(forwarded("0101", bytes, scratch).raw()), "0101");
  EXPECT_TRUE(forwarded("23 0001 02 00000001 0B05", bytes, scratch).empty());
  EXPECT_TRUE(forwarded("", bytes, scratch).empty());
  EXPECT_EQ(scratch, "untouched");
}

TEST(ForwardedProperties, AreCopiedTogetherWhereOthersLieBetween) {
  std::string bytes;
  std::string scratch = "overwritten";
  EXPECT_EQ(hex_of(forwarded("0101 23 0001 03 0001 78 02 00000001 26 0000 0000", bytes, scratch).raw()),
            "010103000178"
            "2600000000");
}

TEST(ForwardedProperties, AreAllButThreeKindsWhateverTheirOrder) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  testing::PacketGenerator generator(seed);
  for (int round = 0; round < 5000; ++round) {
    const Packet packet = generator.next(Version::v5, Sender::server);
    const auto* publish = std::get_if<Publish>(&packet);
    if (publish == nullptr) continue;
    std::string wanted;
    publish->properties.each([&](const Property& property) {
      using enum PropertyId;
      if (property.id != topic_alias && property.id != message_expiry_interval &&
          property.id != subscription_identifier) {
        wanted.append(property.raw);
      }
    });
    std::string scratch;
    EXPECT_EQ(hex_of(forwarded_properties(*publish, scratch).raw()), hex_of(wanted));
  }
}

}  // namespace
}  // namespace iot::mqtt
