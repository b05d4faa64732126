// The registry: users, devices, sensors, consumers, grants, key versions and the audit log, in SQL (SQLite here; one
// set of SQL through SOCI for PostgreSQL and MariaDB too).
//
// Reads block the calling thread on the database: call them through net's offload. Writes are queued and share a
// transaction with those that arrive meanwhile; their callback comes on the registry's writer thread once the
// transaction is durable and the snapshot shows it.
//
// A write that is not even queued (Errc::overloaded, Errc::shutting_down) is the exception: its callback comes at once,
// on the calling thread. So a callback must do the same thing on either: post what follows to where it belongs, and
// return.
//
// Who may do what is decided by the caller (api/): the registry checks that things exist and fit together, not rights.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/failure.h"
#include "model/entities.h"
#include "registry/snapshot.h"
#include "registry/withdrawal.h"

namespace iot::registry {

enum class Errc {
  user_not_found = 1,
  device_not_found,
  sensor_not_found,
  consumer_not_found,
  username_taken,   ///< Another user has it. Choose another.
  last_admin,       ///< root can be neither removed nor demoted.
  invalid_entity,   ///< A field is empty, too long or not UTF-8; the error names it.
  too_many,         ///< Past a limit of RegistryLimits.
  overloaded,       ///< Too many writes wait. Try again after a moment.
  database_failed,  ///< The database refused; see the message. Try again later.
  newer_schema,     ///< The database was written by a newer version of the program. Use that version.
  shutting_down,
  database_damaged,  ///< The file is not a database, or its pages contradict each other. Restore a backup.
  certificate_not_found,
  certificate_taken,  ///< A device, perhaps this one, has this certificate already. Remove it there, or use another.
  command_not_found,
  command_finished,  ///< The command has expired: what the device says comes too late.
  dashboard_not_found,
  version_conflict,  ///< Somebody changed it meanwhile. Load it again.
};
ErrcInfo describe(Errc code) noexcept;
constexpr const char* errc_module(Errc) {
  return "registry";
}

/// Limits on texts (bytes of UTF-8) and numbers of things.
struct RegistryLimits {
  std::size_t name_bytes_max = 256;
  std::size_t description_bytes_max = 4'096;
  std::size_t unit_bytes_max = 64;
  std::size_t sensors_per_device_max = 1'000'000;
  std::size_t certificates_per_device_max = 16;
  std::size_t create_many_max = 10'000;
  /// Commands of one device that it has not received yet; past it none are taken. Of the others the newest are kept.
  std::size_t commands_waiting_per_device_max = 1'000;
  std::size_t commands_kept_per_device_max = 1'000;
  /// Of a command's payload, and of a device's response: JSON text.
  std::size_t command_payload_bytes_max = 64u << 10;
  /// Of one device; the oldest go first.
  std::size_t events_per_device_max = 1'000;
  std::size_t dashboards_per_owner_max = 1'000;
  std::size_t dashboard_name_letters_max = 200;  ///< code points, not bytes
  std::size_t dashboard_document_bytes_max = 256u << 10;
  std::size_t writes_waiting_max = 10'000;
  /// Sensors in the arrays that wait; an array alone in the queue is always taken.
  std::size_t sensors_waiting_max = 200'000;
  /// The oldest entries of the audit log go first. So do those of the change feed, which other processes poll.
  std::size_t audit_entries_max = 1'000'000;
  std::size_t changes_max = 100'000;
};

struct RegistryOptions {
  std::filesystem::path database;  ///< SQLite's file
  RegistryLimits limits;
  unsigned read_connections = 4;
};

/// Who asked for a change, for the audit log.
struct Actor {
  UserId user;
  std::string address;
};

/// A thousand, and one that tells whether there is more.
inline constexpr std::size_t page_limit_max = 1'001;

/// A page of a list, in order of id: at most `limit` with an id greater than `after`; `name` keeps those whose name
/// contains it (any case).
struct Page {
  std::size_t limit = 100;  ///< more than page_limit_max is taken as page_limit_max
  std::optional<std::int64_t> after;
  std::string name;
};

/// Filled in by the caller; absent members of a patch stay as they are. Retention, rollups and silence of
/// nothing-inside are removed.
struct NewUser {
  std::string name, username, password_hash;
  model::Role role = model::Role::user;
};
struct UserPatch {
  std::optional<std::string> name, username, password_hash;
  std::optional<model::Role> role;
};
struct NewDevice {
  UserId owner;
  std::string name, description;
  std::optional<std::chrono::seconds> retention = {};
  std::optional<std::chrono::seconds> silent_after = {};
  std::optional<model::Rollups> rollups = {};
};
struct DevicePatch {
  std::optional<std::string> name, description;
  std::optional<std::optional<std::chrono::seconds>> retention = {};
  std::optional<std::optional<std::chrono::seconds>> silent_after = {};
  std::optional<std::optional<model::Rollups>> rollups = {};
};
struct NewCertificate {
  DeviceId device;
  Fingerprint fingerprint;
  std::string name;
};
struct NewSensor {
  DeviceId device;
  std::string name, description, unit, path;
  model::MappingType mapping = model::MappingType::double_precision;
  std::optional<std::chrono::seconds> retention;
  std::optional<model::Rollups> rollups = {};
};
/// The mapping cannot be changed: values are kept in its type. Make another sensor.
struct SensorPatch {
  std::optional<std::string> name, description, unit, path;
  std::optional<std::optional<std::chrono::seconds>> retention;
  std::optional<std::optional<model::Rollups>> rollups = {};
};
struct NewConsumer {
  UserId owner;
  std::string name, description;
};
struct ConsumerPatch {
  std::optional<std::string> name, description;
};

struct Credentials {
  model::User user;
  std::string password_hash;
};

struct AuditEntry {
  std::int64_t id = 0;
  Timestamp time;
  UserId user;
  std::string address;
  std::string action;   ///< "device.create", "sensor.delete", "consumer.grant", ...
  std::string subject;  ///< "device/3"
  std::string details;  ///< a JSON object, without secrets
};

template <class T>
using Done = std::function<void(Result<T>)>;

class Dashboards;
class DeviceRecords;

class Registry {
 public:
  /// Opens or makes the database, migrates it, and builds the snapshot. Makes root (without password) if there is none.
  static Result<std::unique_ptr<Registry>> open(RegistryOptions options, const Clock& clock);
  virtual ~Registry() = default;

