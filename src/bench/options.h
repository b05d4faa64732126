// What is to be measured: the options of `iotplatform bench`.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/failure.h"

namespace iot::bench {

enum class Protocol { mqtt, http, websocket };

struct Options {
  std::string protocol = "mqtt";
  std::string address;
  std::size_t connections = 100;
  std::size_t window = 20;
  std::size_t threads = 1;
  unsigned qos = 1;
  std::string mqtt_version = "3.1.1";
  /// Sending ends after so long or so many messages, whichever comes first; 0 messages: no such end.
  double duration_s = 5;
  std::uint64_t messages = 0;
  std::size_t readings_per_message = 1;
  /// Messages a second; 0: as fast as answers come.
  double rate = 0;
  bool wants_answers = false;  ///< of a WebSocket: --ack

  // Other things to measure than publishing.
  std::size_t subscribers = 0;
  bool live = false;
  std::size_t idle = 0;
  bool reconnect = false;

  // Who sends, and to where.
  std::string topic;
  std::string path = "/";
  bool plain_broker = false;
  std::string token, token_file, sensor, device;
  std::string core, user = "root", password;
  std::size_t devices = 0;  ///< to set up; 0: one for each connection
  bool verify = false;
  std::string query;  ///< where to ask for what is stored: "http://127.0.0.1:9000"

  std::vector<int> pids;
  bool json = false;

  Protocol protocol_kind() const;
  /// How many connections there are in all.
  std::size_t connection_count() const;
};

/// Errc::options for what is missing, out of range or against another option.
Result<void> check(const Options& options);

}  // namespace iot::bench
