#include "bench/options.h"

#include "bench/errc.h"

namespace iot::bench {
namespace {

Error wrong(std::string message) {
  return make_error(Errc::options, std::move(message));
}

Result<void> check_range(const char* name, std::uint64_t value, std::uint64_t min, std::uint64_t max) {
  if (value >= min && value <= max) return {};
  return wrong(std::string("--") + name + " is " + std::to_string(value) + "; from " + std::to_string(min) + " to " +
               std::to_string(max) + " is allowed");
}

Result<void> check_ranges(const Options& options) {
  IOT_CHECK(check_range("connections", options.connections, 1, 1'000'000));
  IOT_CHECK(check_range("idle", options.idle, 0, 1'000'000));
  IOT_CHECK(check_range("subscribers", options.subscribers, 0, 1'000'000));
  IOT_CHECK(check_range("window", options.window, 1, 65'535));
  IOT_CHECK(check_range("threads", options.threads, 1, 256));
  IOT_CHECK(check_range("readings-per-message", options.readings_per_message, 1, 100'000));
  IOT_CHECK(check_range("devices", options.devices, 0, 1'000'000));
  if (options.duration_s < 0 || options.duration_s > 86'400) return wrong("--duration is 0 to 86400 seconds");
  if (options.rate < 0) return wrong("--rate is messages a second, above 0");
  if (options.duration_s == 0 && options.messages == 0 && options.idle == 0)
    return wrong("--duration 0 needs --messages");
  return {};
}

Result<void> check_access(const Options& options) {
  const bool has_token = !options.token.empty() || !options.token_file.empty();
  const int ways = (options.plain_broker ? 1 : 0) + (has_token ? 1 : 0) + (options.core.empty() ? 0 : 1);
  if (ways != 1) {
    return wrong(
        "say who sends: --core http://HOST:PORT to make devices, or --token (or --token-file) and --sensor, or "
        "--plain-broker");
  }
  if (options.plain_broker && options.protocol_kind() != Protocol::mqtt)
    return wrong("--plain-broker is for --protocol mqtt");
  if (!options.token.empty() && options.sensor.empty()) return wrong("--token needs --sensor");
  if (!options.core.empty() && options.password.empty()) return wrong("--core needs --password");
  if (options.verify && options.core.empty())
    return wrong("--verify needs --core, --user and --password: it asks with the user's token");
  if (options.verify && options.query.empty()) return wrong("--verify needs --query http://HOST:PORT");
  if (options.live && options.core.empty())
    return wrong("--live needs --core: it makes a consumer that may read the sensor");
  return {};
}

Result<void> check_mode(const Options& options) {
  if (options.subscribers > 0 && (options.idle > 0 || options.reconnect))
    return wrong("--subscribers goes with neither --idle nor --reconnect");
  if (options.idle > 0 && options.reconnect) return wrong("give --connections and not --idle with --reconnect");
  if (options.subscribers > 0 && options.protocol_kind() != Protocol::mqtt)
    return wrong("--subscribers is for --protocol mqtt");
  if (options.live && options.subscribers == 0) return wrong("--live needs --subscribers");
  if (options.wants_answers && options.protocol_kind() != Protocol::websocket)
    return wrong("--ack is for --protocol websocket; the others always answer");
  if (options.idle > 0 && options.pids.empty()) return wrong("--idle needs --pid: it measures that process");
  if (options.verify && (options.idle > 0 || options.reconnect || options.subscribers > 0))
    return wrong("--verify is for sending readings");
  return {};
}

}  // namespace

Protocol Options::protocol_kind() const {
  return protocol == "http" ? Protocol::http : protocol == "websocket" ? Protocol::websocket : Protocol::mqtt;
}

std::size_t Options::connection_count() const {
  if (subscribers > 0) return subscribers + 1;
  return idle > 0 ? idle : connections;
}

Result<void> check(const Options& options) {
  if (options.protocol != "mqtt" && options.protocol != "http" && options.protocol != "websocket") {
    return wrong("--protocol is mqtt, http or websocket");
  }
  if (options.mqtt_version != "3.1" && options.mqtt_version != "3.1.1" && options.mqtt_version != "5.0") {
    return wrong("--mqtt-version is 3.1, 3.1.1 or 5.0");
  }
  if (options.qos > 2) return wrong("--qos is 0, 1 or 2");
  IOT_CHECK(check_ranges(options));
  IOT_CHECK(check_mode(options));
  return check_access(options);
}

}  // namespace iot::bench
