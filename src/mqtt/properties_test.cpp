#include "mqtt/properties.h"

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "mqtt/errc.h"
#include "mqtt/testing/hex.h"

namespace iot::mqtt {
namespace {

using testing::bytes_of;
using testing::hex_of;
using enum PacketType;

/// The hexadecimal form of a good property with this number; empty for a number that is none (5.0 table 2-4).
std::string sample(unsigned id) {
  static const std::map<unsigned, const char*> values{{0x01, "01"},
                                                      {0x02, "00000001"},
                                                      {0x03, "0001 70"},
                                                      {0x08, "0001 70"},
                                                      {0x09, "0001 00"},
                                                      {0x0B, "01"},
                                                      {0x11, "00000000"},
                                                      {0x12, "0001 70"},
                                                      {0x13, "0000"},
                                                      {0x15, "0001 70"},
                                                      {0x16, "0001 00"},
                                                      {0x17, "00"},
                                                      {0x18, "00000000"},
                                                      {0x19, "01"},
                                                      {0x1A, "0001 70"},
                                                      {0x1C, "0001 70"},
                                                      {0x1F, "0001 70"},
                                                      {0x21, "0001"},
                                                      {0x22, "0000"},
                                                      {0x23, "0001"},
                                                      {0x24, "01"},
                                                      {0x25, "00"},
                                                      {0x26, "0001 70 0001 71"},
                                                      {0x27, "00000001"},
                                                      {0x28, "01"},
                                                      {0x29, "01"},
                                                      {0x2A, "01"}};
  const auto found = values.find(id);
  if (found == values.end()) return {};
  return hex_of(std::string(1, static_cast<char>(id))) + found->second;
}

/// success, or the reason of the refusal.
ReasonCode check(std::string_view hex, PacketType type, PropertySection section = PropertySection::packet,
                 Sender sender = Sender::client) {
  const auto properties = Properties::check(bytes_of(hex), type, section, sender);
  return properties ? ReasonCode::success : reason_code(properties.error());
}

TEST(Properties, StandWhereTheStandardSaysAndNowhereElse) {
  const std::map<PacketType, std::vector<unsigned>> places{
      {connect, {0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27}},
      {connack, {0x11, 0x12, 0x13, 0x15, 0x16, 0x1A, 0x1C, 0x1F, 0x21, 0x22, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A}},
      {publish, {0x01, 0x02, 0x03, 0x08, 0x09, 0x0B, 0x23, 0x26}},
      {puback, {0x1F, 0x26}},
      {pubrec, {0x1F, 0x26}},
      {pubrel, {0x1F, 0x26}},
      {pubcomp, {0x1F, 0x26}},
      {subscribe, {0x0B, 0x26}},
      {suback, {0x1F, 0x26}},
      {unsubscribe, {0x26}},
      {unsuback, {0x1F, 0x26}},
      {pingreq, {}},
      {pingresp, {}},
      {disconnect, {0x11, 0x1C, 0x1F, 0x26}},
      {auth, {0x15, 0x16, 0x1F, 0x26}},
  };
  const std::vector<unsigned> of_will{0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26};
  const auto has = [](const std::vector<unsigned>& ids, unsigned id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  for (unsigned id = 0; id < 256; ++id) {
    const std::string hex = sample(id);
    EXPECT_EQ(kind_of(static_cast<std::uint8_t>(id)) != PropertyKind::none, !hex.empty()) << id;
    if (hex.empty()) {
      std::string unknown(1, static_cast<char>(id));
      EXPECT_EQ(check(hex_of(unknown) + "00000000", publish), ReasonCode::malformed_packet) << id;
      continue;
    }
    for (const auto& [type, ids] : places) {
      const bool is_list = type == subscribe || type == unsubscribe;
      const ReasonCode wanted = has(ids, id) ? ReasonCode::success
                                : is_list    ? ReasonCode::malformed_packet
                                             : ReasonCode::protocol_error;
      EXPECT_EQ(check(hex, type), wanted) << hex << " in " << to_string(type);
    }
    EXPECT_EQ(check(hex, connect, PropertySection::will) == ReasonCode::success, has(of_will, id)) << hex;
  }
}

TEST(Properties, ComeOnceButUserPropertiesAndAServersSubscriptionIdentifiers) {
  for (unsigned id = 1; id <= 0x2A; ++id) {
    const std::string hex = sample(id);
    if (hex.empty()) continue;
    for (const PacketType type : {connect, connack, publish, subscribe, disconnect, auth}) {
      if (check(hex, type) != ReasonCode::success) continue;
      EXPECT_EQ(check(hex + hex, type), id == 0x26 ? ReasonCode::success : ReasonCode::protocol_error) << hex;
    }
  }
  EXPECT_EQ(check("0B01 0B01", publish, PropertySection::packet, Sender::server), ReasonCode::success);
}

TEST(Properties, CutAtAnyByteAreMalformed) {
  for (unsigned id = 1; id <= 0x2A; ++id) {
    const std::string bytes = bytes_of(sample(id));
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      EXPECT_EQ(check(hex_of(bytes.substr(0, cut)), publish), ReasonCode::malformed_packet) << id << " " << cut;
    }
  }
}

TEST(Properties, HaveTheValuesThatTheStandardAllows) {
  const auto good = ReasonCode::success;
  const auto bad = ReasonCode::protocol_error;
  EXPECT_EQ(check("0100", publish), good);
  EXPECT_EQ(check("0102", publish), bad);
  EXPECT_EQ(check("1702", connect), bad);
  EXPECT_EQ(check("1902", connect), bad);
  for (const char* id : {"24", "25", "28", "29", "2A"}) {
    EXPECT_EQ(check(std::string(id) + "01", connack), good);
    EXPECT_EQ(check(std::string(id) + "02", connack), bad);
  }
  EXPECT_EQ(check("210000", connect), bad);
  EXPECT_EQ(check("21FFFF", connect), good);
  EXPECT_EQ(check("2700000000", connect), bad);
  EXPECT_EQ(check("27FFFFFFFF", connect), good);
  EXPECT_EQ(check("230000", publish), ReasonCode::topic_alias_invalid);
  EXPECT_EQ(check("0B00", publish), bad);
  EXPECT_EQ(check("0BFFFFFF7F", publish), good);
  EXPECT_EQ(check("0B8000", publish), ReasonCode::malformed_packet) << "more bytes than it needs";
  EXPECT_EQ(check("0B8080808001", publish), ReasonCode::malformed_packet);
  EXPECT_EQ(check("08 0001 2B", publish), bad);
  EXPECT_EQ(check("08 0000", publish), bad);
  EXPECT_EQ(check("03 0001 FF", publish), ReasonCode::malformed_packet);
}

TEST(Properties, WhatCannotBeReadCountsBeforeWhatMayNotBeThere) {
  EXPECT_EQ(check("17 00 00", publish), ReasonCode::malformed_packet);
  EXPECT_EQ(check("0102 02 0000", publish), ReasonCode::malformed_packet);
  EXPECT_EQ(check("17 00 01 00", publish), ReasonCode::protocol_error);
}

TEST(Properties, AreFoundAndListed) {
  const std::string raw = bytes_of("01 01 26 0001 6E 0001 76 03 0002 6869 02 00000009");
  const Properties properties = Properties::trusted(raw);
  EXPECT_EQ(properties.number(PropertyId::message_expiry_interval), 9u);
  EXPECT_EQ(properties.text(PropertyId::content_type), "hi");
  EXPECT_FALSE(properties.number(PropertyId::topic_alias));
  EXPECT_FALSE(properties.text(PropertyId::response_topic));
  std::string all;
  properties.each([&](const Property& property) { all += hex_of(property.raw) + " "; });
  EXPECT_EQ(all, "0101 2600016E000176 0300026869 0200000009 ");
  EXPECT_FALSE(properties.empty());
  EXPECT_TRUE(Properties().empty());
}

TEST(PropertyWriter, WritesWhatIsRead) {
  std::string raw;
  PropertyWriter writer(raw);
  writer.number(PropertyId::maximum_qos, 1).number(PropertyId::server_keep_alive, 0x0102);
  writer.number(PropertyId::session_expiry_interval, 0x01020304).number(PropertyId::subscription_identifier, 200);
  writer.text(PropertyId::authentication_data, std::string_view("\0x", 2)).user_property("n", "");
  EXPECT_EQ(hex_of(raw),
            "2401"
            "130102"
            "1101020304"
            "0BC801"
            "1600020078"
            "2600016E0000");
}

}  // namespace
}  // namespace iot::mqtt
