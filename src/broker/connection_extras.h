// What only few connections need, so that the others do not pay for it.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "broker/server_connection.h"

namespace iot::broker {

struct ServerConnection::Extras {
  /// Of the client's aliases: the topic by alias - 1; empty: none yet.
  std::vector<std::string> topics_by_alias;
  /// The aliases that we gave, the first topics that were sent.
  std::unordered_map<std::string, std::uint16_t> aliases_by_topic;
  /// Reused for each packet.
  std::vector<Collected> collected;
  std::string properties;
};

}  // namespace iot::broker
