// What the broker cases do not show: values of decoded packets, the server's packets, limits, and the sentences of
// faults.
#include "mqtt/decode.h"

#include <gtest/gtest.h>

#include "mqtt/encode.h"
#include "mqtt/errc.h"
#include "mqtt/testing/hex.h"

namespace iot::mqtt {
namespace {

using testing::bytes_of;
using testing::hex_of;

/// Keeps the bytes of a packet that is looked at.
class Decode : public ::testing::Test {
 protected:
  Result<Packet> take(std::string_view hex, Version version, Sender sender = Sender::client) {
    bytes_ = bytes_of(hex);
    IOT_TRY(const FrameStep step, read_frame(bytes_, {version, sender, packet_bytes_max}));
    if (!step.frame) return make_error(Errc::malformed, "the test's packet is not whole");
    return decode(*step.frame, version, sender);
  }

  template <class T>
  T good(std::string_view hex, Version version, Sender sender = Sender::client) {
    const auto packet = take(hex, version, sender);
    EXPECT_TRUE(packet) << hex << ": " << packet.error().message;
    return packet ? std::get<T>(*packet) : T{};
  }

  /// "81 PUBLISH ends within its topic"
  std::string fault(std::string_view hex, Version version, Sender sender = Sender::client) {
    const auto packet = take(hex, version, sender);
    if (packet) return "none";
    return hex_of(std::string(1, static_cast<char>(reason_code(packet.error())))) + " " + packet.error().message;
  }

