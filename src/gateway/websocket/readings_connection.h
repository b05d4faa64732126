// The WebSocket of a device that sends readings: each message is one reading or an array of them, all or nothing.
//
// All whole messages of one read go to the event log as one batch (a Volley). With the subprotocol iotplatform.ack each
// message is answered, in order, once it is durable and queryable; without it nothing is said to good messages, and a
// bad one closes the connection.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/http/http_gateway.h"
#include "gateway/open_connections.h"
#include "gateway/sending_limits.h"
#include "gateway/websocket/volley.h"
#include "gateway/websocket/websocket_commands.h"
#include "ingest/ingestor.h"
#include "net/websocket/websocket_connection.h"

namespace iot::gateway {

/// What the connections of one event loop share.
struct ReadingsThread {
  explicit ReadingsThread(const ingest::DecodeLimits& limits) : decoder(limits) {}

  ingest::Decoder decoder;
  /// Of the volley that is being gathered: empty between the calls of a connection.
  model::ReadingBatch batch;
  /// When what is being gathered came, for readings that carry no time.
  Timestamp arrival;
  registry::SnapshotPtr snapshot;
  VolleyPool volleys;
};

/// What all of them share. Outlives the connections.
struct ReadingsShared {
  registry::Registry& registry;
  ingest::Ingestor& ingestor;
  OpenConnections& open_connections;
  const Clock& clock;
  /// Of the messages of one connection that the log has not answered yet; then its socket is not read.
  std::size_t in_flight_bytes_max;
  SendingLimits& sending;
  Counter& bad_messages;
  Counter& rate_limited;
  std::vector<std::unique_ptr<ReadingsThread>> threads;
  /// Where Answers::acknowledgements_and_commands is asked for.
  Commands* commands = nullptr;
};

enum class Answers { none, acknowledgements, acknowledgements_and_commands };

class ReadingsConnection final : public net::WebSocketConnection, public OpenConnection {
 public:
  /// `shared` must outlive the connection.
  ReadingsConnection(net::WebSocketLoop& loop, ReadingsShared& shared, std::optional<unsigned> deflate_window_bits,
                     Answers answers, std::string peer_address);

  /// Counts from now on. Before it is served.
  EnterRefusal enter(const Principal& principal);

  void on_withdrawn(WithdrawnReason reason) override;

 private:
  void on_message(std::string_view payload, bool is_text) override;
  void on_messages_given() override;
  bool takes_messages() override;
  bool is_settled() const noexcept override { return !gathered_ && !first_in_flight_; }
  void on_second() override;
  void on_left() noexcept override;

  void say(const std::vector<std::string>& texts);
  void begin_volley();
  void refuse(const std::vector<ingest::Fault>& faults);
  /// Counts a message against the device's limits.
  void charge(std::string_view payload, std::size_t readings);
  void submit(Volley& volley);
  /// The log has told what became of it.
  static void told(VolleyPool& pool, Volley& volley, const Result<log::Position>& outcome);
  /// Answers what can be answered in order.
  void answer_settled();

  ReadingsShared& shared_;
  ReadingsThread& thread_;
  const Answers answers_;
  DeviceId device_;
  Volley* gathered_ = nullptr;
  Volley* first_in_flight_ = nullptr;
  Volley* last_in_flight_ = nullptr;
  std::size_t in_flight_bytes_ = 0;
  std::optional<Clock::Steady> paused_until_;
  std::string peer_address_;
  /// While open, where commands are asked for.
  std::optional<WebSocketCommands> commands_;
};

}  // namespace iot::gateway
