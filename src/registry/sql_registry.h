// The registry on an SQL database: Registry, and what an operator and other processes need of it.
//
// The program opens it as Registry; this header is for the server's wiring (metrics, backup) and for those who follow
// the change feed.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "registry/change.h"
#include "registry/registry.h"
#include "registry/writer_stats.h"

namespace iot::registry {

class PublishedSnapshot;
class ReadPool;
class SqlDashboards;
class SqlDeviceRecords;
class Writer;

class SqlRegistry final : public Registry {
 public:
  /// As Registry::open. `clock` must outlive the registry.
  static Result<std::unique_ptr<SqlRegistry>> open(RegistryOptions options, const Clock& clock);
  ~SqlRegistry() override;

  SnapshotPtr snapshot() const noexcept override;
  std::uint64_t version() const noexcept override;
  void on_sensors_removed(std::function<void(const std::vector<SensorId>&)> listener) override;
  void on_withdrawal(std::function<void(const Withdrawal&)> listener) override;

  Result<Credentials> credentials(std::string_view username) override;
  Result<model::User> user(UserId id) override;
  Result<std::vector<model::User>> users(const Page& page) override;
  Result<model::Device> device(DeviceId id) override;
  Result<std::vector<model::Device>> devices(std::optional<UserId> owner, const Page& page) override;
  Result<std::vector<model::Certificate>> certificates(DeviceId device) override;
  Result<model::Sensor> sensor(SensorId id) override;
  Result<std::vector<model::Sensor>> sensors(DeviceId device, const Page& page) override;
  Result<std::vector<model::Sensor>> sensors_of(const std::vector<DeviceId>& devices,
                                                std::size_t per_device_max) override;
  Result<model::Consumer> consumer(ConsumerId id) override;
  Result<std::vector<model::Consumer>> consumers(std::optional<UserId> owner, const Page& page) override;
  Result<std::vector<model::Sensor>> granted_sensors(ConsumerId consumer, const Page& page) override;
  Result<std::vector<AuditEntry>> audit(const Page& page) override;

  void create_user(Actor actor, NewUser user, Done<model::User> done) override;
  void update_user(Actor actor, UserId id, UserPatch patch, Done<model::User> done) override;
  void delete_user(Actor actor, UserId id, Done<void> done) override;
  void create_device(Actor actor, NewDevice device, Done<model::Device> done) override;
  void update_device(Actor actor, DeviceId id, DevicePatch patch, Done<model::Device> done) override;
  void delete_device(Actor actor, DeviceId id, Done<void> done) override;
  void rotate_device_key(Actor actor, DeviceId id, Done<std::uint64_t> done) override;
  void add_certificate(Actor actor, NewCertificate certificate, Done<model::Certificate> done) override;
  void remove_certificate(Actor actor, DeviceId device, Fingerprint fingerprint, Done<void> done) override;
  void create_sensors(Actor actor, std::vector<NewSensor> sensors, Done<std::vector<model::Sensor>> done) override;
  void update_sensor(Actor actor, SensorId id, SensorPatch patch, Done<model::Sensor> done) override;
  void delete_sensor(Actor actor, SensorId id, Done<void> done) override;
  void create_consumer(Actor actor, NewConsumer consumer, Done<model::Consumer> done) override;
  void update_consumer(Actor actor, ConsumerId id, ConsumerPatch patch, Done<model::Consumer> done) override;
  void delete_consumer(Actor actor, ConsumerId id, Done<void> done) override;
  void rotate_consumer_key(Actor actor, ConsumerId id, Done<std::uint64_t> done) override;
  void grant(Actor actor, ConsumerId consumer, SensorId sensor, Done<void> done) override;
  void revoke(Actor actor, ConsumerId consumer, SensorId sensor, Done<void> done) override;

  DeviceRecords& device_records() noexcept override;
  Dashboards& dashboards() noexcept override;
  void stop() noexcept override;

  /// The changes after the one with number `after`, at most `count_max`, in order; nothing if some of them are gone
  /// already (RegistryLimits::changes_max): then take the state anew. Blocking; any thread.
  Result<std::optional<std::vector<Change>>> changes_after(std::uint64_t after, std::size_t count_max);

  /// Copies the database to the file `to`, replacing it, as it is at one moment; reads and writes go on. Blocking; any
  /// thread. Database and I/O errors.
  Result<void> backup(const std::filesystem::path& to);

  /// For metrics. Any thread.
  WriterStats stats() const;

 private:
  SqlRegistry(RegistryOptions options, std::unique_ptr<PublishedSnapshot> published, std::unique_ptr<Writer> writer,
              std::unique_ptr<ReadPool> readers);

  const RegistryOptions options_;
  // The writer publishes; it is stopped, and its session closed, after those of the readers.
  std::unique_ptr<PublishedSnapshot> published_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<ReadPool> readers_;
  std::unique_ptr<SqlDeviceRecords> device_records_;
  std::unique_ptr<SqlDashboards> dashboards_;
};

}  // namespace iot::registry
