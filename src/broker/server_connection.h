// One client's connection as a state machine: bytes in, bytes out (5.0 sections 3 and 4). No socket, no thread of its
// own; the time is an argument. Sessions and messages are the broker's (broker.h), rights and readings the gateway's
// (application.h).
//
// Belongs to one thread. After the end (is_closing()) what is in `out` is to be sent, and the connection closed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/ack_queue.h"
#include "broker/application.h"
#include "broker/broker.h"
#include "broker/statistics.h"
#include "mqtt/frame.h"
#include "mqtt/packet.h"

namespace iot::broker {

/// What each connection is granted, and told.
struct ConnectionLimits {
  /// Unanswered publications of a client with QoS 1 and 2. 5.0 clients are told; past it they are disconnected, and
  /// older ones are read no further.
  std::uint16_t receive_max = 1'000;
  std::uint16_t topic_alias_max = 10;
  /// A packet with its fixed header.
  std::size_t packet_bytes_max = 1u << 20;
  /// Unacknowledged messages to a client; its own receive maximum may say less.
  std::uint16_t in_flight_max = 100;
  /// The longest keep-alive; clients that ask for more, or for none, are told this one with 5.0. 0: any is good.
  std::uint16_t keep_alive_s_max = 0;
};

class ServerConnection {
 public:
  /// All must outlive the connection.
  ServerConnection(Broker& broker, Application& application, Outlet& outlet, const ConnectionLimits& limits,
                   TrafficCounts& counts);
  /// After the end of the connection, whichever way it came: is_closing(), or lost().
  ~ServerConnection();
  ServerConnection(const ServerConnection&) = delete;

  /// Handles the packets that `received` begins with, `packets_max` at most, and returns how many bytes that were. At
  /// least 64 readable bytes must follow. Stops where takes_input() becomes false.
  std::size_t receive(std::string_view received, std::string& out, Timestamp now, Clock::Steady steady,
                      std::size_t packets_max = SIZE_MAX);
  /// Whether more may be handled now: not while too much of the client's is unanswered.
  bool takes_input() const noexcept;
  /// The bytes of the packet that receive() found incomplete, as far as is known: fewer need not be given again. 0 if
  /// it stopped for another reason.
  std::size_t bytes_needed() const noexcept { return bytes_needed_; }

  /// Appends what has become due: acknowledgements, and messages if `woken` (Outlet::wake() was called) or if some were
  /// left the last time. Appends no more once `out` has about `bytes_max`; true if there is more.
  bool flush(std::string& out, std::size_t bytes_max, bool woken, Timestamp now);

  /// A batch that the application named is durable, or failed for `reason`.
  void complete(BatchNumber batch, mqtt::ReasonCode reason, std::string_view reason_string, std::string& out,
                Timestamp now);

  /// As if the client had said something: it may have, where nobody was reading.
  void restart_keep_alive(Clock::Steady steady) noexcept;
  /// When the client must have said something; nothing: never.
  std::optional<Clock::Steady> deadline() const noexcept { return deadline_; }
  /// The deadline has passed.
  void time_out(std::string& out, Timestamp now);
  /// Ends the connection from our side: tells a client that can be told.
  void end(mqtt::ReasonCode reason, std::string_view reason_string, std::string& out, Timestamp now);
  /// The peer has gone.
  void lost(Timestamp now);

  bool is_closing() const noexcept { return stage_ == Stage::closing; }
  bool is_connected() const noexcept { return stage_ == Stage::connected; }
  mqtt::Version version() const noexcept { return version_; }
  Attachment session() const noexcept { return session_; }
  /// Why the connection ended, for people; empty while it has not, and after an orderly end.
  const std::string& error() const noexcept { return error_; }

  /// Gives back memory that an idle connection does not need.
  void release() { acks_.release(); }

 private:
  enum class Stage : std::uint8_t { opening, connected, closing };
  /// What few connections have.
  struct Extras;

  struct Context {
    std::string& out;
    Timestamp now;
    Clock::Steady steady;
  };

  void handle(const mqtt::Frame& frame, Context& context);
  void handle_connect(const mqtt::Frame& frame, Context& context);
  void open_session(const mqtt::Connect& connect, const Application::Admission& admission, Context& context);
  void refuse_connect(mqtt::ReasonCode reason, std::string_view reason_string, Context& context);
  void handle_publish(const mqtt::Frame& frame, Context& context);
  void publish_message(const mqtt::Publish& packet, Context& context);
  void take_publication(const mqtt::Publish& packet, Context& context);
  void keep_publication(const mqtt::Publish& packet, Application::Way way, Context& context);
  void refuse_publication(const mqtt::Publish& packet, mqtt::ReasonCode reason, std::string reason_string,
                          Context& context);
  void handle_acknowledgement(const mqtt::Frame& frame, Context& context);
  void handle_pubrel(std::uint16_t packet_id, Context& context);
  void handle_subscribe(const mqtt::Frame& frame, Context& context);
  void handle_unsubscribe(const mqtt::Frame& frame, Context& context);
  void handle_disconnect(const mqtt::Frame& frame, Context& context);

  /// Resolves the topic alias; false if the connection ends by it.
  bool resolve_alias(mqtt::Publish& packet, Context& context);
  MessageParts parts_of(const mqtt::Publish& packet, Timestamp now);
  void owe(mqtt::PacketType type, std::uint16_t packet_id, mqtt::ReasonCode reason, std::uint64_t commit = 0,
           BatchNumber batch = 0, std::string text = {});
  void send_due(std::string& out);
  bool send_messages(std::string& out, std::size_t bytes_max, Timestamp now);
  void send(const Collected& collected, std::string& out, Timestamp now);
  void fail(const Error& error, Context& context);
  void close(Ending ending, std::optional<std::uint32_t> expiry_s, Timestamp now);
  Extras& extras();

  Broker& broker_;
  Application& application_;
  Outlet& outlet_;
  const ConnectionLimits& limits_;
  TrafficCounts& counts_;

  Stage stage_ = Stage::opening;
  mqtt::Version version_ = mqtt::Version::v3_1_1;
  bool is_bridge_ = false;
  bool tells_problems_ = true;
  bool has_more_ = false;
  std::uint16_t keep_alive_s_ = 0;
  std::uint16_t alias_max_of_client_ = 0;
  std::uint16_t inbound_ = 0;  ///< QoS 2 publications that are not released yet
  std::uint32_t packet_bytes_max_of_client_ = 0;
  std::uint32_t expiry_s_ = 0;
  Attachment session_;
  std::size_t bytes_needed_ = 0;
  std::optional<Clock::Steady> deadline_;
  AckQueue acks_;
  std::unique_ptr<Extras> extras_;
  std::string error_;
};

}  // namespace iot::broker
