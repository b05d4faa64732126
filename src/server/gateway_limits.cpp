#include "server/gateway_limits.h"

namespace iot::server {

net::HttpLimits http_limits(const Settings& settings) {
  net::HttpLimits limits;
  limits.header_bytes_max = settings.http_header_bytes_max;
  limits.body_bytes_max = settings.http_body_bytes_max;
  limits.decompressed_bytes_max = settings.http_decompressed_bytes_max;
  limits.connections_max = settings.http_connections_max;
  limits.connects_per_s_max = settings.http_connects_per_s_max;
  limits.idle_s_max = settings.http_idle_s;
  limits.request_s_max = settings.http_request_s;
  limits.write_s_max = settings.http_write_s;
  return limits;
}

gateway::HttpGatewayLimits http_gateway_limits(const Settings& settings) {
  gateway::HttpGatewayLimits limits;
  limits.decode.readings_max = settings.http_readings_max;
  limits.echo = settings.profile == Profile::conformance;
  return limits;
}

ingest::BulkLimits bulk_limits(const Settings& settings) {
  ingest::BulkLimits limits;
  limits.items_max = settings.http_readings_max;
  return limits;
}

gateway::WebSocketGatewayLimits websocket_limits(const Settings& settings) {
  gateway::WebSocketGatewayLimits limits;
  limits.connections.message_bytes_max = settings.websocket_message_bytes_max;
  limits.connections.buffered_bytes_max = settings.websocket_buffered_bytes_max;
  limits.connections.connections_max = settings.websocket_connections_max;
  limits.connections.ping_s = settings.websocket_ping_s;
  limits.connections.timeout_s = settings.websocket_timeout_s;
  limits.connections.message_s = settings.websocket_message_s;
  limits.connections.write_s = settings.websocket_write_s;
  limits.decode.readings_max = settings.http_readings_max;
  limits.in_flight_bytes_max = settings.websocket_in_flight_bytes_max;
  limits.origins = settings.websocket_origins;
  limits.echo = settings.profile == Profile::conformance;
  return limits;
}

gateway::OpenConnectionsLimits open_connections_limits(const Settings& settings) {
  gateway::OpenConnectionsLimits limits;
  limits.connections_per_subject_max = settings.gateway_connections_per_device_max;
  return limits;
}

gateway::SendingRates device_rates(const Settings& settings) {
  return {.messages_per_s_max = static_cast<double>(settings.gateway_device_messages_per_s_max),
          .readings_per_s_max = static_cast<double>(settings.gateway_device_readings_per_s_max),
          .bytes_per_s_max = static_cast<double>(settings.gateway_device_bytes_per_s_max),
          .connects_per_s_max = static_cast<double>(settings.gateway_device_connects_per_s_max)};
}

gateway::SendingRates total_rates(const Settings& settings) {
  return {.messages_per_s_max = static_cast<double>(settings.gateway_messages_per_s_max),
          .readings_per_s_max = static_cast<double>(settings.gateway_readings_per_s_max),
          .bytes_per_s_max = static_cast<double>(settings.gateway_bytes_per_s_max)};
}

}  // namespace iot::server
