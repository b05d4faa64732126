// Every statement of the writer, prepared once. For those of readers see read_connection.h.
#pragma once

#include <string>
#include <tuple>

#include "registry/command_statements.h"
#include "registry/dashboard_statements.h"
#include "registry/presence_statements.h"
#include "registry/rows.h"
#include "registry/sql.h"

namespace iot::registry {

struct WriteStatements {
  explicit WriteStatements(soci::session& session);

  Command<> begin, commit, savepoint, release_savepoint;

  Command<Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer> update_counters;
  Command<Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, std::string, std::string>
      insert_change;
  Command<Integer, Integer, Integer, std::string, std::string, std::string, std::string> insert_audit;
  Command<Integer> prune_changes, prune_audit;

  Query<UserRow, Integer> user;
  Query<std::tuple<Integer>, std::string> user_with_name;
  Command<Integer, std::string, std::string, std::string, std::string, Integer, Integer, Integer> insert_user;
  Command<std::string, std::string, std::string, Integer, Integer, Integer> update_user;
  Command<std::string, Integer> update_password;
  Command<Integer> delete_user;

  Query<DeviceRow, Integer> device;
  Query<std::tuple<Integer>, Integer> devices_of_user;
  Command<Integer, Integer, std::string, std::string, std::string, Integer, Integer, std::string, Integer, Integer>
      insert_device;
  Command<std::string, std::string, std::string, Integer, Integer, std::string, Integer> update_device;
  Command<Integer, Integer> update_device_key;
  Command<Integer> delete_device, delete_sensors_of_device;

  Query<CertificateRow, Integer> certificates_of_device;
  Command<std::string, Integer, std::string, Integer> insert_certificate;
  Command<std::string> delete_certificate;
  Command<Integer> delete_certificates_of_device;

  Query<SensorRow, Integer> sensor;
  Command<Integer, Integer, std::string, std::string, std::string, std::string, std::string, Integer, Integer,
          std::string, Integer>
      insert_sensor;
  Command<std::string, std::string, std::string, std::string, std::string, Integer, std::string, Integer> update_sensor;
  Command<Integer> delete_sensor;

  Query<ConsumerRow, Integer> consumer;
  Query<std::tuple<Integer>, Integer> consumers_of_user;
  Command<Integer, Integer, std::string, std::string, std::string, Integer, Integer> insert_consumer;
  Command<std::string, std::string, std::string, Integer> update_consumer;
  Command<Integer, Integer> update_consumer_key;
  Command<Integer> delete_consumer;

  /// Consumer and sensor.
  Query<std::tuple<Integer, Integer>, Integer> grants_on_device;
  Query<std::tuple<Integer, Integer>, Integer> grants_on_sensor;
  Command<Integer, Integer> insert_grant, delete_grant;
  Command<Integer> delete_grants_of_consumer, delete_grants_on_sensor, delete_grants_on_device;

  CommandStatements commands;
  PresenceStatements presence;
  DashboardStatements dashboards;
};

}  // namespace iot::registry
