// What a connection of the broker asks of the gateway: who may come in, who may publish and subscribe what, and what
// becomes of publications that are no messages but readings.
#pragma once

#include <string>
#include <string_view>

#include "broker/ack_queue.h"
#include "broker/message.h"
#include "broker/records.h"
#include "mqtt/packet.h"

namespace iot::broker {

/// One for each connection; called on its thread. Views are valid during the call.
class Application {
 public:
  struct Admission {
    /// Anything but success refuses the connection.
    mqtt::ReasonCode reason = mqtt::ReasonCode::success;
    std::string reason_string = {};
    Owner owner = {};
    /// Where the client may expect responses (5.0 section 3.2.2.3.15); empty: not told.
    std::string response_information = {};
  };
  virtual Admission admit(const mqtt::Connect& connect) = 0;

  /// The client is connected, and has been or will be told so. `session_present`: it goes on with a session, and with
  /// its subscriptions, that it had before.
  virtual void opened(bool session_present) = 0;

  /// What becomes of publications on a topic.
  enum class Way : std::uint8_t {
    refuse,  ///< the client may not
    route,   ///< to whoever has subscribed
    take,    ///< the gateway takes them
  };
  virtual Way way_of(std::string_view topic) = 0;

  /// How the gateway took a publication.
  struct Taken {
    mqtt::ReasonCode reason = mqtt::ReasonCode::success;  ///< else it is refused
    std::string reason_string = {};
    /// Acknowledged when this batch is complete; 0: at once.
    BatchNumber batch = 0;
    /// What cannot be told in the client's version: the connection ends, so that the client sends again. Else a
    /// publication that is refused is acknowledged to clients before 5.0.
    bool should_retry = false;
  };
  /// A publication of QoS 0 or 1. At least 64 readable bytes follow the payload.
  virtual Taken take(std::string_view payload) = 0;
  /// The first half of QoS 2: looks at the payload and writes into `kept` what take_kept() will want.
  virtual Taken prepare(std::string_view payload, std::string& kept) = 0;
  /// The second half, maybe after a restart.
  virtual Taken take_kept(std::string_view kept) = 0;

  /// Success, or why the client may not subscribe. `filter` is without `$share/<group>/`.
  virtual mqtt::ReasonCode may_subscribe(std::string_view filter) = 0;
  /// The client has subscribed to this filter, and has been or will be told so.
  virtual void subscribed(std::string_view filter) = 0;
  /// The client has ended its subscription to this filter (with `$share/<group>/`, if it is shared).
  virtual void unsubscribed(std::string_view filter) = 0;
  /// A message of the client is on its way to its subscribers. With QoS 1 it is acknowledged when the batch that is
  /// returned is complete; 0: nothing to wait for.
  virtual BatchNumber published(std::string_view topic, std::string_view payload, mqtt::Qos qos) = 0;
  /// Whether another packet may be handled now: not while too much of what the client sent is under way.
  virtual bool takes_more() const noexcept = 0;
  /// The client has acknowledged a message of QoS 1 or 2, or refused it with `reason`, or takes none as large.
  virtual void delivered(const Message& message, mqtt::ReasonCode reason) = 0;

 protected:
  ~Application() = default;
};

}  // namespace iot::broker
