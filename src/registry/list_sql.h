// The SQL of lists. Each walks an index in the order of ids, so that a page costs the same wherever it begins; a search
// by name reads on along that index until the page is full.
#pragma once

#include <string>

#include "registry/rows.h"

namespace iot::registry::list_sql {

inline const std::string users = "SELECT " + user_columns +
                                 " FROM users WHERE id > :after AND name_key LIKE :name ESCAPE '!'"
                                 " ORDER BY id LIMIT :count";
inline const std::string devices = "SELECT " + device_columns +
                                   " FROM devices WHERE id > :after AND name_key LIKE :name ESCAPE '!'"
                                   " ORDER BY id LIMIT :count";
inline const std::string devices_of_owner =
    "SELECT " + device_columns +
    " FROM devices WHERE owner_id = :owner AND id > :after AND name_key LIKE :name ESCAPE '!' ORDER BY id LIMIT :count";
inline const std::string sensors_of_device =
    "SELECT " + sensor_columns +
    " FROM sensors WHERE device_id = :device AND id > :after AND name_key LIKE :name ESCAPE '!'"
    " ORDER BY id LIMIT :count";
/// No page: there are at most RegistryLimits::certificates_per_device_max.
inline const std::string certificates_of_device = "SELECT " + certificate_columns +
                                                  " FROM device_certificates WHERE device_id = :device"
                                                  " ORDER BY created_ns, fingerprint";
inline const std::string consumers = "SELECT " + consumer_columns +
                                     " FROM consumers WHERE id > :after AND name_key LIKE :name ESCAPE '!'"
                                     " ORDER BY id LIMIT :count";
inline const std::string consumers_of_owner =
    "SELECT " + consumer_columns +
    " FROM consumers WHERE owner_id = :owner AND id > :after AND name_key LIKE :name ESCAPE '!'"
    " ORDER BY id LIMIT :count";
inline const std::string granted_sensors =
    "SELECT " + sensor_columns +
    " FROM grants JOIN sensors ON sensors.id = grants.sensor_id WHERE grants.consumer_id = :consumer"
    " AND grants.sensor_id > :after AND sensors.name_key LIKE :name ESCAPE '!' ORDER BY grants.sensor_id LIMIT :count";
inline const std::string audit = "SELECT " + audit_columns +
                                 " FROM audit WHERE id < :before AND (action LIKE :in_action ESCAPE '!'"
                                 " OR subject LIKE :in_subject ESCAPE '!') ORDER BY id DESC LIMIT :count";
inline const std::string changes =
    "SELECT " + change_columns + " FROM changes WHERE sequence > :after ORDER BY sequence LIMIT :count";

}  // namespace iot::registry::list_sql
