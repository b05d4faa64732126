// The limits of listeners and gateways as the settings say.
#pragma once

#include "gateway/http/http_gateway.h"
#include "gateway/open_connections.h"
#include "gateway/sending_limits.h"
#include "gateway/websocket/websocket_gateway.h"
#include "ingest/bulk.h"
#include "net/http_server.h"
#include "server/settings.h"

namespace iot::server {

net::HttpLimits http_limits(const Settings& settings);
gateway::HttpGatewayLimits http_gateway_limits(const Settings& settings);
ingest::BulkLimits bulk_limits(const Settings& settings);
gateway::WebSocketGatewayLimits websocket_limits(const Settings& settings);
gateway::OpenConnectionsLimits open_connections_limits(const Settings& settings);
/// Of one device, and of all together.
gateway::SendingRates device_rates(const Settings& settings);
gateway::SendingRates total_rates(const Settings& settings);

}  // namespace iot::server
