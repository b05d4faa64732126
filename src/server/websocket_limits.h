// The WebSocket gateway's limits as the settings say.
#pragma once

#include "gateway/websocket/websocket_gateway.h"
#include "server/settings.h"

namespace iot::server {

gateway::WebSocketGatewayLimits websocket_limits(const Settings& settings);

}  // namespace iot::server
