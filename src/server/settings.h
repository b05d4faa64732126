// Every setting of the program, once: its name, meaning, unit, default and what is allowed. Flags, environment, file,
// the command `config` and docs/configuration.md are made from the declarations in settings.cpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/failure.h"
#include "base/logging.h"

namespace iot::server {

enum class Errc {
  usage = 1,          ///< The command line is wrong. The message says where; see --help.
  unknown_setting,    ///< No setting has this name. The message names the nearest one.
  bad_value,          ///< A setting's value is out of range or malformed. The message says what is allowed.
  file_unreadable,    ///< The configuration file cannot be read or parsed.
  directory_in_use,   ///< Another process has the data directory open. Stop it first.
  directory_invalid,  ///< The data directory cannot be made or written, or is not ours.
  start_failed,       ///< A part did not start; the message says which and why.
};
ErrcInfo describe(Errc code) noexcept;
constexpr const char* errc_module(Errc) {
  return "server";
}

/// A listener's port: nothing is "off", 0 any free one.
using Port = std::optional<std::uint16_t>;

enum class Profile { standard, demo, conformance };
enum class ServerRole { core, http, websocket, mqtt, query };
enum class Engine { embedded };

struct Settings {
  // [server]
  std::filesystem::path data_dir = "data";
  std::string listen = "127.0.0.1";
  std::filesystem::path ready_file;
  Profile profile = Profile::standard;
  std::set<ServerRole> roles{ServerRole::core, ServerRole::http, ServerRole::websocket, ServerRole::mqtt,
                             ServerRole::query};
  unsigned io_threads = 0;
  unsigned offload_threads = 4;
  std::chrono::seconds shutdown_s{10};
  // [tls]
  std::filesystem::path tls_certificate;
  std::filesystem::path tls_key;
  std::filesystem::path tls_client_ca;
  /// Names of listeners: "core", "http", "websocket", "query".
  std::set<std::string> tls_listeners;
  // [logging]
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::text;
  // [core]
  Port core_port = 8080;
  Port dashboards_port = 5601;
  Port jobs_port = 8081;
  std::chrono::seconds user_token_s{86'400};
  // [http]
  std::vector<std::uint16_t> http_ports{8083, 8084};
  std::uint64_t http_body_bytes_max = 16u << 20;
  std::uint64_t http_decompressed_bytes_max = 64u << 20;
  std::uint64_t http_header_bytes_max = 16u << 10;
  std::uint64_t http_connections_max = 20'000;
  std::uint64_t http_connects_per_s_max = 0;
  std::uint64_t http_readings_max = 100'000;
  std::chrono::seconds http_idle_s{120};
  std::chrono::seconds http_request_s{60};
  std::chrono::seconds http_write_s{60};
  // [live]
  std::uint64_t live_subscriptions_max = 10'000;
  std::uint64_t live_queued_bytes_max = 256u << 10;
  // [gateway]
  std::uint64_t gateway_connections_per_device_max = 16;
  std::uint64_t gateway_device_connects_per_s_max = 0;
  std::uint64_t gateway_device_messages_per_s_max = 0;
  std::uint64_t gateway_device_readings_per_s_max = 0;
  std::uint64_t gateway_device_bytes_per_s_max = 0;
  std::uint64_t gateway_messages_per_s_max = 0;
  std::uint64_t gateway_readings_per_s_max = 0;
  std::uint64_t gateway_bytes_per_s_max = 0;
  // [websocket]
  std::vector<std::uint16_t> websocket_ports{8765, 8766};
  /// Of pages that may connect; empty: any.
  std::vector<std::string> websocket_origins;
  std::uint64_t websocket_message_bytes_max = 16u << 20;
  std::uint64_t websocket_buffered_bytes_max = 512u << 20;
  std::uint64_t websocket_in_flight_bytes_max = 1u << 20;
  std::uint64_t websocket_connections_max = 200'000;
  std::chrono::seconds websocket_ping_s{30};
  std::chrono::seconds websocket_timeout_s{90};
  std::chrono::seconds websocket_message_s{60};
  std::chrono::seconds websocket_write_s{60};
  // [mqtt]
  Port mqtt_port = 1883;
  /// Where tls.certificate is set.
  Port mqtt_tls_port = 8883;
  std::uint64_t mqtt_connections_max = 200'000;
  std::uint64_t mqtt_connects_per_s_max = 0;
  std::uint64_t mqtt_packet_bytes_max = 1u << 20;
  std::uint64_t mqtt_receive_max = 1'000;
  std::uint64_t mqtt_in_flight_max = 100;
  std::uint64_t mqtt_topic_alias_max = 10;
  std::chrono::seconds mqtt_keep_alive_s_max{0};
  std::chrono::seconds mqtt_connect_s{10};
  std::chrono::seconds mqtt_write_s{60};
  std::uint64_t mqtt_messages_per_s_max = 0;
  std::uint64_t mqtt_bytes_per_s_max = 0;
  std::uint64_t mqtt_buffered_bytes_max = 512u << 20;
  std::chrono::seconds mqtt_session_s_max{7 * 86'400};
  std::uint64_t mqtt_sessions_max = 1'000'000;
  std::uint64_t mqtt_sessions_per_device_max = 1'000;
  std::uint64_t mqtt_subscriptions_max = 1'000;
  std::uint64_t mqtt_subscriptions_total_max = 10'000'000;
  std::uint64_t mqtt_queue_messages_max = 10'000;
  std::uint64_t mqtt_queue_bytes_max = 16u << 20;
  std::chrono::seconds mqtt_queue_s_max{7 * 86'400};
  std::uint64_t mqtt_queued_bytes_per_device_max = 64u << 20;
  std::uint64_t mqtt_queued_bytes_max = 256u << 20;
  std::uint64_t mqtt_retained_messages_max = 100'000;
  std::uint64_t mqtt_retained_messages_per_device_max = 10'000;
  std::uint64_t mqtt_retained_bytes_max = 64u << 20;
  std::chrono::seconds mqtt_sys_interval_s{10};
  // [query]
  Port query_port = 9000;
  std::chrono::milliseconds query_deadline_ms{30'000};
  std::uint64_t query_memory_bytes_max = 256u << 20;
  std::uint64_t query_buckets_max = 65'536;
  std::uint64_t query_waiting_max = 256;
  std::uint64_t query_exports_max = 32;
  std::chrono::seconds query_export_s{3'600};
  // [log]
  Engine log_engine = Engine::embedded;
  std::uint64_t log_segment_bytes = 64u << 20;
  std::uint64_t log_pending_bytes_max = 64u << 20;
  std::uint64_t log_retain_bytes = 256u << 20;
  std::chrono::seconds log_retain_s{86'400};
  // [store]
  Engine store_engine = Engine::embedded;
  /// 0: a quarter of the machine's memory, at most 1 GiB.
  std::uint64_t store_memory_bytes = 0;
  std::uint64_t store_decoded_bytes = std::uint64_t{128} << 20;
  std::chrono::seconds store_retention_s{0};
  std::chrono::seconds store_rollup_minutes_s{0};
  std::chrono::seconds store_rollup_hours_s{0};
  std::chrono::seconds store_rollup_days_s{0};
  std::uint64_t store_disk_bytes_max = 0;
  // [access]
  bool access_accept_legacy_tokens = false;
  std::uint64_t access_token_cache_entries_max = 65'536;
  std::uint64_t access_sign_in_attempts_max = 10;
  std::chrono::seconds access_sign_in_attempt_every_s{6};
};

/// Where a setting's value came from: "default", "profile", "file <path>", "environment <NAME>", "flag".
struct EffectiveSetting {
  std::string name;
  std::string value;
  std::string source;
};

/// A setting as declared.
struct Declaration {
  std::string name;  ///< "core.port"
  std::string flag;  ///< a short form besides "--core.port", such as "--data-dir"; may be empty
  std::string meaning;
  std::string allowed;  ///< "a number from 1 to 65535, 0 for any free port, or off"
  std::string default_value;
};
const std::vector<Declaration>& declarations();

/// What was given on each of the three layers, by name, before it is understood.
struct Layers {
  std::optional<std::filesystem::path> file;
  std::map<std::string, std::string> flags;
  std::map<std::string, std::string> environment;  ///< of IOTPLATFORM_SECTION__KEY, by "section.key"
};

struct Configuration {
  Settings settings;
  std::vector<EffectiveSetting> effective;  ///< in the order of the declarations
};

/// Flags win over the environment, the environment over the file, the file over what the profile changes and the
/// defaults. Errc::unknown_setting, bad_value, file_unreadable.
Result<Configuration> configure(const Layers& layers);

/// The settings among the variables of an environment ("NAME=VALUE"): those that begin with IOTPLATFORM_ and hold "__".
std::map<std::string, std::string> settings_in_environment(char** variables);

/// The table of docs/configuration.md.
std::string settings_as_markdown();

}  // namespace iot::server
