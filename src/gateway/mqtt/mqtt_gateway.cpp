#include "gateway/mqtt/mqtt_gateway.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "base/logging.h"
#include "gateway/mqtt/mqtt_connection.h"
#include "gateway/mqtt/mqtt_loop.h"
#include "gateway/mqtt/mqtt_rights.h"
#include "net/read_buffer.h"

namespace iot::gateway {

namespace {

class RunningGateway final : public MqttGateway {
 public:
  RunningGateway(const MqttGatewayDependencies& dependencies, const MqttGatewayLimits& limits)
      : dependencies_(dependencies), limits_(limits), metrics_(dependencies.metrics, dependencies.broker) {
    group_ = net::ConnectionGroup::make(dependencies.pool, dependencies.clock, [this](const net::LoopPlace& place) {
      return std::make_unique<MqttLoop>(place, dependencies_, limits_, metrics_);
    });
    dependencies_.broker.set_take_will(
        [this](const broker::Owner& owner, const broker::Message& will) { return take_will(owner, will); });
  }

  const std::shared_ptr<net::ConnectionGroup>& group() const noexcept override { return group_; }

  void accept(std::size_t thread_index, net::Arrival arrival, std::string_view received) override {
    MqttLoop& loop = loop_at(thread_index);
    auto connection =
        std::make_unique<MqttConnection>(loop, std::move(arrival.transport), std::move(arrival.peer.address), received);
    MqttConnection& added = *connection;
    if (!loop.adopt(std::move(connection), std::move(arrival.admission))) return;
    // What was read already, or lies in the transport, is told by no event.
    added.on_resume();
  }

  void start() override { group_->start(); }

  void stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done) override {
    group_->stop(deadline, std::move(done));
  }

 private:
  MqttLoop& loop_at(std::size_t thread_index) { return static_cast<MqttLoop&>(group_->loop(thread_index)); }

  /// A will on the device's own topic is a reading like any other. Under the broker's lock: only handed over here.
  bool take_will(const broker::Owner& owner, const broker::Message& will) {
    if (way_of_publication(owner, will.topic()) != broker::Application::Way::take) return false;
    auto payload = std::make_shared<std::string>(will.payload());
    payload->append(net::ReadBuffer::padding_bytes, '\0');
    boost::asio::post(group_->context(0), [this, payload, device = DeviceId{owner.id}] {
      store_will(device, {payload->data(), payload->size() - net::ReadBuffer::padding_bytes});
    });
    return true;
  }

  void store_will(DeviceId device, std::string_view payload) {
    MqttLoop& loop = loop_at(0);
    const auto faults = loop.decoder.decode(payload, device, loop.snapshot(), loop.time(), loop.single);
    if (!faults.empty()) {
      metrics_.bad_messages.Increment();
      return dependencies_.open_connections.note_request_error(
          device, "the will of its connection: " + faults.front().message, loop.time());
    }
    if (loop.single.empty()) return;
    dependencies_.ingestor.submit(0, loop.single, [](const Result<log::Position>& outcome) {
      if (!outcome) log_warning("readings of a device's will were not stored", {{"reason", outcome.error().message}});
    });
  }

  const MqttGatewayDependencies dependencies_;
  const MqttGatewayLimits limits_;
  MqttMetrics metrics_;
  std::shared_ptr<net::ConnectionGroup> group_;
};

}  // namespace

std::unique_ptr<MqttGateway> MqttGateway::make(const MqttGatewayDependencies& dependencies,
                                               const MqttGatewayLimits& limits) {
  return std::make_unique<RunningGateway>(dependencies, limits);
}

}  // namespace iot::gateway
