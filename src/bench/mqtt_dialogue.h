// MQTT: a client that publishes, and one that subscribes.
#pragma once

#include <optional>
#include <string>

#include "bench/dialogue.h"
#include "bench/in_flight.h"
#include "bench/readings.h"
#include "mqtt/frame.h"
#include "mqtt/packet.h"

namespace iot::bench {

struct MqttClientOptions {
  mqtt::Version version = mqtt::Version::v3_1_1;
  mqtt::Qos qos = mqtt::Qos::at_least_once;
  std::string client_id;
  /// With the user name `JWT`; empty: neither.
  std::string token;
  std::string topic;
  std::uint16_t keep_alive_s = 0;
  /// At most; with 5.0 also at most what the server's Receive Maximum allows.
  std::size_t window = 1;
};

/// What both clients share: CONNECT and its answer, PINGREQ as the barrier.
class MqttDialogue : public Dialogue {
 public:
  explicit MqttDialogue(MqttClientOptions options) : options_(std::move(options)) {}

  bool open(std::string& out) override;
  void append_barrier(std::string& out) override;
  std::size_t take(std::string_view received, std::string& out, DialogueEvents& events) override;

 protected:
  /// The server let this client in.
  virtual void admitted(const mqtt::Connack& connack, std::string& out, DialogueEvents& events) = 0;
  /// A packet after that; false if it must not come.
  virtual bool take_packet(const mqtt::Frame& frame, std::string& out, DialogueEvents& events) = 0;

  const MqttClientOptions& options() const noexcept { return options_; }

 private:
  bool take_frame(const mqtt::Frame& frame, std::string& out, DialogueEvents& events);
  bool take_connack(const mqtt::Frame& frame, std::string& out, DialogueEvents& events);

  MqttClientOptions options_;
};

class MqttPublisher final : public MqttDialogue {
 public:
  /// `stamped`: the first reading of each message has its due time, for who measures deliveries.
  MqttPublisher(MqttClientOptions options, ReadingPayload payload, bool stamped = false);

  bool open(std::string& out) override;
  bool has_answers() const override { return options().qos != mqtt::Qos::at_most_once; }
  std::size_t in_flight() const override { return in_flight_.count(); }
  bool is_full() const override { return in_flight_.is_full(); }
  void append_message(std::string& out, std::int64_t due_ns) override;

 private:
  void admitted(const mqtt::Connack& connack, std::string& out, DialogueEvents& events) override;
  bool take_packet(const mqtt::Frame& frame, std::string& out, DialogueEvents& events) override;

  ReadingPayload payload_;
  bool stamped_;
  InFlight in_flight_;
  /// All of a PUBLISH but the payload, which has always the same size.
  std::string head_;
};

/// Subscribes to the topic and acknowledges what comes.
class MqttSubscriber final : public MqttDialogue {
 public:
  using MqttDialogue::MqttDialogue;

  bool has_answers() const override { return false; }
  std::size_t in_flight() const override { return 0; }
  bool is_full() const override { return true; }
  void append_message(std::string&, std::int64_t) override {}

 private:
  void admitted(const mqtt::Connack& connack, std::string& out, DialogueEvents& events) override;
  bool take_packet(const mqtt::Frame& frame, std::string& out, DialogueEvents& events) override;
};

}  // namespace iot::bench
