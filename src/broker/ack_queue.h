// The acknowledgements that a connection owes its client, in the order of what they answer (5.0 section 4.6), each sent
// once it is true: readings are durable, or the session store has what it must.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <boost/circular_buffer.hpp>

#include "mqtt/protocol.h"
#include "mqtt/reason_code.h"

namespace iot::broker {

/// Tells the readings of one hand-over to the event log from those of another. 0: none.
using BatchNumber = std::uint32_t;

class AckQueue {
 public:
  struct Entry {
    mqtt::PacketType type = mqtt::PacketType::puback;  ///< PUBACK, PUBREC, PUBREL, PUBCOMP; else `packet` is all of it
    mqtt::ReasonCode reason = mqtt::ReasonCode::success;
    std::uint16_t packet_id = 0;
    /// Not before these readings are durable. 0: need not wait.
    BatchNumber batch = 0;
    /// Not before the session store has it up to here.
    std::uint64_t commit = 0;
    /// The reason string, or (SUBACK, UNSUBACK) the whole packet.
    std::unique_ptr<std::string> text;
  };

  void push(Entry entry);

  bool empty() const noexcept { return entries_.empty(); }
  std::size_t size() const noexcept { return entries_.size(); }
  /// PUBACKs: publications of QoS 1 that count against the client's receive maximum (5.0 section 4.9).
  std::size_t pubacks() const noexcept { return pubacks_; }
  /// SUBACKs that have not gone out yet: messages wait for them, as clients expect.
  std::size_t packets() const noexcept { return packets_; }

  /// The readings of `batch` are durable, or failed with `reason`; `on_completed(Entry&)` is called for each entry that
  /// waited for them, which may then wait for a commit.
  template <class OnCompleted>
  void complete(BatchNumber batch, mqtt::ReasonCode reason, OnCompleted&& on_completed) {
    for (Entry& entry : entries_) {
      if (entry.batch != batch) continue;
      entry.batch = 0;
      if (mqtt::is_failure(reason)) entry.reason = reason;
      on_completed(entry);
    }
  }

  /// Whether there is such an entry whose batch is not complete.
  bool awaits_batch(mqtt::PacketType type, std::uint16_t packet_id) const noexcept;

  /// The first entry if it is due, else null.
  const Entry* due(std::uint64_t durable) const noexcept;
  /// The first entry went out.
  void pop();

  /// Gives back memory that nothing is in.
  void release() {
    if (entries_.empty()) entries_.set_capacity(0);
  }

 private:
  static bool is_puback(const Entry& entry) noexcept { return entry.type == mqtt::PacketType::puback; }
  static bool is_packet(const Entry& entry) noexcept {
    return entry.type == mqtt::PacketType::suback || entry.type == mqtt::PacketType::unsuback;
  }

  boost::circular_buffer<Entry> entries_;
  std::size_t pubacks_ = 0;
  std::size_t packets_ = 0;
};

}  // namespace iot::broker
