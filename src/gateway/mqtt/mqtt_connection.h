// One MQTT client's connection: a socket on one side, the protocol (broker/server_connection.h) on the other, and
// between them the readings, which go to the event log in one batch for all that one read brought.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "broker/application.h"
#include "broker/server_connection.h"
#include "gateway/mqtt/mqtt_loop.h"
#include "gateway/open_connections.h"
#include "net/connection.h"
#include "net/read_buffer.h"
#include "net/transport.h"
#include "registry/device_records.h"

namespace iot::gateway {

class MqttConnection final : public net::Connection,
                             public broker::Application,
                             public broker::Outlet,
                             public OpenConnection {
 public:
  MqttConnection(MqttLoop& loop, std::unique_ptr<net::Transport> transport, std::string peer_address,
                 std::string_view received);
  ~MqttConnection() override = default;

  // net::Connection
  int socket() const noexcept override { return transport_->socket(); }
  void on_ready(net::Readiness ready) override;
  void on_tick() override;
  void on_stop() override;
  bool is_awaited() const noexcept override { return batches_waiting_ > 0; }
  void abandon(const std::shared_ptr<void>& keeper) override;
  void leave() noexcept override;

  // broker::Outlet
  void wake() noexcept override;
  void lose_session(mqtt::ReasonCode reason) noexcept override;

  // broker::Application
  Admission admit(const mqtt::Connect& connect) override;
  void opened(bool session_present) override;
  Way way_of(std::string_view topic) override;
  Taken take(std::string_view payload) override;
  Taken prepare(std::string_view payload, std::string& kept) override;
  Taken take_kept(std::string_view kept) override;
  mqtt::ReasonCode may_subscribe(std::string_view filter) override;
  void subscribed(std::string_view filter) override;
  void unsubscribed(std::string_view filter) override;
  bool takes_more() const noexcept override { return answers_waiting_ < answers_waiting_max; }
  broker::BatchNumber published(std::string_view topic, std::string_view payload, mqtt::Qos qos) override;
  void delivered(const broker::Message& message, mqtt::ReasonCode reason) override;

  // OpenConnection
  void on_withdrawn(WithdrawnReason reason) override;

  /// On the loop, after wake().
  void on_woken();
  /// On the loop, when a pause may be over.
  void on_resume();

  /// Whether it is in the loop's list of woken connections. Of the loop's lock.
  bool is_in_wakes = false;
  bool is_paused = false;

 private:
  enum class Stage : std::uint8_t {
    open,
    finishing,  ///< the protocol is over: what is left is sent
    lingering,  ///< all is sent; read until the peer closes, so that it gets the last words rather than a reset
    closed,     ///< maybe with readings that the event log has not answered for yet
    abandoned,
  };

  void drive();
  bool advance();
  /// Reads and handles what is there; false if that is nothing.
  bool take_in();
  bool has_unhandled() const noexcept;
  bool fill();
  void handle_input();
  std::size_t receive_packets(Timestamp now, Clock::Steady steady);
  /// What this connection sends has its own limits.
  void limit_connection(std::size_t packets, std::size_t bytes, Clock::Steady steady);
  void submit();
  /// Of something that acknowledgements wait for: told by completed().
  broker::BatchNumber begin_batch() noexcept;
  void completed(broker::BatchNumber batch, const Result<void>& outcome);
  /// Sends what is to be sent; false if the socket takes no more now.
  bool send_out();
  bool linger();
  void finish();
  void close() noexcept;
  void leave_others() noexcept;
  void account_memory() noexcept;
  void release_small_input() noexcept;
  bool may_read();
  /// Whether what all of the device's connections send leaves room for a message of this one.
  bool device_may_send();
  bool hears_commands() const noexcept;
  void listen_for_commands();
  void stop_commands() noexcept;
  /// What became of the device's response to a command, which `batch` waits for.
  void answer_stored(broker::BatchNumber batch, const Result<registry::DeviceCommand>& outcome);
  Result<Principal> principal_of(std::string_view token);
  Taken refuse(const std::vector<ingest::Fault>& faults);
  /// What the event log never takes, however often it is sent.
  Taken refuse_too_large(std::string text);

  MqttLoop& loop_;
  std::unique_ptr<net::Transport> transport_;
  const std::string peer_address_;
  broker::ServerConnection protocol_;
  net::ReadBuffer input_;
  std::string output_;
  std::size_t sent_ = 0;
  Stage stage_ = Stage::open;
  bool readable_ = true;
  bool writable_ = true;
  bool read_closed_ = false;
  bool driving_ = false;
  bool has_more_to_send_ = false;
  std::atomic<bool> woken_{false};
  std::atomic<std::uint8_t> lost_reason_{0};
  broker::Owner owner_;
  /// By which Commands knows it, while it hears them; 0: it does not.
  std::uint64_t listener_ = 0;
  broker::BatchNumber next_batch_ = 1;
  std::uint32_t batches_waiting_ = 0;
  /// Responses to commands that are not stored yet; while there are so many, nothing more is handled.
  static constexpr std::uint32_t answers_waiting_max = 16;
  std::uint32_t answers_waiting_ = 0;
  std::size_t accounted_bytes_ = 0;
  /// For CONNECT, for a client that does not read, for the end.
  std::optional<Clock::Steady> deadline_;
  /// Not to be read before; token buckets that hold a second's worth.
  Clock::Steady resume_at_{};
  Clock::Steady refilled_at_{};
  double message_credit_ = 0;
  double byte_credit_ = 0;
  /// Not read for reasons of ours: its silence is none.
  bool is_held_back_ = false;
};

}  // namespace iot::gateway
