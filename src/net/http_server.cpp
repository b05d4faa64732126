#include "net/http_server.h"

#include "net/http_loop.h"

namespace iot::net {

namespace {

/// A listener that feeds a group of HTTP loops.
class ListeningHttpServer final : public HttpServer {
 public:
  ListeningHttpServer(std::shared_ptr<ConnectionGroup> group, std::unique_ptr<Listener> listener)
      : group_(std::move(group)), listener_(std::move(listener)) {
    group_->start();
  }
  const std::string& address() const noexcept override { return listener_->address(); }
  void stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done) override {
    listener_->stop();
    group_->stop(deadline, std::move(done));
  }

 private:
  std::shared_ptr<ConnectionGroup> group_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::listen(IoPool& pool, HttpHandler& handler, Metrics& metrics,
                                                       std::string name, const std::string& address, std::uint16_t port,
                                                       HttpLimits limits, const Clock& clock, MakeTransport transport) {
  const auto shared = std::make_shared<HttpShared>(HttpShared{handler, limits, HttpMetrics(metrics, name)});
  const std::size_t buffered_bytes_max = limits.buffered_bytes_max / pool.size();
  auto group = ConnectionGroup::make(pool, clock, [&](const LoopPlace& place) {
    return std::make_unique<HttpLoop>(place, shared, buffered_bytes_max);
  });
  ListenerOptions options;
  options.name = std::move(name);
  options.address = address;
  options.port = port;
  options.connections_max = limits.connections_max;
  options.connects_per_s_max = limits.connects_per_s_max;
  options.transport = std::move(transport);
  auto listener = Listener::listen(group, metrics, clock, std::move(options),
                                   [&group = *group](std::size_t index, Arrival arrival) {
                                     static_cast<HttpLoop&>(group.loop(index)).serve(std::move(arrival));
                                   });
  if (!listener) return listener.error();
  return std::unique_ptr<HttpServer>(std::make_unique<ListeningHttpServer>(std::move(group), std::move(*listener)));
}

}  // namespace iot::net
