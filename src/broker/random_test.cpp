// Random life against a model that knows one thing of each client: which payloads it should get, and in which order.
#include <array>
#include <memory>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/testing/broker_world.h"

namespace iot::broker {
namespace {

using namespace testing;
using mqtt::Qos;

constexpr int clients = 4;
constexpr int topics = 3;

/// A client as it should be: persistent, with QoS 2 subscriptions.
struct Model {
  std::array<bool, topics> subscribed{};
  std::vector<std::string> expected, got;
  std::vector<std::uint16_t> held;
  std::unique_ptr<Peer> peer;
};

/// Without crashes nothing is lost and nothing doubled, however connections come and go.
void live(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t end) { return static_cast<int>(random() % end); };
  World world;
  std::array<Model, clients> models;
  const auto id_of = [](int client) { return "client" + std::to_string(client); };
  const auto hear = [&](Model& model) {
    if (!model.peer) return;
    model.peer->held = model.held;
    for (std::string& payload : model.peer->drain()) model.got.push_back(std::move(payload));
    model.held = model.peer->held;
  };
  for (int step = 0; step < 400; ++step) {
    const int client = below(clients);
    Model& model = models[static_cast<std::size_t>(client)];
    switch (below(8)) {
      case 0:
        if (below(2) == 0) hear(model);
        model.peer = std::make_unique<Peer>(world, id_of(client));
        model.peer->connect({.clean_start = false,
                             .expiry_s = 1'000,
                             .receive_max = static_cast<std::uint32_t>(1 + below(3)),
                             .alias_max = static_cast<std::uint32_t>(below(2))});
        break;
      case 1:
        model.peer.reset();
        break;
      case 2: {
        const int topic = below(topics);
        if (!model.peer) break;
        auto& is_subscribed = model.subscribed[static_cast<std::size_t>(topic)];
        if (is_subscribed) {
          model.peer->unsubscribe("t/" + std::to_string(topic));
        } else {
          model.peer->subscribe("t/" + std::to_string(topic));
        }
        is_subscribed = !is_subscribed;
        break;
      }
      case 3:
      case 4:
      case 5: {
        const int topic = below(topics);
        const std::string payload = std::to_string(step);
        world.publish("t/" + std::to_string(topic), payload, below(2) == 0 ? Qos::at_least_once : Qos::exactly_once);
        for (Model& one : models) {
          if (one.subscribed[static_cast<std::size_t>(topic)]) one.expected.push_back(payload);
        }
        break;
      }
      case 6:
        world.commit(static_cast<std::size_t>(below(5)));
        break;
      case 7:
        hear(model);
        break;
    }
  }
  for (int client = 0; client < clients; ++client) {
    Model& model = models[static_cast<std::size_t>(client)];
    model.peer = std::make_unique<Peer>(world, id_of(client));
    model.peer->connect({.clean_start = false, .expiry_s = 1'000});
    for (int round = 0; round < 3; ++round) {
      world.commit();
      hear(model);
    }
    // Messages that were acknowledged in part come again as PUBREL alone, so their order may differ, their count not.
    EXPECT_THAT(model.got, ::testing::UnorderedElementsAreArray(model.expected)) << "client " << client;
    EXPECT_TRUE(model.held.empty());
  }
  EXPECT_EQ(world.broker->counts().queued_bytes, 0u);
  for (Model& model : models) model.peer.reset();
  world.pass(std::chrono::seconds(1'000));
  world.commit();
  EXPECT_TRUE(world.store->durable_records().empty());
  EXPECT_EQ(world.broker->counts().subscriptions, 0u);
}

TEST(BrokerRandom, EveryMessageComesOnceToWhoeverSubscribedAndNothingIsLeft) {
  const std::uint64_t first = std::random_device{}();
  for (std::uint64_t seed = first; seed < first + 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    live(seed);
    if (::testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace iot::broker