  /// The present state. Cheap; any thread.
  virtual SnapshotPtr snapshot() const noexcept = 0;
  /// The version of the present snapshot, for those who keep one and want to know whether it is still the newest.
  virtual std::uint64_t version() const noexcept = 0;
  /// Called on the writer thread after each change of the snapshot, with the sensors that were removed by it.
  virtual void on_sensors_removed(std::function<void(const std::vector<SensorId>&)> listener) = 0;
  /// Called on the writer thread after each change of the snapshot that withdraws something, with all that it does,
  /// before the writes are answered. Listeners are called one after the other, and stay until the registry is stopped:
  /// what they use must outlive that.
  virtual void on_withdrawal(std::function<void(const Withdrawal&)> listener) = 0;

  // Reads. Blocking; any thread.
  virtual Result<Credentials> credentials(std::string_view username) = 0;
  virtual Result<model::User> user(UserId id) = 0;
  virtual Result<std::vector<model::User>> users(const Page& page) = 0;
  virtual Result<model::Device> device(DeviceId id) = 0;
  /// `owner` absent: of everybody.
  virtual Result<std::vector<model::Device>> devices(std::optional<UserId> owner, const Page& page) = 0;
  /// The oldest first; there are at most RegistryLimits::certificates_per_device_max.
  virtual Result<std::vector<model::Certificate>> certificates(DeviceId device) = 0;
  virtual Result<model::Sensor> sensor(SensorId id) = 0;
  virtual Result<std::vector<model::Sensor>> sensors(DeviceId device, const Page& page) = 0;
  /// The first `per_device_max` sensors of each of the devices, for lists of devices.
  virtual Result<std::vector<model::Sensor>> sensors_of(const std::vector<DeviceId>& devices,
                                                        std::size_t per_device_max) = 0;
  virtual Result<model::Consumer> consumer(ConsumerId id) = 0;
  virtual Result<std::vector<model::Consumer>> consumers(std::optional<UserId> owner, const Page& page) = 0;
  virtual Result<std::vector<model::Sensor>> granted_sensors(ConsumerId consumer, const Page& page) = 0;
  /// Newest first; `after` means older than, and `name` is looked for in action and subject.
  virtual Result<std::vector<AuditEntry>> audit(const Page& page) = 0;

