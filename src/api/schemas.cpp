#include "api/schemas.h"

#include <array>

namespace iot::api {
namespace {

// Members of requests are complete: `additionalProperties: false` is what the handlers do. Answers may grow.
constexpr std::array all = {
    Schema{"Error", R"({"type":"object","required":["name","errors"],"properties":{
      "name":{"type":"string","examples":["DeviceNotFound"]},
      "errors":{"type":"array","items":{"type":"object","required":["message"],"properties":{
        "message":{"type":"string"},"field":{"type":"string","description":"what is at fault in the request"}}}}}})"},
    Schema{"Id", R"({"type":"string","pattern":"^-?[0-9]+$","description":"a 64-bit integer as decimal text"})"},
    Schema{"IdOrInteger", R"({"oneOf":[{"$ref":"#/components/schemas/Id"},{"type":"integer"}]})"},
    Schema{"Time", R"({"type":"string","format":"date-time"})"},
    Schema{"TimeOrNull", R"({"type":["string","null"],"format":"date-time"})"},
    Schema{"Name", R"({"type":"string","minLength":1,"maxLength":256})"},
    Schema{"Description", R"({"type":"string","maxLength":4096})"},
    Schema{"Password",
           R"({"type":"string","minLength":8,"maxLength":1024,"format":"password","description":"8 to 1024 bytes"})"},
    Schema{"Role", R"({"type":"string","enum":["admin","user","read-only"]})"},
    Schema{"RetentionInput",
           R"({"oneOf":[{"type":"integer","minimum":1},{"type":"string","pattern":"^[0-9]+[smhdw]$"},{"type":"null"}],
      "description":"how long readings are kept: seconds, or a text such as 12h or 30d; null: as the device, then the platform says"})"},
    Schema{"Retention", R"({"type":["integer","null"],"description":"seconds; null where nothing was set"})"},
    Schema{"RollupAgeInput", R"({"oneOf":[{"$ref":"#/components/schemas/RetentionInput"},{"const":"forever"}],
      "description":"null or absent: not kept"})"},
    Schema{"RollupsInput",
           R"({"oneOf":[{"type":"null"},{"type":"object","additionalProperties":false,"properties":{
      "minutes":{"$ref":"#/components/schemas/RollupAgeInput"},"hours":{"$ref":"#/components/schemas/RollupAgeInput"},
      "days":{"$ref":"#/components/schemas/RollupAgeInput"}}}],
      "description":"until which age summaries of minutes, hours and days are kept once the readings have gone, each longer than the one before; null: as the device, then the platform says"})"},
    Schema{"RollupAge", R"({"oneOf":[{"type":"integer"},{"const":"forever"},{"type":"null"}],
      "description":"seconds; null: not kept"})"},
    Schema{"Rollups", R"({"oneOf":[{"type":"null"},{"type":"object","required":["minutes","hours","days"],"properties":{
      "minutes":{"$ref":"#/components/schemas/RollupAge"},"hours":{"$ref":"#/components/schemas/RollupAge"},
      "days":{"$ref":"#/components/schemas/RollupAge"}}}],"description":"null where nothing was set"})"},
    Schema{"SilentAfterInput",
           R"({"oneOf":[{"type":"integer","minimum":1},{"type":"string","pattern":"^[0-9]+[smhdw]$"},{"type":"null"}],
      "description":"after how long without a sign of life the device counts as silent: seconds, or a text such as 15m, up to ten years; null: never"})"},
    Schema{"SilentAfter", R"({"type":["integer","null"],"description":"seconds; null where nothing was set"})"},
    Schema{"Fingerprint", R"({"type":"string","pattern":"^[0-9a-f]{64}$","description":"SHA-256 of the DER form"})"},
    Schema{"Mapping",
           R"({"type":"object","required":["type"],"additionalProperties":false,"properties":{"type":{"type":"string",
      "enum":["double","float","long","integer","short","byte","boolean","keyword","text","date","geo_point","object"]}}})"},
    Schema{"MappingInput", R"({"oneOf":[{"$ref":"#/components/schemas/Mapping"},
      {"type":"string","description":"the same object as a text of JSON","examples":["{\"type\":\"double\"}"]}]})"},

    Schema{"SignIn", R"({"type":"object","required":["username","password"],"additionalProperties":false,
      "properties":{"username":{"type":"string"},"password":{"type":"string"}}})"},
    Schema{"Token", R"({"type":"object","required":["token"],"properties":{"token":{"type":"string"}}})"},
    Schema{"User", R"({"type":"object","required":["id","name","username","role","created"],"properties":{
      "id":{"$ref":"#/components/schemas/Id"},"name":{"type":"string"},"username":{"type":"string"},
      "role":{"$ref":"#/components/schemas/Role"},"created":{"$ref":"#/components/schemas/Time"}}})"},
    Schema{"Session", R"({"allOf":[{"$ref":"#/components/schemas/User"},{"type":"object","required":["expires"],
      "properties":{"expires":{"$ref":"#/components/schemas/Time"}}}],"description":"the signed-in user"})"},
    Schema{
        "SessionResult",
        R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Session"}}})"},
    Schema{"SessionEnded", R"({"type":"object","required":["result"],"properties":{"result":{"type":"object"}}})"},
    Schema{"NewUser", R"({"type":"object","required":["username","password"],"additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"username":{"$ref":"#/components/schemas/Name"},
      "password":{"$ref":"#/components/schemas/Password"},"role":{"$ref":"#/components/schemas/Role"}}})"},
    Schema{"UserPatch", R"({"type":"object","additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"username":{"$ref":"#/components/schemas/Name"},
      "password":{"$ref":"#/components/schemas/Password"},"role":{"$ref":"#/components/schemas/Role"}}})"},
    Schema{"UserResult",
           R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/User"}}})"},
    Schema{"UserList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/User"}},"next":{"$ref":"#/components/schemas/Id"}}})"},

    Schema{
        "Device",
        R"({"type":"object","required":["id","name","description","user_id","retention","rollups","silent_after_s","created"],"properties":{
      "id":{"$ref":"#/components/schemas/Id"},"name":{"type":"string"},"description":{"type":"string"},
      "user_id":{"$ref":"#/components/schemas/Id"},"retention":{"$ref":"#/components/schemas/Retention"},
      "rollups":{"$ref":"#/components/schemas/Rollups"},
      "silent_after_s":{"$ref":"#/components/schemas/SilentAfter"},
      "created":{"$ref":"#/components/schemas/Time"},
      "connected":{"type":"boolean","description":"of one device, not in lists"},
      "last_seen":{"$ref":"#/components/schemas/TimeOrNull"},
      "sensors":{"type":"array","items":{"$ref":"#/components/schemas/Sensor"},"description":"the first ones"}}})"},
    Schema{
        "Presence",
        R"({"type":"object","required":["connected","connected_since","connections","last_seen","protocol","address","last_error","last_error_at","silent_since","sessions"],"properties":{
      "connected":{"type":"boolean"},"connections":{"type":"integer"},
      "connected_since":{"$ref":"#/components/schemas/TimeOrNull"},
      "last_seen":{"$ref":"#/components/schemas/TimeOrNull"},
      "protocol":{"type":["string","null"],"enum":["mqtt","websocket","http",null],"description":"of the last sign of life"},
      "address":{"type":["string","null"],"description":"likewise"},
      "last_error":{"type":["string","null"]},"last_error_at":{"$ref":"#/components/schemas/TimeOrNull"},
      "silent_since":{"$ref":"#/components/schemas/TimeOrNull"},
      "sessions":{"type":"array","description":"over MQTT","items":{"type":"object","required":["client_id","connected","connected_since","disconnected_at","subscriptions","queued","queued_bytes","in_flight","dropped_full","dropped_expired"],"properties":{
        "client_id":{"type":"string"},"connected":{"type":"boolean"},
        "connected_since":{"$ref":"#/components/schemas/TimeOrNull"},
        "disconnected_at":{"$ref":"#/components/schemas/TimeOrNull"},
        "subscriptions":{"type":"integer"},"queued":{"type":"integer"},"queued_bytes":{"type":"integer"},
        "in_flight":{"type":"integer"},"dropped_full":{"type":"integer"},"dropped_expired":{"type":"integer"}}}}}})"},
    Schema{
        "PresenceResult",
        R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Presence"}}})"},
    Schema{"DeviceEvent", R"({"type":"object","required":["id","event","time","last_seen"],"properties":{
      "id":{"$ref":"#/components/schemas/Id"},"event":{"type":"string","enum":["silent","back"]},
      "time":{"$ref":"#/components/schemas/Time"},"last_seen":{"$ref":"#/components/schemas/TimeOrNull"}}})"},
    Schema{"DeviceEventList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/DeviceEvent"}},"next":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{
        "Command",
        R"({"type":"object","required":["id","device_id","name","payload","state","created","expires","sent","delivered","answered","response","user_id"],"properties":{
      "id":{"$ref":"#/components/schemas/Id"},"device_id":{"$ref":"#/components/schemas/Id"},"name":{"type":"string"},
      "payload":{"description":"any JSON"},
      "state":{"type":"string","enum":["queued","sent","delivered","acknowledged","expired","failed"]},
      "created":{"$ref":"#/components/schemas/Time"},"expires":{"$ref":"#/components/schemas/Time"},
      "sent":{"$ref":"#/components/schemas/TimeOrNull"},"delivered":{"$ref":"#/components/schemas/TimeOrNull"},
      "answered":{"$ref":"#/components/schemas/TimeOrNull"},"response":{"description":"any JSON; null: none yet"},
      "user_id":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{"NewCommand", R"({"type":"object","required":["name"],"additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"payload":{"description":"any JSON, at most 64 KiB"},
      "ttl_s":{"oneOf":[{"type":"integer","minimum":1,"maximum":31536000},{"type":"string","pattern":"^[0-9]+[smhdw]$"}],
        "description":"how long the device may take to receive it: seconds, or a text such as 15m, up to a year; a day where absent"}}})"},
    Schema{
        "CommandResult",
        R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Command"}}})"},
    Schema{"CommandList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/Command"}},"next":{"$ref":"#/components/schemas/Id"}}})"},

    Schema{"NewDevice", R"({"type":"object","required":["name"],"additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"description":{"$ref":"#/components/schemas/Description"},
      "silent_after_s":{"$ref":"#/components/schemas/SilentAfterInput"},
      "retention":{"$ref":"#/components/schemas/RetentionInput"},
      "rollups":{"$ref":"#/components/schemas/RollupsInput"}}})"},
    Schema{"DevicePatch", R"({"type":"object","additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"description":{"$ref":"#/components/schemas/Description"},
      "silent_after_s":{"$ref":"#/components/schemas/SilentAfterInput"},
      "retention":{"$ref":"#/components/schemas/RetentionInput"},
      "rollups":{"$ref":"#/components/schemas/RollupsInput"}}})"},
    Schema{"DeviceResult",
           R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Device"}}})"},
    Schema{"DeviceList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/Device"}},"next":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{"DeviceKey", R"({"type":"object","required":["token","device_id"],"properties":{
      "token":{"type":"string"},"device_id":{"$ref":"#/components/schemas/Id"}}})"},

    Schema{
        "Sensor",
        R"({"type":"object","required":["id","device_id","name","description","unit","path","mapping","retention","rollups","created"],
      "properties":{"id":{"$ref":"#/components/schemas/Id"},"device_id":{"$ref":"#/components/schemas/Id"},
      "name":{"type":"string"},"description":{"type":"string"},"unit":{"type":"string"},
      "path":{"type":"string","examples":["Wheels/Front/Left"]},"mapping":{"$ref":"#/components/schemas/Mapping"},
      "retention":{"$ref":"#/components/schemas/Retention"},
      "rollups":{"$ref":"#/components/schemas/Rollups"},"created":{"$ref":"#/components/schemas/Time"}}})"},
    Schema{"NewSensor", R"({"type":"object","required":["name","mapping"],"additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"description":{"$ref":"#/components/schemas/Description"},
      "unit":{"type":"string","maxLength":64},"path":{"type":"string"},
      "mapping":{"$ref":"#/components/schemas/MappingInput"},"retention":{"$ref":"#/components/schemas/RetentionInput"},
      "rollups":{"$ref":"#/components/schemas/RollupsInput"}}})"},
    Schema{"NewSensors", R"({"oneOf":[{"$ref":"#/components/schemas/NewSensor"},
      {"type":"array","minItems":1,"items":{"$ref":"#/components/schemas/NewSensor"}}]})"},
    Schema{"SensorOrSensors", R"({"oneOf":[{"$ref":"#/components/schemas/Sensor"},
      {"type":"array","items":{"$ref":"#/components/schemas/Sensor"}}],"description":"as the request: one, or an array in its order"})"},
    Schema{"SensorPatch", R"({"type":"object","additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"description":{"$ref":"#/components/schemas/Description"},
      "unit":{"type":"string","maxLength":64},"path":{"type":"string"},"retention":{"$ref":"#/components/schemas/RetentionInput"},
      "rollups":{"$ref":"#/components/schemas/RollupsInput"}}})"},
    Schema{"SensorResult",
           R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Sensor"}}})"},
    Schema{"SensorWithReadings", R"({"type":"object","required":["result","readings"],"properties":{
      "result":{"$ref":"#/components/schemas/Sensor"},"readings":{"type":"object","required":["first","last","disk_bytes"],"properties":{
        "first":{"type":["string","null"],"format":"date-time"},"last":{"type":["string","null"],"format":"date-time"},
        "disk_bytes":{"type":"integer"}}}}})"},
    Schema{"SensorList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/Sensor"}},"next":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{"Latest",
           R"({"type":"object","required":["sensor_id","name","path","unit","timestamp","value"],"properties":{
      "sensor_id":{"$ref":"#/components/schemas/Id"},"name":{"type":"string"},"path":{"type":"string"},
      "unit":{"type":"string"},"timestamp":{"$ref":"#/components/schemas/TimeOrNull"},
      "value":{"description":"as the sensor's mapping says; null, as the time, where nothing has come yet"}}})"},
    Schema{"LatestResult",
           R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Latest"}}})"},
    Schema{"LatestList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/Latest"}},"next":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{
        "TreeNode",
        R"({"type":"object","required":["paths","sensors"],"properties":{"name":{"type":"string"},"path":{"type":"string"},
      "paths":{"type":"array","items":{"$ref":"#/components/schemas/TreeNode"}},
      "sensors":{"type":"array","items":{"$ref":"#/components/schemas/Sensor"}}}})"},
    Schema{"TreeResult", R"({"type":"object","required":["result"],"properties":{"result":{"allOf":[
      {"$ref":"#/components/schemas/TreeNode"},{"type":"object","required":["device_id"],"properties":{"device_id":{"$ref":"#/components/schemas/Id"}}}]}}})"},

    Schema{"Certificate", R"({"type":"object","required":["fingerprint","device_id","name","created"],"properties":{
      "fingerprint":{"$ref":"#/components/schemas/Fingerprint"},"device_id":{"$ref":"#/components/schemas/Id"},
      "name":{"type":"string"},"created":{"$ref":"#/components/schemas/Time"}}})"},
    Schema{"NewCertificate", R"({"type":"object","required":["name"],"additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},
      "certificate":{"type":"string","description":"in PEM form, alone, without its key; or else:"},
      "fingerprint":{"type":"string","description":"SHA-256, 64 hexadecimal digits in any case, with colons or without"}},
      "oneOf":[{"required":["certificate"]},{"required":["fingerprint"]}]})"},
    Schema{
        "CertificateResult",
        R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Certificate"}}})"},
    Schema{"CertificateList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/Certificate"}}}})"},
    Schema{"CertificateRemoved",
           R"({"type":"object","required":["result"],"properties":{"result":{"type":"object","required":["fingerprint"],
      "properties":{"fingerprint":{"$ref":"#/components/schemas/Fingerprint"}}}}})"},

    Schema{"Consumer", R"({"type":"object","required":["id","name","description","user_id","created"],"properties":{
      "id":{"$ref":"#/components/schemas/Id"},"name":{"type":"string"},"description":{"type":"string"},
      "user_id":{"$ref":"#/components/schemas/Id"},"created":{"$ref":"#/components/schemas/Time"}}})"},
    Schema{"NewConsumer", R"({"type":"object","required":["name"],"additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"description":{"$ref":"#/components/schemas/Description"}}})"},
    Schema{"ConsumerPatch", R"({"type":"object","additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"description":{"$ref":"#/components/schemas/Description"}}})"},
    Schema{
        "ConsumerResult",
        R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Consumer"}}})"},
    Schema{"ConsumerList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/Consumer"}},"next":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{"ConsumerKey", R"({"type":"object","required":["token","consumer_id"],"properties":{
      "token":{"type":"string"},"consumer_id":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{"NewGrant", R"({"type":"object","required":["sensor_id"],"additionalProperties":false,"properties":{
      "sensor_id":{"$ref":"#/components/schemas/IdOrInteger"}}})"},
    Schema{
        "GrantResult",
        R"({"type":"object","required":["result"],"properties":{"result":{"type":"object","required":["consumer_id","sensor_id"],"properties":{
      "consumer_id":{"$ref":"#/components/schemas/Id"},"sensor_id":{"$ref":"#/components/schemas/Id"}}}}})"},

    Schema{"Visibility", R"({"type":"string","enum":["private","users"],
      "description":"who may see it beside its owner and admins: nobody, or every signed-in user"})"},
    Schema{
        "DashboardSummary",
        R"({"type":"object","required":["id","name","description","user_id","owner","visibility","version","created","updated","may_change"],
      "properties":{"id":{"$ref":"#/components/schemas/Id"},"name":{"type":"string"},"description":{"type":"string"},
      "user_id":{"$ref":"#/components/schemas/Id"},"owner":{"type":"string","description":"the name of the user"},
      "visibility":{"$ref":"#/components/schemas/Visibility"},
      "version":{"type":"integer","description":"grows by one with each change"},
      "created":{"$ref":"#/components/schemas/Time"},"updated":{"$ref":"#/components/schemas/Time"},
      "may_change":{"type":"boolean","description":"whether the caller may change it"}}})"},
    Schema{
        "DashboardDocument",
        R"({"type":"object","description":"what it shows: JSON nested at most 16 deep, at most 256 KiB without blanks. Texts of the form {device_id}_{sensor_id} in arrays named sensors, at most 1000, are the sensors that its viewers may ask for"})"},
    Schema{"Dashboard",
           R"({"allOf":[{"$ref":"#/components/schemas/DashboardSummary"},{"type":"object","required":["document"],
      "properties":{"document":{"$ref":"#/components/schemas/DashboardDocument"}}}]})"},
    Schema{"DashboardName", R"({"type":"string","minLength":1,"maxLength":200})"},
    Schema{"NewDashboard",
           R"({"type":"object","required":["name","document"],"additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/DashboardName"},"description":{"$ref":"#/components/schemas/Description"},
      "visibility":{"$ref":"#/components/schemas/Visibility"},
      "document":{"$ref":"#/components/schemas/DashboardDocument"}}})"},
    Schema{"DashboardPatch", R"({"type":"object","additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/DashboardName"},"description":{"$ref":"#/components/schemas/Description"},
      "visibility":{"$ref":"#/components/schemas/Visibility"},
      "document":{"$ref":"#/components/schemas/DashboardDocument"},
      "version":{"type":"integer","description":"what the change was made on; if another one is current, 409 VersionConflict"}}})"},
    Schema{
        "DashboardResult",
        R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Dashboard"}}})"},
    Schema{"DashboardList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/DashboardSummary"}},"next":{"$ref":"#/components/schemas/Id"}}})"},

    Schema{"Removed",
           R"({"type":"object","required":["result"],"properties":{"result":{"type":"object","required":["id"],
      "properties":{"id":{"$ref":"#/components/schemas/Id"}}}}})"},
    Schema{"AuditEntry", R"({"type":"object","required":["id","time","user_id","address","action","subject","details"],
      "properties":{"id":{"$ref":"#/components/schemas/Id"},
      "time":{"$ref":"#/components/schemas/Time"},"user_id":{"$ref":"#/components/schemas/Id"},"address":{"type":"string"},
      "action":{"type":"string","examples":["device.create"]},"subject":{"type":"string","examples":["device/3"]},
      "details":{"type":"object"}}})"},
    Schema{"AuditList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/AuditEntry"}},"next":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{
        "Histogram",
        R"({"type":"object","required":["count","sum_s","buckets"],"properties":{"count":{"type":"integer"},"sum_s":{"type":"number"},
      "buckets":{"type":"array","description":"by bound, each with the count of all smaller ones too; beyond the last bound is the rest of count",
      "items":{"type":"object","required":["up_to_s","count"],"properties":{"up_to_s":{"type":"number"},"count":{"type":"integer"}}}}}})"},
    Schema{
        "Operations",
        R"({"type":"object","required":["time","version","uptime_s","data_dir","memory_bytes","readings","messages","refused","acknowledgement","log","store","things","disk","connections","queries"],
      "description":"counts are of all since the start of the process","properties":{
      "time":{"$ref":"#/components/schemas/Time"},"version":{"type":"string"},"uptime_s":{"type":"integer"},
      "data_dir":{"type":"string"},"memory_bytes":{"type":"integer"},
      "readings":{"type":"object","required":["acknowledged","refused","failed","stored"],"properties":{
      "acknowledged":{"type":"integer"},"refused":{"type":"integer"},"failed":{"type":"integer"},"stored":{"type":"integer"}}},
      "messages":{"type":"object","required":["http","websocket","mqtt"],"properties":{
      "http":{"type":"integer"},"websocket":{"type":"integer"},"mqtt":{"type":"integer"}}},
      "refused":{"type":"array","items":{"type":"object","required":["protocol","reason","count"],"properties":{
        "protocol":{"type":"string","enum":["http","websocket","mqtt","elasticsearch","all"]},
        "reason":{"type":"string","description":"unauthorized, bad_message, rate_limited, protocol_error, log_full, or the name of a limit"},
        "count":{"type":"integer"}}}},
      "acknowledgement":{"allOf":[{"$ref":"#/components/schemas/Histogram"}],"description":"times of the disk writes that acknowledgements wait for"},
      "log":{"type":"object","required":["bytes","segments","last_position","healthy","failures"],"properties":{"bytes":{"type":"integer"},"segments":{"type":"integer"},"last_position":{"type":"integer"},"failures":{"type":"integer"},"healthy":{"type":"boolean"}}},
      "store":{"type":"object","required":["bytes","applied_position","heads","head_bytes","cache_bytes","chunks_written","damaged_chunks","failures"],"properties":{
      "bytes":{"type":"integer"},"applied_position":{"type":"integer"},"heads":{"type":"integer"},"head_bytes":{"type":"integer"},"cache_bytes":{"type":"integer"},"chunks_written":{"type":"integer"},"damaged_chunks":{"type":"integer"},"failures":{"type":"integer"}}},
      "things":{"type":"object","required":["users","devices","sensors","consumers","devices_silent"],"properties":{
      "users":{"type":"integer"},"devices":{"type":"integer"},"sensors":{"type":"integer"},"consumers":{"type":"integer"},"devices_silent":{"type":"integer"}}},
      "disk":{"type":"object","required":["used_bytes","free_bytes","size_bytes","budget_bytes"],"properties":{
        "used_bytes":{"type":"integer","description":"of the data directory"},"free_bytes":{"type":"integer"},
        "size_bytes":{"type":"integer"},"budget_bytes":{"type":["integer","null"],"description":"store.disk_bytes_max; null: none"}}},
      "connections":{"type":"object","required":["http","core","query","websocket","mqtt"],"properties":{
      "http":{"type":"integer"},"core":{"type":"integer"},"query":{"type":"integer"},"websocket":{"type":"integer"},"mqtt":{"type":"integer"}}},
      "queries":{"type":"object","required":["answered","failed","refused","duration"],"properties":{
        "answered":{"type":"integer"},"failed":{"type":"integer"},"refused":{"type":"integer"},"duration":{"$ref":"#/components/schemas/Histogram"}}}}})"},
    Schema{
        "OperationsResult",
        R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Operations"}}})"},
    Schema{"Setting",
           R"({"type":"object","required":["name","value","source","default","description","allowed"],"properties":{
      "name":{"type":"string","examples":["core.port"]},"value":{"type":"string"},
      "source":{"type":"string","description":"default, or the file, environment variable or flag"},
      "default":{"type":"string"},"description":{"type":"string"},"allowed":{"type":"string"}}})"},
    Schema{"SettingList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/Setting"}}}})"},
    Schema{"Refusal",
           R"({"type":"object","required":["device_id","name","time","message","protocol","address"],"properties":{
      "device_id":{"$ref":"#/components/schemas/Id"},"name":{"type":"string","description":"of the device"},
      "time":{"$ref":"#/components/schemas/Time"},"message":{"type":"string"},
      "protocol":{"type":"string","enum":["mqtt","websocket","http"],"description":"of the device's last sign of life"},
      "address":{"type":"string","description":"likewise"}}})"},
    Schema{"RefusalList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/Refusal"}},"next":{"$ref":"#/components/schemas/Id"}}})"},

    Schema{"Query", R"({"type":"object","description":"a search request of Elasticsearch 8"})"},
    Schema{"QueryAnswer",
           R"({"type":"object","description":"as Elasticsearch 8 answers it; errors too are in its form"})"},
    Schema{"Health", R"({"type":"object","required":["status"],"properties":{"status":{"const":"ok"}}})"},
    Schema{
        "Readiness",
        R"({"type":"object","required":["status","parts"],"properties":{"status":{"enum":["ready","not_ready"]},"parts":{"type":"array","items":{
      "type":"object","required":["name","ready"],"properties":{"name":{"type":"string"},"ready":{"type":"boolean"},"message":{"type":"string"}}}}}})"},
    Schema{"KeySet",
           R"({"type":"object","required":["keys"],"properties":{"keys":{"type":"array","items":{"type":"object"}}}})"},
    Schema{"OpenApi", R"({"type":"object","description":"an OpenAPI 3.1 document"})"},
};

}  // namespace

std::span<const Schema> schemas() {
  return all;
}

}  // namespace iot::api
