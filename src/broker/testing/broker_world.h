// A broker, its disk and its clients in one thread, all driven by the test: time passes, writes become durable and
// packets move only when it says so. Packets that clients get are lines of text, such as
//
//   CONNACK 0x00 present
//   PUBLISH a/b=hello q1 #7 dup retain expiry=5 alias=2 ids=1,2
//   PUBACK 7 / PUBACK 7 0x10 / SUBACK 1 0102 / DISCONNECT 0x8E
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "broker/server_connection.h"
#include "broker/testing/memory_store.h"
#include "broker/testing/scripted_application.h"

namespace iot::broker::testing {

/// The lines for what a server sent; "damaged" as the last one if it is no sequence of whole packets.
std::vector<std::string> lines_of(std::string_view bytes, mqtt::Version version);

struct World {
  BrokerLimits limits;
  ConnectionLimits connection_limits;
  Timestamp now{1'600'000'000'000'000'000};
  Clock::Steady steady{std::chrono::hours(1)};
  TrafficCounts traffic;
  std::unique_ptr<MemoryStore> store = std::make_unique<MemoryStore>();
  std::unique_ptr<Broker> broker;

  World() { open(); }
  /// With other limits.
  void open();
  /// Makes so many waiting writes durable.
  void commit(std::size_t count_max = SIZE_MAX);
  /// Only what is durable is left. Clients must have been lost() or be gone.
  void crash();
  void pass(std::chrono::milliseconds time);
  /// A message of the platform itself.
  Published publish(std::string_view topic, std::string_view payload, mqtt::Qos qos = mqtt::Qos::at_least_once,
                    bool retain = false);
};

struct ConnectWith {
  mqtt::Version version = mqtt::Version::v5;
  bool clean_start = true;
  std::uint16_t keep_alive_s = 0;
  std::uint32_t expiry_s = 0;          ///< 5.0
  std::uint32_t receive_max = 0;       ///< 5.0; 0: not said
  std::uint32_t alias_max = 0;         ///< 5.0
  std::uint32_t packet_bytes_max = 0;  ///< 5.0; 0: not said
  std::string will_topic = {};
  std::string will_payload = "gone";
  mqtt::Qos will_qos = mqtt::Qos::at_least_once;
  bool will_retain = false;
  std::uint32_t will_delay_s = 0;
};

struct PublishWith {
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  std::uint16_t packet_id = 1;
  bool retain = false;
  bool duplicate = false;
  std::uint32_t expiry_s = 0;  ///< 0: none
  std::uint16_t alias = 0;
};

/// One connection of a client.
class Peer : public Outlet {
 public:
  explicit Peer(World& world, std::string client_id, Owner owner = {Owner::Kind::device, 1});
  virtual ~Peer();
  Peer(const Peer&) = delete;

  using Lines = std::vector<std::string>;

  /// Sends CONNECT; the first line of what came back, the others are for heard(). Empty: nothing came.
  std::string connect(const ConnectWith& with = {});
  void publish(std::string_view topic, std::string_view payload, const PublishWith& with = {});
  void acknowledge(mqtt::PacketType type, std::uint16_t packet_id, mqtt::ReasonCode reason = mqtt::ReasonCode::success);
  void subscribe(std::string_view filter, mqtt::SubscriptionOptions options = {mqtt::Qos::exactly_once},
                 std::uint32_t identifier = 0);
  void unsubscribe(std::string_view filter);
  void disconnect(mqtt::ReasonCode reason = mqtt::ReasonCode::success, std::optional<std::uint32_t> expiry_s = {});
  void send(std::string_view bytes);
  /// The peer has gone without a word.
  void lose();
  void complete(BatchNumber batch, mqtt::ReasonCode reason = mqtt::ReasonCode::success);

  /// What the client has got since the last call.
  Lines heard();
  /// heard(), and answers all publications and PUBRELs until nothing more comes. The payloads of publications that are
  /// new to a client that keeps its state.
  Lines drain();

  bool is_closed() const noexcept { return connection_->is_closing(); }
  ServerConnection& connection() noexcept { return *connection_; }
  int wakes() const noexcept { return wakes_; }

  ScriptedApplication application;
  /// The client's memory of QoS 2 publications that it has and that were not released: survives with the test's will.
  std::vector<std::uint16_t> held;

  void wake() noexcept override {
    woken_ = true;
    ++wakes_;
  }
  void lose_session(mqtt::ReasonCode reason) noexcept override { lost_ = reason; }
  /// As the gateway does it: a moment after lose_session().
  void notice_loss();
  bool notices_losses = true;

 private:
  World& world_;
  std::string client_id_;
  mqtt::Version version_ = mqtt::Version::v5;
  std::unique_ptr<ServerConnection> connection_;
  std::string input_;
  std::string output_;
  Lines unread_;
  bool woken_ = false;
  int wakes_ = 0;
  std::optional<mqtt::ReasonCode> lost_;
};

/// One that has connected.
struct Client : Peer {
  explicit Client(World& world, std::string id, const ConnectWith& with = {}) : Peer(world, std::move(id)) {
    connect(with);
  }
};

/// One that has connected and subscribed to `a/#`, and has heard so.
struct Subscriber : Peer {
  explicit Subscriber(World& world, const ConnectWith& with = {}, std::string id = "subscriber")
      : Peer(world, std::move(id)) {
    connect(with);
    subscribe("a/#");
    world.commit();
    heard();
  }
};

}  // namespace iot::broker::testing
