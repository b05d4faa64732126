#include "server/websocket_limits.h"

namespace iot::server {

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
  limits.rates.requests_per_s_max = static_cast<double>(settings.websocket_device_messages_per_s_max);
  limits.rates.readings_per_s_max = static_cast<double>(settings.websocket_device_readings_per_s_max);
  limits.in_flight_bytes_max = settings.websocket_in_flight_bytes_max;
  limits.origins = settings.websocket_origins;
  limits.echo = settings.profile == Profile::conformance;
  return limits;
}

}  // namespace iot::server
