#include "server/live_part.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "server/gateway_limits.h"

namespace iot::server {

LivePart::LivePart(const Settings& settings, const LiveDependencies& use) {
  if (use.broker) mqtt_.emplace(*use.broker, use.log, use.clock);
  live::Hub::Options options;
  options.subscriptions_max = settings.live_subscriptions_max;
  options.subscription.queued_bytes_max = settings.live_queued_bytes_max;
  options.run_on_worker = [&workers = use.workers](std::function<void()> task) {
    boost::asio::post(workers, std::move(task));
  };
  options.snapshot = [&registry = use.registry] { return registry.snapshot(); };
  hub_.emplace(use.log, use.metrics, std::move(options), mqtt_ ? &*mqtt_ : nullptr,
               mqtt_ ? mqtt_->follow_from() : std::nullopt);
  gateway_ = gateway::LiveGateway::make(
      {use.registry, use.tokens, use.open_connections, *hub_, use.metrics, use.clock, use.pool},
      websocket_limits(settings).connections);
}

}  // namespace iot::server