  std::string bytes_;
};

constexpr auto v31 = Version::v3_1;
constexpr auto v311 = Version::v3_1_1;
constexpr auto v5 = Version::v5;
constexpr auto server = Sender::server;

TEST_F(Decode, ConnectWithEverything) {
  const auto packet = good<Connect>(
      "10 2B 0004 4D515454 05 EE 003C"
      "08 11 0000000A 21 0005"
      "0001 63"
      "05 18 00000005 0001 77 0002 6279"
      "0001 75 0003 702077",
      v5);
  EXPECT_EQ(packet.version, v5);
  EXPECT_FALSE(packet.is_bridge);
  EXPECT_TRUE(packet.clean_start);
  EXPECT_EQ(packet.keep_alive_s, 60);
  EXPECT_EQ(packet.client_id, "c");
  EXPECT_EQ(packet.properties.number(PropertyId::session_expiry_interval), 10u);
  EXPECT_EQ(packet.properties.number(PropertyId::receive_maximum), 5u);
  ASSERT_TRUE(packet.will);
  EXPECT_EQ(packet.will->topic, "w");
  EXPECT_EQ(packet.will->payload, "by");
  EXPECT_EQ(packet.will->qos, Qos::at_least_once);
  EXPECT_TRUE(packet.will->retain);
  EXPECT_EQ(packet.will->properties.number(PropertyId::will_delay_interval), 5u);
  EXPECT_EQ(packet.user_name, "u");
  EXPECT_EQ(packet.password, "p w");
}

TEST_F(Decode, ConnectOf31MayLeaveOutItsCredentials) {
  const auto packet = good<Connect>("10 0F 0006 4D5149736470 03 C2 000A 0001 70", v31);
  EXPECT_FALSE(packet.user_name);
  EXPECT_FALSE(packet.password);
  const auto half = good<Connect>("10 12 0006 4D5149736470 03 C2 000A 0001 70 0001 75", v31);
  EXPECT_EQ(half.user_name, "u");
  EXPECT_FALSE(half.password);
  EXPECT_EQ(fault("10 11 0006 4D5149736470 03 C2 000A 0001 70 0001", v31), "81 CONNECT ends within its user name");
}

TEST_F(Decode, ConnectOfABridge) {
  const auto old = good<Connect>("10 0F 0006 4D5149736470 83 02 000A 0001 70", v31);
  EXPECT_TRUE(old.is_bridge);
  EXPECT_EQ(old.version, v31);
  const auto newer = good<Connect>("10 0D 0004 4D515454 84 02 000A 0001 70", v31);
  EXPECT_TRUE(newer.is_bridge);
  EXPECT_EQ(newer.version, v311);
  EXPECT_FALSE(good<Connect>("10 0D 0004 4D515454 04 02 000A 0001 70", v31).is_bridge);
}

TEST_F(Decode, ConnectOfAnotherVersionIsToldSo) {
  EXPECT_EQ(fault("10 07 0004 4D515454 06", v5),
            "84 CONNECT asks for protocol level 6 of MQTT; 3.1, 3.1.1 and 5.0 are spoken here");
  EXPECT_EQ(fault("10 07 0004 4D515454 03", v5).substr(0, 2), "84");
  EXPECT_EQ(fault("10 09 0006 4D5149736470 04", v5).substr(0, 2), "84");
  EXPECT_EQ(fault("10 07 0004 6D717474 04", v5), "81 CONNECT has a protocol name other than MQTT and MQIsdp");
  EXPECT_EQ(fault("10 06 0004 4D515454", v5), "81 CONNECT ends within its protocol name and level");
}

TEST_F(Decode, ConnectWithContradictions) {
  EXPECT_EQ(fault("10 14 0004 4D515454 05 02 000A 06 16 0003 616263 0001 70", v5),
            "82 CONNECT has authentication data and no authentication method");
  EXPECT_EQ(fault("10 0D 0004 4D515454 04 42 000A 0001 70", v311), "81 CONNECT has a password without a user name");
  EXPECT_EQ(fault("10 10 0004 4D515454 04 02 000A 0001 70 0001 70", v311),
            "81 CONNECT has more bytes than its flags announce");
  EXPECT_EQ(fault("10 13 0004 4D515454 04 06 000A 0001 70 0001 2B 0001 70", v311),
            "81 the topic of the will in CONNECT has a wildcard");
  EXPECT_EQ(fault("10 12 0004 4D515454 04 06 000A 0001 70 0000 0001 70", v311),
            "81 the topic of the will in CONNECT is empty");
  EXPECT_EQ(fault("10 13 0004 4D515454 05 02 000A 05 27 00000000 0001 70", v5),
            "82 property 0x27 of CONNECT has a value that is not allowed");
  EXPECT_EQ(fault("10 11 0004 4D515454 05 02 000A 03 21 0000 0001 70", v5).substr(0, 2), "82");
  EXPECT_EQ(fault("10 13 0004 4D515454 05 02 000A 05 18 00000001 0001 70", v5),
            "82 property 0x18 may not stand in CONNECT");
  EXPECT_EQ(fault("10 1A 0004 4D515454 05 06 000A 00 0001 70 05 11 00000001 0001 70 0001 70", v5),
            "82 property 0x11 may not stand in the will of CONNECT");
}

TEST_F(Decode, Publish) {
  const auto plain = good<Publish>("3D 09 0003 612F62 0102 6869", v311);
  EXPECT_EQ(plain.topic, "a/b");
  EXPECT_EQ(plain.payload, "hi");
  EXPECT_EQ(plain.qos, Qos::exactly_once);
  EXPECT_TRUE(plain.duplicate);
  EXPECT_TRUE(plain.retain);
  EXPECT_EQ(plain.packet_id, 0x0102);
  const auto rich = good<Publish>("30 10 0001 61 0A 23 0007 02 00000E10 01 01 6869", v5);
  EXPECT_EQ(rich.topic_alias, 7);
  EXPECT_EQ(rich.message_expiry_s, 3600u);
  EXPECT_EQ(rich.properties.number(PropertyId::payload_format_indicator), 1u);
  EXPECT_FALSE(rich.properties.number(PropertyId::session_expiry_interval));
  EXPECT_EQ(rich.payload, "hi");
}

TEST_F(Decode, PublishNeedsATopicOrAnAlias) {
  EXPECT_EQ(good<Publish>("30 06 0000 03 23 0007", v5).topic_alias, 7);
  EXPECT_EQ(fault("30 03 0000 00", v5), "81 the topic of PUBLISH is empty");
  EXPECT_EQ(fault("30 02 0000", v311), "81 the topic of PUBLISH is empty");
  EXPECT_EQ(fault("30 07 0001 61 03 23 0000", v5), "94 property 0x23 of PUBLISH has a value that is not allowed");
  EXPECT_EQ(fault("30 07 0001 2B 03 23 0007", v5), "81 the topic of PUBLISH has a wildcard");
}

TEST_F(Decode, PublishOfAServerMayHaveSeveralSubscriptionIdentifiers) {
  EXPECT_EQ(fault("30 08 0001 61 04 0B01 0B02", v5), "82 property 0x0B stands twice in PUBLISH");
  const auto packet = good<Publish>("30 08 0001 61 04 0B01 0B02", v5, server);
  std::vector<std::uint32_t> ids;
  packet.properties.each([&](const Property& property) { ids.push_back(property.number); });
  EXPECT_EQ(ids, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(fault("30 06 0001 61 02 0B00", v5, server).substr(0, 2), "82");
}

TEST_F(Decode, TopicsAreTooDeepFrom201LevelsOn) {
  std::string name;
  for (int index = 0; index < 199; ++index) name += "2F";
  EXPECT_EQ(good<Publish>("30 C901 00C7" + name, v311).topic.size(), 199u);
  EXPECT_EQ(fault("30 CA01 00C8" + name + "2F", v311), "90 the topic of PUBLISH has more than 200 levels");
  EXPECT_EQ(fault("82 CD01 0001 00C8" + name + "2F 00", v311),
            "8F a topic filter of SUBSCRIBE has more than 200 levels");
}

TEST_F(Decode, Acknowledgements) {
  const auto plain = good<Acknowledgement>("62 02 0102", v5);
  EXPECT_EQ(plain.type, PacketType::pubrel);
  EXPECT_EQ(plain.packet_id, 0x0102);
  EXPECT_EQ(plain.reason, ReasonCode::success);
  const auto rich = good<Acknowledgement>("40 09 0102 99 05 1F 0002 6869", v5);
  EXPECT_EQ(rich.reason, ReasonCode::payload_format_invalid);
  EXPECT_EQ(rich.properties.text(PropertyId::reason_string), "hi");
  EXPECT_EQ(fault("40 03 0102 00", v311), "81 PUBACK is too long");
  EXPECT_EQ(fault("40 02 0000", v5), "82 PUBACK has packet identifier 0");
  EXPECT_EQ(fault("40 03 0102 92", v5), "82 PUBACK has a reason code of other packets");
  EXPECT_EQ(fault("40 05 0102 00 00 00", v5), "81 PUBACK is too long");
}

TEST_F(Decode, SubscribeGivesEachFilterWithItsOptions) {
  const auto packet = good<Subscribe>("82 0F 0001 02 0B05 0001 61 2D 0003 622F23 02", v5);
  EXPECT_EQ(packet.identifier(), 5u);
  std::vector<std::pair<std::string, SubscriptionOptions>> filters;
  for (const FilterEntry& entry : packet.filters) filters.emplace_back(entry.filter, entry.options);
  ASSERT_EQ(filters.size(), 2u);
  EXPECT_EQ(packet.filters.count(), 2u);
  EXPECT_EQ(filters[0].first, "a");
  EXPECT_EQ(filters[0].second, (SubscriptionOptions{Qos::at_least_once, true, true, RetainHandling::do_not_send}));
  EXPECT_EQ(filters[1].first, "b/#");
  EXPECT_EQ(filters[1].second, (SubscriptionOptions{Qos::exactly_once, false, false, RetainHandling::send}));
  EXPECT_EQ(fault("82 08 0001 0003 612F23 03", v311), "81 SUBSCRIBE asks for QoS 3");
  EXPECT_EQ(fault("82 08 0001 0003 612B23 00", v311),
            "81 a topic filter of SUBSCRIBE has '+' or '#' where it is no level of its own");
}

TEST_F(Decode, Unsubscribe) {
  const auto packet = good<Unsubscribe>("A2 08 0001 0001 61 0001 62", v311);
  std::string all;
  for (const FilterEntry& entry : packet.filters) all += std::string(entry.filter) + " ";
  EXPECT_EQ(all, "a b ");
  EXPECT_EQ(fault("A2 02 0001", v311), "81 UNSUBSCRIBE has no topic filter");
}

TEST_F(Decode, ConnackMeansTheSameInAllVersions) {
  EXPECT_EQ(good<Connack>("20 02 00 05", v31, server).reason, ReasonCode::not_authorized);
  EXPECT_EQ(good<Connack>("20 02 00 01", v311, server).reason, ReasonCode::unsupported_protocol_version);
  EXPECT_EQ(good<Connack>("20 03 00 87 00", v5, server).reason, ReasonCode::not_authorized);
  EXPECT_TRUE(good<Connack>("20 02 01 00", v311, server).session_present);
  EXPECT_FALSE(good<Connack>("20 02 01 00", v31, server).session_present) << "reserved in 3.1";
  EXPECT_EQ(fault("20 02 00 06", v311, server), "81 CONNACK has a return code that is reserved");
  EXPECT_EQ(fault("20 02 02 00", v311, server), "81 CONNACK has acknowledge flags that are reserved");
  EXPECT_EQ(fault("20 02 01 05", v311, server), "82 CONNACK refuses, and says that a session is present");
  EXPECT_EQ(fault("20 03 00 92 00", v5, server), "82 CONNACK has a reason code of other packets");
}

TEST_F(Decode, AnswersToSubscriptions) {
  EXPECT_EQ(good<Suback>("90 05 0001 02 80 00", v311, server).codes, bytes_of("02 80 00"));
  EXPECT_EQ(fault("90 03 0001 03", v311, server), "82 SUBACK has a reason code of other packets");
  EXPECT_EQ(fault("90 02 0001", v311, server), "81 SUBACK has no reason code");
  EXPECT_EQ(good<Unsuback>("B0 05 0001 00 00 11", v5, server).codes, bytes_of("00 11"));
  EXPECT_EQ(good<Unsuback>("B0 02 0001", v311, server).codes, "");
  EXPECT_EQ(fault("B0 03 0001 00", v311, server), "81 UNSUBACK is too long");
}

TEST_F(Decode, DisconnectAndAuth) {
  EXPECT_EQ(good<Disconnect>("E0 00", v311).reason, ReasonCode::success);
  EXPECT_EQ(good<Disconnect>("E0 01 04", v5).reason, ReasonCode::disconnect_with_will);
  EXPECT_EQ(good<Disconnect>("E0 01 8E", v5, server).reason, ReasonCode::session_taken_over);
  EXPECT_EQ(fault("E0 01 00", v311), "81 DISCONNECT is too long");
  EXPECT_EQ(good<Auth>("F0 06 18 04 15 0001 6D", v5).properties.text(PropertyId::authentication_method), "m");
  EXPECT_EQ(fault("F0 02 04 00", v5), "82 AUTH has a reason code of other packets");
}

TEST_F(Decode, UserPropertiesMayHaveLinesAndNamesMayNot) {
  EXPECT_EQ(good<Publish>("30 0E 0001 61 0A 26 0001 6E 0004 610A0962", v5).topic, "a");
  EXPECT_EQ(fault("30 0B 0001 61 07 26 0001 6E 0001 00", v5), "81 property 0x26 of PUBLISH is cut short or no UTF-8");
  EXPECT_EQ(fault("30 08 0001 61 04 08 0001 0A", v5), "82 property 0x08 of PUBLISH has a value that is not allowed");
}

TEST(Encode, SaysToEachVersionWhatItUnderstands) {
  const auto connack = [](Version version, ReasonCode reason) {
    std::string out;
    encode(out, version, Connack{.reason = reason});
    return hex_of(out);
  };
  EXPECT_EQ(connack(v31, ReasonCode::not_authorized), "20020005");
  EXPECT_EQ(connack(v311, ReasonCode::bad_authentication_method), "20020005");
  EXPECT_EQ(connack(v311, ReasonCode::bad_user_name_or_password), "20020004");
  EXPECT_EQ(connack(v311, ReasonCode::client_identifier_not_valid), "20020002");
  EXPECT_EQ(connack(v311, ReasonCode::connection_rate_exceeded), "20020003");
  EXPECT_EQ(connack(v5, ReasonCode::connection_rate_exceeded), "2003009F00");
  std::string suback;
  encode(suback, v311, Suback{.packet_id = 1, .codes = "\x02\x87"});
  encode(suback, v5, Suback{.packet_id = 1, .codes = "\x02\x87"});
  EXPECT_EQ(hex_of(suback),
            "900400010280"
            "90050001000287");
  std::string rest;
  encode(rest, v311, Acknowledgement{PacketType::puback, 7, ReasonCode::no_matching_subscribers});
  encode(rest, v5, Acknowledgement{PacketType::puback, 7, ReasonCode::no_matching_subscribers});
  encode(rest, v311, Unsuback{.packet_id = 1, .codes = bytes_of("11")});
  encode(rest, v5, Disconnect{ReasonCode::protocol_error});
  EXPECT_EQ(hex_of(rest),
            "40020007"
            "4003000710"
            "B0020001"
            "E00182");
}

TEST(Encode, PropertiesStandInTheOrderTheyWereWritten) {
  std::string raw;
  PropertyWriter(raw)
      .number(PropertyId::topic_alias_maximum, 10)
      .number(PropertyId::server_keep_alive, 60)
      .text(PropertyId::assigned_client_identifier, "id")
      .number(PropertyId::receive_maximum, 20)
      .user_property("n", "v");
  std::string out;
  encode(out, v5, Connack{.properties = Properties::trusted(raw)});
  EXPECT_EQ(hex_of(out),
            "2018000015"
            "22000A"
            "13003C"
            "1200026964"
            "210014"
            "2600016E000176");
}

}  // namespace
}  // namespace iot::mqtt
