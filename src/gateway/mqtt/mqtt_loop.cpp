#include "gateway/mqtt/mqtt_loop.h"

#include <algorithm>

#include <boost/asio/post.hpp>

#include "gateway/mqtt/mqtt_connection.h"

namespace iot::gateway {

namespace {

constexpr std::uint64_t ticks_per_s = std::chrono::seconds(1) / net::tick_interval;

}  // namespace

MqttLoop::MqttLoop(const net::LoopPlace& place, const MqttGatewayDependencies& dependencies,
                   const MqttGatewayLimits& gateway_limits, MqttMetrics& gateway_metrics)
    : ConnectionLoop(place, gateway_limits.buffered_bytes_max / dependencies.pool.size()),
      gateway(dependencies),
      limits(gateway_limits),
      metrics(gateway_metrics),
      decoder(gateway_limits.decode),
      sys_topics_(gateway_limits.version, clock().now()) {}

MqttLoop::~MqttLoop() = default;

const registry::Snapshot& MqttLoop::snapshot() {
  if (!snapshot_ || snapshot_->version != gateway.registry.version()) snapshot_ = gateway.registry.snapshot();
  return *snapshot_;
}

void MqttLoop::wake(MqttConnection& connection) noexcept {
  bool is_first = false;
  {
    const std::scoped_lock lock(wakes_->mutex);
    if (connection.is_in_wakes) return;
    connection.is_in_wakes = true;
    is_first = wakes_->waiting.empty();
    wakes_->waiting.push_back(&connection);
  }
  // Whoever found the list empty asks for the loop, which takes all that is in it by then.
  if (is_first) boost::asio::post(context, [this, wakes = wakes_] { drive_woken(); });
}

void MqttLoop::drive_woken() {
  {
    const std::scoped_lock lock(wakes_->mutex);
    std::swap(driven_, wakes_->waiting);
    for (MqttConnection* const connection : driven_) connection->is_in_wakes = false;
  }
  // One that ends while another is driven takes itself out of the list.
  for (std::size_t index = 0; index < driven_.size(); ++index) {
    if (driven_[index]) driven_[index]->on_woken();
  }
  driven_.clear();
}

void MqttLoop::forget(MqttConnection& connection) noexcept {
  std::ranges::replace(driven_, &connection, nullptr);
  if (connection.is_paused) {
    std::erase(paused_, &connection);
    std::ranges::replace(resumed_, &connection, nullptr);
  }
  const std::scoped_lock lock(wakes_->mutex);
  if (connection.is_in_wakes) std::erase(wakes_->waiting, &connection);
}

void MqttLoop::pause(MqttConnection& connection) {
  if (connection.is_paused) return;
  connection.is_paused = true;
  paused_.push_back(&connection);
}

void MqttLoop::tick() {
  ConnectionLoop::tick();
  gateway.broker.statistics().add(counts);
  if (thread_index == 0 && ++ticks_ % ticks_per_s == 0) look_after_broker();
  std::swap(paused_, resumed_);
  for (std::size_t index = 0; index < resumed_.size(); ++index) {
    if (!resumed_[index]) continue;
    resumed_[index]->is_paused = false;
    resumed_[index]->on_resume();
  }
  resumed_.clear();
}

void MqttLoop::look_after_broker() {
  const Timestamp now = time();
  gateway.broker.tick(now);
  if (limits.sys_interval_s.count() == 0 || steady() < sys_due_) return;
  sys_due_ = steady() + limits.sys_interval_s;
  sys_topics_.publish(gateway.broker, now);
}

}  // namespace iot::gateway
