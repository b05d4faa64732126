#include <gtest/gtest.h>

#include "broker/broker.h"

namespace iot::broker {
namespace {

constexpr std::uint32_t hour_s = 3'600;
constexpr Timestamp now{1'526'717'967'000'000'000};

/// Counts what it is given, and has it on disk at once.
class CountingStore final : public SessionStore {
 public:
  Result<void> load(const std::function<void(std::string_view, std::string_view)>&) override { return {}; }
  void write(const StoreBatch&) override { ++writes_; }
  std::uint64_t durable() const noexcept override { return writes_; }
  std::size_t pending_bytes() const noexcept override { return 0; }
  Result<void> healthy() const override { return {}; }
  void stop() noexcept override {}

 private:
  std::uint64_t writes_ = 0;
};

struct FakeOutlet final : Outlet {
  void wake() noexcept override { ++wakes; }
  void lose_session(mqtt::ReasonCode) noexcept override {}
  int wakes = 0;
};

class DirectMessages : public ::testing::Test {
 protected:
  explicit DirectMessages(BrokerLimits limits = {}) : broker_(std::move(Broker::open(limits, store_, now).value())) {}

  Attachment attach(FakeOutlet& outlet, bool clean_start = false) {
    Opening opening;
    opening.owner = {Owner::Kind::device, 3};
    opening.client_id = "device";
    opening.clean_start = clean_start;
    opening.expiry_s = hour_s;
    return broker_->attach(opening, outlet, now).session;
  }
  bool send(Attachment session, std::string_view payload = "x") {
    MessageParts parts;
    parts.topic = "3/commands/1";
    parts.payload = payload;
    parts.qos = mqtt::Qos::at_least_once;
    parts.arrived = now;
    return broker_->send_to(session, parts);
  }
  std::vector<Collected> collect(Attachment session) {
    std::vector<Collected> found;
    broker_->collect(session, 100, 1u << 20, found, now);
    return found;
  }
  void subscribe(Attachment session, std::string_view filter) {
    broker_->subscribe(session, {filter, {{.qos = mqtt::Qos::at_least_once}, 0}}, now);
  }

  CountingStore store_;
  std::unique_ptr<Broker> broker_;
  FakeOutlet outlet_;
};

TEST_F(DirectMessages, GoToTheConnectionWithoutASubscription) {
  const auto session = attach(outlet_);
  ASSERT_TRUE(send(session));
  EXPECT_EQ(outlet_.wakes, 1);
  const auto found = collect(session);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].message->topic(), "3/commands/1");
  EXPECT_EQ(found[0].qos, mqtt::Qos::at_least_once);
  EXPECT_FALSE(found[0].duplicate);
  const auto acknowledged = broker_->acknowledge(session, mqtt::PacketType::puback, found[0].packet_id, false);
  EXPECT_EQ(acknowledged.result, Outbox::Acknowledged::Result::finished);
  EXPECT_EQ(broker_->counts().queued_bytes, 0u);
}

TEST_F(DirectMessages, AreForgottenByASessionThatStays) {
  const auto session = attach(outlet_);
  ASSERT_TRUE(send(session));
  ASSERT_EQ(collect(session).size(), 1u);
  ASSERT_TRUE(send(session)) << "one is sent, one still waits";
  broker_->detach(session, outlet_, Ending::lost, {}, now);
  EXPECT_EQ(broker_->counts().queued_bytes, 0u);
  FakeOutlet next;
  EXPECT_TRUE(collect(attach(next)).empty());
}

TEST_F(DirectMessages, LeaveOtherMessagesOfTheSessionAlone) {
  const auto session = attach(outlet_);
  subscribe(session, "3/news");
  const auto publish = [&](std::string_view payload) {
    MessageParts parts;
    parts.topic = "3/news";
    parts.payload = payload;
    parts.qos = mqtt::Qos::at_least_once;
    parts.arrived = now;
    broker_->publish(parts, {}, now);
  };
  publish("first");
  ASSERT_TRUE(send(session));
  publish("second");
  ASSERT_EQ(collect(session).size(), 3u);
  broker_->detach(session, outlet_, Ending::lost, {}, now);
  FakeOutlet next;
  const auto again = collect(attach(next));
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(again[0].message->payload(), "first");
  EXPECT_EQ(again[1].message->payload(), "second");
  EXPECT_TRUE(again[0].duplicate && again[1].duplicate);
}

TEST_F(DirectMessages, AreRefusedWhereNobodyIsOrNothingFits) {
  const auto session = attach(outlet_);
  broker_->detach(session, outlet_, Ending::lost, {}, now);
  EXPECT_FALSE(send(session)) << "the client is away";
  EXPECT_FALSE(send({mqtt::Subscriber{7}, SessionId{7}})) << "there is no such session";
}

class FewDirectMessages : public DirectMessages {
 protected:
  static BrokerLimits limits() {
    BrokerLimits limits;
    limits.queue.messages_max = 2;
    return limits;
  }
  FewDirectMessages() : DirectMessages(limits()) {}
};

TEST_F(FewDirectMessages, FitUpToTheLimitOfTheQueue) {
  const auto session = attach(outlet_);
  EXPECT_TRUE(send(session));
  EXPECT_TRUE(send(session));
  EXPECT_FALSE(send(session));
  EXPECT_EQ(broker_->statistics().dropped_full, 0u) << "the sender keeps it";
}

TEST_F(DirectMessages, ASessionKnowsWhatItHasSubscribedTo) {
  const auto session = attach(outlet_);
  EXPECT_FALSE(broker_->is_subscribed(session, "3/commands/1"));
  subscribe(session, "3/commands/+");
  EXPECT_TRUE(broker_->is_subscribed(session, "3/commands/1"));
  EXPECT_FALSE(broker_->is_subscribed(session, "3/commands/1/response"));
  std::uint64_t commit = 0;
  ASSERT_TRUE(broker_->unsubscribe(session, "3/commands/+", commit));
  EXPECT_FALSE(broker_->is_subscribed(session, "3/commands/1"));
  subscribe(session, "$share/group/3/#");
  EXPECT_TRUE(broker_->is_subscribed(session, "3/commands/1"));
}

}  // namespace
}  // namespace iot::broker
