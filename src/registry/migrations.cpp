#include "registry/migrations.h"

#include "base/logging.h"
#include "registry/registry.h"
#include "registry/sql.h"
#include "registry/sqlite.h"

namespace iot::registry {
namespace {

constexpr const char* schema_table = "schema_migrations";

bool has_table(soci::session& session, const std::string& wanted) {
  bool found = false;
  std::string name;
  soci::statement names = (session.prepare_table_names(), soci::into(name));
  for (bool more = names.execute(true); more; more = names.fetch()) found = found || name == wanted;
  return found;
}

void run_steps(soci::session& session, const Dialect& dialect, std::span<const Migration> steps, int present,
               const Clock& clock) {
  if (present == 0) {
    session << expand("CREATE TABLE schema_migrations (number {id}, applied_ns BIGINT NOT NULL)", dialect);
  }
  for (const Migration& step : steps) {
    if (step.number <= present) continue;
    for (const std::string& statement : step.statements) session << expand(statement, dialect);
    const Integer number = step.number;
    const Integer now_ns = clock.now().ns;
    session << "INSERT INTO schema_migrations (number, applied_ns) VALUES (:number, :now)", soci::use(number),
        soci::use(now_ns);
  }
}

}  // namespace

const std::vector<Migration>& migrations() {
  // Texts that are indexed have a length, which MariaDB needs; 0 is a retention of none, so that nothing is NULL.
  // Rollups are a text of three ages, registry/stored_rollups.h, "" where none were set.
  // `counters` holds the last number given out of each kind, so that no number is ever given twice, whatever was
  // deleted.
  static const std::vector<Migration> steps = {
      {1,
       {
           "CREATE TABLE counters (users BIGINT NOT NULL, devices BIGINT NOT NULL, sensors BIGINT NOT NULL,"
           " consumers BIGINT NOT NULL, changes BIGINT NOT NULL, audit BIGINT NOT NULL)",
           "INSERT INTO counters (users, devices, sensors, consumers, changes, audit) VALUES (0, 0, 0, 0, 0, 0)",

           "CREATE TABLE users (id {id}, name TEXT NOT NULL, name_key TEXT NOT NULL, username VARCHAR(256) NOT NULL,"
           " password_hash TEXT NOT NULL, role SMALLINT NOT NULL, key_version BIGINT NOT NULL,"
           " created_ns BIGINT NOT NULL, UNIQUE (username))",

           "CREATE TABLE devices (id {id}, owner_id BIGINT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL,"
           " description TEXT NOT NULL, retention_s BIGINT NOT NULL, key_version BIGINT NOT NULL,"
           " created_ns BIGINT NOT NULL, FOREIGN KEY (owner_id) REFERENCES users (id))",
           "CREATE INDEX devices_by_owner ON devices (owner_id, id)",

           "CREATE TABLE sensors (id {id}, device_id BIGINT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL,"
           " description TEXT NOT NULL, unit TEXT NOT NULL, path TEXT NOT NULL, mapping SMALLINT NOT NULL,"
           " retention_s BIGINT NOT NULL, created_ns BIGINT NOT NULL,"
           " FOREIGN KEY (device_id) REFERENCES devices (id))",
           "CREATE INDEX sensors_by_device ON sensors (device_id, id)",

           "CREATE TABLE consumers (id {id}, owner_id BIGINT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL,"
           " description TEXT NOT NULL, key_version BIGINT NOT NULL, created_ns BIGINT NOT NULL,"
           " FOREIGN KEY (owner_id) REFERENCES users (id))",
           "CREATE INDEX consumers_by_owner ON consumers (owner_id, id)",

           "CREATE TABLE grants (consumer_id BIGINT NOT NULL, sensor_id BIGINT NOT NULL,"
           " PRIMARY KEY (consumer_id, sensor_id), FOREIGN KEY (consumer_id) REFERENCES consumers (id),"
           " FOREIGN KEY (sensor_id) REFERENCES sensors (id)) {clustered}",
           "CREATE INDEX grants_by_sensor ON grants (sensor_id, consumer_id)",

           "CREATE TABLE changes (sequence {id}, kind SMALLINT NOT NULL, id BIGINT NOT NULL, parent BIGINT NOT NULL,"
           " type BIGINT NOT NULL, key_version BIGINT NOT NULL, retention_s BIGINT NOT NULL)",

           "CREATE TABLE audit (id {id}, time_ns BIGINT NOT NULL, user_id BIGINT NOT NULL, address TEXT NOT NULL,"
           " action TEXT NOT NULL, subject TEXT NOT NULL, details TEXT NOT NULL)",
       }},
      {2,
       {
           "ALTER TABLE devices ADD COLUMN silent_after_s BIGINT NOT NULL DEFAULT 0",
           "ALTER TABLE changes ADD COLUMN silent_after_s BIGINT NOT NULL DEFAULT 0",
           "ALTER TABLE changes ADD COLUMN fingerprint VARCHAR(64) NOT NULL DEFAULT ''",

           "CREATE TABLE device_certificates (fingerprint VARCHAR(64) NOT NULL, device_id BIGINT NOT NULL,"
           " name TEXT NOT NULL, created_ns BIGINT NOT NULL, PRIMARY KEY (fingerprint),"
           " FOREIGN KEY (device_id) REFERENCES devices (id)) {clustered}",
           "CREATE INDEX device_certificates_by_device ON device_certificates (device_id, fingerprint)",
       }},
      {3,
       {
           "ALTER TABLE counters ADD COLUMN commands BIGINT NOT NULL DEFAULT 0",
           "ALTER TABLE counters ADD COLUMN device_events BIGINT NOT NULL DEFAULT 0",

           // Long texts last: what only looks at states does not read them.
           "CREATE TABLE commands (id {id}, device_id BIGINT NOT NULL, state SMALLINT NOT NULL,"
           " revision BIGINT NOT NULL, created_ns BIGINT NOT NULL, expires_ns BIGINT NOT NULL,"
           " sent_ns BIGINT NOT NULL, delivered_ns BIGINT NOT NULL, answered_ns BIGINT NOT NULL,"
           " user_id BIGINT NOT NULL, name TEXT NOT NULL, payload {long_text} NOT NULL,"
           " response {long_text} NOT NULL, FOREIGN KEY (device_id) REFERENCES devices (id))",
           "CREATE INDEX commands_by_device ON commands (device_id, id)",
           "CREATE INDEX commands_by_state ON commands (state, device_id, id)",

           "CREATE TABLE device_presence (device_id {id}, last_seen_ns BIGINT NOT NULL, protocol SMALLINT NOT NULL,"
           " address TEXT NOT NULL, last_error TEXT NOT NULL, last_error_ns BIGINT NOT NULL,"
           " watched_since_ns BIGINT NOT NULL, silent_since_ns BIGINT NOT NULL,"
           " FOREIGN KEY (device_id) REFERENCES devices (id))",

           "CREATE TABLE device_events (id {id}, device_id BIGINT NOT NULL, kind SMALLINT NOT NULL,"
           " time_ns BIGINT NOT NULL, last_seen_ns BIGINT NOT NULL,"
           " FOREIGN KEY (device_id) REFERENCES devices (id))",
           "CREATE INDEX device_events_by_device ON device_events (device_id, id)",
       }},
      {4,
       {
           "ALTER TABLE devices ADD COLUMN rollups VARCHAR(64) NOT NULL DEFAULT ''",
           "ALTER TABLE sensors ADD COLUMN rollups VARCHAR(64) NOT NULL DEFAULT ''",
           "ALTER TABLE changes ADD COLUMN rollups VARCHAR(64) NOT NULL DEFAULT ''",
       }},
      {5,
       {
           "ALTER TABLE counters ADD COLUMN dashboards BIGINT NOT NULL DEFAULT 0",

           // The document last: lists do not read it.
           "CREATE TABLE dashboards (id {id}, owner_id BIGINT NOT NULL, visibility SMALLINT NOT NULL,"
           " version BIGINT NOT NULL, created_ns BIGINT NOT NULL, updated_ns BIGINT NOT NULL, name TEXT NOT NULL,"
           " name_key TEXT NOT NULL, description TEXT NOT NULL, document {long_text} NOT NULL,"
           " FOREIGN KEY (owner_id) REFERENCES users (id))",
           "CREATE INDEX dashboards_by_owner ON dashboards (owner_id, id)",
       }},
  };
  return steps;
}

int schema_number(soci::session& session) {
  if (!has_table(session, schema_table)) return 0;
  return static_cast<int>(std::get<0>(
      *Query<std::tuple<Integer>>(session, "SELECT COALESCE(MAX(number), 0) FROM schema_migrations").first()));
}

Result<void> migrate(soci::session& session, const Dialect& dialect, const std::filesystem::path& file,
                     std::span<const Migration> steps, const Clock& clock) {
  const int present = schema_number(session);
  const int newest = steps.back().number;
  if (present > newest) {
    return make_error(Errc::newer_schema, "the registry " + file.string() + " has schema " + std::to_string(present) +
                                              ", and this program knows schemas up to " + std::to_string(newest) +
                                              ": start the newer version of the program that wrote it, or restore "
                                              "the backup made before it was updated");
  }
  if (present == newest) return {};
  if (present > 0) {
    std::filesystem::path copy = file;
    copy += ".before-" + std::to_string(newest);
    IOT_CHECK(copy_sqlite(session, copy));
    log_info("the registry's database is updated", {{"from", present}, {"to", newest}, {"copy", copy.string()}});
  }
  session << std::string(dialect.begin);
  try {
    run_steps(session, dialect, steps, present, clock);
    session << "COMMIT";
  } catch (const soci::soci_error&) {
    try {
      session << "ROLLBACK";
    } catch (const soci::soci_error&) {
      // The engine has rolled back by itself; the first error is the one to tell.
    }
    throw;
  }
  return {};
}

}  // namespace iot::registry
