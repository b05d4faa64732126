#include "registry/write_statements.h"

#include "registry/dialect.h"
#include "registry/list_sql.h"

namespace iot::registry {

WriteStatements::WriteStatements(soci::session& s)
    : begin(s, std::string(sqlite_dialect().begin)),
      commit(s, "COMMIT"),
      savepoint(s, "SAVEPOINT one_write"),
      release_savepoint(s, "RELEASE SAVEPOINT one_write"),

      update_counters(s,
                      "UPDATE counters SET users = :users, devices = :devices, sensors = :sensors,"
                      " consumers = :consumers, changes = :changes, audit = :audit, commands = :commands,"
                      " device_events = :events, dashboards = :dashboards"),
      insert_change(s,
                    "INSERT INTO changes (sequence, kind, id, parent, type, key_version, retention_s,"
                    " silent_after_s, fingerprint, rollups) VALUES (:sequence, :kind, :id, :parent, :type,"
                    " :key_version, :retention, :silent_after, :fingerprint, :rollups)"),
      insert_audit(s,
                   "INSERT INTO audit (id, time_ns, user_id, address, action, subject, details)"
                   " VALUES (:id, :time, :user, :address, :action, :subject, :details)"),
      prune_changes(s, "DELETE FROM changes WHERE sequence <= :last"),
      prune_audit(s, "DELETE FROM audit WHERE id <= :last"),

      user(s, "SELECT " + user_columns + " FROM users WHERE id = :id"),
      user_with_name(s, "SELECT id FROM users WHERE username = :username"),
      insert_user(s,
                  "INSERT INTO users (id, name, name_key, username, password_hash, role, key_version, created_ns)"
                  " VALUES (:id, :name, :name_key, :username, :password_hash, :role, :key_version, :created)"),
      update_user(s,
                  "UPDATE users SET name = :name, name_key = :name_key, username = :username, role = :role,"
                  " key_version = :key_version WHERE id = :id"),
      update_password(s, "UPDATE users SET password_hash = :password_hash WHERE id = :id"),
      delete_user(s, "DELETE FROM users WHERE id = :id"),

      device(s, "SELECT " + device_columns + " FROM devices WHERE id = :id"),
      devices_of_user(s, "SELECT id FROM devices WHERE owner_id = :owner ORDER BY id"),
      insert_device(s,
                    "INSERT INTO devices (id, owner_id, name, name_key, description, retention_s, silent_after_s,"
                    " rollups, key_version, created_ns) VALUES (:id, :owner, :name, :name_key, :description,"
                    " :retention, :silent_after, :rollups, :key_version, :created)"),
      update_device(s,
                    "UPDATE devices SET name = :name, name_key = :name_key, description = :description,"
                    " retention_s = :retention, silent_after_s = :silent_after, rollups = :rollups WHERE id = :id"),
      update_device_key(s, "UPDATE devices SET key_version = :key_version WHERE id = :id"),
      delete_device(s, "DELETE FROM devices WHERE id = :id"),
      delete_sensors_of_device(s, "DELETE FROM sensors WHERE device_id = :device"),

      certificates_of_device(s, list_sql::certificates_of_device),
      insert_certificate(s,
                         "INSERT INTO device_certificates (fingerprint, device_id, name, created_ns)"
                         " VALUES (:fingerprint, :device, :name, :created)"),
      delete_certificate(s, "DELETE FROM device_certificates WHERE fingerprint = :fingerprint"),
      delete_certificates_of_device(s, "DELETE FROM device_certificates WHERE device_id = :device"),

      sensor(s, "SELECT " + sensor_columns + " FROM sensors WHERE id = :id"),
      insert_sensor(s,
                    "INSERT INTO sensors (id, device_id, name, name_key, description, unit, path, mapping,"
                    " retention_s, rollups, created_ns) VALUES (:id, :device, :name, :name_key, :description, :unit,"
                    " :path, :mapping, :retention, :rollups, :created)"),
      update_sensor(s,
                    "UPDATE sensors SET name = :name, name_key = :name_key, description = :description, unit = :unit,"
                    " path = :path, retention_s = :retention, rollups = :rollups WHERE id = :id"),
      delete_sensor(s, "DELETE FROM sensors WHERE id = :id"),

      consumer(s, "SELECT " + consumer_columns + " FROM consumers WHERE id = :id"),
      consumers_of_user(s, "SELECT id FROM consumers WHERE owner_id = :owner ORDER BY id"),
      insert_consumer(s,
                      "INSERT INTO consumers (id, owner_id, name, name_key, description, key_version, created_ns)"
                      " VALUES (:id, :owner, :name, :name_key, :description, :key_version, :created)"),
      update_consumer(s,
                      "UPDATE consumers SET name = :name, name_key = :name_key, description = :description"
                      " WHERE id = :id"),
      update_consumer_key(s, "UPDATE consumers SET key_version = :key_version WHERE id = :id"),
      delete_consumer(s, "DELETE FROM consumers WHERE id = :id"),

      grants_on_device(s,
                       "SELECT grants.consumer_id, grants.sensor_id FROM sensors"
                       " JOIN grants ON grants.sensor_id = sensors.id WHERE sensors.device_id = :device"),
      grants_on_sensor(s, "SELECT consumer_id, sensor_id FROM grants WHERE sensor_id = :sensor"),
      insert_grant(s, "INSERT INTO grants (consumer_id, sensor_id) VALUES (:consumer, :sensor)"),
      delete_grant(s, "DELETE FROM grants WHERE consumer_id = :consumer AND sensor_id = :sensor"),
      delete_grants_of_consumer(s, "DELETE FROM grants WHERE consumer_id = :consumer"),
      delete_grants_on_sensor(s, "DELETE FROM grants WHERE sensor_id = :sensor"),
      delete_grants_on_device(s,
                              "DELETE FROM grants WHERE sensor_id IN"
                              " (SELECT id FROM sensors WHERE device_id = :device)"),
      commands(s),
      presence(s),
      dashboards(s) {}

}  // namespace iot::registry
