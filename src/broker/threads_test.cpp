// Many connections on several threads with one broker, for the thread sanitizer above all.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "broker/broker.h"
#include "broker/testing/memory_store.h"

namespace iot::broker {
namespace {

struct Noted final : Outlet {
  std::atomic<bool> woken{false}, lost{false};
  void wake() noexcept override { woken = true; }
  void lose_session(mqtt::ReasonCode) noexcept override { lost = true; }
};

TEST(BrokerThreads, ConnectPublishAndTakeOverAtOnceAndLeaveNothing) {
  constexpr int threads = 4;
  constexpr int rounds = 300;
  constexpr Timestamp now{1'600'000'000'000'000'000};
  testing::MemoryStore store;
  const auto broker = Broker::open({}, store, now).value();
  std::atomic<int> running{threads};
  const auto work = [&](int number) {
    for (int round = 0; round < rounds; ++round) {
      Noted outlet;
      const std::string id = "client" + std::to_string((round + number) % 3);
      const auto opened =
          broker->attach({.owner = {}, .client_id = id, .clean_start = round % 7 == 0, .expiry_s = 60}, outlet, now);
      broker->subscribe(opened.session, {"t/#", {{mqtt::Qos::exactly_once}, 0}}, now);
      MessageParts parts;
      parts.topic = "t/1";
      parts.payload = "x";
      parts.qos = mqtt::Qos::at_least_once;
      parts.arrived = now;
      broker->publish(parts, opened.session, now);
      std::vector<Collected> collected;
      broker->collect(opened.session, 64, 65'536, collected, now);
      for (const Collected& one : collected) {
        broker->acknowledge(opened.session, mqtt::PacketType::puback, one.packet_id, false);
      }
      broker->counts();
      broker->detach(opened.session, outlet, Ending::orderly, {}, now);
    }
    --running;
  };
  std::vector<std::thread> workers;
  for (int number = 0; number < threads; ++number) workers.emplace_back(work, number);
  while (running > 0) {
    store.commit();
    broker->committed();
    broker->tick(now);
    std::this_thread::yield();
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(broker->counts().connected, 0u);
  broker->tick({now.ns + 61'000'000'000});
  store.commit();
  EXPECT_EQ(broker->counts().sessions, 0u);
  EXPECT_EQ(broker->counts().queued_bytes, 0u);
  EXPECT_TRUE(store.durable_records().empty());
}

}  // namespace
}  // namespace iot::broker
