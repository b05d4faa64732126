// `$SYS`: the broker's state as retained messages, under the names that operators know from other brokers.
#pragma once

#include <array>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "broker/broker.h"

namespace iot::broker {

/// Belongs to one thread.
class SysTopics {
 public:
  /// `version` is the program's; `started` when it was.
  SysTopics(std::string version, Timestamp started) : version_(std::move(version)), started_(started) {}

  /// Publishes what has changed since the last time.
  void publish(Broker& broker, Timestamp now);

 private:
  /// Counts as of the last time, for the averages.
  struct Load {
    const char* name;
    std::uint64_t last = 0;
    std::array<double, 3> per_minute{};  ///< over 1, 5 and 15 minutes
  };

  void set(Broker& broker, const std::string& topic, std::string value, Timestamp now);
  void set_load(Broker& broker, Load& load, std::uint64_t total, double passed_s, Timestamp now);

  std::string version_;
  Timestamp started_;
  Timestamp last_{};
  std::unordered_map<std::string, std::string> published_;
  Load messages_received_{"messages/received"}, messages_sent_{"messages/sent"};
  Load publish_received_{"publish/received"}, publish_sent_{"publish/sent"};
  Load bytes_received_{"bytes/received"}, bytes_sent_{"bytes/sent"};
};

}  // namespace iot::broker
