#include "server/settings.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>

#include "server/setting_values.h"
#include "server/settings_file.h"

namespace iot::server {

ErrcInfo describe(Errc code) noexcept {
  switch (code) {
    case Errc::usage:
      return {"usage", Failure::invalid};
    case Errc::unknown_setting:
      return {"unknown_setting", Failure::invalid};
    case Errc::bad_value:
      return {"bad_value", Failure::invalid};
    case Errc::file_unreadable:
      return {"file_unreadable", Failure::invalid};
    case Errc::directory_in_use:
      return {"directory_in_use", Failure::conflict};
    case Errc::directory_invalid:
      return {"directory_invalid", Failure::invalid};
    case Errc::start_failed:
      return {"start_failed", Failure::unavailable};
  }
  return {"unknown", Failure::internal};
}

namespace {

/// A declaration and how its value gets into Settings and back out.
struct Binding {
  Declaration declaration;
  std::function<bool(Settings&, std::string_view)> set;
  std::function<std::string(const Settings&)> show;
};

/// Declares the setting `name`, kept in `member`, whose text form is `kind` (server/setting_values.h).
template <class Member, class Kind>
Binding declare(std::string name, Member Settings::*member, Kind kind, std::string meaning, std::string flag = {}) {
  Binding binding;
  binding.set = [member, kind](Settings& settings, std::string_view text) {
    auto value = kind.parse(text);
    if (!value) return false;
    settings.*member = static_cast<Member>(std::move(*value));
    return true;
  };
  binding.show = [member, kind](const Settings& settings) { return kind.show(settings.*member); };
  binding.declaration = {std::move(name), std::move(flag), std::move(meaning), kind.allowed(),
                         binding.show(Settings{})};
  return binding;
}

constexpr std::uint64_t kib = 1u << 10;
constexpr std::uint64_t mib = 1u << 20;
constexpr std::uint64_t gib = 1u << 30;
constexpr std::uint64_t tib = std::uint64_t{1} << 40;
constexpr std::uint64_t ten_years_s = 315'360'000;

std::vector<Binding> server_bindings() {
  return {
      declare("server.data_dir", &Settings::data_dir, PathValue{}, "Where everything is kept; one process at a time",
              "--data-dir"),
      declare("server.listen", &Settings::listen, AddressValue{}, "The address that every listener is bound to",
              "--listen"),
      declare("server.ready_file", &Settings::ready_file, PathValue{},
              "Written once every listener accepts; empty: none", "--ready-file"),
      declare("server.profile", &Settings::profile, ProfileValue{},
              "Ready-made settings; demo and conformance listen on loopback only", "--profile"),
      declare("server.roles", &Settings::roles, RolesValue{}, "Which parts this process runs", "--role"),
      declare("server.io_threads", &Settings::io_threads, NumberValue{0, 1024}, "Event loops; 0: one for each core"),
      declare("server.offload_threads", &Settings::offload_threads, NumberValue{1, 256},
              "Threads for SQL, queries and passwords"),
      declare("server.shutdown_s", &Settings::shutdown_s, SecondsValue{0, 3600},
              "How long a stop waits for what was begun, in seconds"),
      declare("tls.certificate", &Settings::tls_certificate, PathValue{},
              "PEM file: the server's certificate and its chain; empty: no TLS"),
      declare("tls.key", &Settings::tls_key, PathValue{}, "PEM file: the certificate's key, closed to other users"),
      declare("tls.client_ca", &Settings::tls_client_ca, PathValue{},
              "PEM file: authorities that must have signed a client's certificate; empty: its fingerprint suffices"),
      declare("tls.listeners", &Settings::tls_listeners, TlsListenersValue{},
              "Which listeners speak TLS, and only that; MQTT has a port of its own for it"),
      declare("logging.level", &Settings::log_level, LogLevelValue{}, "The least important message that is logged"),
      declare("logging.format", &Settings::log_format, LogFormatValue{},
              "One line of text or one JSON object for each message"),
  };
}

std::vector<Binding> edge_bindings() {
  return {
      declare("core.port", &Settings::core_port, PortValue{}, "REST API, /metrics, /healthz, /readyz"),
      declare("dashboards.port", &Settings::dashboards_port, PortValue{},
              "The same, where the web pages begin with the dashboards"),
      declare("jobs.port", &Settings::jobs_port, PortValue{}, "The same, where they begin with the stream jobs"),
      declare("core.user_token_s", &Settings::user_token_s, SecondsValue{60, ten_years_s},
              "Life of a user's token, in seconds"),
      declare("http.ports", &Settings::http_ports, PortsValue{}, "HTTP gateway"),
      declare("http.body_bytes_max", &Settings::http_body_bytes_max, BytesValue{kib, gib},
              "Size of a request's body as sent"),
      declare("http.decompressed_bytes_max", &Settings::http_decompressed_bytes_max, BytesValue{kib, 4 * gib},
              "Size of a request's body after decompression"),
      declare("http.header_bytes_max", &Settings::http_header_bytes_max, BytesValue{kib, mib},
              "Size of a request's headers"),
      declare("http.connections_max", &Settings::http_connections_max, NumberValue{1, 10'000'000},
              "Open connections of one listener"),
      declare("http.connects_per_s_max", &Settings::http_connects_per_s_max, NumberValue{0, 1'000'000},
              "New connections of one listener in a second, further ones wait; 0: no limit"),
      declare("http.readings_max", &Settings::http_readings_max, NumberValue{1, 10'000'000}, "Readings in one request"),
      declare("http.idle_s", &Settings::http_idle_s, SecondsValue{1, 86'400},
              "How long a connection may be silent between requests, in seconds"),
      declare("http.request_s", &Settings::http_request_s, SecondsValue{1, 86'400},
              "How long a request may take to arrive, in seconds"),
      declare("http.write_s", &Settings::http_write_s, SecondsValue{1, 86'400},
              "How long a client may take to read an answer, in seconds"),
      declare("query.port", &Settings::query_port, PortValue{}, "Elasticsearch-compatible REST"),
      declare("query.deadline_ms", &Settings::query_deadline_ms, MillisecondsValue{1, 3'600'000},
              "How long one query may take, in milliseconds"),
      declare("query.memory_bytes_max", &Settings::query_memory_bytes_max, BytesValue{mib, 64 * gib},
              "Memory that one query may hold"),
      declare("query.buckets_max", &Settings::query_buckets_max, NumberValue{1, 10'000'000}, "Buckets in one answer"),
      declare("query.waiting_max", &Settings::query_waiting_max, NumberValue{1, 100'000},
              "Queries under way or waiting; further ones are told to come back"),
      declare("query.exports_max", &Settings::query_exports_max, NumberValue{1, 100'000},
              "Answers of rows (CSV, Arrow) under way on one listener; further ones are told to come back"),
      declare("query.export_s", &Settings::query_export_s, SecondsValue{1, 604'800},
              "How long one answer of rows may take, with its reader's pauses, in seconds"),
  };
}

std::vector<Binding> websocket_bindings() {
  return {
      declare("websocket.ports", &Settings::websocket_ports, PortsValue{},
              "WebSocket gateway, and MQTT over WebSocket on the path /mqtt"),
      declare("websocket.origins", &Settings::websocket_origins, OriginsValue{},
              "Pages of which origins may connect; what is no browser is not asked"),
      declare("websocket.message_bytes_max", &Settings::websocket_message_bytes_max, BytesValue{kib, gib},
              "Size of a message, as sent and decompressed"),
      declare("websocket.buffered_bytes_max", &Settings::websocket_buffered_bytes_max, BytesValue{mib, 64 * gib},
              "Memory of incomplete messages of all connections"),
      declare("websocket.in_flight_bytes_max", &Settings::websocket_in_flight_bytes_max, BytesValue{kib, gib},
              "Messages of one connection that are not on disk yet, past which it is read no further"),
      declare("websocket.connections_max", &Settings::websocket_connections_max, NumberValue{1, 10'000'000},
              "Open connections, without those of MQTT"),
      declare("websocket.ping_s", &Settings::websocket_ping_s, SecondsValue{1, 86'400},
              "How long a peer may be silent before it is pinged, in seconds"),
      declare("websocket.timeout_s", &Settings::websocket_timeout_s, SecondsValue{1, 86'400},
              "How long a peer may be silent before the connection is closed, in seconds; more than websocket.ping_s"),
      declare("websocket.message_s", &Settings::websocket_message_s, SecondsValue{1, 86'400},
              "How long a message may take to arrive, in seconds"),
      declare("websocket.write_s", &Settings::websocket_write_s, SecondsValue{1, 86'400},
              "How long a peer may leave what it is sent unread, in seconds"),
  };
}

std::vector<Binding> mqtt_bindings() {
  return {
      declare("live.subscriptions_max", &Settings::live_subscriptions_max, NumberValue{1, 10'000'000},
              "Live subscriptions over Server-Sent Events and WebSocket"),
      declare("live.queued_bytes_max", &Settings::live_queued_bytes_max, BytesValue{kib, gib},
              "Readings that wait for one of them; past it, it goes on from the event log at its own pace"),
      declare("gateway.connections_per_device_max", &Settings::gateway_connections_per_device_max,
              NumberValue{1, 1'000'000}, "Open connections of one device or consumer, over all protocols"),
      declare("gateway.device_connects_per_s_max", &Settings::gateway_device_connects_per_s_max,
              NumberValue{0, 1'000'000}, "New MQTT and WebSocket connections of one device in a second; 0: no limit"),
      declare("gateway.device_messages_per_s_max", &Settings::gateway_device_messages_per_s_max,
              NumberValue{0, 10'000'000},
              "Messages of one device in a second, over all protocols: HTTP requests past it are refused with 429, "
              "WebSocket and MQTT connections read later; 0: no limit"),
      declare("gateway.device_readings_per_s_max", &Settings::gateway_device_readings_per_s_max,
              NumberValue{0, 1'000'000'000}, "The same in readings; 0: no limit"),
      declare("gateway.device_bytes_per_s_max", &Settings::gateway_device_bytes_per_s_max, BytesValue{0, 64 * gib},
              "The same in bytes; 0: no limit"),
      declare("gateway.messages_per_s_max", &Settings::gateway_messages_per_s_max, NumberValue{0, 1'000'000'000},
              "Messages of all devices together in a second; 0: no limit"),
      declare("gateway.readings_per_s_max", &Settings::gateway_readings_per_s_max, NumberValue{0, 1'000'000'000},
              "The same in readings; 0: no limit"),
      declare("gateway.bytes_per_s_max", &Settings::gateway_bytes_per_s_max, BytesValue{0, tib},
              "The same in bytes; 0: no limit"),
      declare("mqtt.port", &Settings::mqtt_port, PortValue{}, "MQTT gateway"),
      declare("mqtt.tls_port", &Settings::mqtt_tls_port, PortValue{},
              "MQTT gateway with TLS; not opened where tls.certificate is not set"),
      declare("mqtt.connections_max", &Settings::mqtt_connections_max, NumberValue{1, 10'000'000},
              "Open connections, over WebSocket too"),
      declare("mqtt.connects_per_s_max", &Settings::mqtt_connects_per_s_max, NumberValue{0, 1'000'000},
              "New connections of one listener in a second, further ones wait; 0: no limit"),
      declare("mqtt.packet_bytes_max", &Settings::mqtt_packet_bytes_max, BytesValue{kib, 268'435'460},
              "Size of a packet"),
      declare("mqtt.receive_max", &Settings::mqtt_receive_max, NumberValue{1, 65'535},
              "Publications of one client that are not acknowledged yet"),
      declare("mqtt.in_flight_max", &Settings::mqtt_in_flight_max, NumberValue{1, 65'535},
              "Messages to one client that it has not acknowledged yet"),
      declare("mqtt.topic_alias_max", &Settings::mqtt_topic_alias_max, NumberValue{0, 65'535},
              "Topic aliases of one connection"),
      declare("mqtt.keep_alive_s_max", &Settings::mqtt_keep_alive_s_max, SecondsValue{0, 65'535},
              "The longest keep-alive that clients of MQTT 5.0 may have, in seconds; 0: any"),
      declare("mqtt.connect_s", &Settings::mqtt_connect_s, SecondsValue{1, 3'600},
              "How long a client may take for CONNECT, in seconds"),
      declare("mqtt.write_s", &Settings::mqtt_write_s, SecondsValue{1, 86'400},
              "How long a client may leave what it is sent unread, in seconds"),
      declare("mqtt.messages_per_s_max", &Settings::mqtt_messages_per_s_max, NumberValue{0, 10'000'000},
              "Packets of one connection in a second, past which it is read no further; 0: no limit"),
      declare("mqtt.bytes_per_s_max", &Settings::mqtt_bytes_per_s_max, BytesValue{0, 64 * gib},
              "The same in bytes; 0: no limit"),
      declare("mqtt.buffered_bytes_max", &Settings::mqtt_buffered_bytes_max, BytesValue{mib, 64 * gib},
              "Memory of incomplete packets of all connections"),
      declare("mqtt.session_s_max", &Settings::mqtt_session_s_max, SecondsValue{0, ten_years_s},
              "How long a session outlives its connection at most, in seconds"),
      declare("mqtt.sessions_max", &Settings::mqtt_sessions_max, NumberValue{1, 100'000'000},
              "Sessions, of clients that are away too"),
      declare("mqtt.sessions_per_device_max", &Settings::mqtt_sessions_per_device_max, NumberValue{1, 100'000'000},
              "The same of one device, consumer or user"),
      declare("mqtt.subscriptions_max", &Settings::mqtt_subscriptions_max, NumberValue{1, 10'000'000},
              "Subscriptions of one session"),
      declare("mqtt.subscriptions_total_max", &Settings::mqtt_subscriptions_total_max, NumberValue{1, 1'000'000'000},
              "Subscriptions of all sessions"),
      declare("mqtt.queue_messages_max", &Settings::mqtt_queue_messages_max, NumberValue{1, 65'000},
              "Messages that wait for one client; further ones are dropped"),
      declare("mqtt.queue_bytes_max", &Settings::mqtt_queue_bytes_max, BytesValue{kib, 64 * gib}, "Memory of these"),
      declare("mqtt.queue_s_max", &Settings::mqtt_queue_s_max, SecondsValue{1, ten_years_s},
              "Age at which a message that waits is dropped, in seconds"),
      declare("mqtt.queued_bytes_per_device_max", &Settings::mqtt_queued_bytes_per_device_max,
              BytesValue{kib, 1024 * gib},
              "Memory of messages that wait for all clients of one device, consumer or user"),
      declare("mqtt.queued_bytes_max", &Settings::mqtt_queued_bytes_max, BytesValue{mib, 1024 * gib},
              "Memory of messages that wait for all clients"),
      declare("mqtt.retained_messages_max", &Settings::mqtt_retained_messages_max, NumberValue{0, 100'000'000},
              "Retained messages"),
      declare("mqtt.retained_messages_per_device_max", &Settings::mqtt_retained_messages_per_device_max,
              NumberValue{0, 100'000'000}, "Retained messages on the topics of one device"),
      declare("mqtt.retained_bytes_max", &Settings::mqtt_retained_bytes_max, BytesValue{0, 1024 * gib},
              "Memory of these"),
      declare("mqtt.sys_interval_s", &Settings::mqtt_sys_interval_s, SecondsValue{0, 86'400},
              "How often $SYS is published, in seconds; 0: never"),
  };
}

std::vector<Binding> engine_bindings() {
  return {
      declare("log.engine", &Settings::log_engine, EngineValue{}, "Event log"),
      declare("log.segment_bytes", &Settings::log_segment_bytes, BytesValue{mib, 4 * gib},
              "Size at which a new segment is begun"),
      declare("log.pending_bytes_max", &Settings::log_pending_bytes_max, BytesValue{mib, 16 * gib},
              "Readings that wait for the disk; further ones are told to come back"),
      declare("log.retain_bytes", &Settings::log_retain_bytes, BytesValue{0, 64 * tib},
              "Log kept for jobs that start later, beyond what the store needs"),
      declare("log.retain_s", &Settings::log_retain_s, SecondsValue{0, ten_years_s}, "The same by age, in seconds"),
      declare("store.engine", &Settings::store_engine, EngineValue{}, "Reading store"),
      declare("store.memory_bytes", &Settings::store_memory_bytes, BytesValue{0, 4 * tib},
              "Memory of heads and caches; 0: a quarter of the machine, at most 1 GiB"),
      declare("store.decoded_bytes", &Settings::store_decoded_bytes, BytesValue{0, 4 * tib},
              "Readings that queries keep decoded for the next ones, beside that; 0: none"),
      declare("store.retention_s", &Settings::store_retention_s, SecondsValue{0, 10 * ten_years_s},
              "Age at which readings go where neither sensor nor device says, in seconds; 0: never"),
      declare(
          "store.rollup_minutes_s", &Settings::store_rollup_minutes_s, SecondsValue{0, 10 * ten_years_s},
          "Age until which summaries of minutes outlive the readings, where neither sensor nor device says; 0: none"),
      declare("store.rollup_hours_s", &Settings::store_rollup_hours_s, SecondsValue{0, 10 * ten_years_s},
              "The same of hours"),
      declare("store.rollup_days_s", &Settings::store_rollup_days_s, SecondsValue{0, 10 * ten_years_s},
              "The same of days"),
      declare("store.disk_bytes_max", &Settings::store_disk_bytes_max, BytesValue{0, 1024 * tib},
              "Size of the data directory at which the oldest readings go; 0: no limit"),
      declare("access.accept_legacy_tokens", &Settings::access_accept_legacy_tokens, SwitchValue{},
              "Take tokens without kid or aud, as the original platform issued them"),
      declare("access.token_cache_entries_max", &Settings::access_token_cache_entries_max, NumberValue{1, 100'000'000},
              "Verified tokens remembered"),
      declare("access.sign_in_attempts_max", &Settings::access_sign_in_attempts_max, NumberValue{1, 1'000'000},
              "Failed sign-ins at once for a user name or an address"),
      declare("access.sign_in_attempt_every_s", &Settings::access_sign_in_attempt_every_s, SecondsValue{1, 86'400},
              "How fast failed sign-ins are forgotten, in seconds each"),
  };
}

const std::vector<Binding>& bindings() {
  static const std::vector<Binding> all = [] {
    std::vector<Binding> joined;
    for (auto&& part : {server_bindings(), edge_bindings(), websocket_bindings(), mqtt_bindings(), engine_bindings()}) {
      joined.insert(joined.end(), part.begin(), part.end());
    }
    return joined;
  }();
  return all;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row.back();
}

Error unknown_setting(std::string_view name, std::string_view source) {
  const auto nearest = std::ranges::min_element(
      bindings(), {}, [&](const Binding& binding) { return edit_distance(binding.declaration.name, name); });
  return make_error(Errc::unknown_setting, "unknown setting " + std::string(name) + " (" + std::string(source) +
                                               "); the nearest one is " + nearest->declaration.name +
                                               ", and `iotplatform config` lists all");
}

using Values = std::map<std::string, std::string>;

Result<void> apply(const Values& values, const std::function<std::string(const std::string&)>& source_of,
                   Configuration& configuration) {
  for (const auto& [name, value] : values) {
    const std::string source = source_of(name);
    const auto binding = std::ranges::find(bindings(), name, [](const Binding& one) { return one.declaration.name; });
    if (binding == bindings().end()) return unknown_setting(name, source);
    if (!binding->set(configuration.settings, value)) {
      return make_error(Errc::bad_value, name + " = \"" + value + "\" (" + source +
                                             ") is not allowed; allowed: " + binding->declaration.allowed);
    }
    configuration.effective[static_cast<std::size_t>(binding - bindings().begin())].source = source;
  }
  return {};
}

std::string environment_name(const std::string& setting) {
  std::string name = "IOTPLATFORM_";
  for (const char c : setting) {
    if (c == '.') {
      name += "__";
    } else {
      name += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
  }
  return name;
}

bool is_loopback(std::string_view address) {
  return address == "localhost" || address == "::1" || address.starts_with("127.");
}

Result<void> check_tls(const Settings& settings) {
  if (settings.tls_certificate.empty() != settings.tls_key.empty()) {
    const bool needs_key = settings.tls_key.empty();
    return make_error(Errc::bad_value, std::string(needs_key ? "tls.certificate" : "tls.key") + " is set and " +
                                           (needs_key ? "tls.key" : "tls.certificate") +
                                           " is not; TLS needs both, each a PEM file");
  }
  if (!settings.tls_listeners.empty() && settings.tls_certificate.empty()) {
    return make_error(Errc::bad_value, "tls.listeners = \"" + TlsListenersValue{}.show(settings.tls_listeners) +
                                           "\" needs a certificate: set tls.certificate and tls.key to PEM files");
  }
  return {};
}

/// What is coarse stands in for what is fine once that has gone, so it must be kept longer.
Result<void> check_ages(const Settings& settings) {
  const std::pair<const char*, std::chrono::seconds> ages[] = {
      {"store.retention_s", settings.store_retention_s},
      {"store.rollup_minutes_s", settings.store_rollup_minutes_s},
      {"store.rollup_hours_s", settings.store_rollup_hours_s},
      {"store.rollup_days_s", settings.store_rollup_days_s},
  };
  const auto* finer = &ages[0];
  for (const auto& age : ages) {
    if (&age == finer || age.second.count() == 0) continue;
    if (age.second <= finer->second) {
      return make_error(Errc::bad_value, std::string(age.first) + " = " + std::to_string(age.second.count()) +
                                             " must be more than " + finer->first + " = " +
                                             std::to_string(finer->second.count()) + ", or 0 for none");
    }
    finer = &age;
  }
  return {};
}

Result<void> check_together(const Settings& settings) {
  IOT_CHECK(check_tls(settings));
  IOT_CHECK(check_ages(settings));
  if (settings.websocket_timeout_s <= settings.websocket_ping_s) {
    return make_error(Errc::bad_value,
                      "websocket.timeout_s = " + std::to_string(settings.websocket_timeout_s.count()) +
                          " must be more than websocket.ping_s = " + std::to_string(settings.websocket_ping_s.count()) +
                          ", or nobody can answer a ping in time");
  }
  if (settings.profile != Profile::standard && !is_loopback(settings.listen)) {
    return make_error(Errc::bad_value,
                      "server.listen = \"" + settings.listen +
                          "\" is not allowed with server.profile = " + ProfileValue{}.show(settings.profile) +
                          ", which has well-known credentials; allowed: a loopback address, or profile default");
  }
  return {};
}

}  // namespace

const std::vector<Declaration>& declarations() {
  static const std::vector<Declaration> all = [] {
    std::vector<Declaration> list;
    for (const auto& binding : bindings()) list.push_back(binding.declaration);
    return list;
  }();
  return all;
}

Result<Configuration> configure(const Layers& layers) {
  Configuration configuration;
  for (const auto& binding : bindings()) {
    configuration.effective.push_back({binding.declaration.name, "", "default"});
  }
  if (layers.file) {
    IOT_TRY(const Values values, read_settings_file(*layers.file));
    IOT_CHECK(apply(
        values, [&](const std::string&) { return "file " + layers.file->string(); }, configuration));
  }
  IOT_CHECK(apply(
      layers.environment, [](const std::string& name) { return "environment " + environment_name(name); },
      configuration));
  IOT_CHECK(apply(
      layers.flags, [](const std::string& name) { return "flag --" + name; }, configuration));
  IOT_CHECK(check_together(configuration.settings));
  for (std::size_t i = 0; i < bindings().size(); ++i) {
    configuration.effective[i].value = bindings()[i].show(configuration.settings);
  }
  return configuration;
}

std::map<std::string, std::string> settings_in_environment(char** variables) {
  static constexpr std::string_view prefix = "IOTPLATFORM_";
  std::map<std::string, std::string> found;
  for (char** variable = variables; *variable; ++variable) {
    const std::string_view entry(*variable);
    const auto equals = entry.find('=');
    if (!entry.starts_with(prefix) || equals == std::string_view::npos) continue;
    std::string name(entry.substr(prefix.size(), equals - prefix.size()));
    const auto divider = name.find("__");
    if (divider == std::string::npos) continue;
    name.replace(divider, 2, ".");
    std::ranges::transform(name, name.begin(),
                           [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
    found[name] = entry.substr(equals + 1);
  }
  return found;
}

std::string settings_as_markdown() {
  std::string table = "| setting | default | meaning | allowed |\n| --- | --- | --- | --- |\n";
  for (const auto& declaration : declarations()) {
    const std::string flag = declaration.flag.empty() ? "" : " (`" + declaration.flag + "`)";
    const std::string value = declaration.default_value.empty() ? "" : "`" + declaration.default_value + "`";
    table += "| `" + declaration.name + "`" + flag + " | " + value + " | " + declaration.meaning + " | " +
             declaration.allowed + " |\n";
  }
  return table;
}

}  // namespace iot::server
