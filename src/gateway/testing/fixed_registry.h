// A registry whose snapshot the test sets; everything else of it must not be asked for.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "registry/registry.h"

namespace iot::gateway::testing {

class FixedRegistry final : public registry::Registry {
 public:
  explicit FixedRegistry(registry::Snapshot snapshot) { set(std::move(snapshot)); }

  void set(registry::Snapshot snapshot) {
    const std::lock_guard lock(mutex_);
    version_ = snapshot.version;
    snapshot_ = std::make_shared<const registry::Snapshot>(std::move(snapshot));
  }

  registry::SnapshotPtr snapshot() const noexcept override {
    const std::lock_guard lock(mutex_);
    return snapshot_;
  }
  std::uint64_t version() const noexcept override { return version_; }

  using Actor = registry::Actor;
  using Page = registry::Page;
  template <class T>
  using Done = registry::Done<T>;

  void on_sensors_removed(std::function<void(const std::vector<SensorId>&)>) override { unexpected(); }
  void on_withdrawal(std::function<void(const registry::Withdrawal&)> listener) override {
    listeners_.push_back(std::move(listener));
  }
  /// What the registry's writer would do, on the calling thread.
  void withdraw(const registry::Withdrawal& withdrawal) {
    for (const auto& listener : listeners_) listener(withdrawal);
  }

  Result<registry::Credentials> credentials(std::string_view) override { unexpected(); }
  Result<model::User> user(UserId) override { unexpected(); }
  Result<std::vector<model::User>> users(const Page&) override { unexpected(); }
  Result<model::Device> device(DeviceId) override { unexpected(); }
  Result<std::vector<model::Device>> devices(std::optional<UserId>, const Page&) override { unexpected(); }
  Result<std::vector<model::Certificate>> certificates(DeviceId) override { unexpected(); }
  Result<model::Sensor> sensor(SensorId) override { unexpected(); }
  Result<std::vector<model::Sensor>> sensors(DeviceId, const Page&) override { unexpected(); }
  Result<std::vector<model::Sensor>> sensors_of(const std::vector<DeviceId>&, std::size_t) override { unexpected(); }
  Result<model::Consumer> consumer(ConsumerId) override { unexpected(); }
  Result<std::vector<model::Consumer>> consumers(std::optional<UserId>, const Page&) override { unexpected(); }
  Result<std::vector<model::Sensor>> granted_sensors(ConsumerId, const Page&) override { unexpected(); }
  Result<std::vector<registry::AuditEntry>> audit(const Page&) override { unexpected(); }
  void create_user(Actor, registry::NewUser, Done<model::User>) override { unexpected(); }
  void update_user(Actor, UserId, registry::UserPatch, Done<model::User>) override { unexpected(); }
  void delete_user(Actor, UserId, Done<void>) override { unexpected(); }
  void create_device(Actor, registry::NewDevice, Done<model::Device>) override { unexpected(); }
  void update_device(Actor, DeviceId, registry::DevicePatch, Done<model::Device>) override { unexpected(); }
  void delete_device(Actor, DeviceId, Done<void>) override { unexpected(); }
  void rotate_device_key(Actor, DeviceId, Done<std::uint64_t>) override { unexpected(); }
  void add_certificate(Actor, registry::NewCertificate, Done<model::Certificate>) override { unexpected(); }
  void remove_certificate(Actor, DeviceId, Fingerprint, Done<void>) override { unexpected(); }
  void create_sensors(Actor, std::vector<registry::NewSensor>, Done<std::vector<model::Sensor>>) override {
    unexpected();
  }
  void update_sensor(Actor, SensorId, registry::SensorPatch, Done<model::Sensor>) override { unexpected(); }
  void delete_sensor(Actor, SensorId, Done<void>) override { unexpected(); }
  void create_consumer(Actor, registry::NewConsumer, Done<model::Consumer>) override { unexpected(); }
  void update_consumer(Actor, ConsumerId, registry::ConsumerPatch, Done<model::Consumer>) override { unexpected(); }
  void delete_consumer(Actor, ConsumerId, Done<void>) override { unexpected(); }
  void rotate_consumer_key(Actor, ConsumerId, Done<std::uint64_t>) override { unexpected(); }
  void grant(Actor, ConsumerId, SensorId, Done<void>) override { unexpected(); }
  void revoke(Actor, ConsumerId, SensorId, Done<void>) override { unexpected(); }
  registry::DeviceRecords& device_records() noexcept override { unexpected(); }
  registry::Dashboards& dashboards() noexcept override { unexpected(); }
  void stop() noexcept override {}

 private:
  [[noreturn]] static void unexpected() { throw std::logic_error("a gateway asks for nothing but the snapshot"); }

  std::vector<std::function<void(const registry::Withdrawal&)>> listeners_;
  mutable std::mutex mutex_;
  registry::SnapshotPtr snapshot_;
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace iot::gateway::testing
