// A session for reading, with its statements prepared. One thread at a time; ReadPool hands them out.
//
// Everything throws soci::soci_error.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "registry/change.h"
#include "registry/command_statements.h"
#include "registry/dashboard_statements.h"
#include "registry/presence_statements.h"
#include "registry/registry.h"
#include "registry/rows.h"
#include "registry/sql.h"

namespace iot::registry {

class ReadConnection {
 public:
  explicit ReadConnection(std::unique_ptr<soci::session> session);

  std::optional<Credentials> credentials(std::string_view username);
  std::optional<model::User> user(UserId id);
  std::optional<model::Device> device(DeviceId id);
  std::vector<model::Certificate> certificates(DeviceId device);
  std::optional<model::Sensor> sensor(SensorId id);
  std::optional<model::Consumer> consumer(ConsumerId id);

  std::vector<model::User> users(const Page& page);
  std::vector<model::Device> devices(std::optional<UserId> owner, const Page& page);
  std::vector<model::Sensor> sensors(DeviceId device, const Page& page);
  std::vector<model::Consumer> consumers(std::optional<UserId> owner, const Page& page);
  std::vector<model::Sensor> granted_sensors(ConsumerId consumer, const Page& page);
  std::vector<AuditEntry> audit(const Page& page);

  std::vector<Change> changes(std::uint64_t after, std::size_t count_max);
  /// The oldest change that is kept; one past the last if there is none.
  std::uint64_t first_change();

 private:
  template <class Row>
  using ListOfAll = Query<Row, Integer, std::string, Integer>;
  template <class Row>
  using ListOfOne = Query<Row, Integer, Integer, std::string, Integer>;
  using CredentialsRow = std::tuple<Integer, std::string, std::string, Integer, Integer, std::string>;

  // The statements are part of the session and go before it.
  std::unique_ptr<soci::session> session_;
  Query<CredentialsRow, std::string> credentials_;
  Query<UserRow, Integer> user_;
  Query<DeviceRow, Integer> device_;
  Query<CertificateRow, Integer> certificates_;
  Query<SensorRow, Integer> sensor_;
  Query<ConsumerRow, Integer> consumer_;
  ListOfAll<UserRow> users_;
  ListOfAll<DeviceRow> devices_;
  ListOfOne<DeviceRow> devices_of_owner_;
  ListOfOne<SensorRow> sensors_of_device_;
  ListOfAll<ConsumerRow> consumers_;
  ListOfOne<ConsumerRow> consumers_of_owner_;
  ListOfOne<SensorRow> granted_sensors_;
  Query<AuditRow, Integer, std::string, std::string, Integer> audit_;
  Query<ChangeRow, Integer, Integer> changes_;
  Query<std::tuple<Integer>> first_change_;

 public:
  CommandQueries commands;
  PresenceQueries presence;
  DashboardQueries dashboards;
};

}  // namespace iot::registry