  // Writes. Any thread; `done` is called once, on the writer thread (see above for the exception), and must hand over
  // and return. Fields of an Error name the member: "name", "retention".
  virtual void create_user(Actor actor, NewUser user, Done<model::User> done) = 0;
  virtual void update_user(Actor actor, UserId id, UserPatch patch, Done<model::User> done) = 0;
  virtual void delete_user(Actor actor, UserId id, Done<void> done) = 0;  ///< with all that is its own
  virtual void create_device(Actor actor, NewDevice device, Done<model::Device> done) = 0;
  virtual void update_device(Actor actor, DeviceId id, DevicePatch patch, Done<model::Device> done) = 0;
  virtual void delete_device(Actor actor, DeviceId id, Done<void> done) = 0;  ///< with all that is its own
  /// The new key version. Tokens of earlier ones are void; certificates stay.
  virtual void rotate_device_key(Actor actor, DeviceId id, Done<std::uint64_t> done) = 0;
  virtual void add_certificate(Actor actor, NewCertificate certificate, Done<model::Certificate> done) = 0;
  /// Errc::certificate_not_found also where it is another device's.
  virtual void remove_certificate(Actor actor, DeviceId device, Fingerprint fingerprint, Done<void> done) = 0;
  /// All or none, in order; of several devices if need be. With more than one sensor the field of an Error begins with
  /// the index: "[3].path".
  virtual void create_sensors(Actor actor, std::vector<NewSensor> sensors, Done<std::vector<model::Sensor>> done) = 0;
  virtual void update_sensor(Actor actor, SensorId id, SensorPatch patch, Done<model::Sensor> done) = 0;
  virtual void delete_sensor(Actor actor, SensorId id, Done<void> done) = 0;
  virtual void create_consumer(Actor actor, NewConsumer consumer, Done<model::Consumer> done) = 0;
  virtual void update_consumer(Actor actor, ConsumerId id, ConsumerPatch patch, Done<model::Consumer> done) = 0;
  virtual void delete_consumer(Actor actor, ConsumerId id, Done<void> done) = 0;
  virtual void rotate_consumer_key(Actor actor, ConsumerId id, Done<std::uint64_t> done) = 0;
  /// Granting twice and revoking what was not granted change nothing and succeed.
  virtual void grant(Actor actor, ConsumerId consumer, SensorId sensor, Done<void> done) = 0;
  virtual void revoke(Actor actor, ConsumerId consumer, SensorId sensor, Done<void> done) = 0;

  /// What is kept of devices beside the registry's entities: commands, presence, events (registry/device_records.h).
  /// Lives as long as the registry.
  virtual DeviceRecords& device_records() noexcept = 0;
  /// Of the web pages (registry/dashboards.h). Lives as long as the registry.
  virtual Dashboards& dashboards() noexcept = 0;

  /// Finishes the writes that were accepted and refuses further ones. Reads go on. Not from a callback.
  virtual void stop() noexcept = 0;
};

}  // namespace iot::registry
