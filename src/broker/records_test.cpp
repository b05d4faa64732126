#include "broker/records.h"

#include <random>

#include <gtest/gtest.h>

#include "broker/session_store.h"

namespace iot::broker {
namespace {

MessagePtr message(std::optional<Timestamp> expires = Timestamp{1'600'000'000'000'000'001}) {
  MessageParts parts{"a/b", "payload",      "\x26",           mqtt::Qos::exactly_once,
                     true,  SessionId{300}, Timestamp{1'600}, expires};
  return std::make_shared<Message>(parts);
}

void expect_same(const Message& left, const Message& right) {
  EXPECT_EQ(left.topic(), right.topic());
  EXPECT_EQ(left.payload(), right.payload());
  EXPECT_EQ(left.properties(), right.properties());
  EXPECT_EQ(left.qos, right.qos);
  EXPECT_EQ(left.retain, right.retain);
  EXPECT_EQ(left.publisher, right.publisher);
  EXPECT_EQ(left.arrived, right.arrived);
  EXPECT_EQ(left.expires, right.expires);
}

SessionRecord session() {
  SessionRecord record;
  record.id = SessionId{0x0102'0304'0506'0708};
  record.owner = {Owner::Kind::consumer, -5};
  record.client_id = "client";
  record.expiry_s = 0xFFFF'FFFF;
  record.next_number = 70'000;
  record.sent_through = 69'000;
  record.disconnected = Timestamp{1'600'000'000'000'000'000};
  record.will = WillRecord{"w/t", "payload", "p", mqtt::Qos::at_least_once, true, 60, 0xFFFF'FFFF};
  return record;
}

template <class Record>
Record read(std::string_view key, std::string_view value) {
  const auto record = read_record(key, value);
  EXPECT_TRUE(record && std::holds_alternative<Record>(*record));
  return record && std::holds_alternative<Record>(*record) ? std::get<Record>(*record) : Record{};
}

/// No shorter value is one, but for those that are whole records themselves.
void expect_truncations_refused(std::string_view key, std::string_view value, std::size_t whole = SIZE_MAX) {
  for (std::size_t bytes = 0; bytes < value.size(); ++bytes) {
    EXPECT_EQ(read_record(key, value.substr(0, bytes)).has_value(), bytes == whole) << bytes;
  }
}

TEST(Records, ASessionComesBackAsItWas) {
  SessionRecord record = session();
  const std::string key = session_key(record.id);
  EXPECT_EQ(read<SessionRecord>(key, session_value(record)), record);
  const std::string with_will = session_value(record);
  record.will.reset();
  const std::string without_will = session_value(record);
  EXPECT_EQ(read<SessionRecord>(key, without_will), record);
  expect_truncations_refused(key, with_will, without_will.size());
  record.disconnected.reset();
  EXPECT_EQ(read<SessionRecord>(key, session_value(record)), record);
}

TEST(Records, ASubscriptionComesBackAsItWas) {
  const mqtt::Interest interest{{mqtt::Qos::exactly_once, true, true, mqtt::RetainHandling::do_not_send}, 268'435'455};
  const std::string key = subscription_key(SessionId{9}, "$share/g/a/+/#");
  const auto record = read<SubscriptionRecord>(key, subscription_value(interest));
  EXPECT_EQ(record.session, SessionId{9});
  EXPECT_EQ(record.filter, "$share/g/a/+/#");
  EXPECT_EQ(record.interest, interest);
  expect_truncations_refused(key, subscription_value(interest));
  mqtt::Interest live = interest;
  live.since = 300;
  EXPECT_EQ(read<SubscriptionRecord>(key, subscription_value(live)).interest, live);
  EXPECT_FALSE(read_record(key, subscription_value(live) + "x"));
  EXPECT_FALSE(read_record(subscription_key(SessionId{9}, "a/#/b"), subscription_value(interest)));
}

TEST(Records, AMessageComesBackAsItWas) {
  for (const auto& one : {message(), message(std::nullopt)}) {
    const auto record = read<MessageRecord>(message_key(77), message_value(*one));
    EXPECT_EQ(record.number, 77u);
    ASSERT_TRUE(record.message);
    expect_same(*record.message, *one);
    expect_truncations_refused(message_key(77), message_value(*one));
    EXPECT_FALSE(read_record(message_key(77), message_value(*one) + "x"));
  }
}

TEST(Records, AnOutgoingMessageComesBackAsItWas) {
  const OutgoingRecord record{SessionId{3}, 65'536, 300, mqtt::Qos::exactly_once, true, true, {1, 300}};
  const std::string key = outgoing_key(SessionId{3}, 65'536);
  const std::string value = outgoing_value(record);
  const auto back = read<OutgoingRecord>(key, value);
  EXPECT_EQ(back.session, record.session);
  EXPECT_EQ(back.number, record.number);
  EXPECT_EQ(back.message, record.message);
  EXPECT_EQ(back.qos, record.qos);
  EXPECT_TRUE(back.retain && back.is_released);
  EXPECT_EQ(back.subscription_ids, record.subscription_ids);
  // Ids are what is left of the value, so that a cut between two of them cannot be seen.
  EXPECT_FALSE(read_record(key, value.substr(0, 1)));
  EXPECT_FALSE(read_record(key, value.substr(0, value.size() - 1)));
}

TEST(Records, AnInboundPublicationComesBackAsItWas) {
  const std::string key = inbound_key(SessionId{3}, 65'535);
  const auto taken = read<InboundRecord>(key, inbound_value(std::string("readings")));
  EXPECT_EQ(taken.packet_id, 65'535);
  EXPECT_EQ(std::get<std::string>(taken.content), "readings");
  const auto routed = read<InboundRecord>(key, inbound_value(message()));
  expect_same(*std::get<MessagePtr>(routed.content), *message());
  expect_truncations_refused(key, inbound_value(message()));
}

TEST(Records, ARetainedMessageIsOneOnlyUnderItsTopic) {
  const std::string value = message_value(*message());
  expect_same(*read<RetainedRecord>(retained_key("a/b"), value).message, *message());
  EXPECT_FALSE(read_record(retained_key("a/c"), value));
  EXPECT_EQ(read<BookmarkRecord>(bookmark_key(), "place").bookmark, "place");
}

TEST(Records, KeysOfOneSessionComeInTheOrderOfTheirNumbers) {
  EXPECT_LT(outgoing_key(SessionId{1}, 255), outgoing_key(SessionId{1}, 256));
  EXPECT_LT(outgoing_key(SessionId{1}, ~std::uint64_t{0}), outgoing_key(SessionId{2}, 1));
  EXPECT_LT(message_key(0xFF), message_key(0x100));
}

TEST(Records, KeysOfTheWrongLengthAreRefused) {
  for (const std::string& key :
       {session_key(SessionId{1}), message_key(1), outgoing_key(SessionId{1}, 1), inbound_key(SessionId{1}, 1)}) {
    const std::string value = key.front() == 'S'   ? session_value(session())
                              : key.front() == 'Q' ? outgoing_value({})
                              : key.front() == 'I' ? inbound_value(message())
                                                   : message_value(*message());
    EXPECT_TRUE(read_record(key, value)) << key;
    EXPECT_FALSE(read_record(key + "x", value)) << key;
    for (std::size_t bytes = 0; bytes < key.size(); ++bytes) EXPECT_FALSE(read_record(key.substr(0, bytes), value));
  }
}

TEST(Records, RandomBytesAreNothingOrARecordButNeverACrash) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20'000; ++round) {
    std::string key(1, "SFMQIRB"[random() % 7]);
    for (std::size_t left = random() % 20; left > 0; --left) key += static_cast<char>(random());
    std::string value = session_value(session());
    if (random() % 2 == 0) {
      value.resize(random() % 40);
      for (char& byte : value) byte = static_cast<char>(random());
    } else {
      value[random() % value.size()] = static_cast<char>(random());
    }
    (void)read_record(key, value);
  }
}

TEST(StoreBatch, VisitsItsChangesInOrder) {
  StoreBatch batch;
  EXPECT_TRUE(batch.empty());
  batch.put("key", "value");
  batch.erase("key");
  batch.put("", "");
  StoreBatch more;
  more.put(std::string("\0k", 2), std::string(300, 'v'));
  batch.append(more);
  struct Visitor {
    std::string seen;
    void put(std::string_view key, std::string_view value) {
      seen += "+" + std::string(key) + "=" + std::to_string(value.size()) + ";";
    }
    void erase(std::string_view key) { seen += "-" + std::string(key) + ";"; }
  } visitor;
  batch.visit(visitor);
  EXPECT_EQ(visitor.seen, "+key=5;-key;+=0;+" + std::string("\0k", 2) + "=300;");
  batch.clear();
  EXPECT_EQ(batch.bytes(), 0u);
}

}  // namespace
}  // namespace iot::broker
