#include "registry/sql_registry.h"

#include "registry/migrations.h"
#include "registry/read_pool.h"
#include "registry/sql_dashboards.h"
#include "registry/sql_device_records.h"
#include "registry/sqlite.h"
#include "registry/writer.h"

namespace iot::registry {

Result<std::unique_ptr<SqlRegistry>> SqlRegistry::open(RegistryOptions options, const Clock& clock) {
  try {
    auto session = open_sqlite(options.database, SqliteUse::writer);
    IOT_CHECK(migrate(*session, sqlite_dialect(), options.database, migrations(), clock));
    auto published = std::make_unique<PublishedSnapshot>();
    auto writer = std::make_unique<Writer>(std::move(session), options.limits, *published, clock);
    std::vector<std::unique_ptr<ReadConnection>> connections;
    for (unsigned i = 0; i < std::max(options.read_connections, 1u); ++i) {
      connections.push_back(std::make_unique<ReadConnection>(open_sqlite(options.database, SqliteUse::reader)));
    }
    auto readers = std::make_unique<ReadPool>(std::move(connections));
    return std::unique_ptr<SqlRegistry>(
        new SqlRegistry(std::move(options), std::move(published), std::move(writer), std::move(readers)));
  } catch (const soci::soci_error& error) {
    return to_error(error, "open the registry " + options.database.string());
  }
}

Result<std::unique_ptr<Registry>> Registry::open(RegistryOptions options, const Clock& clock) {
  IOT_TRY(std::unique_ptr<Registry> registry, SqlRegistry::open(std::move(options), clock));
  return registry;
}

SqlRegistry::SqlRegistry(RegistryOptions options, std::unique_ptr<PublishedSnapshot> published,
                         std::unique_ptr<Writer> writer, std::unique_ptr<ReadPool> readers)
    : options_(std::move(options)),
      published_(std::move(published)),
      writer_(std::move(writer)),
      readers_(std::move(readers)),
      device_records_(std::make_unique<SqlDeviceRecords>(options_.limits, *writer_, *readers_)),
      dashboards_(std::make_unique<SqlDashboards>(options_.limits, *writer_, *readers_)) {}

SqlRegistry::~SqlRegistry() = default;

SnapshotPtr SqlRegistry::snapshot() const noexcept {
  return published_->get();
}
std::uint64_t SqlRegistry::version() const noexcept {
  return published_->version();
}
DeviceRecords& SqlRegistry::device_records() noexcept {
  return *device_records_;
}
Dashboards& SqlRegistry::dashboards() noexcept {
  return *dashboards_;
}
void SqlRegistry::stop() noexcept {
  writer_->stop();
}
WriterStats SqlRegistry::stats() const {
  return writer_->stats();
}

void SqlRegistry::on_sensors_removed(std::function<void(const std::vector<SensorId>&)> listener) {
  writer_->on_sensors_removed(std::move(listener));
}

void SqlRegistry::on_withdrawal(std::function<void(const Withdrawal&)> listener) {
  writer_->on_withdrawal(std::move(listener));
}

Result<void> SqlRegistry::backup(const std::filesystem::path& to) {
  try {
    // A session of its own: the copy takes as long as the database is large.
    const auto session = open_sqlite(options_.database, SqliteUse::copier);
    return copy_sqlite(*session, to);
  } catch (const soci::soci_error& error) {
    return to_error(error, "back up the registry to " + to.string());
  }
}

}  // namespace iot::registry
