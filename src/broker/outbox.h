// What one session has still to get, in order: waiting, or on its way and not acknowledged yet (5.0 section 4.3, 4.4,
// 4.6, 4.9). No clock, no lock, no bytes: the session's owner says what happened and asks what is next.
//
// A packet id follows from the message's number in the session, so that after a crash a message has the id that it had:
// else a subscriber could take a QoS 2 message for another one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include <boost/circular_buffer.hpp>
#include <boost/container/small_vector.hpp>

#include "broker/message.h"
#include "mqtt/reason_code.h"

namespace iot::broker {

/// Of the subscriptions that a message came by; mostly none.
using SubscriptionIds = boost::container::small_vector<std::uint32_t, 1>;

struct Outgoing {
  enum class Stage : std::uint8_t {
    waiting,
    sent,      ///< not acknowledged, or (QoS 2) not received
    released,  ///< QoS 2: received; PUBREL is to be sent or was
    done,      ///< a hole, until those before it are done too
  };

  MessagePtr message;
  /// 1, 2, 3, ... in the session; 0 with QoS 0.
  std::uint64_t number = 0;
  /// May be sent once the session store has it up to here.
  std::uint64_t commit = 0;
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;
  Stage stage = Stage::waiting;
  /// Forgotten when the connection is gone: whoever gave it will send it anew.
  bool ends_with_connection = false;
  /// The group of a shared subscription by which it came; 0: none.
  std::uint32_t group = 0;
  SubscriptionIds subscription_ids;
};

constexpr std::uint16_t packet_id_of(std::uint64_t number) noexcept {
  return static_cast<std::uint16_t>((number - 1) % 65'535 + 1);
}

class Outbox {
 public:
  struct Limits {
    std::size_t messages_max = 1'000;
    std::size_t bytes_max = 16u << 20;
  };

  /// What is next on the wire.
  struct Next {
    enum class Kind : std::uint8_t { publish, release } kind = Kind::publish;
    /// Valid until the outbox is changed.
    const Outgoing* outgoing = nullptr;
    bool duplicate = false;

    bool is_kept() const noexcept { return outgoing->qos != mqtt::Qos::at_most_once; }
  };

  /// How an acknowledgement of the client was taken.
  struct Acknowledged {
    enum class Result : std::uint8_t {
      unknown,   ///< no message has this packet id: it may have been acknowledged before
      wrong,     ///< not the acknowledgement that the message waits for: a protocol error
      released,  ///< PUBREC: PUBREL is due
      finished,  ///< the message is done, and `finished` is it
    } result = Result::unknown;
    Outgoing finished = {};
  };

  /// Whether one more of so many bytes fits. What is on its way counts too.
  bool has_room(const Limits& limits, std::size_t bytes) const noexcept;

  /// Appends a message; QoS 1 and 2 get the next number, which is returned (0 with QoS 0).
  std::uint64_t put(Outgoing outgoing);
  /// At a start: what the store had, in order of numbers. It is sent as a duplicate if it may have been sent before.
  void restore(Outgoing outgoing, bool is_released);
  /// Numbers up to this one may have been sent.
  std::uint64_t sent_through() const noexcept { return sent_through_; }
  /// Before restore().
  void set_sent_through(std::uint64_t number) noexcept { sent_through_ = number; }
  /// After restore(): which were sent is not known, so every one may have been.
  void assume_all_sent() noexcept;
  /// The next number will be at least this one.
  void continue_from(std::uint64_t number) noexcept { next_number_ = std::max(next_number_, number); }

  /// The next packet, if one may go now: to be told to sent() or drop() before anything else. `durable`: what the
  /// session store has. `in_flight_max`: how many may be unacknowledged (5.0: the client's receive maximum).
  std::optional<Next> next(std::uint64_t durable, std::size_t in_flight_max) const noexcept;
  /// It goes out: a message of QoS 0 is forgotten.
  void sent(const Next& next);
  /// Instead: the message is dropped, and given back.
  Outgoing drop(const Next& next);

  /// PUBACK, PUBREC (with `failed` if its reason is a failure), PUBCOMP.
  Acknowledged acknowledge(mqtt::PacketType type, std::uint16_t packet_id, bool failed);

  /// A message that has just been acknowledged as released.
  const Outgoing& at(std::uint16_t packet_id) const noexcept { return kept_[find(packet_id)]; }
  /// The released message is sent on further connections only once the session store has it up to `commit`.
  void commit_release(std::uint16_t packet_id, std::uint64_t commit) noexcept;

  /// The connection is gone: what was not acknowledged will be sent again, as duplicates, in the same order; messages
  /// of QoS 0 and those that end with the connection are forgotten. Returns how many of QoS 0 those were.
  std::size_t reset();

  bool empty() const noexcept { return kept_.empty() && unkept_.empty(); }
  /// Messages, and what they take.
  std::size_t messages() const noexcept { return messages_; }
  std::size_t bytes() const noexcept { return bytes_; }
  std::size_t in_flight() const noexcept { return in_flight_; }
  std::uint64_t next_number() const noexcept { return next_number_; }

  /// Calls visit(const Outgoing&) for each message of QoS 1 and 2.
  template <class Visit>
  void each_kept(Visit&& visit) const {
    for (const Outgoing& outgoing : kept_) {
      if (outgoing.stage != Outgoing::Stage::done) visit(outgoing);
    }
  }

 private:
  using Queue = boost::circular_buffer<Outgoing>;

  static void append(Queue& queue, Outgoing&& outgoing);
  Outgoing finish(std::size_t index);
  Outgoing take_unkept();
  /// Passes over holes.
  void settle();
  void account(const Outgoing& outgoing) noexcept;
  void discount(const Outgoing& outgoing) noexcept;
  /// The index of the message with this packet id that was sent on this connection, or kept_.size().
  std::size_t find(std::uint16_t packet_id) const noexcept;

  Queue kept_;              ///< QoS 1 and 2
  Queue unkept_;            ///< QoS 0
  std::size_t cursor_ = 0;  ///< in kept_: those before it were sent on this connection
  std::size_t in_flight_ = 0;
  std::size_t messages_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t next_number_ = 1;
  std::uint64_t sent_through_ = 0;
};

}  // namespace iot::broker
