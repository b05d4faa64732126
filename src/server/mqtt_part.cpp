#include "server/mqtt_part.h"

#include <utility>

#include "server/version.h"

namespace iot::server {

namespace {

std::uint32_t seconds_of(std::chrono::seconds seconds) {
  return static_cast<std::uint32_t>(seconds.count());
}

broker::BrokerLimits broker_limits(const Settings& settings) {
  broker::BrokerLimits limits;
  limits.session_s_max = seconds_of(settings.mqtt_session_s_max);
  limits.queue = {settings.mqtt_queue_messages_max, settings.mqtt_queue_bytes_max};
  limits.queued_bytes_per_owner_max = settings.mqtt_queued_bytes_per_device_max;
  limits.queued_bytes_max = settings.mqtt_queued_bytes_max;
  limits.queue_s_max = seconds_of(settings.mqtt_queue_s_max);
  limits.sessions_max = settings.mqtt_sessions_max;
  limits.sessions_per_owner_max = settings.mqtt_sessions_per_device_max;
  limits.subscriptions_per_session_max = settings.mqtt_subscriptions_max;
  limits.subscriptions_max = settings.mqtt_subscriptions_total_max;
  limits.retained_messages_max = settings.mqtt_retained_messages_max;
  limits.retained_messages_per_root_max = settings.mqtt_retained_messages_per_device_max;
  limits.retained_bytes_max = settings.mqtt_retained_bytes_max;
  return limits;
}

gateway::MqttGatewayLimits gateway_limits(const Settings& settings) {
  gateway::MqttGatewayLimits limits;
  limits.connection.receive_max = static_cast<std::uint16_t>(settings.mqtt_receive_max);
  limits.connection.in_flight_max = static_cast<std::uint16_t>(settings.mqtt_in_flight_max);
  limits.connection.topic_alias_max = static_cast<std::uint16_t>(settings.mqtt_topic_alias_max);
  limits.connection.packet_bytes_max = settings.mqtt_packet_bytes_max;
  limits.connection.keep_alive_s_max = static_cast<std::uint16_t>(settings.mqtt_keep_alive_s_max.count());
  if (settings.profile == Profile::conformance) {
    // What the byte-level cases for brokers expect to be told.
    limits.connection.receive_max = 20;
    limits.connection.topic_alias_max = 10;
    limits.connection.packet_bytes_max = mqtt::packet_bytes_max;
    limits.connection.keep_alive_s_max = 60;
    limits.admits_anyone = true;
  }
  limits.decode.readings_max = settings.http_readings_max;
  limits.connect_s_max = settings.mqtt_connect_s;
  limits.write_s_max = settings.mqtt_write_s;
  limits.messages_per_s_max = static_cast<double>(settings.mqtt_messages_per_s_max);
  limits.bytes_per_s_max = static_cast<double>(settings.mqtt_bytes_per_s_max);
  limits.buffered_bytes_max = settings.mqtt_buffered_bytes_max;
  limits.sys_interval_s = settings.mqtt_sys_interval_s;
  limits.version = version;
  return limits;
}

}  // namespace

Result<std::unique_ptr<MqttPart>> MqttPart::open(const Settings& settings, const DataDirectory& directory,
                                                 Metrics& metrics, const Clock& clock) {
  std::unique_ptr<MqttPart> part(new MqttPart);
  IOT_TRY(part->store_,
          broker::RocksSessionStore::open(directory.mqtt_directory().string(), metrics, [raw = part.get()] {
            if (auto* broker = raw->broker_seen_.load(std::memory_order_acquire)) broker->committed();
          }));
  IOT_TRY(part->broker_, broker::Broker::open(broker_limits(settings), *part->store_, clock.now()));
  part->broker_seen_.store(part->broker_.get(), std::memory_order_release);
  part->connections_max_ = settings.mqtt_connections_max;
  return part;
}

MqttPart::~MqttPart() = default;

Result<void> MqttPart::listen(const Settings& settings, const gateway::MqttGatewayDependencies& dependencies,
                              net::TlsContext* tls) {
  gateway_ = gateway::MqttGateway::make(dependencies, gateway_limits(settings));
  gateway_->start();
  Metrics& metrics = dependencies.metrics;
  if (settings.mqtt_port) {
    IOT_TRY(plain_, listen_on(settings, *settings.mqtt_port, "mqtt", metrics, dependencies.clock, {}));
  }
  if (settings.mqtt_tls_port && tls) {
    IOT_TRY(tls_, listen_on(settings, *settings.mqtt_tls_port, "mqtt_tls", metrics, dependencies.clock,
                            tls->transports(net::ClientCertificates::requested)));
  }
  return {};
}

Result<std::unique_ptr<net::Listener>> MqttPart::listen_on(const Settings& settings, std::uint16_t port,
                                                           const char* name, Metrics& metrics, const Clock& clock,
                                                           net::MakeTransport transport) {
  net::ListenerOptions options;
  options.name = name;
  options.address = settings.listen;
  options.port = port;
  options.connections_max = settings.mqtt_connections_max;
  options.connects_per_s_max = settings.mqtt_connects_per_s_max;
  options.transport = std::move(transport);
  auto listener = net::Listener::listen(
      gateway_->group(), metrics, clock, std::move(options),
      [this](std::size_t thread_index, net::Arrival arrival) { gateway_->accept(thread_index, std::move(arrival)); });
  if (listener) return listener;
  return make_error(Errc::start_failed, "the listener " + std::string(name) + " cannot use " + settings.listen + ":" +
                                            std::to_string(port) + ": " + listener.error().message);
}

void MqttPart::accept(std::size_t thread_index, std::unique_ptr<net::Transport> transport, std::string peer_address) {
  auto admission = gateway_->group()->admit(connections_max_);
  // Destroying the transport closes the connection.
  if (!admission) return;
  gateway_->accept(thread_index, {std::move(transport), {std::move(peer_address), 0}, std::move(*admission)});
}

void MqttPart::stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done) {
  for (auto* listener : {plain_.get(), tls_.get()}) {
    if (listener) listener->stop();
  }
  if (!gateway_) return done();
  gateway_->stop(deadline, std::move(done));
}

}  // namespace iot::server
