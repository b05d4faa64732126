// Packets of all kinds at random, valid ones, for round trips.
#pragma once

#include <deque>
#include <random>
#include <string>

#include "mqtt/packet.h"

namespace iot::mqtt::testing {

/// The packets' views are into the generator, which must outlive them.
class PacketGenerator {
 public:
  explicit PacketGenerator(std::uint64_t seed) : random_(seed) {}

  /// One that `sender` may send in this version, which is its own for a CONNECT.
  Packet next(Version version, Sender sender);

  /// A name, of few different levels so that names meet filters.
  std::string_view topic_name();
  /// A filter, `$share/` included if `may_share`.
  std::string_view topic_filter(bool may_share);
  std::size_t below(std::size_t end) { return random_() % end; }

 private:
  bool coin() { return below(2) == 0; }
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  std::string_view text(std::size_t bytes_max);
  std::string_view binary(std::size_t bytes_max);
  std::uint32_t value_of(PropertyId id);
  /// Some of the properties that may stand there, in any order.
  Properties properties(Version version, PacketType type, PropertySection section, Sender sender);
  ReasonCode reason(PacketType type);
  std::uint16_t packet_id() { return static_cast<std::uint16_t>(1 + below(65'535)); }
  Qos qos() { return static_cast<Qos>(below(3)); }
  FilterList filters(Version version, bool has_options);
  std::string_view codes(Version version, PacketType type);
  Connect connect(Version version);
  Publish publish(Version version, Sender sender);

  std::mt19937_64 random_;
  std::deque<std::string> texts_;
};

}  // namespace iot::mqtt::testing
